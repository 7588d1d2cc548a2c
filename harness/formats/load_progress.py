"""Where a load run stands, as one line for whoever watches: rate, times and errors so far, against their limits."""

from collections.abc import Mapping
from typing import Any

from harness.formats.measures import shown

_TIMES = ("p50", "p95", "p99")


def progress_line(now: Mapping[str, Any], limits: Mapping[str, str]) -> str:
    """`8 of 12 s   20 /s   p95 12.9 ms (< 400 ms)   errors 0 % (< 0.5 %)   5 users`; `limits` are those on `all`.

    `now` is a line of the engine's progress.ndjson.
    """
    parts = [f"{now['at_s']:.0f} of {now['of_s']:.0f} s", shown(now["rate"], "/s")]
    for name in _TIMES:
        time_ms = now[f"{name}_ms"]
        parts.append(_against(name, "–" if time_ms is None else shown(time_ms, "ms"), limits))
    share = now["errors"] / now["requests"] if now["requests"] else 0.0
    parts.append(_against("errors", shown(share, "share"), limits))
    if now["dropped"] or "dropped" in limits:
        parts.append(_against("dropped", str(now["dropped"]), limits))
    parts.append(f"{now['users']} users")
    return "   ".join(parts)


def _against(name: str, value: str, limits: Mapping[str, str]) -> str:
    return f"{name} {value} ({limits[name]})" if name in limits else f"{name} {value}"
