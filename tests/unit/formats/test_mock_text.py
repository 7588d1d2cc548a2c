"""What is said of mocks: in both languages, every state with what to do about it, nothing where none stood in."""

from itertools import product

import pytest

from harness.formats.mock_text import certificate_text, debt_lines
from harness.model.evidence import Certified, Closed, Record, StoodIn

HOLDS = StoodIn(
    dependency="erp", folder="mocks/erp", certified=Certified.HOLDS, contract_sha256="c" * 64, stubs_sha256="5" * 64
)


def stood(certified: Certified) -> StoodIn:
    return StoodIn(dependency="erp", folder="mocks/erp", certified=certified, findings=7, differs=("contract", "stubs"))


def record(*stood_in: StoodIn) -> Record:
    return Record(
        run="r", tier="t", plan_sha256="p", started_ms=0, ended_ms=1, closed=Closed.COMPLETE, stood_in=stood_in
    )


@pytest.mark.parametrize(("certified", "language"), [*product(Certified, ("en", "zh"))])
def test_every_state_of_a_certificate_has_its_sentence(certified: Certified, language: str) -> None:
    text = certificate_text(stood(certified), language)
    assert "{" not in text
    assert ("harness mock verify mocks/erp" in text) == (certified in {Certified.STALE, Certified.NONE})
    assert text.isascii() == (language == "en")


def test_a_certificate_that_holds_is_named_by_its_digests() -> None:
    assert certificate_text(HOLDS) == "its certificate holds (contract cccccccccccc, stubs 555555555555)"


def test_a_stale_one_says_what_has_changed() -> None:
    assert "issued for another contract and other stubs" in certificate_text(stood(Certified.STALE))


def test_the_share_comes_first_and_then_each_mock() -> None:
    assert next(iter(debt_lines(record(HOLDS)))) == "0/0 (0 %) of the decided checks rest on mocks"
    assert len(list(debt_lines(record(HOLDS, HOLDS), "zh"))) == 3


def test_nothing_is_said_where_no_mock_stood_in() -> None:
    assert list(debt_lines(record())) == []
