"""What time it is: asked here and nowhere else in the portal, so that a test can move it."""

import time
from datetime import UTC, datetime


def now_ms() -> int:
    """Wall time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def utc(ms: int) -> datetime:
    """A moment as a date with its zone."""
    return datetime.fromtimestamp(ms / 1000, tz=UTC)
