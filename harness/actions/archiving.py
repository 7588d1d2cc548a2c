"""Keeping runs within bounds: what may be removed, and what evidence of a declared release may not.

A run that a release's declaration counts on is never pruned, signed or not: the gate would miss it. What is pruned is
gone by one rename first, so that whoever kills us in the middle leaves no half run.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

from harness.adapters.releases import RELEASES, read_declared
from harness.adapters.run_directory import drafts, load_plan, runs
from harness.errors import HarnessError

_REMOVED = ".harness/removed"


def prune(
    root: Path, *, keep: int | None, most_bytes: float | None = None
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Remove drafts whose process is gone and, where these are given, the oldest runs beyond `keep` or `most_bytes`.

    Gives (removed, kept because a declared release counts on them).
    """
    shutil.rmtree(root / _REMOVED, ignore_errors=True)
    nonces = _nonces(root)
    left = [path for path, held in drafts(root) if not held]
    closed = runs(root)
    left += closed[: max(0, len(closed) - keep)] if keep is not None else ()
    if most_bytes is not None:
        left += _beyond(tuple(path for path in closed if path not in left), nonces, most_bytes)
    removed, kept = [], []
    for path in left:
        if _counts(path, nonces):
            kept.append(path)
        else:
            _remove(root, path)
            removed.append(path)
    return tuple(removed), tuple(kept)


def _beyond(closed: tuple[Path, ...], nonces: frozenset[str], most_bytes: float) -> Iterator[Path]:
    """The oldest runs that must go until all fit; what counts stays, and its size counts, too."""
    sizes = {path: _size(path) for path in closed}
    total = sum(sizes.values())
    for path in closed:
        if total <= most_bytes:
            return
        yield path
        total -= 0 if _counts(path, nonces) else sizes[path]


def _size(path: Path) -> int:
    """Bytes on disk; what lies there under two names is there once."""
    files = (file.lstat() for file in path.rglob("*"))
    found = {(one.st_dev, one.st_ino): one.st_size for one in files}
    return sum(found.values())


def _remove(root: Path, path: Path) -> None:
    aside = root / _REMOVED / path.name
    aside.parent.mkdir(parents=True, exist_ok=True)
    path.rename(aside)
    shutil.rmtree(aside)


def _nonces(root: Path) -> frozenset[str]:
    found = set()
    for file in (root / RELEASES).glob("*.json") if (root / RELEASES).is_dir() else ():
        if file.name.endswith(".sign-offs.json"):
            continue
        declared = read_declared(root, file.stem)
        if declared is not None:
            found.add(declared[0].nonce)
    return frozenset(found)


def _counts(path: Path, nonces: frozenset[str]) -> bool:
    try:
        release = load_plan(path).release
    except HarnessError:
        return False  # nobody can count on what can't be read
    return release is not None and release.nonce in nonces
