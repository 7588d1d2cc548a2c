"""A database of one run's own on a server that outlives the run: made when it begins, dropped when it ends.

Each carries in its comment whose it is. What a killed run left is dropped by the next one of ours on the same server;
those of other users, other machines and living runs are never touched.
"""

from dataclasses import replace

from harness.adapters.services.access import Access
from harness.adapters.services.postgres_wire import Postgres

_OURS = "SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') = {owner}"
_ENOUGH_S = 30.0


def space_of(run: str) -> str:
    """The database or virtual host of a run."""
    return "harness_" + "".join(char if char.isalnum() else "_" for char in run.lower())


def make_database(server: Access, space: str, owner: str) -> Access:
    """A fresh one; NoEntryError with what the server said, where the user may make none, for example."""
    with Postgres(server, deadline_s=_ENOUGH_S) as session:
        session.run(f'CREATE DATABASE "{space}"')
        session.run(f'COMMENT ON DATABASE "{space}" IS {_text(owner)}')
    return replace(server, space=space)


def drop_database(server: Access, space: str) -> None:
    """It and whoever is still connected to it."""
    with Postgres(server, deadline_s=_ENOUGH_S) as session:
        session.run(f'DROP DATABASE IF EXISTS "{space}" WITH (FORCE)')


def clear_databases(server: Access, owner: str, living: frozenset[str]) -> tuple[str, ...]:
    """Drop ours of which no run lives; gives their names."""
    with Postgres(server, deadline_s=_ENOUGH_S) as session:
        found = [str(row[0]) for row in session.run(_OURS.format(owner=_text(owner)))]
        left = tuple(name for name in found if name.startswith("harness_") and name not in living)
        for name in left:
            session.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    return left


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
