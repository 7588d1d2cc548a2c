"""The generator's own lateness is never taken for the system's, and never excuses it either."""

from harness.formats.limit_sentences import read_limit
from harness.model.figures import Figures, Generator
from harness.rules.histogram import bucket_of
from harness.rules.saturation import explains, late_ms, overloaded

P95 = read_limit("all", "p95 < 300 ms")


def late(*times_ms: int, cpu_share: float = 0.1) -> Figures:
    counts: dict[int, int] = {}
    for time_ms in times_ms:
        bucket = bucket_of(time_ms * 1000)
        counts[bucket] = counts.get(bucket, 0) + 1
    top = max(times_ms) * 1000
    return Figures(closed=True, generator=Generator(cpu_share=cpu_share, late_us=counts, late_max_us=top))


def test_a_generator_on_time_explains_nothing():
    figures = late(0, 0, 0, 1)
    assert overloaded(figures) is None
    assert explains(figures, P95, 400) is None


def test_lateness_that_is_enough_explains_a_broken_limit():
    assert "150.0 ms late at p95" in explains(late(*[0] * 10, *[150] * 10), P95, 400)


def test_lateness_that_is_not_enough_does_not():
    assert explains(late(*[0] * 10, *[50] * 10), P95, 400) is None


def test_errors_are_never_explained_by_lateness():
    assert explains(late(5000), read_limit("all", "errors < 1 %"), 0.5) is None


def test_a_busy_core_or_a_late_half_is_an_overload():
    assert "97% of its core" in overloaded(late(0, cpu_share=0.97))
    assert "more than 200 ms late" in overloaded(late(0, 200, 200))


def test_nothing_seen_is_not_late():
    assert late_ms(Figures(closed=True), 99) == 0
