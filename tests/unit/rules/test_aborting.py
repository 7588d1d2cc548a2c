"""A load ends early for what the last seconds showed, and for nothing else."""

import pytest

from harness.formats.limit_sentences import read_abort
from harness.model.figures import Slice
from harness.rules.aborting import abort_due
from harness.rules.histogram import bucket_of

ERRORS = read_abort("errors > 50 % for 3 s")
SLOW = read_abort("p95 > 1 s for 2 s")
DROPPED = read_abort("dropped > 10 for 2 s")


def seconds(*failed: int) -> tuple[Slice, ...]:
    return tuple(Slice(at_s=float(at), answered=10 - count, failed=count) for at, count in enumerate(failed))


@pytest.mark.parametrize(
    ("slices", "now_s", "ends"),
    [
        (seconds(9, 9, 9), 3.0, True),
        (seconds(0, 0, 9, 9, 9), 5.0, True),
        (seconds(9, 9, 9, 0, 0, 0), 6.0, False),
        (seconds(9, 9), 2.0, False),
        (seconds(5, 5, 5), 3.0, False),
        ((), 60.0, False),
        (seconds(9, 9, 9), 60.0, False),
    ],
)
def test_the_last_seconds_decide(slices, now_s, ends):
    assert abort_due((ERRORS,), slices, now_s=now_s, slice_s=1.0) == (ERRORS if ends else None)


@pytest.mark.parametrize(("time_us", "ends"), [(900_000, False), (1_500_000, True)])
def test_slow_answers_end_a_load_too(time_us, ends):
    slices = tuple(Slice(at_s=float(at), answered=20, response_us={bucket_of(time_us): 20}) for at in range(3))
    assert abort_due((ERRORS, SLOW), slices, now_s=3.0, slice_s=1.0) == (SLOW if ends else None)


def test_dropped_arrivals_end_a_load_of_nothing_but_drops():
    slices = tuple(Slice(at_s=float(at), dropped=6) for at in range(2))
    assert abort_due((DROPPED,), slices, now_s=2.0, slice_s=1.0) == DROPPED


def test_without_a_condition_nothing_ends():
    assert abort_due((), seconds(10, 10, 10), now_s=3.0, slice_s=1.0) is None
