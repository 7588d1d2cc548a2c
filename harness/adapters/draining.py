"""What a process prints, kept while it prints: its beginning and its newest words, never more than a cap.

Scratch directories lie in memory. An engine that prints without end would fill it; here it meets a file that stops
growing. The process is never kept waiting: what is not kept is read and forgotten.
"""

import contextlib
import os
import threading
from io import FileIO
from pathlib import Path
from typing import IO

MOST = 4 * 1024**2
CUT = b"\n[... cut ...]\n"
_CHUNK = 65536


class Drain:
    """Reads one stream to its end into one file. The file can be read at any time."""

    def __init__(self, stream: IO[bytes], file: FileIO, most: int = MOST) -> None:
        self._stream = stream
        self._file = file
        self._half = most // 2
        self._kept = 0
        self._tail = bytearray()
        self._cut = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def finish(self, seconds: float) -> None:
        """Wait until the stream has ended; whoever still holds it open after that is not waited for."""
        self._thread.join(seconds)

    def _run(self) -> None:
        with contextlib.suppress(OSError, ValueError), self._stream:
            while chunk := os.read(self._stream.fileno(), _CHUNK):
                # a full disk must not keep the process waiting: then it is read and forgotten
                with contextlib.suppress(OSError):
                    self._take(chunk)
        self._file.close()

    def _take(self, chunk: bytes) -> None:
        """First the beginning fills up; then what follows it is replaced by the newest, a quarter at a time."""
        room = self._half - self._kept
        if room > 0:
            self._file.write(chunk[:room])
            self._kept += min(room, len(chunk))
            chunk = chunk[room:]
        if not chunk:
            return
        if len(self._tail) + len(chunk) > self._half:
            self._tail = (self._tail + chunk)[-self._half // 2 :]
            self._file.seek(self._kept)
            self._file.truncate()
            self._file.write(CUT + self._tail)
        else:
            self._tail += chunk
            self._file.write(chunk)


def read_capped(path: Path) -> bytes:
    """What was kept; nothing where there is no file."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
