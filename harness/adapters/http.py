"""One small request, safely: a total deadline, a cap on the answer, no redirects followed.

Client libraries count a timeout per read; a server that drips a byte now and then holds them
for as long as it likes. Here the deadline is wall time for everything.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_MOST = 10 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `headers` have lower-case names; `body` is cut at the cap."""

    status: int
    headers: Mapping[str, str]
    body: bytes


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
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NoAnswerError(f"{url!r} is not an http or https address")
    connection = _connection(parts.scheme, parts.hostname, parts.port, deadline_s)
    fired = threading.Event()
    timer = threading.Timer(deadline_s, _cut, (connection, fired))
    timer.daemon = True
    timer.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body, headers={"Accept": "*/*", **(headers or {})})
        response = connection.getresponse()
        read = response.read(most_bytes)
        if fired.is_set():
            raise NoAnswerError(f"no whole answer within {deadline_s:g} s")
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=names, body=read)
    except (OSError, http.client.HTTPException, ValueError) as error:
        if fired.is_set():
            raise NoAnswerError(f"no whole answer within {deadline_s:g} s") from error
        raise NoAnswerError(_said(error)) from error
    finally:
        timer.cancel()
        connection.close()


def _connection(scheme: str, host: str, port: int | None, deadline_s: float) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=deadline_s, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=deadline_s)


def _cut(connection: http.client.HTTPConnection, fired: threading.Event) -> None:
    fired.set()
    sock = connection.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or error}"
    if isinstance(error, socket.gaierror):
        return "the name is not known"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, http.client.HTTPException):
        return f"not an HTTP answer ({type(error).__name__})"
    return str(error) or type(error).__name__
