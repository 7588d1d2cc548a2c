"""What a person said is on disk before they are told that it was taken.

`walk.ndjson` lies in the run's draft: whatever is killed afterwards, answers and reports are there. Pictures lie
beside it by their content. Everything passed the redactor before it came here.
"""

import hashlib
import json
import os
import threading
from pathlib import Path
from typing import Any

FILE, PICTURES = "walk.ndjson", "walk"


class WalkJournal:
    """Appends; one line for each thing that a person did."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def write(self, event: str, **values: Any) -> None:
        """On disk when this returns."""
        line = json.dumps({"event": event, **values}, ensure_ascii=False, sort_keys=True).encode() + b"\n"
        with self._lock, (self._folder / FILE).open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def picture(self, body: bytes) -> str:
        """Keep a picture; gives its name."""
        name = hashlib.sha256(body).hexdigest()
        folder = self._folder / PICTURES
        folder.mkdir(exist_ok=True)
        with (folder / name).open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        return name
