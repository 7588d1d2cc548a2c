"""Finding processes by the mark that they inherited, wherever they went, and ending them.

Each process that we start carries `HARNESS_JOB=<run>/<job>` in its environment, and so do its
descendants, even those which left their session. Linux only: elsewhere nothing is found.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_VARIABLE = b"HARNESS_JOB="
_ENOUGH_S = 2.0
_TICK_S = 0.005


def marked(mark: str) -> tuple[int, ...]:
    """Living processes that carry `mark`, or, where it ends with `/`, any mark below it; never ourselves."""
    return tuple(
        pid
        for pid, found in _marks()
        if (found == mark or (mark.endswith("/") and found.startswith(mark))) and pid != os.getpid()
    )


def end_marked(mark: str) -> int:
    """Kill all of them and wait until they are gone; gives how many there were."""
    ended: set[int] = set()
    end = time.monotonic() + _ENOUGH_S
    while found := marked(mark):
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
                ended.add(pid)
        if time.monotonic() > end:
            break
        time.sleep(_TICK_S)
    return len(ended)


def _marks() -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").glob("[0-9]*") if sys.platform == "linux" else ():
        try:
            environ = (entry / "environ").read_bytes()
            state = (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]
        except (OSError, IndexError):
            continue
        if state in {b"Z", b"X"}:
            continue
        for variable in environ.split(b"\0"):
            if variable.startswith(_VARIABLE):
                yield int(entry.name), variable.removeprefix(_VARIABLE).decode("utf-8", "replace")
