"""No test runs forever: its browser is taken away first, then it is interrupted, then the process ends.

Taking the browser away ends every wait on a page, and the next test gets a new one. Code that
waits for something else is interrupted a little later. What answers to neither ends the
process; the session is then not closed, and nobody takes its silence for a pass.
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

GRACE_S = 10.0


class Overdue(Exception):
    """The test was still running at its deadline."""


@contextmanager
def no_longer_than(seconds: float, overdue: Callable[[str], None]) -> Iterator[None]:
    """Run a test under a deadline; `overdue` is told where it stood when the deadline came."""
    main = threading.main_thread().ident or 0
    over = threading.Event()

    def guard() -> None:
        if over.wait(seconds):
            return
        overdue(_standing(main))
        for pid in _browsers():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if over.wait(GRACE_S):
            return
        signal.pthread_kill(main, signal.SIGALRM)
        if not over.wait(GRACE_S):
            os._exit(70)

    before = signal.signal(signal.SIGALRM, _interrupt)
    watcher = threading.Thread(target=guard, name="harness-uat-deadline", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        signal.signal(signal.SIGALRM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise Overdue("the test was still running at its deadline")


def _standing(thread: int) -> str:
    frame = sys._current_frames().get(thread)  # noqa: SLF001 - the documented way to see another thread's stack
    return "".join(traceback.format_stack(frame)[-12:]) if frame is not None else ""


def _browsers() -> Iterator[int]:
    """Descendants of this process below the Playwright driver, found in /proc (none where there is no /proc)."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(status.parent.name))
    for driver in children.get(os.getpid(), []):
        yield from children.get(driver, [])
