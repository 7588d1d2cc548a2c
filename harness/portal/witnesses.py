"""Showing the log's checkpoint to places that the portal's administrator does not control.

Each directory gets every checkpoint appended to `checkpoints.txt` and the newest as `checkpoint.txt`; a command gets it
on its standard input. A witness that can't be reached stops no signing: the audit page says what is not anchored yet.
"""

import os
import shlex
import subprocess
import threading
from pathlib import Path

from harness.portal.models import Audit, Head
from harness.portal.settings import PORTAL

_LOCK = threading.Lock()


def show_witnesses(size: int, note: bytes) -> None:
    """Bring a checkpoint to every witness; `witnessed` grows when all of them have it."""
    if not PORTAL.witnesses and not PORTAL.witness_command:
        return
    with _LOCK:
        troubles = [trouble for place in PORTAL.witnesses if (trouble := _to_directory(place, size, note))]
        if PORTAL.witness_command and (trouble := _to_command(note)):
            troubles.append(trouble)
    if not troubles:
        Head.objects.filter(id=1, witnessed__lt=size).update(witnessed=size)
    for trouble in troubles:
        Audit.objects.create(who="portal", what="witness", about=str(size), outcome="failed", why=trouble[:400])


def _to_directory(place: Path, size: int, note: bytes) -> str:
    try:
        with (place / "checkpoints.txt").open("ab") as file:
            file.write(note + b"\n")
            file.flush()
            os.fsync(file.fileno())
        newest = place / "checkpoint.txt"
        known = int(newest.read_text().split("\n")[1]) if newest.exists() else 0
        if size > known:
            draft = place / ".checkpoint.txt"
            draft.write_bytes(note)
            draft.replace(newest)
    except (OSError, ValueError, IndexError) as error:
        return f"{place}: {error}"
    return ""


def _to_command(note: bytes) -> str:
    words = shlex.split(PORTAL.witness_command)
    try:
        done = subprocess.run(words, input=note, capture_output=True, timeout=20, check=False)  # noqa: S603 - the administrator's own
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return "" if done.returncode == 0 else f"{words[0]} ended with {done.returncode}"
