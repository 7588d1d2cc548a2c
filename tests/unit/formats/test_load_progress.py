"""Whoever watches a load run sees where it stands, and how near its limits are."""

from harness.formats.load_progress import progress_line

NOW = {
    "at_s": 8.1,
    "of_s": 12.0,
    "rate": 20.0,
    "requests": 120,
    "errors": 3,
    "dropped": 0,
    "p50_ms": 2.9,
    "p95_ms": 12.93,
    "p99_ms": 1250.0,
    "users": 5,
}


def test_a_line_says_rate_times_and_errors_against_their_limits():
    assert progress_line(NOW, {"p95": "< 400 ms", "errors": "< 0.5 %", "dropped": "= 0"}) == (
        "8 of 12 s   20.0 /s   p50 2.9 ms   p95 12.9 ms (< 400 ms)   p99 1.25 s   errors 2.5 % (< 0.5 %)   "
        "dropped 0 (= 0)   5 users"
    )


def test_before_the_first_answer_there_are_no_times():
    nothing = {**NOW, "requests": 0, "errors": 0, "rate": 0.0, "p50_ms": None, "p95_ms": None, "p99_ms": None}
    assert progress_line(nothing, {}) == "8 of 12 s   0.0 /s   p50 –   p95 –   p99 –   errors 0 %   5 users"


def test_dropped_arrivals_are_told_without_a_limit_too():
    assert "dropped 7" in progress_line({**NOW, "dropped": 7}, {})
