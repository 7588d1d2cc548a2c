"""The tier's bounds, held where requests leave: method, address and rate of every single one, redirects included."""

from time import perf_counter

import gevent

from harness.model.load import Bounds


class OutOfBounds(ValueError):
    """A request that the tier's policy does not allow. It was not sent; the script is to be mended."""


class Bounding:
    """Lets requests pass one by one. One instance for all users of a process, so that the rate is that of all."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._gap_s = 1 / bounds.rate_per_s if bounds.rate_per_s else 0.0
        self._next = 0.0

    @property
    def binds(self) -> bool:
        """Whether there is anything to hold."""
        return bool(self._bounds.methods or self._gap_s or self._bounds.target_only)

    def admit(self, method: str, *, to_target: bool, where: str) -> None:
        """Wait for this request's turn; `OutOfBounds` where it has none."""
        if self._bounds.methods and method not in self._bounds.methods:
            allowed = ", ".join(self._bounds.methods)
            raise OutOfBounds(f"{method} is not allowed on this tier (allowed: {allowed})")
        if self._bounds.target_only and not to_target:
            raise OutOfBounds(f"{where} is not the system under load, and nothing else is allowed on this tier")
        if self._gap_s:
            now = perf_counter()
            turn = self._next if self._next > now else now
            self._next = turn + self._gap_s
            if turn > now:
                gevent.sleep(turn - now)
