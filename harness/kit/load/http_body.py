"""The body of an HTTP/1.1 response, fed as it arrives: by length, in chunks, or until the connection closes.

Each kind takes bytes with `feed`, says when it is `done`, and never holds more than its limit: a body that
would grow beyond it raises `TooLarge` at once. What came after the end is left in `rest`.
"""

import re
import zlib
from typing import Protocol

from harness.kit.load.http_head import Head, NotHttp

_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\x00\r\n]*)?")
_LINE_LIMIT = 16 * 1024


class TooLarge(Exception):
    """A body grew beyond the limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body is larger than {limit} bytes")


class Body(Protocol):
    """A body in the making."""

    done: bool
    rest: bytes

    def feed(self, data: bytes) -> None:
        """Take what arrived."""

    def ended(self) -> bool:
        """Whether the body is whole if the connection ends here."""

    def content(self) -> bytes:
        """All of the body."""


def body_for(head: Head, *, to_head: bool, limit: int) -> Body:
    """The kind of body that a head announces; `to_head` = the request was a HEAD."""
    if to_head or head.bodiless:
        return ByLength(0, limit)
    if head.chunked:
        return InChunks(limit)
    if head.length is not None:
        return ByLength(head.length, limit)
    return UntilClose(limit)


class ByLength:
    """As many bytes as content-length said."""

    def __init__(self, length: int, limit: int) -> None:
        if length > limit:
            raise TooLarge(limit)
        self._parts: list[bytes] = []
        self._missing = length
        self.done = length == 0
        self.rest = b""

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        if len(data) > self._missing:
            self.rest += data[self._missing :]
            data = data[: self._missing]
        self._parts.append(data)
        self._missing -= len(data)
        self.done = self._missing == 0

    def ended(self) -> bool:
        """Whether the body is whole if the connection ends here."""
        return self.done

    def content(self) -> bytes:
        """All of the body."""
        return b"".join(self._parts)


class UntilClose:
    """Everything until the server closes."""

    def __init__(self, limit: int) -> None:
        self._parts: list[bytes] = []
        self._room = self._limit = limit
        self.done = False
        self.rest = b""

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        self._room -= len(data)
        if self._room < 0:
            raise TooLarge(self._limit)
        self._parts.append(data)

    def ended(self) -> bool:
        """Whether the body is whole if the connection ends here: it can't be told apart from one cut off."""
        return True

    def content(self) -> bytes:
        """All of the body."""
        return b"".join(self._parts)


class InChunks:
    """Chunked transfer coding: sizes, data, an empty chunk, trailers (read and dropped)."""

    def __init__(self, limit: int) -> None:
        self._parts: list[bytes] = []
        self._buffer = b""
        self._missing = 0
        self._state = "size"
        self._room = self._limit = limit
        self.done = False
        self.rest = b""

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        self._buffer = self._buffer + data if self._buffer else data
        while not self.done and self._step():
            pass
        if self.done:
            self.rest, self._buffer = self._buffer, b""

    def ended(self) -> bool:
        """Whether the body is whole if the connection ends here."""
        return self.done

    def content(self) -> bytes:
        """All of the body."""
        return b"".join(self._parts)

    def _step(self) -> bool:
        if self._state == "data":
            return self._data()
        if self._state == "after" and self._buffer[:2] != b"\r\n"[: len(self._buffer)]:
            raise NotHttp("a chunk is longer than its size")
        line, found, after = self._buffer.partition(b"\r\n")
        if not found:
            if len(self._buffer) > _LINE_LIMIT:
                raise NotHttp("a chunk's line has no end")
            return False
        self._buffer = after
        match self._state:
            case "size":
                self._size(line)
            case "after":
                self._state = "size"
            case _:
                self.done = line == b""
        return True

    def _size(self, line: bytes) -> None:
        match = _CHUNK_LINE.fullmatch(line)
        if match is None:
            raise NotHttp(f"a chunk's size is {line[:40].decode('latin-1')!r}")
        self._missing = int(match[1], 16)
        self._room -= self._missing
        if self._room < 0:
            raise TooLarge(self._limit)
        self._state = "data" if self._missing else "trailer"

    def _data(self) -> bool:
        taken = self._buffer[: self._missing]
        if not taken:
            return False
        self._buffer = self._buffer[len(taken) :]
        self._parts.append(taken)
        self._missing -= len(taken)
        if not self._missing:
            self._state = "after"
        return True


def decoded(content: bytes, coding: str | None, limit: int) -> bytes:
    """The content without gzip or deflate, at most `limit` bytes; `NotHttp` where it is not so coded."""
    coding = (coding or "identity").strip().lower()
    if coding in {"identity", ""} or not content:
        return content
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise NotHttp(f"its content-encoding is {coding!r}, which was not asked for")
    try:
        return _inflated(content, 47, limit)
    except zlib.error as error:
        if coding == "deflate":  # some servers leave the zlib wrapper away
            try:
                return _inflated(content, -15, limit)
            except zlib.error:
                pass
        raise NotHttp(f"its {coding} coding is broken: {error}") from error


def _inflated(content: bytes, window: int, limit: int) -> bytes:
    inflater = zlib.decompressobj(window)
    plain = inflater.decompress(content, limit + 1)
    if len(plain) > limit:
        raise TooLarge(limit)
    if not inflater.eof:
        raise zlib.error("it is cut off")
    return plain
