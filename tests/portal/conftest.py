"""The portal in this process, on a database of its own: real pages, real middleware, passkeys made of software."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(tempfile.mkdtemp(prefix="harness-portal-"))
(_ROOT / "witness").mkdir()
os.environ["HARNESS_PORTAL_DATA"] = str(_ROOT / "data")
os.environ["HARNESS_PORTAL_WITNESSES"] = str(_ROOT / "witness")
os.environ["DJANGO_SETTINGS_MODULE"] = "harness.portal.settings"

import django  # noqa: E402 - its settings are made of the lines above

from harness.portal.first_start import make_keys  # noqa: E402

make_keys(_ROOT / "data")
django.setup()


@pytest.fixture(scope="session")
def _database() -> None:
    from harness.portal.server import prepare

    prepare()


@pytest.fixture
def portal(_database: None) -> Iterator["object"]:
    """A portal with nobody in it."""
    from tests.portal.portal import Portal

    made = Portal(_ROOT)
    yield made
    made.empty()
