"""A small HTTP/1.1 client that keeps its connections: enough to talk to one neighbour, quickly.

It has no deadline of its own: the caller sets one for everything it does.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

import httptools

from harness.errors import AskedWrongly

_KEPT = 32
_CHUNK = 65536


class NoReply(Exception):
    """The connection failed or what came back was not HTTP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A status and a body."""

    status: int
    body: bytes


class Connections:
    """Connections to one base address, kept open between requests."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        if parts.scheme != "http" or not parts.hostname:
            raise AskedWrongly(
                f"`{base_url}` is no address that the sample can call",
                hint="give ERP_URL, PAYMENT_URL and HUB_URL as http:// addresses, such as http://127.0.0.1:9000",
            )
        self._host, self._port = parts.hostname, parts.port or 80
        self._base = parts.path.rstrip("/")
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] = MappingProxyType({})
    ) -> Reply:
        """One request and its reply. A kept connection that turns out to be closed is replaced by another."""
        named = {"host": f"{self._host}:{self._port}", "accept": "application/json", **headers}
        if body is not None:
            named = {"content-type": "application/json", **named, "content-length": str(len(body))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        wire = f"{method} {self._base}{path} HTTP/1.1\r\n{lines}\r\n".encode("ascii") + (body or b"")
        while self._idle:
            kept = self._idle.pop()
            try:
                return await self._exchange(kept, wire)
            except NoReply:
                continue
        try:
            fresh = await asyncio.open_connection(self._host, self._port)
        except OSError as error:
            raise NoReply(f"could not connect: {error.strerror or error}") from None
        return await self._exchange(fresh, wire)

    def close(self) -> None:
        """Close what is idle."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()

    async def _exchange(self, connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], wire: bytes) -> Reply:
        reader, writer = connection
        reading = _Reading()
        keep = False
        try:
            writer.write(wire)
            while not reading.complete:
                data = await reader.read(_CHUNK)
                if not data:
                    raise NoReply("the connection was closed")
                reading.parser.feed_data(data)
            keep = reading.parser.should_keep_alive() and len(self._idle) < _KEPT
        except (OSError, httptools.HttpParserError) as error:
            raise NoReply(str(error)) from None
        finally:
            if keep:
                self._idle.append(connection)
            else:
                writer.close()
        return Reply(status=reading.parser.get_status_code(), body=b"".join(reading.chunks))


class _Reading:
    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.chunks: list[bytes] = []
        self.complete = False

    def on_body(self, data: bytes) -> None:
        self.chunks.append(data)

    def on_message_complete(self) -> None:
        self.complete = True
