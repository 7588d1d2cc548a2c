"""Who had a hand in what is released, as the repository tells: authors of its commits and of its scripts.

The portal keeps them from accepting their own work. Without a repository nobody is known, and that is said.
"""

import subprocess
from pathlib import Path

_GIT_S = 20.0
_MOST = 1000


def commit_authors(root: Path, commit: str) -> tuple[str, ...] | None:
    """The addresses of everybody who wrote a commit up to `commit`; None where there is no telling."""
    return _authors(root, commit or "HEAD", ())


def script_authors(root: Path, commit: str, folder: str) -> tuple[str, ...] | None:
    """The same for commits that touched a folder of the workspace."""
    return _authors(root, commit or "HEAD", (folder,))


def _authors(root: Path, commit: str, paths: tuple[str, ...]) -> tuple[str, ...] | None:
    argv = ["git", "-C", str(root), "log", "--format=%aE%n%cE", "--end-of-options", commit, "--", *paths]
    try:
        done = subprocess.run(argv, capture_output=True, timeout=_GIT_S, check=False)  # noqa: S603 - git, and no shell
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    found = {line.strip().lower() for line in done.stdout.decode("utf-8", "replace").splitlines() if "@" in line}
    return tuple(sorted(found)[:_MOST])
