"""What killed runs left behind is removed by the next start: processes, drafts, lent folders, containers, sockets.

The watchdog of a run is quicker; this is for when it was killed too, or the machine went down with it.
"""

import contextlib
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.processes import is_claimed
from harness.adapters.services.clearing import Cleared, clear_run, runs_with_containers
from harness.adapters.services.lent import lent_root

_SETTLED_S = 60.0  # between a socket's making and its first listening, a folder's and its claim, lies far less


def sweep(host: Host) -> tuple[str, ...]:
    """Clear every run whose harness is gone; a sentence for each that left something."""
    roots = host.scratch_roots()
    left = sorted({*_folders(roots), *runs_with_containers(host.environ, roots)})
    said: list[str] = []
    for root in roots:
        _sweep_unfinished(root, host.now_ms() / 1000 - _SETTLED_S)
    for run in left:
        if any(is_claimed(root / run) for root in roots):
            continue
        cleared = sum((clear_run(run, root / run, host.environ) for root in roots), Cleared())
        if cleared.sentence:
            said.append(f"removed what the killed run {run} left: {cleared.sentence}")
    return tuple(said)


def _folders(roots: tuple[Path, ...]) -> Iterator[str]:
    for root in (*roots, *(lent_root(root) for root in roots)):
        for path in root.iterdir() if root.is_dir() else ():
            if path.is_dir() and not path.name.startswith("."):
                yield path.name


def _sweep_unfinished(root: Path, before_s: float) -> None:
    """Remove doors that nobody stands behind any more, and folders that nobody came to claim."""
    for path in (*root.glob("walk-*.sock"), *root.glob(".2*")):
        with contextlib.suppress(OSError):
            if path.lstat().st_mtime > before_s:
                continue
            if path.is_socket() and _is_deserted(path):
                path.unlink()
            elif path.is_dir() and not path.is_symlink() and not is_claimed(path):
                shutil.rmtree(path, ignore_errors=True)


def _is_deserted(door: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(door))
        except ConnectionRefusedError:
            return True
    return False
