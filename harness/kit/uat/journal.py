"""What happens is written down as it happens: one JSON object a line, handed to the system at once.

A script that dies half-way, even by `os._exit`, loses nothing that was written before.
"""

import json
import time
from pathlib import Path
from typing import Any


class Journal:
    """An append-only file of events. Every line has `event` and `at-ms`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def write(self, event: str, **values: Any) -> None:
        """Append one event; keys are written in kebab-case."""
        line = {"event": event, "at-ms": now_ms()}
        line.update({key.replace("_", "-"): value for key, value in values.items()})
        self._file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Nothing more will come."""
        self._file.close()


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return int(time.time() * 1000)
