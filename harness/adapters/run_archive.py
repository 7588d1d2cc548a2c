"""A run as a single `.zip`: the same files, the same bytes for the same run, read without unpacking.

An archive comes from elsewhere: names that lead out, names given twice and sizes beyond reason are refused.
"""

import os
import zipfile
import zlib
from pathlib import Path
from types import TracebackType

from harness.errors import CouldNotTell, Place

_DOCUMENTS = ("plan.json", "record.json", "verdict.json", "events.ndjson", "attestation.intoto.jsonl")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MOST_FILES, _MOST_BYTES = 200_000, 4 * 1024**3


class Archive:
    """An archive being read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise self._unreadable(f"it is not a whole zip archive ({error})") from error
        names = [info.filename for info in self._zip.infolist()]
        if len(names) > _MOST_FILES or sum(info.file_size for info in self._zip.infolist()) > _MOST_BYTES:
            raise self._unreadable("it is larger than any run")
        if len(set(names)) != len(names):
            raise self._unreadable("a name is given twice in it")
        if any(name.startswith("/") or ".." in name.split("/") or "\\" in name for name in names):
            raise self._unreadable("a name in it leads out of it")
        self._names = frozenset(names)

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def read(self, name: str) -> bytes | None:
        """One file of the run, None where it is not in there."""
        if name not in self._names:
            return None
        try:
            return self._zip.read(name)
        except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            raise self._unreadable(f"{name} in it can't be read ({error})") from error

    def _unreadable(self, why: str) -> CouldNotTell:
        return CouldNotTell(why, place=Place(file=str(self._path)), hint="fetch it again")


def pack_run(path: Path, target: Path) -> Path:
    """Write a closed run as one archive: what the gate reads, in a fixed order and with no times."""
    if not (path / "record.json").is_file() or path.parent.name == "drafts":
        raise CouldNotTell(f"{path.name} was never closed, so it is no evidence", hint="run it again")
    files = [name for name in _DOCUMENTS if (path / name).is_file()]
    files += sorted(f"evidence/{one.name}" for one in (path / "evidence").glob("*") if one.is_file())
    part = target.with_name(f".{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in files:
                info = zipfile.ZipInfo(name, _EPOCH)
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
                archive.writestr(info, (path / name).read_bytes())
        descriptor = os.open(part, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CouldNotTell(f"could not write {target}: {error.strerror}", place=Place(file=str(target))) from error
    return target
