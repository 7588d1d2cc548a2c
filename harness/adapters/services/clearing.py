"""What a run leaves when its harness is killed: found by its mark, by its folders and by its label, and removed.

Used by the watchdog, seconds after, and by the next start, should the watchdog have been killed too. Standard library
only: the watchdog runs without anything else.
"""

import contextlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.adapters.marks import end_marked
from harness.adapters.services.engine import NoEngineError, find_engine, owner
from harness.adapters.services.lent import clear, lent_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """How much of a run was still there."""

    processes: int = 0
    containers: int = 0
    folders: int = 0

    def __add__(self, other: "Cleared") -> "Cleared":
        return Cleared(
            processes=self.processes + other.processes,
            containers=self.containers + other.containers,
            folders=self.folders + other.folders,
        )

    @property
    def sentence(self) -> str:
        """`its private draft, 2 of its processes and 1 of its containers`; empty where there was nothing."""
        parts = ["its private draft"] if self.folders else []
        parts += [f"{self.processes} of its processes"] if self.processes else []
        parts += [f"{self.containers} of its containers"] if self.containers else []
        return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def clear_run(run: str, scratch: Path, environ: Mapping[str, str]) -> Cleared:
    """One pass over everything that may be left of a run whose private draft is `scratch`; safe to repeat."""
    processes = end_marked(run + "/")
    folders = 0
    for folder in (lent_of(run, scratch.parent), scratch):
        if folder.is_dir():
            processes += clear(folder)
            shutil.rmtree(folder, ignore_errors=True)
            folders += 1
    containers = clear_containers(environ, scratch.parent, run)
    return Cleared(processes=processes, containers=containers, folders=folders)


def clear_containers(environ: Mapping[str, str], scratch_root: Path, run: str) -> int:
    """Remove every container of a run; gives how many there were, none where no engine answers."""
    removed = 0
    with contextlib.suppress(NoEngineError):
        engine = find_engine(environ)
        for container, _ in engine.containers_of(owner(scratch_root), run):
            engine.remove(container)
            removed += 1
    return removed


def runs_with_containers(environ: Mapping[str, str], scratch_roots: tuple[Path, ...]) -> frozenset[str]:
    """The runs of ours, with their drafts in one of these folders, that have a container on this machine's engine."""
    found: set[str] = set()
    with contextlib.suppress(NoEngineError):
        engine = find_engine(environ)
        for root in scratch_roots:
            found |= {run for _, run in engine.containers_of(owner(root))}
    return frozenset(found)
