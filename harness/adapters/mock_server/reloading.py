"""A mock read again when one of its files changes; one that cannot be read changes nothing."""

from collections.abc import Iterator
from pathlib import Path

from harness.adapters.mock_server.loading import LoadedMock, load_mock
from harness.errors import HarnessError

_NOT_SERVED = frozenset(("certificate.json", "matrix.toml", "recorded.ndjson"))
_DOCUMENTS = frozenset((".yaml", ".yml", ".json"))
_MOST = 5000

Look = tuple[tuple[str, int, int], ...]


class Reloader:
    """Looks at the files of a mock; gives it anew when they are others than last time."""

    def __init__(self, target: Path, contract: Path | None) -> None:
        self._target = target
        self._contract = contract
        self._seen = self._look()

    def changed(self) -> LoadedMock | str | None:
        """The mock as it is now, why it can't be read, or None where nothing changed."""
        now = self._look()
        if now == self._seen:
            return None
        self._seen = now
        try:
            return load_mock(self._target, contract=self._contract)
        except HarnessError as error:
            return "; ".join(problem.message for problem in error.problems[:3])

    def _look(self) -> Look:
        return tuple(sorted(self._files()))

    def _files(self) -> Iterator[tuple[str, int, int]]:
        for number, path in enumerate(self._paths()):
            if number >= _MOST:
                return
            try:
                told = path.stat()
            except OSError:
                continue
            yield str(path), told.st_mtime_ns, told.st_size

    def _paths(self) -> Iterator[Path]:
        if self._target.is_dir():
            yield from (path for path in self._target.rglob("*") if path.is_file() and path.name not in _NOT_SERVED)
        for document in self._documents():
            yield from (path for path in document.parent.glob("*") if path.suffix.lower() in _DOCUMENTS)

    def _documents(self) -> Iterator[Path]:
        """The contract; whatever it refers to lies beside it."""
        if self._contract is not None:
            yield self._contract
        elif not self._target.is_dir():
            yield self._target
        else:
            yield from self._named()

    def _named(self) -> Iterator[Path]:
        from harness.formats.mock_toml import read_mock_toml

        file = self._target / "mock.toml"
        try:
            settings = read_mock_toml(file.read_bytes(), str(file), self._target.name)
        except (OSError, HarnessError):
            return
        if settings.contract is not None:
            yield self._target / settings.contract
