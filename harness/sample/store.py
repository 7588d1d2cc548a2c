"""Where customers and orders are kept: each call is one short transaction, and no tenant sees another's rows."""

import json
from dataclasses import dataclass
from typing import Any

from harness.sample.database import AnyDatabase


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer as stored."""

    id: str
    name: str
    email: str
    phone: str | None
    version: int
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as stored; `lines` are dictionaries with sku, quantity and unitPriceCents."""

    id: str
    customer_id: str
    status: str
    lines: tuple[dict[str, Any], ...]
    total_cents: int
    note: str
    erp_reference: str | None
    reservation_id: str | None
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice as stored; `charge_id` is the payment provider's."""

    id: str
    order_id: str
    customer_id: str
    status: str
    total_cents: int
    charge_id: str | None
    issued_at: str
    paid_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What is known about an idempotency key; without an `order_id` its request is still being carried out."""

    digest: str
    order_id: str | None


class Store:
    """The tables of the hub."""

    def __init__(self, database: AnyDatabase) -> None:
        self.database = database

    # customers

    def add_customer(self, tenant: str, customer: Customer) -> None:
        """Insert; a customer that is there already is left as it is."""
        with self.database.connection() as db:
            db.execute(
                "INSERT INTO customers (tenant, id, name, email, phone, version, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, id) DO NOTHING",
                (
                    tenant,
                    customer.id,
                    customer.name,
                    customer.email,
                    customer.phone,
                    customer.version,
                    customer.created_at,
                ),
            )

    def customer(self, tenant: str, customer_id: str) -> Customer | None:
        """One customer."""
        with self.database.connection() as db:
            row = db.execute(
                f"SELECT {_CUSTOMER} FROM customers WHERE tenant = ? AND id = ?", (tenant, customer_id)
            ).fetchone()
        return None if row is None else _customer(row)

    def replace_customer(self, tenant: str, customer: Customer, *, was: int) -> bool:
        """Write name, email and phone if the version still is `was`; false when somebody was quicker."""
        with self.database.connection() as db:
            done = db.execute(
                "UPDATE customers SET name = ?, email = ?, phone = ?, version = ?"
                " WHERE tenant = ? AND id = ? AND version = ?",
                (customer.name, customer.email, customer.phone, customer.version, tenant, customer.id, was),
            )
            return done.rowcount == 1

    def remove_customer(self, tenant: str, customer_id: str) -> bool:
        """Delete; false when there was none."""
        with self.database.connection() as db:
            done = db.execute("DELETE FROM customers WHERE tenant = ? AND id = ?", (tenant, customer_id))
            return done.rowcount == 1

    def customers(
        self, tenant: str, search: str | None, *, exact_case: bool, skip: int, limit: int
    ) -> tuple[int, list[Customer]]:
        """How many match in all, and one page of them, oldest first."""
        where, values = "tenant = ?", [tenant]
        if search is not None:
            finds = self.database.finds
            where += f" AND {finds}(name, ?) > 0" if exact_case else f" AND {finds}(lower(name), lower(?)) > 0"
            values.append(search)
        with self.database.connection() as db:
            total = db.execute(f"SELECT count(*) FROM customers WHERE {where}", values).fetchone()[0]
            rows = db.execute(
                f"SELECT {_CUSTOMER} FROM customers WHERE {where} ORDER BY seq LIMIT ? OFFSET ?", (*values, limit, skip)
            ).fetchall()
        return total, [_customer(row) for row in rows]

    # orders

    def add_order(self, tenant: str, order: Order) -> None:
        """Insert; an order that is there already is left as it is."""
        with self.database.connection() as db:
            db.execute(
                "INSERT INTO orders (tenant, id, customer_id, status, lines, total_cents, note,"
                " erp_reference, reservation_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (tenant, id) DO NOTHING",
                (
                    tenant,
                    order.id,
                    order.customer_id,
                    order.status,
                    json.dumps(order.lines),
                    order.total_cents,
                    order.note,
                    order.erp_reference,
                    order.reservation_id,
                    order.created_at,
                ),
            )

    def order(self, tenant: str, order_id: str) -> Order | None:
        """One order."""
        with self.database.connection() as db:
            row = db.execute(f"SELECT {_ORDER} FROM orders WHERE tenant = ? AND id = ?", (tenant, order_id)).fetchone()
        return None if row is None else _order(row)

    def cancel_order(self, tenant: str, order_id: str) -> bool:
        """Mark as cancelled; false when it was already."""
        with self.database.connection() as db:
            done = db.execute(
                "UPDATE orders SET status = 'cancelled' WHERE tenant = ? AND id = ? AND status <> 'cancelled'",
                (tenant, order_id),
            )
            return done.rowcount == 1

    def orders(
        self, tenant: str, *, customer_id: str | None, status: str | None, skip: int, limit: int
    ) -> tuple[int, list[Order]]:
        """How many match in all, and one page of them, newest first."""
        where, values = "tenant = ?", [tenant]
        for column, value in (("customer_id", customer_id), ("status", status)):
            if value is not None:
                where += f" AND {column} = ?"
                values.append(value)
        with self.database.connection() as db:
            total = db.execute(f"SELECT coalesce(sum(orders), 0) FROM tallies WHERE {where}", values).fetchone()[0]
            rows = db.execute(
                f"SELECT {_ORDER} FROM orders WHERE {where} ORDER BY seq DESC LIMIT ? OFFSET ?", (*values, limit, skip)
            ).fetchall()
        return total, [_order(row) for row in rows]

    # invoices

    def add_invoice(self, tenant: str, invoice: Invoice) -> None:
        """Insert; an order that has an invoice keeps that one."""
        with self.database.connection() as db:
            db.execute(
                "INSERT INTO invoices (tenant, id, order_id, customer_id, status, total_cents, charge_id, issued_at,"
                " paid_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (
                    tenant,
                    invoice.id,
                    invoice.order_id,
                    invoice.customer_id,
                    invoice.status,
                    invoice.total_cents,
                    invoice.charge_id,
                    invoice.issued_at,
                    invoice.paid_at,
                ),
            )

    def invoice(self, tenant: str, invoice_id: str) -> Invoice | None:
        """One invoice."""
        return self._one_invoice("tenant = ? AND id = ?", (tenant, invoice_id))

    def invoice_for(self, tenant: str, order_id: str) -> Invoice | None:
        """The invoice of an order."""
        return self._one_invoice("tenant = ? AND order_id = ?", (tenant, order_id))

    def settle_invoice(self, tenant: str, invoice_id: str, charge_id: str | None, paid_at: str) -> bool:
        """Mark as paid if it is open; false when it is not."""
        with self.database.connection() as db:
            done = db.execute(
                "UPDATE invoices SET status = 'paid', charge_id = ?, paid_at = ?"
                " WHERE tenant = ? AND id = ? AND status = 'open'",
                (charge_id, paid_at, tenant, invoice_id),
            )
            return done.rowcount == 1

    def close_invoice(self, tenant: str, invoice_id: str, *, was: str, to: str) -> None:
        """Mark as void or refunded, if it still is what it was."""
        with self.database.connection() as db:
            db.execute(
                "UPDATE invoices SET status = ? WHERE tenant = ? AND id = ? AND status = ?",
                (to, tenant, invoice_id, was),
            )

    def invoices(
        self, tenant: str, *, customer_id: str | None, status: str | None, skip: int, limit: int
    ) -> tuple[int, list[Invoice]]:
        """How many match in all, and one page of them, newest first."""
        where, values = "tenant = ?", [tenant]
        for column, value in (("customer_id", customer_id), ("status", status)):
            if value is not None:
                where += f" AND {column} = ?"
                values.append(value)
        with self.database.connection() as db:
            total = db.execute(f"SELECT count(*) FROM invoices WHERE {where}", values).fetchone()[0]
            rows = db.execute(
                f"SELECT {_INVOICE} FROM invoices WHERE {where} ORDER BY seq DESC LIMIT ? OFFSET ?",
                (*values, limit, skip),
            ).fetchall()
        return total, [_invoice(row) for row in rows]

    def _one_invoice(self, where: str, values: tuple[str, ...]) -> Invoice | None:
        with self.database.connection() as db:
            row = db.execute(f"SELECT {_INVOICE} FROM invoices WHERE {where}", values).fetchone()
        return None if row is None else _invoice(row)

    # idempotency keys

    def claim_key(self, tenant: str, client: str, key: str, digest: str) -> Replay | None:
        """Take the key for this request (None), or say what it was used for."""
        with self.database.connection() as db:
            done = db.execute(
                "INSERT INTO replays (tenant, client, key, digest) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (tenant, client, key) DO NOTHING",
                (tenant, client, key, digest),
            )
            if done.rowcount == 1:
                return None
            row = db.execute(
                "SELECT digest, order_id FROM replays WHERE tenant = ? AND client = ? AND key = ?",
                (tenant, client, key),
            ).fetchone()
        return Replay(digest=row[0], order_id=row[1])

    def settle_key(self, tenant: str, client: str, key: str, order_id: str | None) -> None:
        """Remember the order that came of the key; None gives the key back."""
        statement = "UPDATE replays SET order_id = ?" if order_id else "DELETE FROM replays"
        values = (order_id,) if order_id else ()
        with self.database.connection() as db:
            db.execute(f"{statement} WHERE tenant = ? AND client = ? AND key = ?", (*values, tenant, client, key))

    # stock, as the ERP reported it

    def note_stock(self, tenant: str, sku: str, available: int, sequence: int) -> None:
        """Keep the latest report of a product."""
        with self.database.connection() as db:
            db.execute(
                "INSERT INTO stock (tenant, sku, available, sequence) VALUES (?, ?, ?, ?) ON CONFLICT (tenant, sku)"
                " DO UPDATE SET available = excluded.available, sequence = excluded.sequence"
                " WHERE excluded.sequence > stock.sequence",
                (tenant, sku, available, sequence),
            )

    def stock(self, tenant: str) -> dict[str, int]:
        """What is left, by product."""
        with self.database.connection() as db:
            return dict(db.execute("SELECT sku, available FROM stock WHERE tenant = ?", (tenant,)).fetchall())


_CUSTOMER = "id, name, email, phone, version, created_at"
_ORDER = "id, customer_id, status, lines, total_cents, note, erp_reference, reservation_id, created_at"


_INVOICE = "id, order_id, customer_id, status, total_cents, charge_id, issued_at, paid_at"


def _invoice(row: tuple[Any, ...]) -> Invoice:
    return Invoice(
        id=row[0],
        order_id=row[1],
        customer_id=row[2],
        status=row[3],
        total_cents=row[4],
        charge_id=row[5],
        issued_at=row[6],
        paid_at=row[7],
    )


def _customer(row: tuple[Any, ...]) -> Customer:
    return Customer(id=row[0], name=row[1], email=row[2], phone=row[3], version=row[4], created_at=row[5])


def _order(row: tuple[Any, ...]) -> Order:
    return Order(
        id=row[0],
        customer_id=row[1],
        status=row[2],
        lines=tuple(json.loads(row[3])),
        total_cents=row[4],
        note=row[5],
        erp_reference=row[6],
        reservation_id=row[7],
        created_at=row[8],
    )
