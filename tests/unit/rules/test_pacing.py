"""No sliding second above the cap, whatever comes when."""

from hypothesis import given
from hypothesis import strategies as st

from harness.rules.pacing import Pace


def left(pace: Pace, gaps: list[float]) -> list[float]:
    """When each of these requests left, each waiting as long as it is told."""
    now, times = 0.0, []
    for gap in gaps:
        now += gap
        while wait := pace.wait_s(now):
            now += wait
        times.append(now)
    return times


@given(st.sampled_from([0.5, 1.0, 2.5, 5.0, 20.0]), st.lists(st.floats(0, 2), min_size=1, max_size=60))
def test_no_second_ever_holds_more_than_the_cap(per_s, gaps):
    times = left(Pace(per_s), gaps)
    assert all(sum(one <= other < one + 1.0 for other in times) <= max(1, int(per_s)) for one in times)


def test_a_rate_below_one_keeps_its_distance():
    assert left(Pace(0.5), [0.0, 0.0, 0.0])[2] >= 4.0


def test_without_a_cap_nobody_waits():
    assert left(Pace(None), [0.0] * 100) == [0.0] * 100
