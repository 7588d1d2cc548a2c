"""`contracts/<name>.baseline.toml`: findings that are known, with who answers for them, why, and until when.

An entry names one finding by its id: operation, rule, place, scenario and class of status. A new defect has another
place or scenario, and so another id: nothing hides behind an entry. What has expired decides again.
"""

import json
from datetime import date

from harness.formats.toml_table import Table, read_toml
from harness.model.plan import Accepted

_LONGEST = 365


def read_baseline(body: bytes, file: str) -> tuple[Accepted, ...]:
    """Every entry; a HarnessError with every problem of the file."""
    table = read_toml(body, file)
    made = tuple(_accepted(entry) for entry in table.tables("accepted"))
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for entry, one in zip(table.tables("accepted"), made, strict=True):
        if (one.finding, one.tiers) in seen:
            entry.wrong("finding", "this finding is accepted twice", "keep one entry")
        seen.add((one.finding, one.tiers))
    table.finish()
    table.raise_problems()
    return made


def _accepted(table: Table) -> Accepted:
    expires = table.raw("expires")
    if not isinstance(expires, date):
        table.wrong("expires", "`expires` must be a day", "for example expires = 2026-12-31")
    made = Accepted(
        finding=table.text("finding"),
        owner=table.text("owner"),
        reason=table.text("reason"),
        expires=expires.isoformat()[:10] if isinstance(expires, date) else "",
        tiers=table.texts("tiers", ()),
    )
    for key, value in (("finding", made.finding), ("owner", made.owner), ("reason", made.reason)):
        if key in table and not value.strip():
            table.wrong(key, f"`{key}` is empty")
    table.finish()
    return made


def entry_text(one: Accepted, short: str) -> str:
    """One entry as it is written at the end of a file. `short` is the finding's short name."""
    tiers = f"tiers   = {json.dumps(list(one.tiers))}\n" if one.tiers else ""
    return (
        f"\n[[accepted]]   # {short}\nfinding = {_quoted(one.finding)}\nowner   = {_quoted(one.owner)}\n"
        f"reason  = {_quoted(one.reason)}\nexpires = {one.expires}\n{tiers}"
    )


def day(text: str, today: date) -> str | None:
    """Why a day can't be the last of an acceptance; None where it can."""
    try:
        last = date.fromisoformat(text)
    except ValueError:
        return f"{text!r} is no day: write it as 2026-12-31"
    if last < today:
        return f"{text} is over"
    if (last - today).days > _LONGEST:
        return f"{text} is more than a year ahead: an acceptance is not for ever"
    return None


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
