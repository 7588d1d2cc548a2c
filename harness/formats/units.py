"""Quantities as people write them: "30 s", "2 min", "1.5 h", "200 /s", "0.1 %", "64 MiB".

Each function takes the text as it stands in a file and gives a plain number in the unit of its name.
What cannot be read raises `ValueError` with a whole sentence; the caller knows the file and the line.
A bare number is refused: a unit is always written out.
"""

import math
import re
from collections.abc import Mapping

_QUANTITY = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*(\S.*?)?\s*")

_SECONDS = {
    "ms": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "min": 60.0,
    "minute": 60.0,
    "minutes": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "hours": 3600.0,
    "d": 86400.0,
    "day": 86400.0,
    "days": 86400.0,
}
_PER_SECOND = {"/s": 1.0, "/min": 1 / 60, "/h": 1 / 3600}
_SHARE = {"%": 0.01, "‰": 0.001}
_BYTES = {
    "B": 1.0,
    "kB": 1e3,
    "MB": 1e6,
    "GB": 1e9,
    "KiB": 1024.0,
    "MiB": 1024.0**2,
    "GiB": 1024.0**3,
}


def seconds(text: object) -> float:
    """A span of time in seconds: `"250 ms"` → 0.25, `"2 min"` → 120."""
    return _read(text, _SECONDS, what="a span of time", example="30 s")


def per_second(text: object) -> float:
    """A rate per second: `"200 /s"` → 200, `"60 /min"` → 1."""
    return _read(text, _PER_SECOND, what="a rate", example="200 /s")


def share(text: object) -> float:
    """A share of one: `"0.1 %"` → 0.001."""
    return _read(text, _SHARE, what="a share", example="0.1 %")


def size_bytes(text: object) -> float:
    """A size in bytes: `"64 MiB"` → 67108864."""
    return _read(text, _BYTES, what="a size", example="64 MiB")


def as_time(value_s: float) -> str:
    """Seconds as people write them, no digits that mean nothing: 0.3 → `300 ms`, 90 → `90 s`."""
    if value_s != 0 and abs(value_s) < 1:
        return f"{_short(value_s * 1000)} ms"
    return f"{_short(value_s)} s"


def as_share(value: float) -> str:
    """A share of one in percent: 0.001 → `0.1 %`."""
    return f"{_short(value * 100)} %"


def _short(value: float) -> str:
    """At least three significant digits, no trailing zeros, never an exponent."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _read(text: object, factors: Mapping[str, float], *, what: str, example: str) -> float:
    if not isinstance(text, str):
        raise ValueError(f'{what} is written in quotes with its unit, like "{example}", not as {text!r}')  # noqa: TRY004 - one kind of error for what people wrote
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not {what}; write it like "{example}"')
    number, unit = match.groups()
    if unit is None:
        raise ValueError(f'"{text}" has no unit; write {what} like "{example}"')
    factor = factors.get(unit)
    if factor is None:
        known = ", ".join(f"`{name}`" for name in factors)
        raise ValueError(f'`{unit}` in "{text}" is not a unit of {what.split(" ", 1)[1]}; known are {known}')
    return float(number) * factor
