"""Percentiles are never off by more than 0.2 %, never too low, and parts add up exactly."""

from hypothesis import given
from hypothesis import strategies as st

from harness.rules.histogram import bucket_of, merged, percentile_us, size_of, top_of

TIMES = st.integers(0, 10**10)


@given(TIMES)
def test_a_time_is_told_never_too_short_and_hardly_too_long(time_us):
    told = top_of(bucket_of(time_us))
    assert time_us <= told <= time_us * (1 + 1 / 512) + 1


@given(TIMES, TIMES)
def test_a_longer_time_never_falls_into_an_earlier_bucket(one, other):
    assert (one <= other) <= (bucket_of(one) <= bucket_of(other))


@given(st.integers(0, 30_000))
def test_no_bucket_is_left_out(bucket):
    assert bucket_of(top_of(bucket)) == bucket
    assert bucket_of(top_of(bucket) + 1) == bucket + 1


def counted(times):
    counts: dict[int, int] = {}
    for time_us in times:
        bucket = bucket_of(time_us)
        counts[bucket] = counts.get(bucket, 0) + 1
    return counts


@given(st.lists(TIMES, min_size=1, max_size=200), st.sampled_from([1, 50, 90, 95, 99, 99.9, 100]))
def test_a_percentile_is_that_of_the_sorted_times(times, percent):
    ordered = sorted(times)
    true = ordered[max(1, -(-len(ordered) * percent // 100).__int__()) - 1]
    assert true <= percentile_us(counted(times), percent) <= true * (1 + 1 / 512) + 1


@given(st.lists(st.lists(TIMES, max_size=20), max_size=5))
def test_parts_merge_as_if_counted_together(parts):
    together = counted([time_us for part in parts for time_us in part])
    assert merged(counted(part) for part in parts) == together
    assert size_of(together) == sum(map(len, parts))


def test_nothing_counted_has_no_percentile():
    assert percentile_us({}, 50) is None
