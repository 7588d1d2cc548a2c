"""Counting what happens, cheaply, while it happens.

Listens to Locust's own `request` event, so every client's requests count, not only ours. A request belongs
to the moment it was meant to start: what was due in the warm-up stays out of the figures, however late it ends.
"""

import math
from collections.abc import Iterable
from time import perf_counter, process_time
from typing import Any

from gevent import getcurrent

from harness.kit.load.arrivals import Arrival
from harness.kit.load.failures import kind_of
from harness.model.figures import Figures, GaugeFigures, Generator, OperationFigures, ScriptError, Slice
from harness.rules.histogram import bucket_of, merged

_TAIL_S = 1.0
_MOST_OPERATIONS = 1000
_MOST_KINDS = 50
_MOST_SLICES = 240
_MOST_READINGS = 2000
_CUT = frozenset({"timeout", "unfinished"})
_UNREACHED = frozenset({"refused", "unreachable"})
_OTHERS = "(further names)"


class Tally:
    """The figures of one operation in the making."""

    __slots__ = ("answered", "errors", "failed", "max_us", "received", "response", "service", "statuses", "sum_us")

    def __init__(self) -> None:
        self.answered = self.failed = self.received = self.max_us = self.sum_us = 0
        self.errors: dict[str, int] = {}
        self.statuses: dict[str, int] = {}
        self.response: dict[int, int] = {}
        self.service: dict[int, int] = {}


class Moment:
    """A slice of the run in the making."""

    __slots__ = ("answered", "dropped", "failed", "response", "unreached", "users")

    def __init__(self) -> None:
        self.answered = self.failed = self.unreached = self.dropped = self.users = 0
        self.response: dict[int, int] = {}


class Recorder:
    """All figures of a run in the making. `open_model` = requests outside an arrival are set-up, told apart."""

    def __init__(self, *, warm_up_s: float, window_s: float, open_model: bool) -> None:
        self.warm_up_s, self.window_s, self.open_model = warm_up_s, window_s, open_model
        self.origin = perf_counter()
        self.window_from = self.origin + warm_up_s
        self.window_to = math.inf
        self.tallies: dict[str, Tally] = {}
        self.moments: list[Moment] = []
        self.slice_s = 1.0
        self.arrivals = self.begun = self.dropped = self.recorded = self.setup_failed = 0
        self.late: dict[int, int] = {}
        self.late_max_us = 0
        self.last_end = self.origin
        self.peak_users = 0
        self._gauges: dict[str, list[tuple[float, float]]] = {}
        self._script: dict[tuple[str, str], int] = {}
        self._cpu_from: float | None = None
        self._cpu_at = (0.0, 0.0)

    def start(self, origin: float) -> None:
        """The load begins at `origin` (a time of `perf_counter`): everything from before is forgotten."""
        self.origin, self.window_from = origin, origin + self.warm_up_s
        if not self.open_model:
            self.window_to = self.window_from + self.window_s
        self.tallies.clear()
        self.moments.clear()
        self._cpu_at = (perf_counter(), process_time())

    def forget_counts(self) -> None:
        """Locust starts counting here, so that its count and ours are of the same requests."""
        self.recorded = 0

    def on_request(
        self,
        name: str,
        response_time: float,
        response_length: int | None = 0,
        exception: BaseException | None = None,
        response: Any = None,
        **_: Any,
    ) -> None:
        """A listener of Locust's `request` event."""
        now = perf_counter()
        self.recorded += 1
        service_s = response_time / 1000
        arrival = _arrival_of(getcurrent()) if self.open_model else None
        if arrival is None and self.open_model:
            self.setup_failed += exception is not None
            return
        started = now - service_s
        waited_s = 0.0
        if arrival is not None:
            if arrival.requests == 0:
                waited_s, started = arrival.begun - arrival.due, arrival.due
            arrival.requests += 1
        moment = self._moment(started)
        kind = kind_of(exception) if exception is not None else None
        service_us = max(0, round(service_s * 1e6))
        response_us = max(0, round((service_s + waited_s) * 1e6))
        bucket = bucket_of(response_us)
        if kind is None:
            moment.answered += 1
        else:
            moment.failed += 1
            moment.unreached += kind in _UNREACHED
        timed = kind is None or kind in _CUT
        if timed:
            moment.response[bucket] = moment.response.get(bucket, 0) + 1
        if not self.window_from <= started < self.window_to:
            return
        self.last_end = now
        tally = self._tally(name)
        tally.received += response_length or 0
        status = getattr(response, "status_code", 0)
        if status:
            key = str(status)
            tally.statuses[key] = tally.statuses.get(key, 0) + 1
        if kind is None:
            tally.answered += 1
        else:
            tally.failed += 1
            if kind not in tally.errors and len(tally.errors) >= _MOST_KINDS:
                kind = "other"
            tally.errors[kind] = tally.errors.get(kind, 0) + 1
        if timed:
            tally.response[bucket] = tally.response.get(bucket, 0) + 1
            bucket = bucket_of(service_us)
            tally.service[bucket] = tally.service.get(bucket, 0) + 1
            tally.sum_us += response_us
            tally.max_us = max(tally.max_us, response_us)

    def on_due(self, due: float, late_s: float) -> None:
        """An arrival was due, and the generator saw it so much later."""
        self._moment(due)
        if due >= self.window_from:
            self.arrivals += 1
            late_us = max(0, round(late_s * 1e6))
            bucket = bucket_of(late_us)
            self.late[bucket] = self.late.get(bucket, 0) + 1
            self.late_max_us = max(self.late_max_us, late_us)

    def on_begun(self, arrival: Arrival) -> None:
        """A user took an arrival up."""
        self.begun += arrival.due >= self.window_from

    def on_dropped(self, due: float) -> None:
        """Nobody was free for an arrival in time."""
        self._moment(due).dropped += 1
        self.dropped += due >= self.window_from

    def on_hub_late(self, late_s: float) -> None:
        """The event loop itself came so much too late (measured where no arrivals are due)."""
        if perf_counter() >= self.window_from:
            late_us = max(0, round(late_s * 1e6))
            bucket = bucket_of(late_us)
            self.late[bucket] = self.late.get(bucket, 0) + 1
            self.late_max_us = max(self.late_max_us, late_us)

    def on_assertion(self, message: str, place: str) -> None:
        """The users' own code found an answer wrong after its request had been counted: one more failure."""
        tally = self._tally(f"assert at {place}")
        tally.failed += 1
        kind = message[:120] if len(tally.errors) < _MOST_KINDS else "other"
        tally.errors[kind] = tally.errors.get(kind, 0) + 1
        self._moment(perf_counter()).failed += 1

    def on_script_error(self, message: str, place: str) -> None:
        """The users' own code raised something."""
        key = (message[:300], place)
        if key in self._script or len(self._script) < _MOST_KINDS:
            self._script[key] = self._script.get(key, 0) + 1

    def on_reading(self, gauge: str, value: float) -> None:
        """The system told a figure of its own. Of a very long run every second reading is kept, then every fourth, …"""
        now = perf_counter()
        if self.window_from <= now < self.window_from + self.window_s + _TAIL_S:
            readings = self._gauges.setdefault(gauge, [])
            readings.append((round(now - self.origin, 2), value))
            if len(readings) > _MOST_READINGS:
                del readings[1:-1:2]

    def on_second(self, users: int) -> float:
        """Called about once a second; gives the generator's share of a core since the last call."""
        moment = self._moment(perf_counter())
        moment.users = max(moment.users, users)
        self.peak_users = max(self.peak_users, users)
        if self._cpu_from is None and perf_counter() >= self.window_from:
            self._cpu_from = process_time()
        wall, cpu = perf_counter(), process_time()
        before, self._cpu_at = self._cpu_at, (wall, cpu)
        return (cpu - before[1]) / (wall - before[0]) if wall > before[0] else 0.0

    def figures(self, *, closed: bool, counted: int) -> Figures:
        """What was measured until now; `counted` is Locust's own count."""
        spent_s = self.last_end - self.window_from
        window_s = spent_s if spent_s > self.window_s + _TAIL_S else self.window_s
        wall = max(1e-9, perf_counter() - self.window_from)
        cpu = process_time() - self._cpu_from if self._cpu_from is not None else 0.0
        return Figures(
            closed=closed,
            window_s=window_s,
            slice_s=self.slice_s,
            warm_up_s=self.warm_up_s,
            arrivals=self.arrivals if self.open_model else None,
            begun=self.begun if self.open_model else None,
            dropped=self.dropped if self.open_model else None,
            operations=tuple(_operation(name, tally) for name, tally in sorted(self.tallies.items())),
            slices=tuple(_slice(index * self.slice_s, moment) for index, moment in enumerate(self.moments)),
            gauges=tuple(GaugeFigures(name=name, readings=tuple(readings)) for name, readings in self._gauges.items()),
            generator=Generator(
                cpu_share=cpu / wall,
                late_us=dict(self.late),
                late_max_us=self.late_max_us,
                counted=counted,
                recorded=self.recorded,
                peak_users=self.peak_users,
            ),
            script_errors=tuple(
                ScriptError(message=message, place=place, count=count)
                for (message, place), count in self._script.items()
            ),
            setup_failed=self.setup_failed,
        )

    def _tally(self, name: str) -> Tally:
        tally = self.tallies.get(name)
        if tally is None:
            if len(self.tallies) >= _MOST_OPERATIONS:
                name = _OTHERS
            tally = self.tallies.setdefault(name, Tally())
        return tally

    def _moment(self, at: float) -> Moment:
        index = max(0, int((at - self.origin) / self.slice_s))
        while index >= len(self.moments):
            if len(self.moments) >= _MOST_SLICES:
                self._coarsen()
                index = max(0, int((at - self.origin) / self.slice_s))
            else:
                self.moments.append(Moment())
        return self.moments[index]

    def _coarsen(self) -> None:
        """Two slices become one, so that a run of hours needs no more room than one of minutes."""
        pairs = [self.moments[at : at + 2] for at in range(0, len(self.moments), 2)]
        self.moments[:] = [_joined(pair) for pair in pairs]
        self.slice_s *= 2


def _arrival_of(greenlet: Any) -> Arrival | None:
    """The arrival that a greenlet works for: its own, or that of whoever spawned it."""
    for _ in range(4):
        arrival: Arrival | None = getattr(greenlet, "arrival", None)
        parent = getattr(greenlet, "spawning_greenlet", None)
        greenlet = parent() if parent is not None and arrival is None else None
        if greenlet is None:
            return arrival
    return None


def _joined(moments: Iterable[Moment]) -> Moment:
    whole = Moment()
    for moment in moments:
        whole.answered += moment.answered
        whole.failed += moment.failed
        whole.unreached += moment.unreached
        whole.dropped += moment.dropped
        whole.users = max(whole.users, moment.users)
        whole.response = merged((whole.response, moment.response))
    return whole


def _operation(name: str, tally: Tally) -> OperationFigures:
    return OperationFigures(
        name=name,
        answered=tally.answered,
        failed=tally.failed,
        errors=dict(tally.errors),
        statuses=dict(tally.statuses),
        received_bytes=tally.received,
        response_us=dict(tally.response),
        service_us=dict(tally.service),
        max_us=tally.max_us,
        sum_us=tally.sum_us,
    )


def _slice(at_s: float, moment: Moment) -> Slice:
    return Slice(
        at_s=at_s,
        answered=moment.answered,
        failed=moment.failed,
        unreached=moment.unreached,
        dropped=moment.dropped,
        users=moment.users,
        response_us=dict(moment.response),
    )
