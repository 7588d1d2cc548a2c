"""The hub put together: what it holds, who may do what, and which handler answers which operation."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from harness.errors import CouldNotTell
from harness.sample.answers import Answer, Refused, problem
from harness.sample.contracts import Operation
from harness.sample.database import AnyDatabase, Database, NoConnection
from harness.sample.erp_client import Erp
from harness.sample.faults import Fault
from harness.sample.messages import STOCK_CHANGED, InMemory, Messages
from harness.sample.payment_client import Payments
from harness.sample.reading import Headers
from harness.sample.settings import POSTGRES, Settings
from harness.sample.store import Customer, Invoice, Order, Store
from harness.sample.tokens import Identity, Tokens

SCOPES: Mapping[str, str] = {
    "listProducts": "products:read",
    "listCustomers": "customers:read",
    "createCustomer": "customers:write",
    "getCustomer": "customers:read",
    "replaceCustomer": "customers:write",
    "deleteCustomer": "customers:write",
    "listOrders": "orders:read",
    "createOrder": "orders:write",
    "getOrder": "orders:read",
    "cancelOrder": "orders:write",
    "issueInvoice": "invoices:write",
    "listInvoices": "invoices:read",
    "getInvoice": "invoices:read",
    "payInvoice": "invoices:write",
    "reportStock": "stock:write",
}
_CHALLENGE = ((b"www-authenticate", b'Bearer realm="orders"'),)
_NOBODY = Identity(client_id="nobody", tenant="sandbox", scopes=frozenset(), customer_id=None)


@dataclass(slots=True, kw_only=True)
class Hub:
    """Everything the handlers share. `erp` is None while no ERP is connected: orders then stay `placed`.

    `payments` is None while no payment provider is connected: invoices are then settled without a reference.
    """

    faults: frozenset[Fault]
    store: Store
    tokens: Tokens
    erp: Erp | None
    version: str
    payments: Payments | None = None
    messages: Messages = field(default_factory=InMemory)
    started: float = field(default_factory=time.monotonic)
    counts: dict[str, int] = field(default_factory=dict)
    arrivals: list[float] = field(default_factory=list)
    hoard: list[bytearray] = field(default_factory=list)

    def has(self, fault: Fault) -> bool:
        """Whether this fault is on."""
        return fault in self.faults

    def every(self, nth: int, what: str) -> bool:
        """True each `nth` time it is asked about `what`."""
        self.counts[what] = self.counts.get(what, 0) + 1
        return self.counts[what] % nth == 0

    def authorise(self, operation: Operation, headers: Headers) -> Identity | None:
        """Who calls; refuses with 401 without a valid token and with 403 without the scope."""
        if not operation.protected:
            return None
        if self.has(Fault.ORDERS_WITHOUT_TOKEN) and operation.id == "listOrders":
            return self._from_header(headers) or _NOBODY
        who = self._from_header(headers)
        if who is None:
            raise Refused(problem(401, "Send a valid bearer token.", headers=_CHALLENGE))
        if SCOPES[operation.id] not in who.scopes:
            raise Refused(problem(403, f"The token lacks the scope {SCOPES[operation.id]}."))
        return who

    def _from_header(self, headers: Headers) -> Identity | None:
        for name, value in headers:
            if name == b"authorization":
                scheme, _, token = value.decode("latin-1").partition(" ")
                return self.tokens.identity(token.strip()) if scheme.lower() == "bearer" else None
        return None

    def moment(self, stored: str) -> str:
        """A time as it is shown."""
        return stored.replace("T", " ").removesuffix("Z") if self.has(Fault.LOCAL_TIME) else stored


def build_hub(settings: Settings) -> Hub:
    """Open the store, with the records that the contract's examples name, and connect the ERP."""
    store = Store(_database(settings.database))
    _seed(store)
    return Hub(
        messages=_messages(settings.amqp_url, store),
        faults=settings.faults,
        store=store,
        tokens=Tokens(key=settings.signing_key, secrets_by_client=settings.secrets_by_client),
        erp=Erp(settings.erp_url, settings.faults) if settings.erp_url else None,
        payments=Payments(settings.payment_url, settings.faults) if settings.payment_url else None,
        version=settings.version,
    )


def _messages(url: str | None, store: Store) -> Messages:
    if url is None:
        return InMemory()
    from harness.sample.messages_amqp import Amqp

    def note_stock(message: Mapping[str, Any]) -> None:
        store.note_stock(
            str(message["tenant"]), str(message["sku"]), int(message["available"]), int(message["sequence"])
        )

    return Amqp(url, queue="hub.stock", hears={STOCK_CHANGED: note_stock})


def _database(named: str | None) -> AnyDatabase:
    if named is None or not named.startswith(POSTGRES):
        return Database(named)
    from harness.sample.database_postgres import PostgresDatabase

    try:
        return PostgresDatabase(named)
    except NoConnection as error:
        raise CouldNotTell(
            f"the hub can't start: {error}", hint="start the database that DATABASE_URL names"
        ) from error


def none_such(hub: Hub, what: str) -> Answer:
    """404: there is none, or none that this caller may see."""
    if hub.has(Fault.PLAIN_TEXT_ERRORS):
        return Answer(status=404, headers=((b"content-type", b"text/plain"),), body=f"no such {what}".encode())
    return problem(404, f"There is no such {what}.")


def now() -> str:
    """This second, in UTC, as RFC 3339."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seed(store: Store) -> None:
    at = "2026-01-01T08:00:00Z"
    people = (
        ("main", "cus-00000000acme", "Acme Catering"),
        ("main", "cus-000000globex", "Globex Offices"),
        ("main", "cus-000000000001", "Example Tea Room"),
        ("sandbox", "cus-000000000001", "Example Tea Room"),
    )
    for tenant, customer_id, name in people:
        customer = Customer(
            id=customer_id, name=name, email="orders@customer.example", phone=None, version=1, created_at=at
        )
        store.add_customer(tenant, customer)
    for tenant in ("main", "sandbox"):
        for number in (3, 2, 1):
            store.add_order(tenant, _example_order(number, at))
        invoice = Invoice(
            id="inv-000000000001",
            order_id="ord-000000000002",
            customer_id="cus-000000000001",
            status="open",
            total_cents=900,
            charge_id=None,
            issued_at=at,
            paid_at=None,
        )
        store.add_invoice(tenant, invoice)


def _example_order(number: int, at: str) -> Order:
    """One to cancel, one with an invoice, one without."""
    return Order(
        id=f"ord-{number:012}",
        customer_id="cus-000000000001",
        status="placed",
        lines=({"sku": "TEA-100", "quantity": 2, "unitPriceCents": 450},),
        total_cents=900,
        note="",
        erp_reference=None,
        reservation_id=None,
        created_at=at,
    )
