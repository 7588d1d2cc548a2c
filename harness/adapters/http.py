"""One small request, safely: a total deadline, a cap on the answer, no redirects followed.

Client libraries count a timeout per read; a server that drips a byte now and then holds them
for as long as it likes. Here the deadline is wall time for everything, the look-up of the name included.
"""

import contextlib
import http.client
import queue
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

_MOST = 10 * 1024**2
_CONNECTIONS = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `headers` have lower-case names; `body` is cut at the cap. `cookies` are all that were set."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()


class NoAnswerError(Exception):
    """There was none: refused, not found, too slow, not HTTP. The text is a short reason for a sentence."""


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    deadline_s: float = 5.0,
    most_bytes: int = _MOST,
) -> Answer:
    """Send one request; NoAnswerError after at most `deadline_s` seconds of wall time."""
    parts = _parts(url)
    deadline = _Deadline(deadline_s)
    connection = _CONNECTIONS[parts.scheme](parts.hostname or "", parts.port)
    try:
        connection.sock = _connected(parts, deadline)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body, headers={"Accept": "*/*", **(headers or {})})
        with connection.getresponse() as response:
            read = response.read(most_bytes)
        if deadline.over.is_set():
            raise NoAnswerError(f"no whole answer within {deadline_s:g} s")
        if response.length and len(read) < most_bytes:
            raise NoAnswerError("the answer broke off")
        names = {name.lower(): value for name, value in response.getheaders()}
        cookies = tuple(value for name, value in response.getheaders() if name.lower() == "set-cookie")
        return Answer(status=response.status, headers=names, body=read, cookies=cookies)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if deadline.over.is_set():
            raise NoAnswerError(f"no whole answer within {deadline_s:g} s") from error
        raise NoAnswerError(_said(error)) from error
    finally:
        deadline.cancel()
        connection.close()


class _Deadline:
    """Shuts a socket down when its time is over, whoever reads from it by then and however the bytes drip."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.over = threading.Event()
        self._end = time.monotonic() + seconds
        self._sock: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    @property
    def left_s(self) -> float:
        """What is left of it; never quite nothing, which sockets take for no limit."""
        return max(0.001, self._end - time.monotonic())

    def watch(self, sock: socket.socket) -> None:
        """From now on this socket is the one to shut."""
        self._sock = sock
        if self.over.is_set():
            self._cut()

    def cancel(self) -> None:
        """Nothing more to shut."""
        self._timer.cancel()

    def _cut(self) -> None:
        self.over.set()
        if self._sock is not None:
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme in _CONNECTIONS and parts.hostname and parts.port != 0:
            return parts
    except ValueError:
        pass
    raise NoAnswerError(f"{url!r} is not an http or https address")


def _connected(parts: SplitResult, deadline: _Deadline) -> socket.socket:
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    sock = _reached(_looked_up(host, port, deadline), deadline)
    try:
        sock.settimeout(deadline.seconds)
        deadline.watch(sock)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            sock = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
            deadline.watch(sock)
            sock.do_handshake()
    except BaseException:
        sock.close()
        raise
    return sock


_Where = tuple[socket.AddressFamily, tuple[str | int, ...] | tuple[int, bytes]]


def _looked_up(host: str, port: int, deadline: _Deadline) -> list[_Where]:
    """The addresses of a name. The system's look-up has no deadline, so it is left to itself when ours is over."""
    answers: queue.SimpleQueue[list[_Where] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([(family, where) for family, _, _, _, where in found])
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else socket.gaierror(str(error)))

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left_s)
    except queue.Empty:
        raise NoAnswerError(f"the name was not looked up within {deadline.seconds:g} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _reached(addresses: list[_Where], deadline: _Deadline) -> socket.socket:
    """A connection to the first address that takes one."""
    refusal: OSError = OSError("the name has no address")
    for family, where in addresses:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(deadline.left_s)
            sock.connect(where)
        except OSError as error:
            sock.close()
            refusal = error
        else:
            return sock
    raise refusal


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: its certificate is not good: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or error}"
    if isinstance(error, socket.gaierror):
        return "the name is not known"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(error, ConnectionResetError):
        return "connection reset"
    if isinstance(error, http.client.HTTPException):
        return f"not an HTTP answer ({type(error).__name__})"
    return str(error) or type(error).__name__
