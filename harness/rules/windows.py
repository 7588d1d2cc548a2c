"""Whether a moment lies in one of a tier's windows. Pure: the moment is passed in."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from harness.model.tier import Window


def is_open(windows: tuple[Window, ...], now_ms: int) -> bool:
    """Whether work may be done now; without windows, at any time."""
    return not windows or any(_covers(window, now_ms) for window in windows)


def _covers(window: Window, now_ms: int) -> bool:
    local = datetime.fromtimestamp(now_ms / 1000, tz=UTC).astimezone(ZoneInfo(window.zone))
    minute = local.hour * 60 + local.minute
    if window.since < window.until:
        return local.weekday() in window.days and window.since <= minute < window.until
    yesterday = (local - timedelta(days=1)).weekday()  # the window that was opened yesterday and runs past midnight
    return (local.weekday() in window.days and minute >= window.since) or (
        yesterday in window.days and minute < window.until
    )
