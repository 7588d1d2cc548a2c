"""Counting what happens, cheaply, while it happens.

Listens to Locust's own `request` event, so every client's requests count, not only ours. A request belongs
to the moment it was meant to start: what was due in the warm-up stays out of the figures, however late it ends.
"""

import math
from time import perf_counter, process_time
from typing import Any

from gevent import getcurrent

from harness.kit.load.answers import Answers
from harness.kit.load.arrivals import Arrival, arrival_of
from harness.kit.load.failures import kind_of
from harness.kit.load.tallies import MOST_KINDS, Moment, Tally, joined
from harness.model.figures import Figures, GaugeFigures, Generator, ScriptError, Served
from harness.rules.histogram import bucket_of

_TAIL_S = 1.0
_MOST_OPERATIONS = 1000
_MOST_SLICES = 240
_MOST_READINGS = 2000
_OTHERS = "(further names)"


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
        self.answers: Answers | None = None
        self.aborted: tuple[str, float] | None = None
        self.served: Served | None = None
        self.own_readings = self.unsure = self.extra = 0
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

    def end_early(self, condition: str) -> None:
        """The load ends here: what is due later is not part of the figures."""
        now = perf_counter()
        self.aborted = (condition, round(now - self.origin, 1))
        self.window_s = max(0.0, now - self.window_from)
        self.window_to = min(self.window_to, now)

    def forget_counts(self) -> None:
        """Locust starts counting here, so that its count and ours are of the same requests."""
        self.recorded = self.unsure = self.extra = 0

    def on_request(
        self,
        name: str,
        response_time: float | None,
        response_length: int | None = 0,
        exception: BaseException | None = None,
        response: Any = None,
        request_type: str = "",
        url: str = "",
        **_: Any,
    ) -> None:
        """A listener of Locust's `request` event."""
        self.recorded += 1
        if exception is not None and not getattr(response, "status_code", 0):
            self.unsure += 1
        elif getattr(response, "history", None):
            self.extra += len(response.history)
        tally = self._count(name, (response_time or 0) / 1000, kind_of(exception) if exception is not None else None)
        if tally is None:
            return
        tally.received += response_length or 0
        status = getattr(response, "status_code", 0)
        if status:
            tally.statuses[status] = tally.statuses.get(status, 0) + 1
            if self.answers is not None and self.answers.wants(name):
                self._moment(perf_counter()).held(self.answers.check(request_type, url, response))

    def on_unfinished(self, name: str, waited_s: float) -> None:
        """A request was cut off because the load ended. In a closed model somebody always is: that is no failure."""
        self.extra += 1
        if self.open_model:
            self._count(name, waited_s, "unfinished")

    def _count(self, name: str, service_s: float, kind: str | None) -> Tally | None:
        """Count a request that ends now; None where it does not belong to the measured window."""
        now = perf_counter()
        started, waited_s = now - service_s, 0.0
        if self.open_model:
            arrival = arrival_of(getcurrent())
            if arrival is None:
                self.setup_failed += kind is not None
                return None
            if arrival.requests == 0:
                started, waited_s = arrival.due, arrival.begun - arrival.due
            arrival.requests += 1
        service_us = int(service_s * 1e6) if service_s > 0 else 0
        response_us = service_us + int(waited_s * 1e6) if waited_s > 0 else service_us
        service_bucket = bucket_of(service_us)
        response_bucket = bucket_of(response_us) if waited_s else service_bucket
        self._moment(started).count(kind, response_bucket)
        if not self.window_from <= started < self.window_to:
            return None
        self.last_end = now
        tally = self._tally(name)
        tally.count(kind, response_us, response_bucket, service_bucket)
        return tally

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
        self._tally(f"assert at {place}").fail(message[:120])
        self._moment(perf_counter()).failed += 1

    def on_script_error(self, message: str, place: str) -> None:
        """The users' own code raised something."""
        key = (message[:300], place)
        if key in self._script or len(self._script) < MOST_KINDS:
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
            operations=tuple(tally.figures(name) for name, tally in sorted(self.tallies.items())),
            slices=tuple(moment.figures(index * self.slice_s) for index, moment in enumerate(self.moments)),
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
            aborted=self.aborted,
            answers=self.answers.figures() if self.answers is not None else None,
            served=self.served,
        )

    def _tally(self, name: str) -> Tally:
        tally = self.tallies.get(name)
        if tally is None:
            if len(self.tallies) >= _MOST_OPERATIONS:
                name = _OTHERS
            tally = self.tallies.setdefault(name, Tally())
        return tally

    def _moment(self, at: float) -> Moment:
        index = int((at - self.origin) / self.slice_s)
        if 0 <= index < len(self.moments):
            return self.moments[index]
        index = max(0, index)
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
        self.moments[:] = [joined(pair) for pair in pairs]
        self.slice_s *= 2
