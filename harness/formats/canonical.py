"""Canonical JSON (RFC 8785) of what is signed, and digests that can't be taken for one another.

Only what signed documents hold can be written: objects, lists, text, whole numbers up to 2^53, true, false, null.
A fraction or half a surrogate pair is refused, so that two readers never disagree. A digest is SHA-256 over
a tag that says what was digested, a zero byte, and the canonical bytes.
"""

import hashlib
import json
import re
from typing import Any, TypeVar

from harness.errors import HarnessError, Place
from harness.formats.shape import ShapeError, from_json, to_json

_MOST_NUMBER = 2**53 - 1
_MOST_BYTES = 256 * 1024**2
_NEWER = "use the harness that wrote it, or a newer one"

Kind = TypeVar("Kind")


def canonical_bytes(data: Any) -> bytes:
    """The one way to write `data`; ValueError for what can't be written in one way."""
    if (quickly := _written_quickly(data)) is not None:
        return quickly
    parts: list[str] = []
    _write(data, parts)
    try:
        return "".join(parts).encode()
    except UnicodeEncodeError as error:
        raise ValueError("text with half a surrogate pair has no canonical form") from error


def tagged_digest(tag: str, body: bytes) -> str:
    """SHA-256 in lower-case hex over `tag`, a zero byte and `body`."""
    return hashlib.sha256(tag.encode() + b"\0" + body).hexdigest()


def write_signed(value: object, kind: str) -> bytes:
    """A frozen value as a canonical document that names its kind and version."""
    return canonical_bytes({"kind": kind, "version": 1, **to_json(value)})


def read_signed(of: type[Kind], kind: str, body: bytes, file: str) -> Kind:
    """The value again; HarnessError where it is no such document or not written in the canonical way."""
    data = plain(body, file)
    if not isinstance(data, dict) or data.get("kind") != kind or data.get("version") != 1:
        raise HarnessError(f"{file} is not a {kind} document of version 1", place=Place(file=file), hint=_NEWER)
    inner = {key: value for key, value in data.items() if key not in {"kind", "version"}}
    try:
        read: Kind = from_json(of, inner)
    except (ShapeError, RecursionError) as error:
        raise HarnessError(f"{file} can't be read: {error}", place=Place(file=file), hint=_NEWER) from error
    return read


def plain(body: bytes, file: str) -> Any:
    """Canonical bytes as plain values; HarnessError for any other way of writing the same."""
    if len(body) > _MOST_BYTES:
        raise HarnessError(f"{file} is larger than {_MOST_BYTES // 2**20} MiB", place=Place(file=file))
    if (quickly := _quickly(body)) is not None:
        return quickly[0]
    try:
        data = json.loads(body.decode())
        same = canonical_bytes(data) == body
    except (ValueError, RecursionError) as error:
        raise HarnessError(f"{file} is not JSON: {error}", place=Place(file=file)) from error
    if not same:
        raise HarnessError(f"{file} is not written canonically, so it was changed", place=Place(file=file))
    return data


def _quickly(body: bytes) -> tuple[Any] | None:
    """The same for nearly every document, by the library's own reader and writer; None where ours must decide.

    Theirs sorts names by code points, which differs from RFC 8785 only above U+D7FF, and writes fractions and greater
    numbers, which are refused while reading.
    """
    try:
        text = body.decode()
        if _HIGH.search(text):
            return None
        data = _READER.decode(text)
        return (data,) if _WRITER.encode(data) == text else None
    except (ValueError, RecursionError):
        return None


def _written_quickly(data: Any) -> bytes | None:
    """The same for nearly everything: what the library writes and, read strictly, is the very same again."""
    try:
        text = _WRITER.encode(data)
        same = _HIGH.search(text) is None and _READER.decode(text) == data
    except (ValueError, TypeError, RecursionError):
        return None
    return text.encode() if same else None


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) > _MOST_NUMBER:
        raise ValueError("a number beyond 2^53")
    return number


def _refused(text: str) -> Any:
    raise ValueError(f"{text} is no whole number")


_HIGH = re.compile("[\ud800-\U0010ffff]")
_READER = json.JSONDecoder(parse_int=_whole, parse_float=_refused, parse_constant=_refused)
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)


def _write(data: Any, parts: list[str]) -> None:
    match data:
        case None | bool():
            parts.append(json.dumps(data))
        case str():
            parts.append(json.dumps(data, ensure_ascii=False))
        case int():
            if abs(data) > _MOST_NUMBER:
                raise ValueError(f"{data} has no canonical form")
            parts.append(str(int(data)))
        case list() | tuple():
            _join(parts, "[]", ((None, one) for one in data))
        case dict():
            _join(parts, "{}", sorted(data.items(), key=lambda pair: _utf16(pair[0])))
        case _:
            raise ValueError(f"{type(data).__name__} has no canonical form")


def _join(parts: list[str], around: str, members: Any) -> None:
    parts.append(around[0])
    for count, (key, value) in enumerate(members):
        parts.append("," if count else "")
        if key is not None:
            parts.append(json.dumps(key, ensure_ascii=False) + ":")
        _write(value, parts)
    parts.append(around[1])


def _utf16(key: Any) -> bytes:
    """RFC 8785 sorts keys by their UTF-16 code units."""
    if not isinstance(key, str):
        raise ValueError("a key must be text")  # noqa: TRY004 - one error for all that can't be written
    return key.encode("utf-16-be", "surrogatepass")
