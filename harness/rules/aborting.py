"""When a load must end before its time, because going on would prove nothing or do harm.

A condition is about the last seconds only: `errors > 50 % for 10 s` holds where more than half of all that was due in
those ten seconds failed. Nothing is decided before so much time has passed, nor from seconds without requests.
"""

from collections.abc import Sequence

from harness.model.figures import Figures, OperationFigures, Slice
from harness.model.load import Abort
from harness.rules.histogram import merged, top_of
from harness.rules.limits import holds, measured


def abort_due(aborts: tuple[Abort, ...], slices: Sequence[Slice], *, now_s: float, slice_s: float) -> Abort | None:
    """The first condition that holds at `now_s` (seconds from the first arrival); None where the load may go on."""
    return next((abort for abort in aborts if _holds(abort, slices, now_s, slice_s)), None)


def _holds(abort: Abort, slices: Sequence[Slice], now_s: float, slice_s: float) -> bool:
    if now_s < abort.for_s:
        return False
    latest = [one for one in slices if one.at_s + slice_s > now_s - abort.for_s and one.at_s + slice_s <= now_s]
    value = measured(_figures(latest), "all", abort.limit.measure)
    return value is not None and holds(abort.limit, value)


def _figures(slices: Sequence[Slice]) -> Figures:
    times = merged(one.response_us for one in slices)
    together = OperationFigures(
        name="all",
        answered=sum(one.answered for one in slices),
        failed=sum(one.failed for one in slices),
        response_us=times,
        max_us=top_of(max(times, default=0)),
    )
    dropped = sum(one.dropped for one in slices)
    return Figures(closed=False, operations=(together,), arrivals=together.requests + dropped, dropped=dropped)
