"""Arrivals are as even as they can be, and as many as were asked for."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.load import Stage
from harness.rules.arrivals import count_in, intended_starts, peak_per_s, with_warm_up

STAGES = st.lists(
    st.builds(
        Stage,
        rate_per_s=st.floats(0.1, 50),
        for_s=st.floats(0.1, 20),
        from_per_s=st.none() | st.floats(0, 50),
    ),
    min_size=1,
    max_size=3,
).map(tuple)


def test_a_constant_rate_has_equal_gaps_from_the_very_start():
    assert list(intended_starts((Stage(rate_per_s=4, for_s=1),))) == [0, 0.25, 0.5, 0.75]


def test_a_rate_times_a_span_is_the_count():
    assert count_in(Stage(rate_per_s=1000, for_s=60)) == 60_000
    assert count_in(Stage(rate_per_s=0.1, for_s=30)) == 3
    assert count_in(Stage(rate_per_s=100, for_s=10, from_per_s=0)) == 500


def test_a_ramp_grows_evenly():
    starts = list(intended_starts((Stage(rate_per_s=100, for_s=10, from_per_s=0),)))
    by_second = [sum(int(at) == second for at in starts) for second in range(10)]
    assert by_second == pytest.approx([5, 15, 25, 35, 45, 55, 65, 75, 85, 95], abs=1)


@given(STAGES)
def test_arrivals_ascend_and_stay_within_the_stages(stages):
    starts = list(intended_starts(stages))
    assert all(one <= next_ for one, next_ in itertools.pairwise(starts))
    assert not starts or 0 <= starts[0] <= starts[-1] <= sum(stage.for_s for stage in stages) + 1e-6


@given(STAGES, st.floats(0, 10))
def test_a_warm_up_only_comes_before(stages, warm_up_s):
    warmed = with_warm_up(stages, warm_up_s)
    assert warmed[-len(stages) :] == stages
    assert peak_per_s(warmed) == peak_per_s(stages)
    assert sum(stage.for_s for stage in warmed) == pytest.approx(sum(stage.for_s for stage in stages) + warm_up_s)
