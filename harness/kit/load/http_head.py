"""The head of an HTTP/1.1 response: status, fields, and how its body ends. Strict: what is not HTTP is refused.

Pure: bytes in, a `Head` out. A head seen before comes back from a small memory, because most answers
of a system differ only in their bodies; so it can be parsed with care and still cost next to nothing.
"""

import re
from dataclasses import dataclass

_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: ([^\x00-\x08\x0a-\x1f\x7f]*))?")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\x0a\x0d]*?)[ \t]*")
_MOST_DIGITS = 15
_REMEMBERED = 512

HEAD_LIMIT = 64 * 1024


class NotHttp(Exception):
    """What came back is not an HTTP/1.1 response."""


@dataclass(frozen=True, slots=True)
class Head:
    """`length` of the body in bytes, None where it is chunked or ends with the connection. Names are lower case.

    `bodiless` = its status never has a body; `plain` = no cookie to keep, no coding to undo.
    """

    status: int
    reason: str
    fields: tuple[tuple[str, str], ...]
    length: int | None
    chunked: bool
    keep_alive: bool
    bodiless: bool
    plain: bool

    def field(self, name: str) -> str | None:
        """The value of a field by its lower-case name; several are joined with a comma; None where there is none."""
        values = [value for key, value in self.fields if key == name]
        return ", ".join(values) if values else None


class Heads:
    """Parses heads and remembers the latest ones."""

    def __init__(self) -> None:
        self._known: dict[bytes, Head] = {}

    def read(self, head: bytes) -> Head:
        """The head whose bytes these are (no empty line at the end); `NotHttp` where they are something else."""
        known = self._known.get(head)
        if known is not None:
            return known
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[head] = parsed = parse_head(head)
        return parsed


def parse_head(head: bytes) -> Head:
    """The head whose bytes these are (no empty line at the end); `NotHttp` where they are something else."""
    first, *lines = head.split(b"\r\n")
    status_line = _STATUS_LINE.fullmatch(first)
    if status_line is None:
        raise NotHttp(f"its first line is {_shown(first)}")
    fields = []
    for line in lines:
        match = _FIELD.fullmatch(line)
        if match is None:
            raise NotHttp(f"a header line is {_shown(line)}")
        fields.append((match[1].decode("ascii").lower(), match[2].decode("latin-1")))
    chunked = _is_chunked([value for name, value in fields if name == "transfer-encoding"])
    lengths = {value for name, value in fields if name == "content-length"}
    if chunked and lengths:
        raise NotHttp("it has both content-length and transfer-encoding")
    connection = ",".join(value for name, value in fields if name == "connection").lower()
    options = {option.strip() for option in connection.split(",")}
    status = int(status_line[2])
    return Head(
        status=status,
        reason=(status_line[3] or b"").decode("latin-1"),
        fields=tuple(fields),
        length=_length(lengths),
        chunked=chunked,
        keep_alive="close" not in options and (status_line[1] == b"1" or "keep-alive" in options),
        bodiless=status < 200 or status in {204, 304},
        plain=not any(name in {"set-cookie", "content-encoding"} for name, _ in fields),
    )


def _is_chunked(values: list[str]) -> bool:
    if not values:
        return False
    if [value.strip().lower() for value in ",".join(values).split(",")] != ["chunked"]:
        raise NotHttp(f"its transfer-encoding is {', '.join(values)!r}")
    return True


def _length(values: set[str]) -> int | None:
    """One length, however often it is said; two different ones are how answers get mixed up."""
    parts = {part.strip() for value in values for part in value.split(",")}
    if not parts:
        return None
    length = parts.pop()
    if parts or not (length.isascii() and length.isdigit()) or len(length) > _MOST_DIGITS:
        raise NotHttp(f"its content-length is {', '.join(sorted(values))!r}")
    return int(length)


def _shown(line: bytes) -> str:
    return repr(line[:60].decode("latin-1"))
