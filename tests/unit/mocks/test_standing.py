"""What results obtained through a mock stand on is told from both sides, and in doubt too little is claimed."""

from typing import Any

import pytest

from harness.mocks.standing import extend, stood_in
from harness.model.evidence import Certified

SERVED = {"contract_sha256": "c1", "stubs_sha256": "s1"}


def certificate(**changes: Any) -> dict[str, Any]:
    return {"sha256": "f1", **SERVED, "holds": True, "findings": 0} | changes


@pytest.mark.parametrize(
    ("standing", "certified", "differs"),
    [
        (SERVED, Certified.NONE, ()),
        ({}, Certified.NONE, ()),
        (SERVED | {"certificate": {"unreadable": "no JSON"}}, Certified.NONE, ()),
        (SERVED | {"certificate": certificate()}, Certified.HOLDS, ()),
        (SERVED | {"certificate": certificate(holds=False, findings=3)}, Certified.BREAKS, ()),
        (SERVED | {"certificate": certificate(holds=None)}, Certified.UNDECIDED, ()),
        (SERVED | {"certificate": certificate(contract_sha256="c0")}, Certified.STALE, ("contract",)),
        (SERVED | {"certificate": certificate(stubs_sha256="s0")}, Certified.STALE, ("stubs",)),
        ({"certificate": certificate()}, Certified.STALE, ("contract", "stubs")),
    ],
)
def test_a_certificate_counts_only_for_what_it_was_issued_for(
    standing: dict[str, Any], certified: Certified, differs: tuple[str, ...]
) -> None:
    found = stood_in("erp", "mocks/erp", standing, ())
    assert (found.certified, found.differs) == (certified, differs)


def test_what_was_served_is_named_with_and_without_a_certificate() -> None:
    for standing in (SERVED, SERVED | {"certificate": certificate()}):
        found = stood_in("erp", "mocks/erp", standing, ((1, 2),))
        assert (found.contract_sha256, found.stubs_sha256, found.called) == ("c1", "s1", ((1, 2),))


def test_calls_close_together_are_one_span_and_a_pause_parts_them() -> None:
    spans: list[tuple[int, int]] = []
    for at in (1000, 1900, 5000):
        extend(spans, at)
    assert spans == [(1000, 1900), (5000, 5000)]


def test_calls_that_were_only_counted_reach_back_to_the_last_count() -> None:
    spans: list[tuple[int, int]] = []
    extend(spans, 9000, 2000)
    assert spans == [(7000, 9000)]


def test_spans_are_bounded_and_the_last_one_grows_rather_than_losing_a_call() -> None:
    spans: list[tuple[int, int]] = []
    for at in range(0, 10_000_000, 10_000):
        extend(spans, at)
    assert len(spans) == 500
    assert spans[-1][1] == 9_990_000


def test_a_line_without_a_time_makes_no_span() -> None:
    spans: list[tuple[int, int]] = []
    extend(spans, None)
    assert spans == []
