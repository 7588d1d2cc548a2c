"""One at a time among all processes of a user: a lock that goes with whoever holds it, killed or not."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from harness.adapters.services.under import Clock, KindFailedError

_PAUSE_S = 0.1


@contextlib.contextmanager
def alone(path: Path, patience_s: float, clock: Clock, given_up: Callable[[], str | None]) -> Iterator[None]:
    """Hold the lock at `path`; KindFailedError where others held it for `patience_s`, or whoever waits gave up."""
    end = clock.monotonic_s() + patience_s
    while (held := _taken(path)) is None:
        why = given_up()
        if why is not None:
            raise KindFailedError(why)
        if clock.monotonic_s() > end:
            raise KindFailedError(f"another run has been making it ready for {patience_s:g} s")
        clock.sleep(_PAUSE_S)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)  # while it is held: whoever waits for this very file looks again
        os.close(held)


def _taken(path: Path) -> int | None:
    """The lock, open; None where another holds it, or took the file away while we came."""
    opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(opened), path.stat()):
            return opened
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(opened)
    return None
