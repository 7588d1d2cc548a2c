"""No more than so many requests in any second, wherever the second begins. The clock is passed in.

The window is a little longer than a second, so that what leaves evenly may arrive less evenly without a second at
the other end ever holding more than the cap.
"""

from collections import deque

SLACK_S = 0.1


class Pace:
    """A cap on a rate, kept for every sliding window. `per_s` None = no cap."""

    def __init__(self, per_s: float | None) -> None:
        self._most = max(1, int(per_s)) if per_s else 0
        self._span_s = (max(1.0, 1.0 / per_s) if per_s else 0.0) + SLACK_S
        self._taken: deque[float] = deque()

    def wait_s(self, now: float) -> float:
        """How long until one more may leave; 0 takes its place at once."""
        if not self._most:
            return 0.0
        while self._taken and self._taken[0] <= now - self._span_s:
            self._taken.popleft()
        if len(self._taken) < self._most:
            self._taken.append(now)
            return 0.0
        return max(0.001, self._taken[0] + self._span_s - now)
