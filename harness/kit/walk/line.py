"""The line between worker and server: length, one JSON object, and for frames the bytes of a picture.

Reading goes on in a thread of its own, so that commands are there when the script next looks. A heartbeat goes out
every second, numbered. When the other side is gone the line says so, and nobody is waited for.
"""

import json
import queue
import socket
import struct
import threading
from typing import Any

from harness.kit.uat.journal import now_ms

_BEAT_S = 1.0
_LONGEST = 64 * 1024


class Line:
    """One end of the line. `gone` is set once nobody is at the other."""

    def __init__(self, path: str, hello: dict[str, Any]) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)
        self._lock = threading.Lock()
        self._said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.gone = threading.Event()
        self.tell("hello", **hello)
        threading.Thread(target=self._listen, name="walk-line", daemon=True).start()
        threading.Thread(target=self._beat, name="walk-heart", daemon=True).start()

    def tell(self, event: str, body: bytes = b"", **values: Any) -> None:
        """Send one event. A line that is cut is noticed, never raised: the script decides what to do."""
        head = json.dumps({"event": event, "at-ms": now_ms(), "size": len(body), **values}, ensure_ascii=False).encode()
        try:
            with self._lock:
                self._socket.sendall(struct.pack(">I", len(head)) + head + body)
        except OSError:
            self.gone.set()

    def heard(self) -> list[dict[str, Any]]:
        """The commands that came since the last time, oldest first."""
        found = []
        while not self._said.empty():
            found.append(self._said.get())
        return found

    def close(self) -> None:
        """Nothing more will be said."""
        self.gone.set()
        self._socket.close()

    def _listen(self) -> None:
        try:
            with self._socket.makefile("rb") as stream:
                while size := stream.read(4):
                    length = struct.unpack(">I", size)[0]
                    if length > _LONGEST:
                        break
                    self._said.put(json.loads(stream.read(length)))
        except (OSError, ValueError, struct.error):
            pass
        self.gone.set()

    def _beat(self) -> None:
        number = 0
        while not self.gone.wait(_BEAT_S):
            number += 1
            self.tell("beat", number=number)
