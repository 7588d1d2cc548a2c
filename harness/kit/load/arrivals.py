"""The open model: arrivals come when they are due, whether or not the system keeps up.

Each due arrival goes to a user who is free; where nobody is, it waits and another user is started, up to a
limit. What waits longer than anybody would is dropped and counted. Nothing is sent twice and nothing skipped
silently: arrivals = begun + dropped at the end.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import Any

import gevent
from gevent import get_hub, getcurrent
from gevent.event import Event

from harness.kit.load.alarm import alarm

_AT_ONCE = 100


class Arrival:
    """One arrival: when it was due and when a user took it up (times of `perf_counter`)."""

    __slots__ = ("begun", "due", "requests")

    def __init__(self, due: float) -> None:
        self.due = due
        self.begun = 0.0
        self.requests = 0


def arrival_of(greenlet: Any) -> Arrival | None:
    """The arrival that a greenlet works for: its own, or that of whoever spawned it."""
    for _ in range(4):
        arrival: Arrival | None = getattr(greenlet, "arrival", None)
        parent = getattr(greenlet, "spawning_greenlet", None)
        greenlet = parent() if parent is not None and arrival is None else None
        if greenlet is None:
            return arrival
    return None


class Gate:
    """Where users wait for arrivals. `on_due(due, late_s)` and `on_dropped(due)` are told as it happens.

    `more_users(count)` starts so many and gives their greenlets; `users()` says how many there are.
    """

    def __init__(
        self,
        *,
        on_due: Callable[[float, float], None],
        on_dropped: Callable[[float], None],
        more_users: Callable[[int], Iterable[Any]],
        users: Callable[[], int],
        most_users: int,
        patience_s: float,
    ) -> None:
        self._on_due = on_due
        self._on_dropped = on_dropped
        self._more_users = more_users
        self._users = users
        self._most_users = most_users
        self._patience_s = patience_s
        self._free: list[Any] = []
        self._waiting: deque[float] = deque()
        self._short = Event()
        self._over = Event()
        self._starts: Iterator[float] = iter(())
        self._next: float | None = None
        self._origin = 0.0
        self._alarm: Any = None
        self._hub = get_hub()
        self._ever_free = False
        self._starting: set[Any] = set()
        self._ended = False

    @property
    def free(self) -> int:
        """How many users wait for an arrival."""
        return len(self._free)

    def take(self) -> Arrival:
        """Wait for an arrival; called by a user."""
        self._ever_free = True
        self._starting.discard(getcurrent())
        while self._waiting:
            gevent.sleep(0)  # whoever is overrun must still let others read their answers
            if not self._waiting:
                break
            due = self._waiting.popleft()
            if perf_counter() - due <= self._patience_s:
                return self._begun(due)
            self._on_dropped(due)
        me = getcurrent()
        self._free.append(me)
        try:
            due = self._hub.switch()
        except BaseException:
            if me in self._free:
                self._free.remove(me)
            raise
        return self._begun(due)

    def run(self, starts: Iterator[float], origin: float) -> None:
        """Let arrivals come at `origin` + each of `starts`; returns when all are taken up or given up."""
        self._starts, self._origin = starts, origin
        self._next = next(self._starts, None)
        self._alarm = alarm(self._ring)
        growing = gevent.spawn(self._grow)
        try:
            self._ring()
            self._over.wait()
            give_up = perf_counter() + self._patience_s
            while self._waiting and not self._ended and perf_counter() < give_up:
                gevent.sleep(0.01)
        finally:
            growing.kill()
            self._alarm.close()

    def end(self) -> None:
        """No further arrival comes, and what waits is given up."""
        self._ended, self._next = True, None
        self._over.set()

    def drop_waiting(self) -> None:
        """Count what still waits as dropped."""
        while self._waiting:
            self._on_dropped(self._waiting.popleft())

    def _ring(self) -> None:
        """Called by the event loop: hand out everything that is due, then sleep until the next."""
        while self._next is not None:
            due = self._origin + self._next
            now = perf_counter()
            if now < due:
                self._alarm.set(due - now)
                return
            self._next = next(self._starts, None)
            self._on_due(due, now - due)
            if self._free:
                self._free.pop().switch(due)
            else:
                self._waiting.append(due)
                self._short.set()
        self._over.set()

    def _begun(self, due: float) -> Arrival:
        arrival = Arrival(due)
        arrival.begun = perf_counter()
        return arrival

    def _grow(self) -> None:
        while True:
            self._short.wait()
            self._short.clear()
            self._starting = {one for one in self._starting if not one.dead}
            wanted = min(len(self._waiting) - len(self._starting), self._most_users - self._users())
            if wanted > 0 and self._ever_free:  # where the first users could not even start, more would not either
                self._starting.update(self._more_users(min(wanted, _AT_ONCE)))
                gevent.sleep(0)
                if wanted > _AT_ONCE:
                    self._short.set()
