"""Whether the files that promises come from stayed as they were while a run went on.

A plan holds their digests from the moment at which it was sealed; engines read scripts when their turn comes. What was
changed in between, by a checkout or an editor, was perhaps not what ran, also where it was put back afterwards.
"""

from collections.abc import Iterable
from pathlib import Path

from harness.formats.documents import digest

Mark = tuple[int, int, int] | None


class SealedFiles:
    """The files of one plan: `digests` are (path, SHA-256) as sealed."""

    def __init__(self, root: Path, digests: Iterable[tuple[str, str]]) -> None:
        self._root = root
        self._sealed = {path: (sha256, self._mark(path)) for path, sha256 in digests if path != "tier"}

    def changed(self) -> tuple[str, ...]:
        """Those that have other bytes now, or were written since; sorted."""
        return tuple(sorted(path for path in self._sealed if self._differs(path)))

    def _differs(self, path: str) -> bool:
        sha256, mark = self._sealed[path]
        if mark is None or self._mark(path) != mark:
            return True
        try:
            return digest((self._root / path).read_bytes()) != sha256
        except OSError:
            return True

    def _mark(self, path: str) -> Mark:
        """What every write changes, whatever it writes: nobody sets a file's change time back."""
        try:
            found = (self._root / path).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_ctime_ns
