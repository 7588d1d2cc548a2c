"""Measured figures against limits.

A latency limit is about answers that were right, and about timeouts with the full wait they cost; other
failures are in `errors`, and never make a percentile better. A limit on something that never
happened is not held and not broken: there is no value, so nobody can tell.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from statistics import median

from harness.model.figures import Figures, OperationFigures
from harness.model.load import Limit
from harness.rules.histogram import merged, percentile_us, size_of

_RELATIONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
_FEWEST_READINGS = 5
_AT_EACH_END = 3


def holds(limit: Limit, value: float) -> bool:
    """Whether a measured value (unit as in the limit) keeps a limit."""
    return _RELATIONS[limit.relation](value, limit.value)


def measured(figures: Figures, subject: str, measure: str) -> float | None:
    """The value of a measure (times in ms, shares of one, /s, counts); None where it never was measured."""
    gauge = next((one for one in figures.gauges if one.name == subject), None)
    if gauge is not None:
        return _gauge_value(tuple(value for _, value in gauge.readings), measure)
    if measure == "dropped":
        return float(figures.dropped) if figures.dropped is not None and figures.arrivals else None
    if measure == "contract-errors":
        answers = figures.answers
        return answers.unlawful / answers.checked if answers is not None and answers.checked else None
    operation = subject_figures(figures, subject)
    if operation is None or operation.requests == 0:
        return None
    match measure:
        case "errors":
            return operation.failed / operation.requests
        case "requests":
            return float(operation.requests)
        case "rate":
            return operation.answered / figures.window_s if figures.window_s > 0 else None
        case _:
            return _time_ms(operation, measure)


def subject_figures(figures: Figures, subject: str) -> OperationFigures | None:
    """The figures of an operation, or of all together; None where the operation never was asked for."""
    if subject == "all":
        return all_together(figures.operations)
    return next((one for one in figures.operations if one.name == subject), None)


def all_together(operations: tuple[OperationFigures, ...]) -> OperationFigures:
    """Every operation added up, exactly."""
    return OperationFigures(
        name="all",
        answered=sum(one.answered for one in operations),
        failed=sum(one.failed for one in operations),
        errors=_added(one.errors for one in operations),
        statuses=_added(one.statuses for one in operations),
        received_bytes=sum(one.received_bytes for one in operations),
        response_us=merged(one.response_us for one in operations),
        service_us=merged(one.service_us for one in operations),
        max_us=max((one.max_us for one in operations), default=0),
        sum_us=sum(one.sum_us for one in operations),
    )


def _gauge_value(values: tuple[float, ...], measure: str) -> float | None:
    """Growth is from the middle of the first readings to the middle of the last ones: one odd reading is no growth."""
    if len(values) < _FEWEST_READINGS:
        return None
    if measure == "growth":
        return median(values[-_AT_EACH_END:]) - median(values[:_AT_EACH_END])
    return max(values) if measure == "max" else values[-1]


def _added(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for name, count in part.items():
            total[name] = total.get(name, 0) + count
    return dict(sorted(total.items(), key=lambda pair: -pair[1]))


def _time_ms(operation: OperationFigures, measure: str) -> float | None:
    timed = size_of(operation.response_us)
    if timed == 0:
        return None
    if measure == "max":
        return operation.max_us / 1000
    if measure == "mean":
        return operation.sum_us / timed / 1000
    found = percentile_us(operation.response_us, float(measure.removeprefix("p")))
    return None if found is None else min(found, operation.max_us) / 1000
