"""Bytes as text, if they are text: with the way back, so that what was not touched stays as it was."""

from collections.abc import Callable
from dataclasses import dataclass

_TEXTUAL = ("text/", "json", "xml", "javascript", "yaml", "urlencoded", "graphql", "svg")
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1b\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A text and how to write a changed one in the same encoding."""

    text: str
    encode: Callable[[str], bytes]


def decoded(body: bytes, media_type: str, name: str) -> Decoded | None:
    """The text that `body` is: UTF-8 or UTF-16; other bytes only if `media_type` says that they are text."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _utf16(body, "utf-16-le" if body.startswith(b"\xff\xfe") else "utf-16-be", body[:2])
    if b"\0" in body[:4096]:
        return _utf16_without_mark(body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        if not any(word in media_type for word in _TEXTUAL) and not name.endswith((".log", ".txt", ".html", ".json")):
            return None
        text = body.decode("utf-8", "surrogateescape")
        return Decoded(text=text, encode=lambda after: after.encode("utf-8", "surrogateescape"))
    if len(_CONTROLS.intersection(body[:4096])) > 4:
        return None
    return Decoded(text=text, encode=lambda after: after.encode("utf-8"))


def _utf16_without_mark(body: bytes) -> Decoded | None:
    head = body[:4096]
    if head[1::2].count(0) > len(head) // 3:
        return _utf16(body, "utf-16-le", b"")
    if head[0::2].count(0) > len(head) // 3:
        return _utf16(body, "utf-16-be", b"")
    return None


def _utf16(body: bytes, encoding: str, mark: bytes) -> Decoded | None:
    try:
        text = body[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        return None
    return Decoded(text=text, encode=lambda after: mark + after.encode(encoding))
