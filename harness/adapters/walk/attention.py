"""Who looks at a session and when somebody last did something: how often frames are wanted, and when it is over."""

from harness.adapters.host import Host

_BETWEEN_S, _UNWATCHED_S = 0.05, 1.0
_WATCHED_FOR_S = 4.0
_SOON_S = 120.0


class Attention:
    """Of one session. `shares`: how many sessions share the machine."""

    def __init__(self, host: Host, idle_s: float) -> None:
        self.shares = 1
        self._host = host
        self._idle_s = idle_s
        self._acted_at = host.monotonic_s()
        self._looked_at = 0.0
        self._between_s = _BETWEEN_S

    def acted(self) -> None:
        """The person did something."""
        self._acted_at = self._host.monotonic_s()

    def looked(self) -> None:
        """Somebody asked for what is new."""
        self._looked_at = self._host.monotonic_s()

    def left_s(self) -> float:
        """Until nobody has done anything for too long."""
        return self._idle_s - (self._host.monotonic_s() - self._acted_at)

    def ends_soon(self) -> bool:
        """Whether whoever looks is to be told that the time is nearly over."""
        return self.left_s() < min(_SOON_S, self._idle_s / 2)

    def wanted_between_s(self) -> float | None:
        """Seconds between frames where that is news: fewer the more sessions there are, few where nobody looks."""
        watched = self._host.monotonic_s() - self._looked_at < _WATCHED_FOR_S
        wanted = _BETWEEN_S * max(1, self.shares) if watched else _UNWATCHED_S
        if wanted == self._between_s:
            return None
        self._between_s = wanted
        return wanted
