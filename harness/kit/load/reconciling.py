"""The system's own count of requests, beside ours: the one figure that the generator cannot get wrong by itself.

How much a reading adds to the count it reads is learnt by reading twice before the load. What may or may not have
arrived (cut off, reset, redirected) widens the bounds instead of being guessed.
"""

from typing import Any

from harness.kit.load.client import ApiClient
from harness.kit.load.settings import Settings
from harness.kit.load.watching import field_of, unreported
from harness.model.figures import Served
from harness.model.load import Watch

_TIMEOUT_S = 5.0


class Reconciling:
    """Read before, read after, and the difference."""

    def __init__(self, settings: Settings) -> None:
        self._told: Watch | None = settings.served
        self._client = ApiClient(
            settings.base_url, report=unreported, headers=settings.headers, timeout_s=_TIMEOUT_S, body_limit=1 << 20
        )
        self._by_reading = 0.0
        self._before = self._read()
        again = self._read()
        if self._before is not None and again is not None:
            self._by_reading, self._before = again - self._before, again

    def served(self, *, recorded: int, unsure: int, extra: int, readings: int) -> Served | None:
        """What the system counted since. Of `recorded` requests `unsure` may not have arrived, `extra` may have beside;
        `readings` were made of other figures. None where the system told no count, or told one that went back.
        """
        after = self._read()
        if self._told is None:
            return None
        if self._before is None or after is None or after < self._before:
            return Served(count=None, fewest=recorded - unsure, most=recorded + extra)
        count = int(after - self._before - self._by_reading * (1 + readings))
        return Served(count=count, fewest=recorded - unsure, most=recorded + extra)

    def _read(self) -> float | None:
        if self._told is None:
            return None
        answer: Any = self._client.get(self._told.path)
        return field_of(answer, self._told.field)
