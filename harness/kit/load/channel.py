"""A connection that bytes go through, safe under gevent, with one deadline for the whole exchange.

`PlainChannel` sits directly on a non-blocking socket: one watcher lives as long as the connection, so that
a request costs a send, a wait and a receive. It also sees a server closing an idle connection, and then
is `stale` before anybody sends into the void. `TlsChannel` does the same through gevent's TLS socket.
"""

import _socket
import ssl
from time import perf_counter
from typing import Any, Protocol

import gevent
import gevent.socket
import gevent.ssl
from gevent import get_hub, getcurrent

_READ, _WRITE = 1, 2
_ONCE = 64 * 1024
_READY, _LATE = object(), object()


class Late(Exception):
    """The deadline passed."""


class Channel(Protocol):
    """What a connection can do. Deadlines are times of `perf_counter`."""

    stale: bool

    def send(self, data: bytes, deadline: float) -> None:
        """Send all of it; `Late` or `OSError`."""

    def receive(self, deadline: float) -> bytes:
        """Some bytes, empty at the end of the stream; `Late` or `OSError`."""

    def close(self) -> None:
        """End it; harmless if ended."""


def connect(host: str, port: int, tls: ssl.SSLContext | None, deadline: float) -> Channel:
    """A new connection; `Late` or `OSError` (a failed TLS handshake is one, too)."""
    with gevent.Timeout(_left(deadline), Late()):
        sock = gevent.socket.create_connection((host, port))
        try:
            sock.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
            if tls is None:
                return PlainChannel(_socket.socket(fileno=sock.detach()))
            return TlsChannel(tls.wrap_socket(sock, server_hostname=host))
        except BaseException:
            sock.close()
            raise


_CONTEXTS: dict[bool | str, ssl.SSLContext] = {}


def tls_context(verify: bool | str) -> ssl.SSLContext:
    """One context for all users: verified by the system's roots (True), a file (its path), or not at all (False)."""
    context = _CONTEXTS.get(verify)
    if context is None:
        context = gevent.ssl.create_default_context(cafile=verify if isinstance(verify, str) else None)
        if verify is False:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        _CONTEXTS[verify] = context
    return context


def _left(deadline: float) -> float:
    left = deadline - perf_counter()
    if left <= 0:
        raise Late
    return left


class PlainChannel:
    """A connection without TLS."""

    __slots__ = ("_alarm", "_alarm_at", "_deadline", "_hub", "_sock", "_waiting", "_watcher", "stale")

    def __init__(self, sock: _socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._hub = get_hub()
        self._waiting: Any = None
        self._deadline = 0.0
        self._alarm: Any = None
        self._alarm_at = 0.0
        self._watcher: Any = self._hub.loop.io(sock.fileno(), _READ)
        self._watcher.start(self._readable)
        self.stale = False

    def send(self, data: bytes, deadline: float) -> None:
        """Send all of it; `Late` or `OSError`."""
        try:
            sent = self._sock.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self._send_rest(memoryview(data)[sent:], deadline)

    def receive(self, deadline: float) -> bytes:
        """Some bytes, empty at the end of the stream; `Late` or `OSError`."""
        self._deadline = deadline
        if self._alarm is None or deadline < self._alarm_at:
            self._arm()
        while True:
            self._waiting = getcurrent()
            try:
                rang = self._hub.switch()
            finally:
                self._waiting = None
            if rang is _LATE:
                raise Late
            try:
                return self._sock.recv(_ONCE)
            except BlockingIOError:
                continue

    def close(self) -> None:
        """End it; harmless if ended."""
        self.stale = True
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None
            self._disarm()
            self._sock.close()

    def _readable(self) -> None:
        """Called by the event loop. Bytes that nobody waits for end the connection: it can't be used again."""
        waiting = self._waiting
        if waiting is None:
            self.stale = True
            self._watcher.stop()
        else:
            self._waiting = None
            waiting.switch(_READY)

    def _arm(self) -> None:
        """One timer a connection, mostly set anew only when it rings: an exchange rarely touches it."""
        self._disarm()
        self._alarm_at = self._deadline
        self._alarm = self._hub.loop.timer(max(0.0, self._deadline - perf_counter()) + 0.001)
        self._alarm.start(self._rings)

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.stop()
            self._alarm.close()
            self._alarm = None

    def _rings(self) -> None:
        self._disarm()
        waiting = self._waiting
        if waiting is None:
            return
        if perf_counter() < self._deadline:
            self._arm()
        else:
            self._waiting = None
            waiting.switch(_LATE)

    def _send_rest(self, data: memoryview, deadline: float) -> None:
        while data:
            gevent.socket.wait_write(self._sock.fileno(), timeout=_left(deadline), timeout_exc=Late())
            try:
                data = data[self._sock.send(data) :]
            except BlockingIOError:
                continue


class TlsChannel:
    """A connection with TLS, verified as its context says."""

    __slots__ = ("_sock", "stale")

    def __init__(self, sock: gevent.ssl.SSLSocket) -> None:
        self._sock = sock
        self.stale = False

    def send(self, data: bytes, deadline: float) -> None:
        """Send all of it; `Late` or `OSError`."""
        view = memoryview(data)
        while view:
            self._sock.settimeout(_left(deadline))
            try:
                view = view[self._sock.send(view) :]
            except TimeoutError as error:
                raise Late from error

    def receive(self, deadline: float) -> bytes:
        """Some bytes, empty at the end of the stream; `Late` or `OSError`."""
        self._sock.settimeout(_left(deadline))
        try:
            data: bytes = self._sock.recv(_ONCE)
        except TimeoutError as error:
            raise Late from error
        return data

    def close(self) -> None:
        """End it; harmless if ended."""
        self.stale = True
        self._sock.close()
