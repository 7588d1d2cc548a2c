"""Measured values as people read them: 412 ms, 1.25 s, 0.3 %, 998 /s."""

from harness.formats.units import as_share, as_time


def shown(value: float, unit: str) -> str:
    """A value in `ms`, `share`, `/s`, `count` or `bytes` with its unit, no digits that mean nothing."""
    match unit:
        case "ms":
            return as_time(value / 1000)
        case "share":
            return as_share(value)
        case "/s":
            return f"{value:.1f} /s" if value < 100 else f"{value:,.0f} /s"
        case "bytes":
            return _size(value)
        case _:
            return f"{value:,.0f}"


def _size(value: float) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if abs(value) >= factor:
            return f"{value / factor:.1f} {unit}"
    return f"{value:.0f} B"
