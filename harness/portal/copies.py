"""Whether the database of a copy is one that a portal made: its tables and guards, and its rows beside its log.

A log that holds says nothing of the file around it: without its guards the next row could be changed unseen, and a role
could stand there that nobody gave.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from harness.errors import CouldNotTell
from harness.portal.checking import check_log
from harness.portal.server import prepare

_MADE = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE NOT (type = 'table' AND name LIKE 'sqlite_stat_')"
_STEPS = "SELECT app, name FROM django_migrations"


def check_made(database: Path) -> None:
    """CouldNotTell unless tables, indexes and guards are those of a fresh portal that went the same steps."""
    try:
        with closing(sqlite3.connect(database)) as one:
            whole = one.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            steps, made = sorted(one.execute(_STEPS).fetchall()), set(one.execute(_MADE).fetchall())
    except sqlite3.DatabaseError as error:
        raise CouldNotTell(f"that database can't be read: {error}") from error
    if not whole:
        raise CouldNotTell("that database is damaged")
    with standing_in(":memory:") as fresh:
        executor = MigrationExecutor(fresh)
        unknown = [f"{app}.{name}" for app, name in steps if (app, name) not in executor.loader.disk_migrations]
        if unknown:
            raise CouldNotTell(f"that copy is of a newer portal (it has {', '.join(unknown)})")
        executor.migrate(steps)
        with fresh.cursor() as cursor:
            cursor.execute(_MADE)
            wanted = set(cursor.fetchall())
    differ = sorted({f"{kind} {name}" for kind, name, *_ in made ^ wanted})
    if differ:
        raise CouldNotTell(f"its tables or guards are not those that a portal makes: {', '.join(differ[:5])}")


def check_rows(database: Path) -> None:
    """CouldNotTell where a row says other than the log; the database is of this version then.

    What witnesses saw is not asked for: a copy is older than what was lost, and the audit page says by how much.
    """
    with standing_in(database):
        prepare()
        troubles = check_log(anchored=False).troubles
    with closing(sqlite3.connect(database)) as one:
        one.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    if troubles:
        raise CouldNotTell(f"what is in it is not as its log says: {'; '.join(troubles[:3])}")


@contextmanager
def standing_in(name: Path | str) -> Iterator[BaseDatabaseWrapper]:
    """Django's connection, on another database for a while."""
    usual = connections["default"]
    other = usual.copy()
    other.settings_dict["NAME"] = name
    connections["default"] = other
    try:
        yield other
    finally:
        other.close()
        connections["default"] = usual
