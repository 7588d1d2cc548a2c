"""What killed runs left behind is removed by the next start: processes, private drafts, lent folders and containers.

The watchdog of a run is quicker; this is for when it was killed too, or the machine went down with it.
"""

from collections.abc import Iterator
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.processes import is_claimed
from harness.adapters.services.clearing import Cleared, clear_run, runs_with_containers
from harness.adapters.services.lent import lent_root


def sweep(host: Host) -> tuple[str, ...]:
    """Clear every run whose harness is gone; a sentence for each that left something."""
    roots = host.scratch_roots()
    left = sorted({*_folders(roots), *runs_with_containers(host.environ, roots)})
    said: list[str] = []
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
