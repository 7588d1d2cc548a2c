"""The portal in this process, on a database of its own: real pages, real middleware, passkeys made of software."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# in memory where that is possible: every commit is synced, and a test commits often
_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_ROOT = Path(tempfile.mkdtemp(prefix="harness-portal-", dir=_MEMORY))
(_ROOT / "witness").mkdir()
os.environ["HARNESS_PORTAL_DATA"] = str(_ROOT / "data")
os.environ["HARNESS_PORTAL_WITNESSES"] = str(_ROOT / "witness")
os.environ["HARNESS_PORTAL_URL"] = "https://portal.test"
os.environ["HARNESS_PORTAL_EVIDENCE_URL"] = "https://evidence.test"
os.environ["DJANGO_SETTINGS_MODULE"] = "harness.portal.settings"

import django  # noqa: E402 - its settings are made of the lines above

from harness.portal.first_start import make_keys  # noqa: E402
from harness.portal.passwords import Argon2id  # noqa: E402

make_keys(_ROOT / "data")
django.setup()
# a test signs in often; what a password really costs is read by a test of its own
STRENGTH = (Argon2id.time_cost, Argon2id.memory_cost, Argon2id.parallelism)
Argon2id.time_cost, Argon2id.memory_cost = 1, 64


@pytest.fixture(scope="session")
def _database() -> Iterator[None]:
    from harness.portal.server import prepare

    prepare()
    yield
    django.db.connections.close_all()
    shutil.rmtree(_ROOT, ignore_errors=True)


@pytest.fixture
def portal(_database: None) -> Iterator["object"]:
    """A portal with nobody in it."""
    from tests.portal.portal import Portal

    made = Portal(_ROOT)
    yield made
    made.empty()
