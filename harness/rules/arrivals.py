"""When requests are due: intended starts, evenly spread, from stages alone.

Within a stage of constant rate the starts are 1/rate apart; in a ramp the n-th start is where the
area under the rate reaches n, so that a ramp is as even as it can be. Nothing here looks at a clock.
"""

import math
from collections.abc import Iterator

from harness.model.load import Stage


def intended_starts(stages: tuple[Stage, ...]) -> Iterator[float]:
    """Seconds from the beginning at which arrivals are due, ascending; the first of a stage at its very start."""
    begin = 0.0
    for stage in stages:
        count = count_in(stage)
        for index in range(count):
            yield begin + _offset(stage, index)
        begin += stage.for_s


def count_in(stage: Stage) -> int:
    """How many arrivals a stage has."""
    start = stage.rate_per_s if stage.from_per_s is None else stage.from_per_s
    return math.ceil((start + stage.rate_per_s) / 2 * stage.for_s - 1e-9)


def peak_per_s(stages: tuple[Stage, ...]) -> float:
    """The highest rate of all stages."""
    return max(max(stage.rate_per_s, stage.from_per_s or 0.0) for stage in stages)


def with_warm_up(stages: tuple[Stage, ...], warm_up_s: float) -> tuple[Stage, ...]:
    """The stages after a stretch at the first one's starting rate, which is left out of the figures."""
    if warm_up_s <= 0:
        return stages
    first = stages[0]
    rate = first.from_per_s or first.rate_per_s
    return (Stage(rate_per_s=rate, for_s=warm_up_s), *stages)


def _offset(stage: Stage, index: int) -> float:
    """When the `index`-th arrival of a stage is due: the root of start·t + slope·t²/2 = index."""
    start = stage.rate_per_s if stage.from_per_s is None else stage.from_per_s
    slope = (stage.rate_per_s - start) / stage.for_s
    if index == 0:
        return 0.0
    root = math.sqrt(max(0.0, start * start + 2 * slope * index))
    return 2 * index / (start + root)  # the root in the form that loses no digits where the slope is small
