"""Forms as the objects that their schemas describe: urlencoded, and multipart with its parts.

A field on the wire is a text; it is read as the type that its schema allows. A part with a file name is bytes that no
schema can say much about, and stands for any text.
"""

import re
from typing import Any

from harness.mocks.messages import Request, Unreadable, read_json
from harness.mocks.parameters import Shape, readings

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_BOUNDARY = re.compile(r'boundary="?([^";,]{1,200})"?', re.IGNORECASE)
_NAME = re.compile(rb'(?:^|[;\s])name="((?:[^"\\\r\n]|\\.)*)"|(?:^|[;\s])name=([^;\s"]+)', re.IGNORECASE)
_FILE = re.compile(rb"filename\*?=", re.IGNORECASE)
_MOST_PARTS = 1000


def urlencoded(request: Request, shape: Shape) -> Any:
    """An urlencoded form; repeated names are lists."""
    sent = Request("POST", "/", request.body.decode("utf-8", "surrogateescape"))
    return _object(list(sent.pairs), shape)


def multipart(request: Request, shape: Shape) -> Any:
    """A multipart form; `Unreadable` where it is none."""
    found = _BOUNDARY.search(request.header("content-type") or "")
    if found is None:
        raise Unreadable("a multipart body without a boundary")
    mark = b"--" + found[1].encode("latin-1", "replace")
    _, *parts = (b"\r\n" + request.body).split(b"\r\n" + mark, _MOST_PARTS)
    if not parts or not parts[-1].startswith(b"--"):
        raise Unreadable("a multipart body without its end")
    return _object([_part(part) for part in parts[:-1]], shape)


def _part(part: bytes) -> tuple[str, str]:
    head, blank, body = part.partition(b"\r\n\r\n")
    if not blank:
        raise Unreadable("a part of the multipart body has no end of its head")
    line = next((one for one in head.split(b"\r\n") if one.lower().startswith(b"content-disposition:")), b"")
    found = _NAME.search(line)
    if found is None:
        raise Unreadable("a part of the multipart body has no name")
    name = (found[1] if found[1] is not None else found[2]).decode("utf-8", "surrogateescape")
    return name, body.decode("latin-1" if _FILE.search(line) else "utf-8", "surrogateescape")


def _object(pairs: list[tuple[str, str]], shape: Shape) -> dict[str, Any]:
    texts: dict[str, list[str]] = {}
    for name, value in pairs:
        texts.setdefault(name, []).append(value)
    known = dict(shape.properties)
    return {name: _field(values, known.get(name)) for name, values in texts.items()}


def _field(values: list[str], shape: Shape | None) -> Any:
    if shape is None:
        return values[0] if len(values) == 1 else values
    if "array" in shape.kinds and "string" not in shape.kinds:
        return readings(values, shape)[0]
    found = readings(values[0], shape)
    if not found and shape.kinds & {"object", "array"}:
        try:
            return read_json(values[0].encode("utf-8", "surrogateescape"))
        except Unreadable:
            return values[0]
    return found[0] if found else values[0]
