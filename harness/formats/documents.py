"""Our own JSON documents: each names its kind and version, is written canonically and read strictly.

`{"kind": "harness/record", "version": 1, …}`. A version is added, never edited: what these
functions wrote once they read for ever. Bytes are sorted-key JSON with one newline at the end,
so that equal values give equal bytes and a digest means something.
"""

import hashlib
import json
from typing import Any, TypeVar

from harness.errors import HarnessError, Place
from harness.formats.shape import ShapeError, from_json, to_json
from harness.model.evidence import Record
from harness.model.plan import Plan
from harness.model.verdict import Verdict

T = TypeVar("T", Plan, Record, Verdict)
_KINDS: dict[type[Any], str] = {Plan: "harness/plan", Record: "harness/record", Verdict: "harness/verdict"}
_VERSION = 1


def write_document(value: Plan | Record | Verdict, **more: object) -> bytes:
    """A document as bytes. `more` are further top-level keys for readers (never read back)."""
    body = {"kind": _KINDS[type(value)], "version": _VERSION, **to_json(value)}
    if more:
        body["about"] = more
    return canonical(body)


def read_document(kind: type[T], body: bytes, file: str) -> T:
    """A document back; HarnessError naming the file where it is not one, or of a version we do not know."""
    data = _parsed(body, file)
    wanted = _KINDS[kind]
    if not isinstance(data, dict) or data.get("kind") != wanted:
        raise HarnessError(f"{file} is not a {wanted} document", place=Place(file=file), hint="run the tier again")
    if data.get("version") != _VERSION:
        raise HarnessError(
            f"{file} is {wanted} version {data.get('version')!r}; this harness reads version {_VERSION}",
            place=Place(file=file),
            hint="use the harness that wrote it, or a newer one",
        )
    inner = {key: value for key, value in data.items() if key not in {"kind", "version", "about"}}
    try:
        read: T = from_json(kind, inner)
    except ShapeError as error:
        raise HarnessError(
            f"{file} can't be read: {error}", place=Place(file=file), hint="run the tier again"
        ) from error
    return read


def canonical(data: object) -> bytes:
    """Sorted keys, no spaces, UTF-8, one newline at the end."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode() + b"\n"


def digest(body: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(body).hexdigest()


def _parsed(body: bytes, file: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HarnessError(f"{file} is not JSON: {error}", place=Place(file=file), hint="run the tier again") from error
