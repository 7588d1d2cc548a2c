"""A run on disk: built as a draft, closed last, renamed once.

`.harness/drafts/<id>/` holds the sealed `plan.json` and the growing, synced `events.ndjson`;
after `record.json` is closed everything is synced and the folder becomes `.harness/runs/<id>/`
by one rename. What was killed stays a draft. No file appears under its final name half-written.
"""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from harness.errors import AskedWrongly, CouldNotTell, HarnessError, Place
from harness.formats.documents import canonical, digest, read_document
from harness.model.evidence import Record
from harness.model.plan import Plan

RUNS, DRAFTS = ".harness/runs", ".harness/drafts"
_ROOM_BYTES = 32 * 1024**2


class Draft:
    """A run being built. Held by a lock on its `plan.json` for as long as its process lives."""

    def __init__(self, root: Path, run: str) -> None:
        self.run = run
        self.final = root / RUNS / run
        self.path = root / DRAFTS / run
        with _told(self.path):
            remember_to_ignore(root / ".harness")
            self.final.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir(mode=0o700, parents=True)
            if shutil.disk_usage(self.path).free < _ROOM_BYTES:
                self.path.rmdir()
                raise OSError(errno.ENOSPC, "no space left")
            (self.path / "evidence").mkdir()
            self._lock = (self.path / "lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._events = (self.path / "events.ndjson").open("ab")

    def seal_plan(self, body: bytes) -> str:
        """Write the plan, durable before anything starts; gives its SHA-256."""
        self.write("plan.json", body)
        _sync_folder(self.path)
        return digest(body)

    def append(self, event: dict[str, object]) -> None:
        """Add one event, on disk when this returns."""
        with _told(self.path):
            self._events.write(canonical(event))
            self._events.flush()
            os.fsync(self._events.fileno())

    def store(self, body: bytes) -> str:
        """Keep evidence by its content; gives its SHA-256."""
        sha256 = hashlib.sha256(body).hexdigest()
        if not (self.path / "evidence" / sha256).exists():
            self.write(f"evidence/{sha256}", body)
        return sha256

    def link(self, sha256: str, name: str) -> None:
        """Show stored evidence under a name for people, too."""
        target = self.path / name
        with _told(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            target.hardlink_to(self.path / "evidence" / sha256)

    def write(self, name: str, body: bytes) -> None:
        """Write one file whole: a temporary name first, then its own."""
        target = self.path / name
        with _told(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f".{target.name[:100]}.part")
            with part.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)

    def abandon(self) -> None:
        """Let go of it as it is: it stays a draft, not closed and no longer held."""
        self._events.close()
        self._lock.close()

    def close(self, record: bytes) -> Path:
        """Close the record and become a run; gives the run's folder."""
        self.write("record.json", record)
        with _told(self.path):
            self._events.close()
            for folder in (self.path, *(path for path in self.path.rglob("*") if path.is_dir())):
                _sync_folder(folder)
            (self.path / "lock").unlink()
            self.path.rename(self.final)
            _sync_folder(self.final.parent)
            _sync_folder(self.path.parent)
            self._lock.close()
        return self.final


def runs(root: Path) -> tuple[Path, ...]:
    """Every closed run, oldest first."""
    folder = root / RUNS
    return tuple(sorted(path for path in folder.iterdir() if path.is_dir())) if folder.is_dir() else ()


def drafts(root: Path) -> Iterator[tuple[Path, bool]]:
    """Every draft with whether its process still lives, oldest first."""
    folder = root / DRAFTS
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir():
            yield path, _held(path / "lock")


def find_run(root: Path, name: str | None) -> Path:
    """A run (or draft) by id or its beginning; the newest closed run where no name is given."""
    known = (*runs(root), *(path for path, _ in drafts(root)))
    if name is None:
        closed = runs(root)
        if not closed:
            raise AskedWrongly("there is no run yet", hint="harness run <tier>")
        return closed[-1]
    given = Path(name)
    if (given / "plan.json").is_file():
        return given
    matching = [path for path in known if path.name.startswith(name)]
    if len(matching) == 1:
        return matching[0]
    exact = [path for path in matching if path.name == name]
    if exact:
        return exact[0]
    some = ", ".join(path.name for path in (matching or list(known))[-5:]) or "none"
    said = "several runs begin with" if matching else "there is no run"
    raise AskedWrongly(f"{said} {name!r}", hint=f"runs here: {some}")


def load_run(path: Path) -> tuple[Plan, str, Record | None]:
    """(plan, its SHA-256 as found, record or None where it was never closed); HarnessError if unreadable."""
    body = _bytes(path / "plan.json")
    plan = read_document(Plan, body, str(path / "plan.json"))
    if not (path / "record.json").exists() or path.parent.name == "drafts":
        return plan, digest(body), None
    record = read_document(Record, _bytes(path / "record.json"), str(path / "record.json"))
    _check_evidence(path, record)
    return plan, digest(body), record


def load_record(path: Path) -> Record:
    """Only the record of a closed run, its evidence not looked at; HarnessError if unreadable."""
    return read_document(Record, _bytes(path / "record.json"), str(path / "record.json"))


def load_plan(path: Path) -> Plan:
    """Only the plan of a run or draft; HarnessError if unreadable."""
    return read_document(Plan, _bytes(path / "plan.json"), str(path / "plan.json"))


def remove_draft(path: Path) -> None:
    """Remove what a killed run left."""
    shutil.rmtree(path)


def _check_evidence(path: Path, record: Record) -> None:
    attachments = [one for seen in record.seen for one in seen.attachments]
    attachments += [one for job in record.jobs for one in job.files]
    for one in attachments:
        if one.withheld is not None:
            continue
        file = path / "evidence" / one.sha256
        if not file.is_file():
            raise CouldNotTell(f"evidence `{one.name}` is missing", place=Place(file=str(file)), hint="run it again")
        if hashlib.sha256(file.read_bytes()).hexdigest() != one.sha256:
            raise CouldNotTell(f"evidence `{one.name}` was changed", place=Place(file=str(file)), hint="run it again")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CouldNotTell(f"can't read {path}: {error.strerror}", place=Place(file=str(path))) from error


def remember_to_ignore(folder: Path) -> None:
    """Nothing in `.harness/` is ever committed: the folder says so itself."""
    folder.mkdir(exist_ok=True)
    note = folder / ".gitignore"
    if not note.exists():
        note.write_text("*\n")


def _held(lock: Path) -> bool:
    try:
        with lock.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except OSError:
        return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _told:  # noqa: N801 - reads as a word: `with _told(path):`
    """Turn what the disk says into a sentence with the place and the way out."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, OSError):
            return
        raise _sentence(error, self._path) from error


def _sentence(error: OSError, path: Path) -> HarnessError:
    place = Place(file=str(path))
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return CouldNotTell(
            f"no space left where the run is written: {path.parent}",
            place=place,
            hint="make room (harness runs --prune) and run again; nothing half-written counts",
        )
    if error.errno in {errno.EACCES, errno.EROFS, errno.EPERM}:
        return CouldNotTell(f"may not write here: {error.strerror}", place=place, hint="give write access to .harness/")
    return CouldNotTell(f"could not write the run: {error.strerror or error}", place=place)
