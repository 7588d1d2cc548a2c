"""What every kind of service can do once it stands: be reached, be watched, be read, be ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harness.adapters.services.access import Access, NoEntryError
from harness.adapters.services.entering import enter
from harness.model.service import Preset, Service, Stood

INTERRUPTED = "the run was interrupted"
_PAUSE_S = 0.15


class KindFailedError(Exception):
    """This kind did not work; the message says why, whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A service to be made for this run alone: with its own password and database (or virtual host) `space`."""

    service: Service
    root: Path
    env: Mapping[str, str]
    password: str = field(repr=False)
    space: str


class Clock(Protocol):
    """Time, from the host."""

    def monotonic_s(self) -> float:
        """Seconds that never go back."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


def nothing() -> bytes:
    """What ending means where nothing was started."""
    return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Under:
    """A service that stands. `ended` says why it no longer does, None while it does; `end` gives all it printed."""

    stood: Stood
    url: str
    access: Access | None = None
    ended: Callable[[], str | None] = field(default=lambda: None)
    end: Callable[[], bytes] = nothing


def wait_until_in(preset: Preset, access: Access, ready_s: float, clock: Clock, ended: Callable[[], str | None]) -> str:
    """Until it lets us in (gives product and version), it ended, or its time is over: KindFailedError says which.

    `ended` is asked before each try: whoever must not wait any longer (the run was interrupted) answers there.
    """
    end = clock.monotonic_s() + ready_s
    why = "it did not answer"
    while clock.monotonic_s() < end:
        gone = ended()
        if gone is not None:
            raise KindFailedError(gone)
        try:
            return enter(preset, access)
        except NoEntryError as error:
            why = str(error)
        clock.sleep(_PAUSE_S)
    raise KindFailedError(f"not ready after {ready_s:g} s: {why}")
