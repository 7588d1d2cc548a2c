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
            return f"{value:,.0f} bytes"
        case _:
            return f"{value:,.0f}"
