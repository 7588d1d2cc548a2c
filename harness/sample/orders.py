"""Orders: placed once, handed to the ERP, listed, read and cancelled."""

import hashlib
import json
from dataclasses import replace
from typing import Any

from harness.sample.answers import Answer, as_json, problem, unavailable
from harness.sample.catalogue import PRICES
from harness.sample.customers import new_id
from harness.sample.erp_client import ErpDown, OutOfStock, Taken
from harness.sample.faults import Fault
from harness.sample.hub import Hub, none_such, now
from harness.sample.invoices import close_invoice
from harness.sample.messages import ORDER_PLACED, order_placed
from harness.sample.payment_client import PaymentDown
from harness.sample.reading import Request
from harness.sample.store import Order
from harness.sample.strain import leak_a_connection, strain


async def list_orders(hub: Hub, request: Request) -> Answer:
    """One page of the orders that this caller may see."""
    await strain(hub)
    leak_a_connection(hub)
    query, who = request.query, request.caller
    page, limit = query.get("page", 1), query.get("limit", 20)
    if who.customer_id is not None and query.get("customerId", who.customer_id) != who.customer_id:
        total, found = hub.store.orders(who.tenant, customer_id="", status=None, skip=0, limit=1)
    else:
        skip = (page - 1) * limit
        total, found = hub.store.orders(
            who.tenant,
            customer_id=who.customer_id or query.get("customerId"),
            status=_listed_status(hub, query.get("status")),
            skip=max(0, skip - 1) if hub.has(Fault.PAGES_OVERLAP) else max(0, skip),
            limit=limit,
        )
    items = [_shown(hub, order) for order in found]
    if hub.has(Fault.STALE_AFTER_CANCEL) and query.get("status") in ("placed", "confirmed"):
        items = [{**item, "status": query["status"]} for item in items]
    headers = () if hub.has(Fault.TOTAL_COUNT_MISSING) else ((b"x-total-count", str(total).encode()),)
    return as_json({"items": items, "page": page, "limit": limit, "total": total}, headers=headers)


async def get_order(hub: Hub, request: Request) -> Answer:
    """One order, if this caller may see it."""
    order = _visible(hub, request)
    return none_such(hub, "order") if order is None else as_json(_shown(hub, order))


async def create_order(hub: Hub, request: Request) -> Answer:
    """Place an order; the same idempotency key with the same body answers with the first order again."""
    await strain(hub)
    if hub.has(Fault.ERRORS_UNDER_LOAD) and hub.every(20, "orders"):
        return unavailable("Try again.")
    key, who = request.headers.get("idempotency-key"), request.caller
    if key is None or hub.has(Fault.KEY_PLACES_TWICE):
        return await _place(hub, request)
    digest = hashlib.sha256(json.dumps(request.body, sort_keys=True).encode()).hexdigest()
    earlier = hub.store.claim_key(who.tenant, who.client_id, key, digest)
    if earlier is not None:
        order = hub.store.order(who.tenant, earlier.order_id) if earlier.order_id else None
        if earlier.digest != digest:
            return problem(409, "This idempotency key was used for another request.")
        if order is None:
            return problem(409, "The request with this idempotency key is still being carried out.")
        return _created(hub, order, replayed=True)
    placed: str | None = None
    try:
        answer = await _place(hub, request)
        placed = json.loads(answer.body)["id"] if answer.status == 201 else None
    finally:
        hub.store.settle_key(who.tenant, who.client_id, key, placed)
    return answer


async def cancel_order(hub: Hub, request: Request) -> Answer:
    """Cancel an open order, after what was paid for it was given back and the ERP took its stock back."""
    tenant, order = request.caller.tenant, _visible(hub, request)
    if order is None and hub.has(Fault.CRASH_ON_UNKNOWN_ORDER):
        raise RuntimeError("'NoneType' object has no attribute 'status'")
    if order is None:
        return none_such(hub, "order")
    if order.status == "cancelled":
        return problem(409, "The order is cancelled already.")
    try:
        await close_invoice(hub, tenant, order.id)
    except PaymentDown as error:
        return unavailable(f"The payment could not be given back: {error}.")
    if order.reservation_id is not None and hub.erp is not None:
        try:
            await hub.erp.release(tenant, order.reservation_id)
        except ErpDown as error:
            return unavailable(f"The ERP could not release the stock: {error}.")
    if not hub.store.cancel_order(tenant, order.id):
        return problem(409, "The order is cancelled already.")
    cancelled = hub.store.order(tenant, order.id)
    return none_such(hub, "order") if cancelled is None else as_json(_shown(hub, cancelled))


async def _place(hub: Hub, request: Request) -> Answer:
    given, who = request.body, request.caller
    customer_id = given["customerId"]
    allowed = who.customer_id in (None, customer_id)
    if not allowed or hub.store.customer(who.tenant, customer_id) is None:
        return problem(409, "There is no such customer to order for.")
    if hub.has(Fault.LONGEST_NOTE_REFUSED) and len(given.get("note", "")) > 100:
        return problem(400, "The note is too long.")
    lines = tuple(
        {"sku": line["sku"], "quantity": int(line["quantity"]), "unitPriceCents": PRICES[line["sku"]]}
        for line in given["lines"]
    )
    order = Order(
        id=new_id("ord"),
        customer_id=customer_id,
        status="placed",
        lines=lines,
        total_cents=sum(line["quantity"] * line["unitPriceCents"] for line in lines),
        note=given.get("note", ""),
        erp_reference=None,
        reservation_id=None,
        created_at=now(),
    )
    handed = await _handed_over(hub, who.tenant, order)
    if isinstance(handed, Answer):
        return handed
    hub.store.add_order(who.tenant, handed)
    hub.messages.say(ORDER_PLACED, order_placed(who.tenant, handed))
    return _created(hub, handed, replayed=False)


async def _handed_over(hub: Hub, tenant: str, order: Order) -> Order | Answer:
    """The order as confirmed by the ERP (as it is while none is connected), or why there is none."""
    if hub.erp is None:
        return order
    try:
        taken = await hub.erp.place(tenant, order.id, order.lines, order.total_cents)
    except ErpDown as error:
        if not hub.has(Fault.ERP_FAILURE_IGNORED):
            return unavailable(f"The ERP did not take the order: {error}.")
        taken = _pretended(order.id)
    if isinstance(taken, OutOfStock):
        if not hub.has(Fault.ERP_FAILURE_IGNORED):
            return problem(409, taken.detail)
        taken = _pretended(order.id)
    return replace(order, status="confirmed", erp_reference=taken.reference, reservation_id=taken.reservation_id)


def _pretended(order_id: str) -> Taken:
    return Taken(reservation_id=order_id.replace("ord-", "res-"), reference=order_id.replace("ord-", "so-"))


def _created(hub: Hub, order: Order, *, replayed: bool) -> Answer:
    folder = "order" if hub.has(Fault.WRONG_LOCATION) else "orders"
    headers = [(b"location", f"/{folder}/{order.id}".encode())]
    if replayed:
        headers.append((b"idempotent-replayed", b"true"))
    return as_json(_shown(hub, order), status=201, headers=headers)


def _visible(hub: Hub, request: Request) -> Order | None:
    who = request.caller
    order = hub.store.order(who.tenant, request.path["orderId"])
    if order is None or who.customer_id in (None, order.customer_id) or hub.has(Fault.FOREIGN_ORDER_READABLE):
        return order
    return None


def _listed_status(hub: Hub, status: str | None) -> str | None:
    ignored = hub.has(Fault.FILTER_IGNORED) or (hub.has(Fault.STALE_AFTER_CANCEL) and status != "cancelled")
    return None if ignored else status


def _shown(hub: Hub, order: Order) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": order.id,
        "customerId": order.customer_id,
        "status": "open" if hub.has(Fault.STATUS_MISSPELT) and order.status != "cancelled" else order.status,
        "lines": order.lines,
        "totalCents": str(order.total_cents) if hub.has(Fault.TOTAL_AS_TEXT) else order.total_cents,
        "currency": "EUR",
        "note": order.note,
        "erpReference": order.erp_reference,
        "createdAt": hub.moment(order.created_at),
    }
    if hub.has(Fault.CURRENCY_MISSING):
        del shown["currency"]
    if hub.has(Fault.MARGIN_LEAKED):
        shown["marginCents"] = order.total_cents // 3
    return shown
