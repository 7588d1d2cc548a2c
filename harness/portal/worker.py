"""The server's worker: whoever sends slower than anybody's line loses the connection, not the others their turn.

A request occupies a thread for as long as it is read, so a few that are begun and never finished would stop the portal.
"""

import errno
import socket
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

GRACE_S, SLOWEST_BYTES_S = 5.0, 16 * 1024
_AT_ONCE_S = 0.001


class Hurried:
    """A connection whose request must arrive: after a grace at no less than a slow line's pace."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._began, self._read = time.monotonic(), 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)

    def begin(self) -> None:
        """The next request on the same line."""
        self._began, self._read = time.monotonic(), 0

    def recv(self, size: int) -> bytes:
        """What has come; ConnectionResetError where it comes too slowly."""
        left = GRACE_S + self._read / SLOWEST_BYTES_S - (time.monotonic() - self._began)
        self._line.settimeout(max(left, _AT_ONCE_S))
        try:
            body = self._line.recv(size)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "the request came too slowly") from None
        finally:
            self._line.settimeout(None)
        if left <= 0:
            raise ConnectionResetError(errno.ECONNRESET, "the request came too slowly")
        self._read += len(body)
        return body


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's threads, each connection of theirs hurried."""

    def handle(self, conn: Any) -> Any:
        """A request of a connection, new or kept."""
        if isinstance(conn.sock, Hurried):
            conn.sock.begin()
        else:
            conn.sock = Hurried(conn.sock)
        return super().handle(conn)
