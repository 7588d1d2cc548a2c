"""A copy of the portal while it runs, and a portal from a copy: log, tables and rows are proved before it counts.

Keys are not in it: whoever had a copy could sign as the portal. A copy is written beside its place and put there whole.
"""

import os
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from harness.errors import AskedWrongly, CouldNotTell
from harness.formats.dsse import NotTrusted
from harness.formats.log_checking import check_log
from harness.model.ledger import Line, Log
from harness.portal.copies import check_made, check_rows
from harness.portal.evidence_store import OtherContent, opened, path_of
from harness.portal.keys import public_key
from harness.portal.settings import PORTAL

DATABASE = "portal.sqlite3"
_ROWS = 'SELECT body, leaf_sha256, countersignature FROM portal_entry ORDER BY "index"'
_CHUNK = 1024**2
_BESIDE = ("-wal", "-shm", "-journal")


def back_up(target: Path) -> tuple[int, str]:
    """Write the copy; gives size and root of the log in it."""
    _only_sqlite()
    source = PORTAL.data / DATABASE
    if not source.is_file():
        raise AskedWrongly(f"there is no portal in {PORTAL.data}")
    with _beside(target) as draft, _beside(PORTAL.data / "copy") as copy:
        with closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as live, closing(_open(copy)) as kept:
            live.backup(kept)
            kept.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        size, root = proved(copy)
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.write(copy, DATABASE)
            for sha256 in _evidence(copy):
                with _opened(sha256) as file, archive.open(f"evidence/{sha256}", "w") as member:
                    while part := file.read(_CHUNK):
                        member.write(part)
        _synced(draft)
        draft.replace(target)
    return size, root


def restore(source: Path) -> tuple[int, str]:
    """A portal from a copy, where there is none yet; nothing is there before all of it was proved."""
    _only_sqlite()
    place = PORTAL.data / DATABASE
    if place.exists():
        raise AskedWrongly(f"there is a portal already: {place}", hint="name another folder: HARNESS_PORTAL_DATA")
    for left in (place.with_name(f"{DATABASE}{end}") for end in _BESIDE):
        if left.exists():  # SQLite would write it into whatever comes to stand there
            raise AskedWrongly(f"an earlier portal left {left}", hint="move it away, or name another folder")
    try:
        with zipfile.ZipFile(source) as archive, _beside(place) as draft:
            _copied(archive, DATABASE, draft)
            told = proved(draft)
            check_made(draft)
            for sha256 in _evidence(draft):
                _restored(archive, sha256)
            check_rows(draft)
            _synced(draft)
            draft.replace(place)
    except (OSError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise CouldNotTell(f"{source} is no copy of a portal, or was cut: {error}") from error
    return told


def proved(database: Path) -> tuple[int, str]:
    """Size and root of a database's log, every hash and signature of it looked at."""
    try:
        with closing(_open(database)) as opened_one:
            rows = opened_one.execute(_ROWS).fetchall()
            heads = opened_one.execute("SELECT checkpoint FROM portal_head").fetchall()
    except sqlite3.DatabaseError as error:
        raise CouldNotTell(f"that database can't be read: {error}") from error
    if not rows:
        raise CouldNotTell("its log is empty: nothing in it can be proved")
    hint = "put the portal.key of that portal into the data folder first"
    try:
        log = Log(
            leaves=tuple(bytes.fromhex(leaf) for _, leaf, _ in rows),
            checkpoint=(heads[0][0] if heads else "").encode(),
            lines=tuple(Line(body=bytes(body), countersignature=said) for body, _, said in rows),
        )
        point, _ = check_log(log, (public_key(),))
    except (NotTrusted, ValueError, TypeError, AttributeError) as error:
        raise CouldNotTell(f"its log does not hold: {error}", hint=hint) from error
    return point.size, point.root.hex()


def _opened(sha256: str) -> IO[bytes]:
    try:
        return opened(sha256)
    except OtherContent as error:
        raise CouldNotTell(f"evidence {sha256[:12]} is not what its name says: {error}") from error


def _restored(archive: zipfile.ZipFile, sha256: str) -> None:
    path = path_of(sha256)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _beside(path) as draft:
        _copied(archive, f"evidence/{sha256}", draft)
        draft.replace(path)
    try:
        opened(sha256).close()
    except OtherContent as error:
        path.unlink()
        raise CouldNotTell(f"evidence {sha256[:12]} in it is another file") from error


def _copied(archive: zipfile.ZipFile, member: str, target: Path) -> None:
    with archive.open(member) as source, target.open("wb") as file:
        while part := source.read(_CHUNK):
            file.write(part)


def _evidence(database: Path) -> list[str]:
    with closing(_open(database)) as opened_one:
        rows = opened_one.execute("SELECT DISTINCT sha256 FROM portal_evidence WHERE brought_ms IS NOT NULL")
        return sorted(str(one) for (one,) in rows)


def _open(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(database)


def _synced(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """A private file beside a place; what was not put there is gone in the end, after a crash with the next one."""
    for left in place.parent.glob(f".{place.name}.*"):
        if not Path("/proc", left.suffix[1:].partition("-")[0]).exists():
            left.unlink(missing_ok=True)
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _only_sqlite() -> None:
    if PORTAL.database:
        raise AskedWrongly("that is for SQLite", hint="on PostgreSQL: pg_dump, and the evidence folder beside it")
