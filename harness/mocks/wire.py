"""A reply as the bytes of an HTTP/1.1 message: rendered once for what never changes.

No header can be split: names and values with control characters are refused where they are made.
"""

import re
from http import HTTPStatus

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_LENGTHLESS = frozenset({204, 304})
FRAMING = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "trailer"})


def may_be_sent(name: str, value: str) -> bool:
    """Whether this header can go out as it is: a token, and a value without control characters."""
    return bool(_NAME.fullmatch(name) and _VALUE.fullmatch(value))


def render(status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> bytes:
    """The whole message. We frame it ourselves: Content-Length is ours, and framing headers given are left out."""
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, '')}"]
    lines += [f"{name}: {value}" for name, value in headers if name.lower() not in FRAMING and may_be_sent(name, value)]
    if status not in _LENGTHLESS:
        lines.append(f"content-length: {len(body)}")
    head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
    return head if status in _LENGTHLESS else head + body
