"""No answer holds us longer than its time or fills our memory, whoever of this process asked for it.

A read timeout bounds the wait for the next byte, not for the whole answer: a server that drips holds a
client for ever, and one that sends a bomb fills its memory. Here every request has a total deadline, at
which its connection is shut, and every body a greatest size, at which it is cut and marked. A request that was never
taken because the server is being started again waits for it, once: it is not that request's fault.
"""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

MARK = "x-harness-cut"
MOST_BYTES = 10 * 1024**2
BACK_S = 8.0
MOST_DEPTH = 400  # what readers of JSON take that call themselves for each level
_PIECE = 64 * 1024
_TEXT = re.compile(rb'"(?:\\.|[^"\\])*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_local = threading.local()


class _Watch:
    """One request on its way: its connection is shut when its time is over."""

    def __init__(self, total_s: float) -> None:
        self.fired = False
        self.connection: Any = None
        self.socket: Any = None
        self._timer = threading.Timer(total_s, self._fire)
        self._timer.daemon = True

    def _fire(self) -> None:
        self.fired = True
        one: Any
        for one in (self.socket, getattr(self.connection, "sock", None)):
            with suppress(OSError, AttributeError):
                one.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def running(self) -> Iterator["_Watch"]:
        self._timer.start()
        before, _local.watch = getattr(_local, "watch", None), self
        try:
            yield self
        finally:
            _local.watch = before
            self._timer.cancel()


class _Patience:
    """Whether a server that refuses connections is worth waiting for: it answered before, and was not given up."""

    def __init__(self) -> None:
        self.worth = False

    def is_back(self, url: str) -> bool:
        """Wait until somebody takes connections there again, for a while; then it is given up until it answers."""
        parts = urlsplit(url)
        address = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        until = time.monotonic() + BACK_S
        while time.monotonic() < until:
            try:
                socket.create_connection(address, timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return True
        self.worth = False
        return False


def install(total_s: float, most_bytes: int = MOST_BYTES) -> None:
    """From now on, for every request of this process."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection

    plain_send, plain_request, plain_getresponse = HTTPAdapter.send, HTTPConnection.request, HTTPConnection.getresponse

    def request(self: Any, *args: Any, **kwargs: Any) -> None:
        if (watch := getattr(_local, "watch", None)) is not None:
            watch.connection = self
        plain_request(self, *args, **kwargs)

    def getresponse(self: Any) -> Any:
        if (watch := getattr(_local, "watch", None)) is not None:
            watch.socket = self.sock
        return plain_getresponse(self)

    patience = _Patience()

    def send(self: Any, request: Any, *_: Any, **more: Any) -> Any:
        try:
            response = sent(self, request, more)
        except requests.ConnectionError as error:
            if not (patience.worth and _was_refused(error) and patience.is_back(request.url)):
                raise
            response = sent(self, request, more)
        patience.worth = True
        return response

    def sent(self: Any, request: Any, more: dict[str, Any]) -> Any:
        asking = {**more, "stream": True}
        with _Watch(total_s).running() as watch:
            response = _sent(lambda: plain_send(self, request, **asking), request, watch, total_s, most_bytes)
            if _is_stream(response) and not more.get("stream"):
                _read_beginning(response)  # whoever did not ask for a stream would read it to its end
            return response

    HTTPConnection.request = request  # type: ignore[method-assign]
    HTTPConnection.getresponse = getresponse  # type: ignore[method-assign]
    HTTPAdapter.send = send  # type: ignore[method-assign]


def _sent(ask: Any, request: Any, watch: _Watch, total_s: float, most_bytes: int) -> Any:
    """The answer, read whole unless it is a stream of events, which its reader bounds."""
    import requests

    try:
        response = ask()
        if not _is_stream(response):
            _read(response, watch, most_bytes)
    except (requests.RequestException, OSError) as error:
        if watch.fired:
            raise requests.ReadTimeout(f"no whole answer within {total_s:g} s", request=request) from error
        raise
    if watch.fired:
        raise requests.ReadTimeout(f"no whole answer within {total_s:g} s", request=request)
    return response


def _was_refused(error: Exception) -> bool:
    """Nobody took the connection: nothing of the request was sent."""
    from urllib3.exceptions import NewConnectionError

    return bool(error.args) and isinstance(getattr(error.args[0], "reason", None), NewConnectionError)


def _is_stream(response: Any) -> bool:
    return str(response.headers.get("content-type", "")).lower().startswith("text/event-stream")


def _read_beginning(response: Any) -> None:
    """What a stream of events says first; a stream that says nothing in its time is an empty one."""
    from urllib3.exceptions import HTTPError

    try:
        first = response.raw.read1(_PIECE)
    except (HTTPError, OSError, ValueError):
        first = b""
    response.raw.close()
    response._content = first  # noqa: SLF001 - as in `_read`
    response._content_consumed = True  # noqa: SLF001 - likewise


def _read(response: Any, watch: _Watch, most_bytes: int) -> None:
    import requests

    kept = bytearray()
    why = ""
    try:
        for piece in response.iter_content(_PIECE):
            kept += piece
            if len(kept) > most_bytes:
                why = f"is larger than {most_bytes // 1024**2} MiB"
                break
    except requests.exceptions.ContentDecodingError:
        if watch.fired:
            raise
        why = f"cannot be decoded as {response.headers.get('content-encoding', 'it says')}"
    if not why and nested_deeper(kept):
        why = f"is nested deeper than {MOST_DEPTH} levels"
    if why:
        response.raw.close()
        kept.clear()
        response.raw.headers[MARK] = why
        response.headers[MARK] = why
    response._content = bytes(kept)  # noqa: SLF001 - what `content` reads; there is no other way to give it
    response._content_consumed = True  # noqa: SLF001 - likewise


def nested_deeper(body: bytes | bytearray) -> bool:
    """Whether a body, read as JSON, opens more brackets inside one another than any reader should follow."""
    if body[:1] not in (b"[", b"{") or body.count(b"[") + body.count(b"{") <= MOST_DEPTH:
        return False
    depth = 0
    for bracket in _BRACKET.finditer(_TEXT.sub(b"", body)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > MOST_DEPTH:
            return True
    return False
