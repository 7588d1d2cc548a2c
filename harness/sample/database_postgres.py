"""Connections to the hub's PostgreSQL database, and the same tables as in SQLite.

Stands in for `Database` with the same few words, so that the store speaks to either: statements are written with `?`,
a handful of connections are shared by everybody, and a database that is not there is told as no connection.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from harness.sample.database import CONNECTIONS, NoConnection, Row

_SCHEMA = """
SELECT pg_advisory_xact_lock(7205759);
CREATE TABLE IF NOT EXISTS customers (
  seq BIGSERIAL PRIMARY KEY, tenant TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL,
  phone TEXT, version BIGINT NOT NULL, created_at TEXT NOT NULL, UNIQUE (tenant, id));
CREATE TABLE IF NOT EXISTS orders (
  seq BIGSERIAL PRIMARY KEY, tenant TEXT NOT NULL, id TEXT NOT NULL, customer_id TEXT NOT NULL, status TEXT NOT NULL,
  lines TEXT NOT NULL, total_cents BIGINT NOT NULL, note TEXT NOT NULL, erp_reference TEXT, reservation_id TEXT,
  created_at TEXT NOT NULL, UNIQUE (tenant, id));
CREATE INDEX IF NOT EXISTS customers_in_turn ON customers (tenant, seq);
CREATE INDEX IF NOT EXISTS orders_in_turn ON orders (tenant, seq);
CREATE INDEX IF NOT EXISTS orders_by_status ON orders (tenant, status, seq);
CREATE INDEX IF NOT EXISTS orders_by_customer ON orders (tenant, customer_id, seq);
CREATE INDEX IF NOT EXISTS orders_by_both ON orders (tenant, customer_id, status, seq);
CREATE TABLE IF NOT EXISTS tallies (
  tenant TEXT NOT NULL, customer_id TEXT NOT NULL, status TEXT NOT NULL, orders INTEGER NOT NULL,
  PRIMARY KEY (tenant, customer_id, status));
CREATE OR REPLACE FUNCTION tally_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    UPDATE tallies SET orders = orders - 1
      WHERE tenant = old.tenant AND customer_id = old.customer_id AND status = old.status;
  END IF;
  INSERT INTO tallies VALUES (new.tenant, new.customer_id, new.status, 1)
    ON CONFLICT (tenant, customer_id, status) DO UPDATE SET orders = tallies.orders + 1;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER order_added AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION tally_orders();
CREATE OR REPLACE TRIGGER order_changed AFTER UPDATE OF status ON orders FOR EACH ROW EXECUTE FUNCTION tally_orders();
CREATE TABLE IF NOT EXISTS invoices (
  seq BIGSERIAL PRIMARY KEY, tenant TEXT NOT NULL, id TEXT NOT NULL, order_id TEXT NOT NULL, customer_id TEXT NOT NULL,
  status TEXT NOT NULL, total_cents BIGINT NOT NULL, charge_id TEXT, issued_at TEXT NOT NULL, paid_at TEXT,
  UNIQUE (tenant, id), UNIQUE (tenant, order_id));
CREATE INDEX IF NOT EXISTS invoices_in_turn ON invoices (tenant, seq);
CREATE TABLE IF NOT EXISTS replays (
  tenant TEXT NOT NULL, client TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, order_id TEXT,
  PRIMARY KEY (tenant, client, key));
CREATE TABLE IF NOT EXISTS stock (
  tenant TEXT NOT NULL, sku TEXT NOT NULL, available BIGINT NOT NULL, sequence BIGINT NOT NULL,
  PRIMARY KEY (tenant, sku));
"""
_PATIENCE_S = 5


class Cursor:
    """What a statement came to."""

    def __init__(self, cursor: "psycopg.Cursor[Row]") -> None:
        self._cursor = cursor

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""
        return self._cursor.rowcount

    def fetchone(self) -> Any:
        """The next row, or None."""
        return self._cursor.fetchone()

    def fetchall(self) -> list[Row]:
        """All rows that are left."""
        return self._cursor.fetchall()


class Connection:
    """One connection; statements carry `?` where values go."""

    def __init__(self, url: str) -> None:
        try:
            self._own = psycopg.connect(url, autocommit=True, connect_timeout=_PATIENCE_S)
        except psycopg.Error as error:
            raise NoConnection("the database can't be reached") from error

    @property
    def alive(self) -> bool:
        """Whether it can be used again."""
        return not self._own.closed

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Cursor:
        """Run one statement by itself."""
        try:
            return Cursor(self._own.execute(statement.replace("?", "%s").encode(), values or None))
        except psycopg.OperationalError as error:
            self._own.close()
            raise NoConnection("the database went away") from error

    def close(self) -> None:
        """Give it back to the server."""
        self._own.close()


class PostgresDatabase:
    """At most eight connections to the database at `url`. `in_use` counts those taken."""

    finds = "strpos"

    def __init__(self, url: str) -> None:
        self._url = url
        self._opened: list[Connection] = []
        self.in_use = 0
        connection = self._open()
        connection.execute(_SCHEMA)
        self._idle = [connection]

    def close(self) -> None:
        """Close what is open, given back or not."""
        for connection in self._opened:
            connection.close()

    def take(self) -> Connection:
        """A connection, to be given back."""
        if self.in_use >= CONNECTIONS:
            raise NoConnection("all database connections are in use")
        taken = self._idle.pop() if self._idle else self._open()
        self.in_use += 1
        return taken

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection for a few statements; one that broke is not used again."""
        taken = self.take()
        try:
            yield taken
        finally:
            (self._idle.append if taken.alive else self._opened.remove)(taken)
            self.in_use -= 1

    def _open(self) -> Connection:
        connection = Connection(self._url)
        self._opened.append(connection)
        return connection
