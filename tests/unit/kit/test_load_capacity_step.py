"""One rate of a search for capacity: what was never measured is not held."""

import dataclasses

from harness.formats.limit_sentences import read_limit
from harness.kit.load.capacity import step_from
from harness.model.figures import Figures, Generator, OperationFigures
from harness.rules.histogram import bucket_of

ONE = OperationFigures(name="a", answered=100, response_us={bucket_of(5000): 100}, max_us=5000, sum_us=500_000)
GOOD = Figures(
    closed=True,
    window_s=10,
    arrivals=100,
    begun=100,
    dropped=0,
    operations=(
        OperationFigures(name="a", answered=100, response_us={bucket_of(5000): 100}, max_us=5000, sum_us=500_000),
    ),
    generator=Generator(cpu_share=0.1, counted=100, recorded=100),
)
P95, ELSEWHERE = read_limit("all", "p95 < 100 ms"), read_limit("b", "p95 < 100 ms")


def test_what_was_measured_and_kept_is_held():
    assert step_from(10, GOOD, (P95,)).held is True


def test_a_limit_that_was_never_measured_leaves_the_rate_open():
    step = step_from(10, GOOD, (P95, ELSEWHERE))
    assert (step.held, step.why) == (None, "never measured: b: p95 < 100 ms")


def test_what_broke_broke_whatever_else_is_unknown():
    assert step_from(10, GOOD, (read_limit("all", "p95 < 1 ms"), ELSEWHERE)).held is False


def test_figures_that_were_not_closed_hold_nothing():
    assert step_from(10, dataclasses.replace(GOOD, closed=False), (P95,)).held is None
