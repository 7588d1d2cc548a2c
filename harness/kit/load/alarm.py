"""An alarm that rings within some ten microseconds of its time, without keeping a core busy.

The event loop's own timers are rounded up to whole milliseconds, which would make every arrival late by half of
one and bunch the quick ones. Linux offers a finer clock as a file descriptor; elsewhere the loop's timer must do.
"""

import ctypes
import os
import struct
from collections.abc import Callable
from typing import Any

from gevent import get_hub

_NONBLOCKING, _CLOSE_ON_EXEC, _MONOTONIC = 0o4000, 0o2000000, 1
_READ = 1


class FineAlarm:
    """Rings in the event loop by a timer file descriptor; `ring` must not wait for anything."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.timerfd_create(_MONOTONIC, _NONBLOCKING | _CLOSE_ON_EXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "no timer descriptor")
        self._ring = ring
        self._watcher: Any = get_hub().loop.io(self._fd, _READ)
        self._watcher.start(self._rang)

    def set(self, after_s: float) -> None:
        """Ring once, so many seconds from now (at once if that is past)."""
        nanoseconds = max(1, int(after_s * 1e9))
        spec = struct.pack("qqqq", 0, 0, *divmod(nanoseconds, 10**9))
        self._libc.timerfd_settime(self._fd, 0, spec, None)

    def close(self) -> None:
        """Never ring again."""
        self._watcher.stop()
        self._watcher.close()
        os.close(self._fd)

    def _rang(self) -> None:
        try:
            os.read(self._fd, 8)
        except BlockingIOError:
            return
        self._ring()


class CoarseAlarm:
    """The same by the loop's own timer, to the millisecond."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._timer: Any = None

    def set(self, after_s: float) -> None:
        """Ring once, so many seconds from now (at once if that is past)."""
        self.close()
        self._timer = get_hub().loop.timer(max(0.0, after_s))
        self._timer.start(self._ring)

    def close(self) -> None:
        """Never ring again."""
        if self._timer is not None:
            self._timer.stop()
            self._timer.close()
            self._timer = None


def alarm(ring: Callable[[], None]) -> FineAlarm | CoarseAlarm:
    """The finest alarm that this machine has."""
    try:
        return FineAlarm(ring)
    except (OSError, AttributeError):
        return CoarseAlarm(ring)
