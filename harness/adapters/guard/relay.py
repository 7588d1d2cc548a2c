"""One client's connection: request by request judged, sent on in its turn, and its answer handed back untouched.

What the server does wrong reaches the engine as it is: a broken answer stays broken, a dropped connection drops.
Only what the guard itself refuses is answered by it.
"""

import asyncio
import contextlib
import json
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from harness.adapters.guard.gate import Gate, RefusedError, UnreachableError
from harness.adapters.guard.rewriting import Rewriting, is_socket
from harness.adapters.guard.wire import (
    AnswerHead,
    GarbledError,
    NotHttpError,
    RequestHead,
    TooLargeError,
    announced,
    hand_on,
    read_answer_head,
    read_body,
    read_request_head,
)
from harness.model.guard import Asked, Door, Origin
from harness.rules.guarding import is_browsers_own

_AGAIN = frozenset({"GET", "HEAD", "OPTIONS"})
_ANSWER_S = 300.0
_PIECE = 64 * 1024

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
ContextFor = Callable[[str], ssl.SSLContext]
Turn = Callable[[], Awaitable[float]]


@dataclass(slots=True)
class _Spent:
    """Seconds that were not the guard's own: held for the caps, and waited for the server."""

    held_s: float = 0.0
    server_s: float = 0.0


class Relay:
    """Serves one connection that came in by `door`. `aliases` are the addresses of the job's doors, by origin."""

    def __init__(self, gate: Gate, door: Door, aliases: Mapping[str, str], certificates: ContextFor) -> None:
        self._gate = gate
        self._door = door
        self._aliases = aliases
        self._certificates = certificates
        self._rewriting = Rewriting(gate.order.run, gate.origins, gate.stands, aliases)
        self._inside: Origin | None = None
        self._onward: dict[str, Streams] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until the client or the server has enough."""
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, ssl.SSLError):
            writer.transport.abort()
        finally:
            for _, onward in self._onward.values():
                onward.close()
            with contextlib.suppress(OSError, RuntimeError):
                writer.close()

    def abort(self) -> None:
        """End what is under way towards the servers, now."""
        for _, onward in self._onward.values():
            onward.transport.abort()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; False where no other may follow on this connection."""
        shown = "something that is no request"
        try:
            head = await read_request_head(reader)
            if head is None:
                return False
            shown = f"{head.method} {head.target.partition('?')[0]}"
            if head.method == "CONNECT":
                return await self._tunnel(head, writer)
            origin, asked, path = self._asked(head)
            shown = asked.shown
            if origin is None and self._door.origin is None and is_browsers_own(asked.host):
                return await _say_no(writer, "the browser's own business")
            self._gate.judge(self._door.job, asked, origin)
            assert origin is not None
            if b"100-continue" in b",".join(head.values(b"expect")).lower():
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = await read_body(reader, head, self._gate.order.most_bytes)
            if body and not asked.body_bytes:
                self._gate.judge(self._door.job, replace(asked, body_bytes=len(body)), origin)
            return await self._send_on(origin, head, path, body, (reader, writer))
        except GarbledError:
            return await _answer(writer, b"400 Bad Request", b"")
        except NotHttpError as error:
            return await self._refused(writer, shown, str(error))
        except TooLargeError:
            return await self._refused(writer, shown, f"its body is larger than {self._gate.order.most_bytes} bytes")
        except RefusedError as error:
            return await _say_no(writer, str(error))
        except UnreachableError as error:
            self._gate.journal.unreachable(self._door.job, shown, str(error))
            writer.transport.abort()
            return False

    async def _refused(self, writer: asyncio.StreamWriter, shown: str, why: str) -> bool:
        with contextlib.suppress(RefusedError):
            self._gate.refuse(self._door.job, shown, why)
        return await _say_no(writer, why)

    def _asked(self, head: RequestHead) -> tuple[Origin | None, Asked, str]:
        """Which server a request is for, what is asked of it, and by which path with its query."""
        origin = self._inside or self._gate.origins.get(self._door.origin or "")
        if origin is not None:
            if not head.target.startswith("/") and head.target != "*":
                raise NotHttpError("it names a server where only a path belongs")
            path = head.target.partition("#")[0]  # judged as it is sent
            scheme, host, port = origin.scheme, origin.host, origin.port
        else:
            scheme, host, port, path = _absolute(head.target)
            origin = self._found(scheme, host, port)
            if origin is not None:
                scheme, host, port = origin.scheme, origin.host, origin.port
        headers: dict[str, tuple[str, ...]] = {}
        for name, value in head.fields:
            key = name.decode("latin-1").lower()
            headers[key] = (*headers.get(key, ()), value.decode("latin-1"))
        bare, _, query = path.partition("?")
        asked = Asked(
            method=head.method,
            scheme=scheme,
            host=host,
            port=port,
            path=bare,
            query=query,
            headers=headers,
            body_bytes=announced(head),
        )
        return origin, asked, path

    def _found(self, scheme: str, host: str, port: int) -> Origin | None:
        """The allowed server at an address, by its own name or by that of one of our doors to it."""
        alias = self._aliases.get(f"{host}:{port}")
        return self._gate.origins[alias] if alias is not None else self._gate.origin_at(scheme, host, port)

    async def _tunnel(self, head: RequestHead, writer: asyncio.StreamWriter) -> bool:
        """A browser wants a connection of its own: it gets one that we can look into, to an allowed server."""
        host, _, port = head.target.rpartition(":")
        host = host.strip("[]").lower().rstrip(".")
        if self._door.origin is not None or self._inside is not None or not port.isdigit():
            self._gate.refuse(self._door.job, f"CONNECT {head.target}", "nobody tunnels here")
        origin = self._found("https", host, int(port)) or self._found("http", host, int(port))
        if origin is None and is_browsers_own(host):
            return await _say_no(writer, "the browser's own business")
        if origin is None:
            self._gate.refuse(self._door.job, f"CONNECT {head.target}", "the policy names no such host")
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        self._inside = origin
        if origin.scheme == "https" and f"{host}:{port}" not in self._aliases:
            try:
                await writer.start_tls(self._certificates(host))
            except ssl.SSLError:
                return await self._refused(writer, f"CONNECT {head.target}", "what is inside can't be inspected")
        return True

    async def _send_on(self, origin: Origin, head: RequestHead, path: str, body: bytes, client: Streams) -> bool:
        writer, spent, begun = client[1], _Spent(), time.monotonic()
        request = self._rewriting.outwards(origin, head, path, body)
        async with self._gate.place(origin) as in_turn:
            spent.held_s += time.monotonic() - begun
            answer, onward = await self._answered(origin, head.method, request, in_turn, spent)
            if answer.status == 101 and is_socket(head):
                writer.write(answer.raw)
                self._gate.journal.passed(self._door.job, 0.0, spent.held_s)
                await _both_ways(client, onward)
                return False
            if answer.status in {0, 101}:
                writer.write(answer.raw)
                await writer.drain()
                return False
            stays = head.keeps_alive and _is_bounded(answer, head.method)
            writer.write(self._rewriting.inwards(answer, through_door=self._door.origin is not None, stays=stays))
            own_s = time.monotonic() - begun - spent.held_s - spent.server_s
            self._gate.journal.passed(self._door.job, own_s, spent.held_s)
            whole, reusable = await hand_on(answer, head.method, onward[0], writer)
        await writer.drain()
        if not whole:
            return False
        if not reusable or not _server_stays(answer):
            self._onward.pop(origin.name)[1].close()
        return stays

    async def _answered(
        self, origin: Origin, method: str, request: bytes, in_turn: Turn, spent: _Spent
    ) -> tuple[AnswerHead, Streams]:
        """The head of the answer, and the connection that it came by; a kept one that went stale is tried anew."""
        kept = self._onward.get(origin.name)
        if kept is not None and (kept[0].at_eof() or kept[1].is_closing()):
            self._onward.pop(origin.name)[1].close()
            kept = None
        begun = time.monotonic()
        onward = self._onward[origin.name] = kept or await self._gate.connect(origin)
        spent.server_s += time.monotonic() - begun
        spent.held_s += await in_turn()
        if self._gate.closed:
            raise UnreachableError(self._gate.closed)
        sent = time.monotonic()
        try:
            onward[1].write(request)
            async with asyncio.timeout(_ANSWER_S):
                answer = await read_answer_head(onward[0])
        except (OSError, asyncio.IncompleteReadError):
            self._onward.pop(origin.name)[1].close()
            if kept is None or method not in _AGAIN:
                raise
            return await self._answered(origin, method, request, in_turn, spent)
        spent.server_s += time.monotonic() - sent
        return answer, onward


def _absolute(target: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path of what a proxy is asked for; NotHttpError where it could be read in two ways."""
    try:
        parts = urlsplit(target)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError) as error:
        raise NotHttpError("it is not for an http or https address") from error
    if "@" in parts.netloc or "\\" in parts.netloc or not parts.hostname:
        raise NotHttpError("its address could be read in two ways")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname.lower().rstrip("."), port, path


def _is_bounded(answer: AnswerHead, method: str) -> bool:
    """Whether an answer's end can be told while the connection stays open."""
    bodiless = method == "HEAD" or answer.status in {204, 304}
    return bodiless or bool(answer.values(b"content-length") or answer.values(b"transfer-encoding"))


def _server_stays(answer: AnswerHead) -> bool:
    words = b",".join(answer.values(b"connection")).lower()
    return b"keep-alive" in words if answer.line.startswith(b"HTTP/1.0") else b"close" not in words


async def _both_ways(client: Streams, server: Streams) -> None:
    """Copy between two open connections until one of them ends."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(_PIECE):
                writer.write(piece)
                await writer.drain()

    ways = {asyncio.create_task(copy(client[0], server[1])), asyncio.create_task(copy(server[0], client[1]))}
    _, going = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in going:
        way.cancel()
    server[1].close()


async def _say_no(writer: asyncio.StreamWriter, why: str) -> bool:
    """The guard's own answer to what it refuses; the connection ends with it."""
    body = json.dumps({"error": "refused by the harness's guard", "why": why}).encode() + b"\n"
    return await _answer(writer, b"403 Forbidden\r\nX-Harness-Guard: refused", body)


async def _answer(writer: asyncio.StreamWriter, status: bytes, body: bytes) -> bool:
    head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    with contextlib.suppress(OSError):
        writer.write(head % (status, len(body)) + body)
        await writer.drain()
    return False
