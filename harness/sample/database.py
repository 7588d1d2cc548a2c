"""Connections to the hub's SQLite database, and its tables; what a store needs of any database.

A few connections are shared by everybody; who finds none free is told so at once. With no
path the database lives in this process's memory and ends with it.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from typing import Any, Protocol

_SCHEMA = """
CREATE TABLE IF NOT EXISTS customers (
  seq INTEGER PRIMARY KEY, tenant TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL,
  phone TEXT, version INTEGER NOT NULL, created_at TEXT NOT NULL, UNIQUE (tenant, id));
CREATE TABLE IF NOT EXISTS orders (
  seq INTEGER PRIMARY KEY, tenant TEXT NOT NULL, id TEXT NOT NULL, customer_id TEXT NOT NULL, status TEXT NOT NULL,
  lines TEXT NOT NULL, total_cents INTEGER NOT NULL, note TEXT NOT NULL, erp_reference TEXT, reservation_id TEXT,
  created_at TEXT NOT NULL, UNIQUE (tenant, id));
CREATE INDEX IF NOT EXISTS customers_in_turn ON customers (tenant, seq);
CREATE INDEX IF NOT EXISTS orders_in_turn ON orders (tenant, seq);
CREATE INDEX IF NOT EXISTS orders_by_status ON orders (tenant, status, seq);
CREATE INDEX IF NOT EXISTS orders_by_customer ON orders (tenant, customer_id, seq);
CREATE INDEX IF NOT EXISTS orders_by_both ON orders (tenant, customer_id, status, seq);
-- How many orders there are, kept while they come and go: counting them for each page would take ever longer.
CREATE TABLE IF NOT EXISTS tallies (
  tenant TEXT NOT NULL, customer_id TEXT NOT NULL, status TEXT NOT NULL, orders INTEGER NOT NULL,
  PRIMARY KEY (tenant, customer_id, status)) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS order_added AFTER INSERT ON orders BEGIN
  INSERT INTO tallies VALUES (new.tenant, new.customer_id, new.status, 1)
    ON CONFLICT (tenant, customer_id, status) DO UPDATE SET orders = orders + 1;
END;
CREATE TRIGGER IF NOT EXISTS order_changed AFTER UPDATE OF status ON orders BEGIN
  UPDATE tallies SET orders = orders - 1
    WHERE tenant = old.tenant AND customer_id = old.customer_id AND status = old.status;
  INSERT INTO tallies VALUES (new.tenant, new.customer_id, new.status, 1)
    ON CONFLICT (tenant, customer_id, status) DO UPDATE SET orders = orders + 1;
END;
CREATE TABLE IF NOT EXISTS invoices (
  seq INTEGER PRIMARY KEY, tenant TEXT NOT NULL, id TEXT NOT NULL, order_id TEXT NOT NULL, customer_id TEXT NOT NULL,
  status TEXT NOT NULL, total_cents INTEGER NOT NULL, charge_id TEXT, issued_at TEXT NOT NULL, paid_at TEXT,
  UNIQUE (tenant, id), UNIQUE (tenant, order_id));
CREATE INDEX IF NOT EXISTS invoices_in_turn ON invoices (tenant, seq);
CREATE TABLE IF NOT EXISTS replays (
  tenant TEXT NOT NULL, client TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, order_id TEXT,
  PRIMARY KEY (tenant, client, key));
CREATE TABLE IF NOT EXISTS stock (
  tenant TEXT NOT NULL, sku TEXT NOT NULL, available INTEGER NOT NULL, sequence INTEGER NOT NULL,
  PRIMARY KEY (tenant, sku));
"""
CONNECTIONS = 8
_memories = count(1)


Row = tuple[Any, ...]


class NoConnection(Exception):
    """All connections are taken, or the database is not there."""


class Answers(Protocol):
    """What a statement came to."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchall(self) -> list[Row]:
        """All rows that are left."""


class Speaks(Protocol):
    """A connection: statements carry `?` where values go."""

    def execute(self, statement: str, values: Sequence[Any] = ..., /) -> Answers:
        """Run one statement by itself."""


class AnyDatabase(Protocol):
    """A database of the hub. `finds` is its function that says where a text holds another."""

    in_use: int

    @property
    def finds(self) -> str:
        """`instr` or `strpos`."""

    def connection(self) -> AbstractContextManager[Speaks]:
        """A connection for a few statements."""

    def take(self) -> Speaks:
        """A connection, to be given back."""

    def close(self) -> None:
        """Close what is open."""


class Database:
    """At most eight connections. `path` is a file; None keeps everything in memory. `in_use` counts those taken."""

    finds = "instr"

    def __init__(self, path: str | None = None) -> None:
        name = f"file:harness-sample-{next(_memories)}?mode=memory&cache=shared" if path is None else path
        self._name, self._in_memory = name, path is None
        self._keeper = self._open()  # a database in memory lives as long as one connection does
        self._idle: list[sqlite3.Connection] = []
        self.in_use = 0
        self._keeper.executescript(_SCHEMA)

    def close(self) -> None:
        """Close what is open."""
        for connection in (*self._idle, self._keeper):
            connection.close()

    def take(self) -> sqlite3.Connection:
        """A connection, to be given back."""
        if self.in_use >= CONNECTIONS:
            raise NoConnection("all database connections are in use")
        self.in_use += 1
        return self._idle.pop() if self._idle else self._open()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for a few statements."""
        taken = self.take()
        try:
            yield taken
        finally:
            self._idle.append(taken)
            self.in_use -= 1

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._name, uri=self._in_memory, isolation_level=None, timeout=2, check_same_thread=False
        )
        if not self._in_memory:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        return connection
