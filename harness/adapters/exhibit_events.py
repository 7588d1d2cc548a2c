"""What a run's events say of it: its checks as they were seen, line by line, and whether its record says the same.

A run as we wrote it has, in its record, the very bytes of its events: then nothing need be read twice. Everything
else is read and compared by what it means.
"""

import json

from harness.formats.shape import ShapeError, from_json, to_json
from harness.model.evidence import Record, Seen

_SEEN, _ENDED = b'"event":"seen",', b'"event":"job-ended",'
_BEGINS, _ENDS = b'"seen":[', b"]"

Event = dict[str, object]


def seen_in(body: bytes | None, *, lenient: bool) -> tuple[Seen, ...]:
    """Every check that was seen, in order; ValueError where a line can't be read.

    A killed run may have written half a last line (`lenient`).
    """
    try:
        return tuple(from_json(Seen, one) for one in _events(body, lenient=lenient))
    except ShapeError as error:
        raise ValueError(f"events.ndjson can't be read: {error}") from None


def disagree(record_body: bytes, record: Record, body: bytes | None) -> bool:
    """Whether events and record differ, first as both are written, else as both are meant; ValueError as above."""
    if _same_bytes(record_body, body or b""):
        return False
    events = _events(body, lenient=False)
    if json.loads(record_body).get("seen", []) == events:
        return False
    return [to_json(one) for one in record.seen] != [to_json(one) for one in seen_in(body, lenient=False)]


def _same_bytes(record_body: bytes, body: bytes) -> bool:
    """Whether the record's list holds the events' own lines: no text inside them can look like these marks."""
    lines = [line for line in body.splitlines() if _ENDED not in line]
    told = b",".join(lines)
    if not lines or told.count(_SEEN) != len(lines) or record_body.count(_BEGINS) != 1:
        return False
    return b"".join((_BEGINS, told.replace(_SEEN, b""), _ENDS)) in record_body


def _events(body: bytes | None, *, lenient: bool) -> list[Event]:
    """What was seen, as it is written."""
    lines = (body or b"").splitlines()
    try:
        whole = json.loads(b"[%s]" % b",".join(lines))
        if len(whole) == len(lines):
            return [one for one in whole if one.pop("event") == "seen"]
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        pass  # line by line, then, to say which
    seen: list[Event] = []
    for number, line in enumerate(lines):
        try:
            data = json.loads(line)
            if data.pop("event") == "seen":
                seen.append(data)
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            if lenient and number == len(lines) - 1:
                break
            raise ValueError(f"line {number + 1} of events.ndjson can't be read") from None
    return seen
