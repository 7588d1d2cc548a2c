"""HTTP/1 on the wire, read strictly where requests come in and handed on untouched where answers come back.

A request that two readers could understand in two ways (both lengths, a bare line feed, a folded line, a
doubled length) is refused: nothing can be smuggled behind one that was judged.
"""

import asyncio
import re
from dataclasses import dataclass

MOST_HEAD = 64 * 1024
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET = re.compile(rb"[\x21-\x7e\x80-\xff]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |$)")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[^\r\n]*)?\r\n")
_PIECE = 64 * 1024

Fields = list[tuple[bytes, bytes]]


class NotHttpError(Exception):
    """What came is not HTTP as we let it through; the text says why."""


class GarbledError(Exception):
    """What came is no request at all: it is answered with 400, and nothing that could harm was asked."""


class TooLargeError(Exception):
    """A body larger than the policy allows."""


@dataclass(slots=True)
class RequestHead:
    """A request line and its fields, names as they were written."""

    method: str
    target: str
    fields: Fields
    http10: bool

    def values(self, name: bytes) -> list[bytes]:
        """All values of a field, `name` in lower case."""
        return [value for key, value in self.fields if key.lower() == name]

    @property
    def keeps_alive(self) -> bool:
        """Whether another request may follow."""
        words = b",".join(self.values(b"connection")).lower()
        return b"keep-alive" in words if self.http10 else b"close" not in words


@dataclass(slots=True)
class AnswerHead:
    """A status line and its fields as they came. `status` 0 = not an answer that we understand."""

    status: int
    line: bytes
    fields: Fields
    raw: bytes

    def values(self, name: bytes) -> list[bytes]:
        """All values of a field, `name` in lower case."""
        return [value for key, value in self.fields if key.lower() == name]


async def read_request_head(reader: asyncio.StreamReader) -> RequestHead | None:
    """The next request's head; None where the client is done. NotHttpError for what is refused."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial.strip():
            raise NotHttpError("the request broke off") from error
        return None
    except asyncio.LimitOverrunError as error:
        raise NotHttpError("its headers are too large") from error
    lines = raw.lstrip(b"\r\n")[:-4].split(b"\r\n")
    parts = lines[0].split(b" ")
    if len(parts) != 3 or parts[2] not in {b"HTTP/1.1", b"HTTP/1.0"}:
        raise GarbledError("its first line is no request line")
    if not _TOKEN.fullmatch(parts[0]) or not _TARGET.fullmatch(parts[1]):
        raise GarbledError("its first line is no request line")
    head = RequestHead(
        method=parts[0].decode("ascii"),
        target=parts[1].decode("latin-1"),
        fields=[_field(line) for line in lines[1:]],
        http10=parts[2] == b"HTTP/1.0",
    )
    _one_length(head)
    return head


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, colon, value = line.partition(b":")
    if line[:1] in {b" ", b"\t"} or b"\n" in line or b"\r" in line:
        raise NotHttpError("a header line could be read in two ways")
    if not colon or not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
        raise GarbledError(name.decode("latin-1"))
    return name, value.strip(b" \t")


def _one_length(head: RequestHead) -> None:
    lengths, codings = head.values(b"content-length"), head.values(b"transfer-encoding")
    if len(lengths) > 1 or (lengths and codings):
        raise NotHttpError("it gives its length twice")
    if lengths and not re.fullmatch(rb"[0-9]{1,12}", lengths[0]):
        raise NotHttpError("its length is no number")
    if codings and (len(codings) > 1 or codings[0].lower() != b"chunked" or head.http10):
        raise NotHttpError("it comes in a coding that we can't look into")
    if len(head.values(b"host")) > 1:
        raise NotHttpError("it names its host twice")


def announced(head: RequestHead) -> int:
    """The length that a request says its body has; 0 where it has none or comes in chunks."""
    lengths = head.values(b"content-length")
    return int(lengths[0]) if lengths else 0


async def read_body(reader: asyncio.StreamReader, head: RequestHead, most: int) -> bytes:
    """The whole body of a request, decoded; TooLargeError above `most` bytes."""
    if not head.values(b"transfer-encoding"):
        length = announced(head)
        if length > most:
            raise TooLargeError
        return await _exactly(reader, length) if length else b""
    parts: list[bytes] = []
    size = 0
    while True:
        line = await _line(reader)
        match = _CHUNK.fullmatch(line)
        if match is None:
            raise NotHttpError("its chunks can't be read")
        length = int(match[1], 16)
        size += length
        if size > most:
            raise TooLargeError
        if not length:
            while await _line(reader) != b"\r\n":
                pass
            return b"".join(parts)
        parts.append(await _exactly(reader, length))
        if await _exactly(reader, 2) != b"\r\n":
            raise NotHttpError("its chunks can't be read")


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise NotHttpError("the request broke off") from error


async def _exactly(reader: asyncio.StreamReader, length: int) -> bytes:
    try:
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError as error:
        raise NotHttpError("the request broke off") from error


async def read_answer_head(reader: asyncio.StreamReader) -> AnswerHead:
    """The head of an answer; `IncompleteReadError` where none came. What can't be understood has status 0."""
    while True:
        try:
            raw = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            return AnswerHead(status=0, line=b"", fields=[], raw=b"")
        except asyncio.IncompleteReadError as error:
            if not error.partial:
                raise
            return AnswerHead(status=0, line=b"", fields=[], raw=error.partial)
        lines = raw[:-4].split(b"\r\n")
        match = _STATUS.match(lines[0])
        fields = [tuple(line.partition(b":")[::2]) for line in lines[1:]]
        if match is None or any(b"\n" in line for line in lines):
            return AnswerHead(status=0, line=b"", fields=[], raw=raw)
        status = int(match[1])
        if 100 <= status < 200 and status != 101:
            continue
        pairs = [(name, value.strip(b" \t")) for name, value in fields]
        return AnswerHead(status=status, line=lines[0], fields=pairs, raw=raw)


async def hand_on(
    head: AnswerHead, method: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> tuple[bool, bool]:
    """Copy an answer's body as it comes. Gives (whole, the connection it came by can be used again)."""
    if method == "HEAD" or head.status in {204, 304}:
        return True, True
    codings = b",".join(head.values(b"transfer-encoding")).lower()
    lengths = head.values(b"content-length")
    if b"chunked" in codings:
        return await _chunks(reader, writer)
    if len(lengths) == 1 and lengths[0].isdigit():
        return await _counted(reader, writer, int(lengths[0]))
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
    return True, False


async def _counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int) -> tuple[bool, bool]:
    while left:
        piece = await reader.read(min(left, _PIECE))
        if not piece:
            return False, False
        left -= len(piece)
        writer.write(piece)
        await writer.drain()
    return True, True


async def _chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[bool, bool]:
    while True:
        try:
            line = await reader.readuntil(b"\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return False, False
        writer.write(line)
        match = _CHUNK.fullmatch(line)
        if match is None:
            return False, False
        length = int(match[1], 16)
        if length:
            whole, _ = await _counted(reader, writer, length + 2)
            if not whole:
                return False, False
            continue
        while line != b"\r\n":
            try:
                line = await reader.readuntil(b"\r\n")
            except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                return False, False
            writer.write(line)
        return True, True


def lines_of(fields: Fields) -> bytes:
    """Fields as they stand on the wire, with the blank line after them."""
    return b"".join(b"%b: %b\r\n" % pair for pair in fields) + b"\r\n"
