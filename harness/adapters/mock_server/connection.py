"""One connection to a mock: HTTP/1.1 parsed by llhttp, answered in order, bounded in bytes and time.

Written on the bare protocol because faults need the connection itself (a reset, a half message), and because
it is the fastest safe way. Whatever a client sends, it gets an answer or is let go; the server goes on.
"""

import asyncio
import socket
import struct
from collections import deque
from typing import TYPE_CHECKING, cast

import httptools

from harness.mocks.draws import Draws
from harness.mocks.messages import Reply, Request
from harness.mocks.sessions import session_of
from harness.model.mock import Dribble, Fault

if TYPE_CHECKING:
    from harness.adapters.mock_server.serving import MockServer

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_REFUSED = {
    400: "this is not HTTP/1.1 that can be read",
    408: "the request took too long",
    413: "the body is too large",
    431: "the head is too large",
    503: "too many connections",
}
_ADMIN = "/__admin"
_OURS = "/__harness"
_RESET = struct.pack("ii", 1, 0)


def _refusal(status: int) -> bytes:
    body = f'{{"type":"about:blank","title":"{_REFUSED[status]}","status":{status}}}'.encode()
    head = (
        f"HTTP/1.1 {status} Refused\r\ncontent-type: application/problem+json\r\n"
        f"connection: close\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection(asyncio.Protocol):
    """The protocol of one client."""

    __slots__ = (
        "_body", "_body_bytes", "_busy", "_close_after", "_ended", "_head_bytes", "_headers", "_host", "_in_message",
        "_out", "_parser",
        "_paused", "_queue", "_refused", "_server", "_timer", "_transport", "_url", "in_head", "since",
    )  # fmt: skip

    def __init__(self, server: "MockServer") -> None:
        self._server = server
        self._parser = httptools.HttpRequestParser(self)
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._queue: deque[tuple[Request, bool]] = deque()
        self._out: list[bytes] = []
        self._busy = self._paused = self._ended = self._close_after = self._in_message = False
        self._refused = 0
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self.in_head = False
        self.since = 0.0
        self._fresh()
        self._head_bytes = 0

    # --- the transport's side ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self._transport = cast("asyncio.Transport", transport)
        self.since = self._server.clock()
        if not self._server.admit(self):
            self._transport.write(_refusal(503))
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """The client is gone; an answer that was waiting is dropped."""
        self._ended = True
        self._server.dismiss(self)
        if self._timer is not None:
            self._timer.cancel()
        self._queue.clear()

    def eof_received(self) -> bool:
        """Half-closed: what was asked is still answered."""
        self._close_after = True
        return self._busy or self._paused

    def pause_writing(self) -> None:
        """The client reads too slowly: take nothing more from it."""
        self._paused = True
        self.since = self._server.clock()
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._paused = False
        self._go_on()

    def data_received(self, data: bytes) -> None:
        """Bytes of requests, in whatever pieces."""
        if self._refused or self._ended:
            return
        if not (self._in_message and not self.in_head):
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._close_after = True
        except httptools.HttpParserError:
            self._refused = max(self._refused, 400)
        limits = self._server.limits
        if not self._refused and self.in_head and self._head_bytes > limits.head_bytes:
            self._refused = 431
        self._send()
        if self._refused and not self._busy:
            self._refuse(self._refused)
        elif len(self._queue) > limits.pipelined and self._transport is not None:
            self._transport.pause_reading()

    # --- the parser's side ---

    def on_message_begin(self) -> None:
        """A request begins."""
        self._fresh()
        self.in_head = True
        self._in_message = True
        self.since = self._server.clock()

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line."""
        name = name.lower()
        if name == b"host":
            self._host = True
        self._headers.append((name, value))
        if len(self._headers) > self._server.limits.header_lines:
            self._refused = 431

    def on_headers_complete(self) -> None:
        """The head is there: refuse now what is too large, before its body comes."""
        self.in_head = False
        self._head_bytes = 0
        limits = self._server.limits
        size = len(self._url)
        waits = False
        for name, value in self._headers:
            size += len(name) + len(value)
            if name == b"content-length" and value.isdigit() and int(value[:19]) > limits.body_bytes:
                self._refused = 413
            elif name == b"expect" and value.lower() == b"100-continue":
                waits = True
        if size > limits.head_bytes:
            self._refused = 431
        elif not self._host and self._parser.get_http_version() == "1.1":
            self._refused = 400
        if waits and not self._refused and not self._busy and not self._queue:
            self._out.append(_CONTINUE)
            self._send()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body_bytes += len(body)
        if self._body_bytes > self._server.limits.body_bytes:
            self._refused = 413
        elif not self._refused:
            self._body.append(body)

    def on_message_complete(self) -> None:
        """The whole request is there."""
        self._in_message = False
        if self._refused or self._close_after:
            return
        path, _, query = self._url.decode("latin-1").partition("?")
        path = path.partition("#")[0]
        if not path.startswith("/"):
            path = _origin_form(path)
        request = Request(
            self._parser.get_method().decode("latin-1").upper(),
            path,
            query,
            tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._headers]),
            self._body[0] if len(self._body) == 1 else b"".join(self._body),
        )
        keep = self._parser.should_keep_alive()
        if self._busy or self._paused or self._queue:
            self._queue.append((request, keep))
        else:
            self._answer(request, keep)

    # --- answering ---

    def _answer(self, request: Request, keep: bool) -> None:
        path = request.path
        server = self._server
        if path.startswith(_ADMIN):
            self._deliver(request, server.administer(request), keep)
            return
        if path.startswith(_OURS):
            self._deliver(request, server.shown(request), keep)
            return
        session = session_of(request)
        reply = server.mock.answer(request)
        if server.player is not None:
            reply = server.player.over(reply)
        server.journal.note(request, path, reply, session)
        if server.asked is not None:
            server.asked.note(request, path, reply, server.journal.now_ms())
        if reply.delay_ms > 0:
            self._busy = True
            self._send()
            self._timer = self._server.loop.call_later(reply.delay_ms / 1000, self._after_delay, request, reply, keep)
            return
        self._deliver(request, reply, keep)

    def _after_delay(self, request: Request, reply: Reply, keep: bool) -> None:
        self._busy = False
        self._timer = None
        self._deliver(request, reply, keep)
        self._go_on()

    def _go_on(self) -> None:
        """Answer what has queued up behind an answer that had to wait."""
        while self._queue and not self._busy and not self._paused and not self._ended:
            request, keep = self._queue.popleft()
            self._answer(request, keep)
        self._send()
        if self._transport is not None and not self._busy and not self._paused and not self._ended:
            if self._refused:
                self._refuse(self._refused)
            else:
                self._transport.resume_reading()

    def _deliver(self, request: Request, reply: Reply, keep: bool) -> None:
        if reply.fault is not None:
            self._break(reply.fault, request)
            return
        wire = reply.wire
        if request.method == "HEAD":
            wire = wire[: wire.index(b"\r\n\r\n") + 4]
        if not keep or self._server.stopping:
            wire = wire.replace(b"\r\n", b"\r\nconnection: close\r\n", 1)
            self._close_after = True
            self._queue.clear()
        if reply.dribble is not None and request.method != "HEAD" and reply.body:
            self._dribble(wire, len(reply.body), reply.dribble)
            return
        self._out.append(wire)
        self.since = self._server.clock()

    def _dribble(self, wire: bytes, size: int, dribble: Dribble) -> None:
        """The body piece by piece; what queued up behind it waits."""
        start = len(wire) - size
        width = -(-size // dribble.pieces)
        pieces = deque(wire[at : at + width] for at in range(start, len(wire), width))
        self._out.append(wire[:start])
        self._busy = True
        self._send()
        self._next_piece(pieces, dribble.total_ms / 1000 / len(pieces))

    def _next_piece(self, pieces: deque[bytes], after_s: float) -> None:
        self._timer = self._server.loop.call_later(after_s, self._send_piece, pieces, after_s)

    def _send_piece(self, pieces: deque[bytes], after_s: float) -> None:
        self._timer = None
        if self._paused:
            self._wait_for_reader(pieces, after_s)
            return
        self._out.append(pieces.popleft())
        self._busy = bool(pieces)
        self.since = self._server.clock()
        self._send()
        if pieces:
            self._next_piece(pieces, after_s)
        else:
            self._go_on()

    def _wait_for_reader(self, pieces: deque[bytes], after_s: float) -> None:
        waited = self._server.clock() - self.since
        if waited < self._server.limits.request_s:
            self._next_piece(pieces, max(after_s, 0.05))
        elif self._transport is not None:
            self._transport.abort()

    def _send(self) -> None:
        self._server.journal.flush()
        transport = self._transport
        if transport is None or self._ended:
            return
        if self._out:
            transport.write(self._out[0] if len(self._out) == 1 else b"".join(self._out))
            self._out.clear()
        if self._close_after and not self._busy and not self._queue:
            self._ended = True
            transport.close()

    def _break(self, fault: Fault, request: Request) -> None:
        """One of the four ways to break a connection; what was answered before still goes out."""
        self._send()
        self._ended = True
        transport = self._transport
        if transport is None:
            return
        garbage = b"".join(
            Draws(request.method, request.path, n).bits().to_bytes(8, "big") for n in range(8)
        )  # fmt: skip
        match fault:
            case Fault.EMPTY_RESPONSE:
                transport.close()
            case Fault.CONNECTION_RESET_BY_PEER:
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                transport.abort()
            case Fault.MALFORMED_RESPONSE_CHUNK:
                transport.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + garbage)
                transport.close()
            case Fault.RANDOM_DATA_THEN_CLOSE:
                transport.write(garbage)
                transport.close()

    def _refuse(self, status: int) -> None:
        if self._transport is None or self._ended:
            return
        self._ended = True
        self._transport.write(_refusal(status))
        self._transport.close()

    # --- the server's side ---

    def sweep(self, now: float) -> None:
        """Let go of a client that takes too long."""
        limits = self._server.limits
        waited = now - self.since
        if self._ended:
            if waited > limits.grace_s and self._transport is not None:
                self._transport.abort()
        elif self._timer is not None:
            return
        elif self._paused:
            if waited > limits.request_s and self._transport is not None:
                self._transport.abort()
        elif self._in_message:
            if waited > (limits.head_s if self.in_head else limits.request_s):
                self._refuse(408)
        elif waited > limits.idle_s and self._transport is not None:
            self._transport.close()

    def finish(self) -> None:
        """The server stops: close now where nothing is under way, else after the answer."""
        if self._timer is None and not self._queue and not self._in_message and self._transport is not None:
            self._transport.close()

    def _fresh(self) -> None:
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._host = False
        self._body: list[bytes] = []
        self._body_bytes = 0


def _origin_form(target: str) -> str:
    """The path of an absolute target (`http://host/path`); others stay, and match nothing."""
    scheme, separator, rest = target.partition("://")
    if not separator or "/" in scheme:
        return target
    _, slash, path = rest.partition("/")
    return slash + path or "/"
