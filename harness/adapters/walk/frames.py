"""The newest frame for whoever is ready for it, and the last step's frames for whoever wants to see it again.

Nobody is waited for: a viewer that is slow, or stalls, finds the newest frame when it asks next and never the ones
between. What is kept for seeing again is bounded in number and bytes.
"""

from collections import deque
from dataclasses import dataclass

_MOST, _MOST_BYTES = 80, 8 * 1024**2
_LATENCIES = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A JPEG of the page; `captured_ms` since the epoch, width and height of the page in CSS pixels."""

    number: int
    captured_ms: int
    width: int
    height: int
    body: bytes


class Frames:
    """Frames of one session."""

    def __init__(self) -> None:
        self.newest: Frame | None = None
        self.came = 0
        self.painted_ms: deque[int] = deque(maxlen=_LATENCIES)
        self._step: deque[Frame] = deque()
        self._bytes = 0

    def add(self, frame: Frame) -> None:
        """A frame came."""
        self.came += 1
        self.newest = frame
        self._step.append(frame)
        self._bytes += len(frame.body)
        while len(self._step) > _MOST or (self._bytes > _MOST_BYTES and len(self._step) > 1):
            self._bytes -= len(self._step.popleft().body)

    def newer(self, number: int) -> Frame | None:
        """The newest frame, if it is newer than that."""
        return self.newest if self.newest is not None and self.newest.number > number else None

    def step_begins(self) -> None:
        """From here on a new step is kept; it begins with what is on the screen."""
        self._step = deque([self.newest] if self.newest is not None else [])
        self._bytes = sum(len(one.body) for one in self._step)

    def again(self) -> tuple[Frame, ...]:
        """The last step, frame by frame."""
        return tuple(self._step)
