"""Times when a tier may be run, as people write them: `mon-fri 08:00-18:00 Europe/Berlin`, `sat 00:00-24:00 UTC`."""

import re
import zoneinfo

from harness.model.tier import Window

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WINDOW = re.compile(r"([a-z,-]+) +([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2}) +(\S+)")


def read_window(text: str) -> Window:
    """One window; ValueError with a whole sentence where it is none."""
    found = _WINDOW.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'"{text}" is not days, hours and a time zone')
    since, until = (_minutes(found[at], found[at + 1], text) for at in (2, 4))
    if since == until:
        raise ValueError(f'"{text}" is open for no time; a whole day is 00:00-24:00')
    return Window(
        days=_days(found[1], text), since=since, until=until, zone=_zone(found[6]), text=" ".join(text.split())
    )


def _minutes(hours: str, minutes: str, text: str) -> int:
    whole = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or whole > 24 * 60:
        raise ValueError(f'"{hours}:{minutes}" in "{text}" is no time of day')
    return whole


def _days(words: str, text: str) -> tuple[int, ...]:
    days: set[int] = set()
    for word in words.split(","):
        first, _, last = word.partition("-")
        for name in (first, last or first):
            if name not in _DAYS:
                raise ValueError(f'"{name}" in "{text}" is no day; days are {", ".join(_DAYS)}')
        at, end = _DAYS.index(first), _DAYS.index(last or first)
        days |= {day % 7 for day in range(at, (end if end >= at else end + 7) + 1)}
    return tuple(sorted(days))


def _zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError in name, an OSError on odd paths
        raise ValueError(f'"{name}" is no time zone that this machine knows') from error
    except KeyError as error:
        raise ValueError(f'"{name}" is no time zone that this machine knows') from error
    return name
