"""Searching for the highest arrival rate within the limits: double until one breaks, then halve the gap.

The curve is Gunther's Universal Scalability Law, X(N) = λN / (1 + σ(N-1) + κN(N-1)), with the concurrency N taken
from Little's law (N = rate x mean time): N. J. Gunther, Guerrilla Capacity Planning, 2007, ch. 4-6.
"""

import math
from collections.abc import Sequence

from harness.model.capacity import Bend, Capacity, Search, Step

_NEAR = 1.1  # a tenth between what held and what broke is near enough: machines differ by more from day to day
_MOST_STEPS = 40
_FEWEST_POINTS = 4
_DIGITS = 2
_HALVINGS = 4  # of one doubling, until a tenth is left


def next_rate(search: Search, steps: Sequence[Step]) -> float | None:
    """The rate to try next, in arrivals a second; None where the answer is known, or can't be had."""
    if not steps:
        return search.from_per_s
    if steps[-1].held is None or len(steps) >= _MOST_STEPS:
        return None
    held, broke = _held(steps), _broke(steps)
    if held is None:
        return None
    if broke is None:
        return None if held >= search.to_per_s else min(search.to_per_s, held * 2)
    if broke / held <= _NEAR:
        return None
    middle = _rounded(math.sqrt(held * broke))
    return middle if held < middle < broke else None


def most_steps(search: Search) -> int:
    """How many rates a search can take at most: the doublings up to the top, and the halvings of one doubling."""
    doublings = math.ceil(math.log2(search.to_per_s / search.from_per_s)) if search.to_per_s > search.from_per_s else 0
    return min(_MOST_STEPS, 1 + doublings + _HALVINGS)


def capacity_of(steps: Sequence[Step]) -> Capacity:
    """What the steps come to."""
    return Capacity(steps=tuple(steps), held_per_s=_held(steps), broke_per_s=_broke(steps), bend=bend_of(steps))


def _held(steps: Sequence[Step]) -> float | None:
    """The highest rate that held below everything that broke."""
    broke = _broke(steps)
    rates = [one.rate_per_s for one in steps if one.held and (broke is None or one.rate_per_s < broke)]
    return max(rates, default=None)


def _broke(steps: Sequence[Step]) -> float | None:
    return min((one.rate_per_s for one in steps if one.held is False), default=None)


def bend_of(steps: Sequence[Step]) -> Bend | None:
    """The law's three figures by least squares; None where too little was seen or the law does not fit."""
    points = []
    for one in steps:
        if one.held is not None and one.mean_ms and one.achieved_per_s > 0 and one.errors < 1:
            under_way = one.achieved_per_s * one.mean_ms / 1000
            points.append((under_way, under_way / one.achieved_per_s))
    if len(points) < _FEWEST_POINTS:
        return None
    # N/X = 1/λ + σ/λ·(N-1) + κ/λ·N(N-1): linear in its three unknowns
    solved = _least_squares([(1.0, n - 1, n * (n - 1)) for n, _ in points], [y for _, y in points])
    if solved is None or solved[0] <= 0:
        return None
    one_per_s = 1 / solved[0]
    contention, coherency = max(0.0, solved[1] * one_per_s), max(0.0, solved[2] * one_per_s)
    if coherency <= 0 or contention >= 1:
        return Bend(one_per_s=one_per_s, contention=contention, coherency=coherency)
    at = math.sqrt((1 - contention) / coherency)
    peak = one_per_s * at / (1 + contention * (at - 1) + coherency * at * (at - 1))
    return Bend(one_per_s=one_per_s, contention=contention, coherency=coherency, peak_per_s=peak, at=at)


def _least_squares(rows: list[tuple[float, float, float]], values: list[float]) -> tuple[float, float, float] | None:
    """Solve the normal equations of three unknowns; None where the rows do not determine them."""
    matrix = [[sum(row[i] * row[j] for row in rows) for j in range(3)] for i in range(3)]
    right = [sum(row[i] * value for row, value in zip(rows, values, strict=True)) for i in range(3)]
    whole = _determinant(matrix)
    scale = math.prod(max(1e-300, matrix[i][i]) for i in range(3))
    if abs(whole) < 1e-9 * scale:
        return None
    found = []
    for column in range(3):
        changed = [[right[i] if j == column else matrix[i][j] for j in range(3)] for i in range(3)]
        found.append(_determinant(changed) / whole)
    return found[0], found[1], found[2]


def _determinant(m: list[list[float]]) -> float:
    return (
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
        - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    )


def _rounded(rate: float) -> float:
    """A rate that can be said: two digits are as much as such a figure means."""
    return round(rate, _DIGITS - 1 - math.floor(math.log10(rate)))
