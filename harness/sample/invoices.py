"""Invoices: issued once for an order, listed, read, and paid through the payment provider."""

from typing import Any

from harness.sample.answers import Answer, as_json, problem, unavailable
from harness.sample.customers import new_id
from harness.sample.faults import Fault
from harness.sample.hub import Hub, none_such, now
from harness.sample.payment_client import Declined, PaymentDown
from harness.sample.reading import Request
from harness.sample.store import Invoice, Order


async def issue_invoice(hub: Hub, request: Request) -> Answer:
    """The invoice for an order: a new one, or the one that it has."""
    who = request.caller
    order = hub.store.order(who.tenant, request.path["orderId"])
    if order is None or who.customer_id not in (None, order.customer_id):
        return none_such(hub, "order")
    known = hub.store.invoice_for(who.tenant, order.id)
    if known is not None:
        return as_json(_shown(hub, known))
    if order.status == "cancelled":
        return problem(409, "The order is cancelled.")
    hub.store.add_invoice(who.tenant, _invoice_for(hub, order))
    made = hub.store.invoice_for(who.tenant, order.id)
    if made is None:
        return unavailable("The invoice could not be kept.")
    return as_json(_shown(hub, made), status=201, headers=((b"location", f"/invoices/{made.id}".encode()),))


async def list_invoices(hub: Hub, request: Request) -> Answer:
    """One page of the invoices that this caller may see."""
    query, who = request.query, request.caller
    page, limit = query.get("page", 1), query.get("limit", 20)
    customer = query.get("customerId", who.customer_id)
    total, found = hub.store.invoices(
        who.tenant,
        customer_id="" if who.customer_id not in (None, customer) else customer,
        status=query.get("status"),
        skip=max(0, (page - 1) * limit),
        limit=limit,
    )
    body = {"items": [_shown(hub, one) for one in found], "page": page, "limit": limit, "total": total}
    return as_json(body, headers=((b"x-total-count", str(total).encode()),))


async def get_invoice(hub: Hub, request: Request) -> Answer:
    """One invoice, if this caller may see it."""
    invoice = _visible(hub, request)
    if invoice is None and hub.has(Fault.CRASH_ON_UNKNOWN_INVOICE):
        raise RuntimeError("'NoneType' object has no attribute 'order_id'")
    return none_such(hub, "invoice") if invoice is None else as_json(_shown(hub, invoice))


async def pay_invoice(hub: Hub, request: Request) -> Answer:
    """Pay an open invoice; what is no longer open when the money was taken is given back."""
    tenant, invoice = request.caller.tenant, _visible(hub, request)
    if invoice is None:
        return none_such(hub, "invoice")
    if invoice.status != "open":
        return problem(409, f"The invoice is {invoice.status}.")
    charge_id: str | None = None
    if hub.payments is not None:
        try:
            taken = await hub.payments.charge(tenant, invoice.id, invoice.total_cents, request.body["source"])
        except PaymentDown as error:
            return unavailable(f"The payment provider did not take the payment: {error}.")
        if isinstance(taken, Declined):
            if not hub.has(Fault.DECLINED_PAYMENT_ACCEPTED):
                return problem(402, taken.detail)
        else:
            charge_id = taken.id
    if not hub.store.settle_invoice(tenant, invoice.id, charge_id, now()):
        return await _too_late(hub, tenant, invoice.id, charge_id)
    paid = hub.store.invoice(tenant, invoice.id)
    return none_such(hub, "invoice") if paid is None else as_json(_shown(hub, paid))


async def close_invoice(hub: Hub, tenant: str, order_id: str) -> None:
    """An order is cancelled: what was paid for it is given back, what was not is void. Raises `PaymentDown`."""
    invoice = hub.store.invoice_for(tenant, order_id)
    if invoice is None or hub.has(Fault.INVOICE_OUTLIVES_ORDER):
        return
    if invoice.status == "paid":
        if hub.payments is not None and invoice.charge_id is not None:
            await hub.payments.refund(tenant, invoice.charge_id)
        hub.store.close_invoice(tenant, invoice.id, was="paid", to="refunded")
    else:
        hub.store.close_invoice(tenant, invoice.id, was="open", to="void")


async def _too_late(hub: Hub, tenant: str, invoice_id: str, charge_id: str | None) -> Answer:
    """Somebody else paid at the same moment, with the same charge, or the order was cancelled meanwhile."""
    there = hub.store.invoice(tenant, invoice_id)
    if there is not None and there.status != "paid" and charge_id is not None and hub.payments is not None:
        try:
            await hub.payments.refund(tenant, charge_id)
        except PaymentDown as error:
            return unavailable(f"The payment could not be given back: {error}.")
    return problem(409, "The invoice is no longer open.")


def _invoice_for(hub: Hub, order: Order) -> Invoice:
    total = order.total_cents
    if hub.has(Fault.WRONG_TOTAL_ON_INVOICE):
        total = sum(line["unitPriceCents"] for line in order.lines)
    return Invoice(
        id=new_id("inv"),
        order_id=order.id,
        customer_id=order.customer_id,
        status="open",
        total_cents=total,
        charge_id=None,
        issued_at=now(),
        paid_at=None,
    )


def _visible(hub: Hub, request: Request) -> Invoice | None:
    who = request.caller
    invoice = hub.store.invoice(who.tenant, request.path["invoiceId"])
    if invoice is None or who.customer_id in (None, invoice.customer_id) or hub.has(Fault.FOREIGN_INVOICE_READABLE):
        return invoice
    return None


def _shown(hub: Hub, invoice: Invoice) -> dict[str, Any]:
    total = invoice.total_cents
    return {
        "id": invoice.id,
        "orderId": invoice.order_id,
        "customerId": invoice.customer_id,
        "status": invoice.status,
        "totalCents": f"{total / 100:.2f}" if hub.has(Fault.INVOICE_TOTAL_AS_TEXT) else total,
        "currency": "EUR",
        "paymentReference": invoice.charge_id,
        "issuedAt": hub.moment(invoice.issued_at),
        "paidAt": None if invoice.paid_at is None else hub.moment(invoice.paid_at),
    }
