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
from harness.model.gate import Ruling
from harness.model.mock import Certificate
from harness.model.plan import Plan
from harness.model.release import Declared
from harness.model.signoff import Bundle, Signoff
from harness.model.uses import ContractOfUse
from harness.model.verdict import Verdict

T = TypeVar("T", Plan, Record, Verdict, Certificate, ContractOfUse, Declared, Signoff, Bundle, Ruling)
KINDS: dict[type[Any], str] = {
    Plan: "harness/plan",
    Record: "harness/record",
    Verdict: "harness/verdict",
    Certificate: "harness/mock-certificate",
    ContractOfUse: "harness/contract-of-use",
    Declared: "harness/release",
    Signoff: "harness/sign-off",
    Bundle: "harness/sign-off-bundle",
    Ruling: "harness/ruling",
}
VERSION = 1


def write_document(
    value: Plan | Record | Verdict | Certificate | ContractOfUse | Declared | Signoff | Bundle | Ruling, **more: object
) -> bytes:
    """A document as bytes. `more` are further top-level keys for readers (never read back)."""
    body = {"kind": KINDS[type(value)], "version": VERSION, **to_json(value)}
    if more:
        body["about"] = more
    return canonical(body)


def read_document(kind: type[T], body: bytes, file: str) -> T:
    """A document back; HarnessError naming the file where it is not one, or of a version we do not know."""
    data = _parsed(body, file)
    wanted = KINDS[kind]
    if not isinstance(data, dict) or data.get("kind") != wanted:
        raise HarnessError(f"{file} is not a {wanted} document", place=Place(file=file), hint="run the tier again")
    if type(data.get("version")) is not int or data["version"] != VERSION:
        raise HarnessError(
            f"{file} is {wanted} version {data.get('version')!r}; this harness reads version {VERSION}",
            place=Place(file=file),
            hint="use the harness that wrote it, or a newer one",
        )
    inner = {key: value for key, value in data.items() if key not in {"kind", "version", "about"}}
    try:
        read: T = from_json(kind, inner)
    except (ShapeError, RecursionError) as error:
        why = error if isinstance(error, ShapeError) else "nested too deep"
        raise HarnessError(f"{file} can't be read: {why}", place=Place(file=file), hint="run the tier again") from error
    return read


def canonical(data: object) -> bytes:
    """Sorted keys, no spaces, UTF-8, one newline at the end; half a surrogate pair is escaped."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def digest(body: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(body).hexdigest()


def _parsed(body: bytes, file: str) -> Any:
    """Plain values, every object looked at for a key that is given twice."""
    try:
        return json.loads(body, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise HarnessError(f"{file} is not JSON: {error}", place=Place(file=file), hint="run the tier again") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are given once: readers disagree on which of two counts."""
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for index, (key, _) in enumerate(pairs) if key in dict(pairs[:index]))
        raise ValueError(f"`{twice}` is given twice")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is not a number")
