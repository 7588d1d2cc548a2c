"""Whether the portal stands on what it promises: a database that keeps what it says it kept, keys nobody else reads.

Looked at on a connection as every request gets one, before the first request.
"""

import os
import sqlite3
from pathlib import Path

from django.db import connection

from harness.portal.keys import NoKey, portal_key
from harness.portal.settings import PORTAL

_NETWORKED = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p"})
_PRAGMAS = {"journal_mode": ("wal",), "synchronous": ("2", "3"), "foreign_keys": ("1",), "recursive_triggers": ("1",)}
_POSTGRES = {
    "fsync": ("on",),
    "synchronous_commit": ("on", "remote_apply", "remote_write"),
    "full_page_writes": ("on",),
}
_LEAST_SQLITE = (3, 37, 0)


def troubles() -> tuple[str, ...]:
    """Everything that is not as it must be, in sentences."""
    return (*_keys(), *(_postgres() if PORTAL.database else _sqlite()), *_witnesses())


def _keys() -> tuple[str, ...]:
    found = []
    try:
        portal_key()
    except NoKey as error:
        found.append(str(error))
    mode = PORTAL.data.stat().st_mode
    if mode & 0o077:
        found.append(f"{PORTAL.data} is open to others: chmod 700 {PORTAL.data}")
    return tuple(found)


def _sqlite() -> tuple[str, ...]:
    found = []
    if sqlite3.sqlite_version_info < _LEAST_SQLITE:
        found.append(f"SQLite {sqlite3.sqlite_version} is too old; 3.37 or newer is needed, or PostgreSQL")
    kind = filesystem_of(PORTAL.data)
    if kind in _NETWORKED:
        found.append(f"{PORTAL.data} is on a network file system ({kind}), where SQLite loses commits; use PostgreSQL")
    with connection.cursor() as cursor:
        for name, wanted in _PRAGMAS.items():
            cursor.execute(f"PRAGMA {name}")
            value = str(cursor.fetchone()[0])
            if value not in wanted:
                found.append(f"SQLite's {name} is {value}, and must be {wanted[0]}")
    return tuple(found)


def _postgres() -> tuple[str, ...]:
    found = []
    with connection.cursor() as cursor:
        for name, wanted in _POSTGRES.items():
            cursor.execute(f"SHOW {name}")
            value = str(cursor.fetchone()[0])
            if value not in wanted:
                found.append(f"PostgreSQL's {name} is {value}, and must be {wanted[0]}")
    return tuple(found)


def _witnesses() -> tuple[str, ...]:
    return tuple(
        f"{one} is no directory that can be written to" for one in PORTAL.witnesses if not os.access(one, os.W_OK)
    )


def filesystem_of(path: Path, mounts: str | None = None) -> str:
    """The kind of file system that a path is on; empty where it can't be told."""
    try:
        text = mounts if mounts is not None else Path("/proc/mounts").read_text()
    except OSError:
        return ""
    best, kind = "", ""
    for line in text.splitlines():
        _, place, what, *_ = line.split(" ")
        inside = place == "/" or path == Path(place) or Path(place) in path.parents
        if inside and len(place) >= len(best):
            best, kind = place, what
    return kind
