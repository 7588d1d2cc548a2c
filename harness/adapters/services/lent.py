"""Folders lent to a server that must not run as root: outside the private draft, closed to everybody else.

A server such as PostgreSQL refuses root, and nobody else may enter the draft of a run. So root lends it a folder of its
own beside the drafts (0711, the server's folder inside 0700). Who is not root needs none of this: the folder then lies
in the draft. What a killed server leaves (its processes, its shared memory, the folder) is cleared by the same module.
"""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ENOUGH_S = 5.0
_TICK_S = 0.02
_SETTLED_S = 0.2
_IPC_RMID = 0
_SHARED = Path("/dev/shm")  # noqa: S108 - where POSIX shared memory lies, not a place for files of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """`path` belongs to `user` (id, group); None = it is ours and so will be the server."""

    path: Path
    user: tuple[int, int] | None


def lent_root(scratch_root: Path) -> Path:
    """Where folders are lent beside a folder of drafts."""
    return scratch_root.with_name(f"{scratch_root.name}-lent")


def lend(scratch: Path, name: str, wanted: tuple[str, ...]) -> Lent:
    """A fresh folder for the server `name` of the run whose draft is `scratch`, for the first user there is."""
    if os.geteuid() != 0:
        path = scratch / "lent" / name
        path.mkdir(mode=0o700, parents=True)
        return Lent(path=path, user=None)
    root = lent_root(scratch.parent)
    root.mkdir(mode=0o711, exist_ok=True)
    found = root.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0:
        raise PermissionError(f"{root} belongs to somebody else")
    root.chmod(0o711)
    folder = root / scratch.name
    folder.mkdir(mode=0o711, exist_ok=True)
    folder.chmod(0o711)
    user = _first_user(wanted)
    path = folder / name
    path.mkdir(mode=0o700)
    os.chown(path, *user)
    return Lent(path=path, user=user)


def put(lent: Lent, name: str, text: str) -> Path:
    """A private file in a lent folder, the server's own."""
    path = lent.path / name
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        if lent.user is not None:
            os.fchown(file.fileno(), *lent.user)
    return path


def lent_of(run: str, scratch_root: Path) -> Path:
    """Everything lent to the servers of one run."""
    return lent_root(scratch_root) / run


def clear(folder: Path) -> int:
    """End every process that works inside a folder, give back its shared memory, remove it; how many were ended."""
    if not folder.is_dir():
        return 0
    segments = tuple(_segments(folder))
    owners = {path.lstat().st_uid for path in (folder, *folder.iterdir())}
    since = folder.lstat().st_ctime - _ENOUGH_S
    ended = _end_inside(folder)
    for segment in segments:
        _release(segment)
    for orphan in _orphans(owners, since, folder.parent):
        orphan.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    return ended


def _orphans(owners: set[int], since: float, ours: Path) -> tuple[Path, ...]:
    """POSIX shared memory of a PostgreSQL that was killed while it made its data folder, the one time it uses any.

    Its name tells nothing of whose it was. So it is taken for an orphan only if it is one of these users', not older
    than the folder, no living process has it open, and nobody but servers of ours has any such memory open at all.
    """
    found = [path for path in _SHARED.glob("PostgreSQL.*") if _is_of(path, owners, since)]
    if not found:
        return ()
    time.sleep(_SETTLED_S)  # between its making and its opening lies far less
    holders = tuple(_holders())
    if any(not where.is_relative_to(ours) for where, _ in holders):
        return ()
    return tuple(path for path in found if not any(str(path).encode() in maps for _, maps in holders))


def _is_of(path: Path, owners: set[int], since: float) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_uid in owners and found.st_mtime >= since


def _holders() -> Iterator[tuple[Path, bytes]]:
    """Where each process that has such memory open works, and what it has open."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            maps = (entry / "maps").read_bytes()
            if str(_SHARED / "PostgreSQL.").encode() in maps:
                yield (entry / "cwd").readlink(), maps


def _first_user(wanted: tuple[str, ...]) -> tuple[int, int]:
    for name in (*wanted, "nobody"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return found.pw_uid, found.pw_gid
    return 65534, 65534


def _end_inside(folder: Path) -> int:
    ended: set[int] = set()
    end = time.monotonic() + _ENOUGH_S
    while (found := tuple(_working_in(folder))) and time.monotonic() < end:
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
                ended.add(pid)
        time.sleep(_TICK_S)
    return len(ended)


def _working_in(folder: Path) -> Iterator[int]:
    """Living processes whose working directory lies in a folder: servers rewrite what else marks them."""
    for entry in Path("/proc").glob("[0-9]*") if sys.platform == "linux" else ():
        try:
            if (entry / "cwd").readlink().is_relative_to(folder) and int(entry.name) != os.getpid():
                yield int(entry.name)
        except OSError:
            continue


def _segments(folder: Path) -> Iterator[int]:
    """System V shared memory of PostgreSQL servers inside: the last figure on line 7 of `postmaster.pid`."""
    for file in folder.rglob("postmaster.pid"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            yield int(file.read_text().splitlines()[6].split()[1])


def _release(segment: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).shmctl(segment, _IPC_RMID, None)
