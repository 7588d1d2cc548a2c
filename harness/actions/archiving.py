"""Keeping runs within bounds: what may be removed, and what evidence of a declared release may not.

A run that a release's declaration counts on is never pruned, signed or not: the gate would miss it.
"""

from pathlib import Path

from harness.adapters.releases import RELEASES, read_declared
from harness.adapters.run_directory import drafts, load_plan, remove_draft, runs
from harness.errors import HarnessError


def prune(root: Path, *, keep: int | None) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Remove drafts whose process is gone and, where `keep` is given, the oldest runs beyond that many.

    Gives (removed, kept because a declared release counts on them).
    """
    nonces = _nonces(root)
    left = [path for path, held in drafts(root) if not held]
    closed = runs(root)
    left += closed[: max(0, len(closed) - keep)] if keep is not None else ()
    removed, kept = [], []
    for path in left:
        if _counts(path, nonces):
            kept.append(path)
        else:
            remove_draft(path)
            removed.append(path)
    return tuple(removed), tuple(kept)


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
