"""Where workers come in: a socket file in a private folder, and a key for each session.

Each worker's line is read by a thread of its own, always, so that no worker ever waits for a viewer.
"""

import contextlib
import hmac
import json
import os
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

_LONGEST_HEAD, _LONGEST_BODY = 1024**2, 16 * 1024**2
_SAID_WITHIN_S = 30.0


class Listens(Protocol):
    """What a session is for its worker."""

    def connected(self, send: Callable[[dict[str, Any]], None]) -> None:
        """It came."""

    def told(self, event: str, values: dict[str, Any], body: bytes) -> None:
        """It said something."""

    def lost(self, why: str) -> None:
        """It went."""


class Door:
    """Lets a worker in that knows its session's key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            self._socket.bind(str(path))
        finally:
            os.umask(before)
        self._socket.listen(16)
        self._expected: dict[str, tuple[str, Listens]] = {}
        self._closed = False
        threading.Thread(target=self._accept, name="walk-door", daemon=True).start()

    def expect(self, name: str, key: str, session: Listens) -> None:
        """Somebody will come for this session."""
        self._expected[name] = (key, session)

    def close(self) -> None:
        """Nobody comes in any more."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while not self._closed:
            try:
                worker, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(worker,), name="walk-worker", daemon=True).start()

    def _serve(self, worker: socket.socket) -> None:
        with worker, worker.makefile("rb") as stream:
            worker.settimeout(_SAID_WITHIN_S)
            session = self._let_in(stream)
            if session is None:
                return
            session.connected(_sender(worker))
            why = "the worker ended"
            try:
                while (said := _read(stream)) is not None:
                    head, body = said
                    session.told(head["event"], head, body)
            except TimeoutError:
                why = "the worker fell silent"
            except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
                why = f"the worker could not be understood: {type(error).__name__}"
            session.lost(why)

    def _let_in(self, stream: Any) -> Listens | None:
        try:
            said = _read(stream)
        except (OSError, ValueError, struct.error):
            return None
        if said is None or said[0].get("event") != "hello":
            return None
        key, session = self._expected.get(str(said[0].get("session")), ("", None))
        return session if key and hmac.compare_digest(key, str(said[0].get("key"))) else None


def _read(stream: Any) -> tuple[dict[str, Any], bytes] | None:
    size = stream.read(4)
    if len(size) < 4:
        return None
    length = struct.unpack(">I", size)[0]
    if length > _LONGEST_HEAD:
        raise ValueError("too long")
    head: dict[str, Any] = json.loads(stream.read(length))
    wanted = int(head["size"])
    if not 0 <= wanted <= _LONGEST_BODY:
        raise ValueError("too long")
    body: bytes = stream.read(wanted) if wanted else b""
    return None if len(body) < wanted else (head, body)


def _sender(worker: socket.socket) -> Callable[[dict[str, Any]], None]:
    lock = threading.Lock()

    def send(message: dict[str, Any]) -> None:
        body = json.dumps(message, ensure_ascii=False).encode()
        with lock, contextlib.suppress(OSError):
            worker.sendall(struct.pack(">I", len(body)) + body)

    return send
