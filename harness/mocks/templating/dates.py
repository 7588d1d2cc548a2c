"""Dates in templates: read and written by the letters of Java's date patterns, moved by an offset, cut to a unit.

Everything is in UTC: another time zone would depend on the machine's table of them.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_LETTERS = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")
_OFFSET = re.compile(r"\s*(-?\d{1,6})\s+(second|minute|hour|day|week|month|year)s?\s*")
_MONTHS = calendar.month_name[1:]
_DAYS = calendar.day_name[:]
_CUTS = {
    "first second of minute": ("second",), "first minute of hour": ("second", "minute"),
    "first hour of day": ("second", "minute", "hour"), "first day of month": ("second", "minute", "hour", "day"),
    "first day of year": ("second", "minute", "hour", "day", "month"),
}  # fmt: skip
_READ = {
    "y": r"(?P<y>\d{4})", "M": r"(?P<M>\d{1,2})", "d": r"(?P<d>\d{1,2})", "H": r"(?P<H>\d{1,2})",
    "m": r"(?P<m>\d{1,2})",
    "s": r"(?P<s>\d{1,2})", "S": r"(?P<S>\d{1,9})", "X": r"(?P<X>Z|[+-]\d{2}:?\d{2})", "Z": r"(?P<Z>[+-]\d{2}:?\d{2})",
}  # fmt: skip
_MOST_MS = 253_402_300_799_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """A point in time in ms since the epoch, and how it wants to be written (empty: ISO 8601)."""

    ms: int
    pattern: str = ""


def written(instant: Instant) -> str:
    """An instant by its pattern; `epoch` in ms, `unix` in seconds, without one ISO 8601."""
    if instant.pattern == "epoch":
        return str(instant.ms)
    if instant.pattern == "unix":
        return str(instant.ms // 1000)
    at = _at(instant.ms)
    if not instant.pattern:
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return "".join(_piece(found, at) for found in _LETTERS.finditer(instant.pattern))


def moved(ms: int, offset: str) -> int:
    """An instant and `3 days`, `-24 seconds`, `1 months` from there; ValueError for anything else."""
    match = _OFFSET.fullmatch(offset)
    if match is None:
        raise ValueError(f"an offset is written like `3 days`, not {offset[:40]!r}")
    count, unit = int(match[1]), match[2]
    at = _at(ms)
    if unit in {"month", "year"}:
        months = at.year * 12 + at.month - 1 + count * (12 if unit == "year" else 1)
        year, month = divmod(months, 12)
        if not 1 <= year <= 9999:
            raise ValueError("the date leaves the calendar")
        at = at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))
        return _ms(at)
    return _checked(ms + int(timedelta(**{f"{unit}s": count}).total_seconds() * 1000))


def cut(ms: int, to: str) -> int:
    """The first instant of a unit: `first day of month`."""
    if to not in _CUTS:
        raise ValueError(f"dates are cut to {', '.join(_CUTS)}, not {to[:40]!r}")
    units = {unit: 1 if unit in {"day", "month"} else 0 for unit in _CUTS[to]}
    return _ms(_at(ms).replace(microsecond=0, **units))  # type: ignore[arg-type]  # every one of them is a figure


def read(text: str, pattern: str) -> int:
    """A written date to ms; ValueError where it is none. Without a pattern ISO 8601, `epoch` and `unix` figures."""
    if pattern in {"epoch", "unix"}:
        return _checked(int(text[:18]) * (1000 if pattern == "unix" else 1))
    if not pattern:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return _ms(at if at.tzinfo else at.replace(tzinfo=UTC))
    return _ms(_by_pattern(text, pattern))


def read_any(text: str, pattern: str) -> int:
    """As `read`, and without a pattern dates of HTTP headers too (`Wed, 04 Mar 2026 05:06:07 GMT`)."""
    if not pattern and text.endswith(" GMT"):
        return read(text.removesuffix(" GMT"), "EEE, dd MMM yyyy HH:mm:ss")
    return read(text, pattern)


def _by_pattern(text: str, pattern: str) -> datetime:
    expected = ""
    for found in _LETTERS.finditer(pattern):
        letter = found[2]
        if letter is None:
            expected += re.escape(found[0] if found[1] is None else found[1].replace("''", "'"))
        elif letter == "M" and len(found[0]) > 2:
            expected += r"(?P<N>[A-Za-z]{3,9})"
        elif letter in _READ:
            expected += _READ[letter]
        elif letter == "E":
            expected += "[A-Za-z]{3,9}"
        else:
            raise ValueError(f"the letter `{letter}` of a date pattern is not supported")
    match = re.fullmatch(expected, text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is no date of the form {pattern[:40]}")
    given = match.groupdict()
    month = int(given.get("M") or 1)
    if given.get("N"):
        month = next((n for n, name in enumerate(_MONTHS, 1) if name.lower().startswith(given["N"].lower())), 0)
    at = datetime(
        int(given.get("y") or 1970), month, int(given.get("d") or 1), int(given.get("H") or 0),
        int(given.get("m") or 0), int(given.get("s") or 0), int((given.get("S") or "0").ljust(6, "0")[:6]), tzinfo=UTC,
    )  # fmt: skip
    zone = given.get("X") or given.get("Z")
    if zone and zone != "Z":
        ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        at = at - ahead if zone[0] == "+" else at + ahead
    return at


def _piece(found: re.Match[str], at: datetime) -> str:
    if found[2] is None:
        return found[0] if found[1] is None else found[1].replace("''", "'") or "'"
    letter, wide = found[2], len(found[0])
    match letter:
        case "y" | "u":
            return f"{at.year % 100:02}" if wide == 2 else f"{at.year:0{wide}}"
        case "M" | "L":
            return f"{at.month:0{wide}}" if wide < 3 else _MONTHS[at.month - 1][: 3 if wide == 3 else None]
        case "E":
            return _DAYS[at.weekday()][: 3 if wide < 4 else None]
        case "S":
            return f"{at.microsecond // 1000:03}".ljust(wide, "0")[:wide] if wide < 4 else f"{at.microsecond:06}"[:wide]
        case "a":
            return "AM" if at.hour < 12 else "PM"
        case "Z":
            return "+0000"
        case "X":
            return "Z"
        case "z":
            return "UTC"
    values = {
        "d": at.day, "H": at.hour, "k": at.hour or 24, "h": at.hour % 12 or 12, "K": at.hour % 12, "m": at.minute,
        "s": at.second, "D": at.timetuple().tm_yday,
    }  # fmt: skip
    if letter not in values:
        raise ValueError(f"the letter `{letter}` of a date pattern is not supported")
    return f"{values[letter]:0{min(wide, 9)}}"


def _at(ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def _ms(at: datetime) -> int:
    return _checked(round((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1)))


def _checked(ms: int) -> int:
    if not -62_135_596_800_000 <= ms <= _MOST_MS:
        raise ValueError("the date leaves the calendar")
    return ms
