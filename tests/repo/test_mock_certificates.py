"""The sample's mocks come with certificates that are still about them."""

from pathlib import Path

import pytest

from harness.adapters.mock_server.loading import load_mock
from harness.adapters.mock_server.standing import standing_of
from harness.mocks.standing import stood_in
from harness.model.evidence import Certified

ROOT = Path(__file__).parents[2]
FILES = sorted(ROOT.glob("mocks/*/certificate.json"))


def test_the_erps_mock_has_a_certificate() -> None:
    assert ROOT / "mocks" / "erp" / "certificate.json" in FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_a_certificate_is_of_what_is_served_here(file: Path) -> None:
    found = stood_in("erp", "", standing_of(file.parent, load_mock(file.parent)), ())
    assert found.certified is Certified.HOLDS, "again: harness mock verify with that folder"
