"""Customers: taken over from the CRM, searched, read, and replaced without losing anybody's change."""

import secrets
import zlib
from dataclasses import replace

from harness.sample.answers import Answer, as_json, problem
from harness.sample.faults import Fault
from harness.sample.hub import Hub, none_such, now
from harness.sample.reading import Request
from harness.sample.store import Customer

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONGEST_NAME = 80


def new_id(prefix: str) -> str:
    """A fresh id such as `cus-4f0k2m9x1c7q`."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(11))
    return f"{prefix}-{letters}{secrets.choice('234567')}"  # a digit at its end: nobody takes it for a word


def etag(customer: Customer) -> bytes:
    """The entity tag of this version: the version, and a mark of the customer it belongs to."""
    return f'"{customer.version}-{_mark(customer)}"'.encode()


async def list_customers(hub: Hub, request: Request) -> Answer:
    """One page of a search."""
    page, limit = request.query.get("page", 1), request.query.get("limit", 20)
    total, found = hub.store.customers(
        request.caller.tenant,
        request.query.get("q"),
        exact_case=hub.has(Fault.SEARCH_IS_CASE_SENSITIVE),
        skip=(page - 1) * limit,
        limit=limit,
    )
    body = {"items": [_shown(hub, one) for one in found], "page": page, "limit": limit, "total": total}
    return as_json(body, headers=((b"x-total-count", str(total).encode()),))


async def create_customer(hub: Hub, request: Request) -> Answer:
    """Store a new customer."""
    given = request.body
    if hub.has(Fault.CRASH_ON_LONGEST_NAME) and len(given["name"]) >= _LONGEST_NAME:
        raise RuntimeError("the name does not fit into its column")
    customer = Customer(
        id=new_id("cus"),
        name=given["name"],
        email=given["email"],
        phone=given.get("phone"),
        version=1,
        created_at=now(),
    )
    if not hub.has(Fault.CREATED_NOT_FOUND):
        hub.store.add_customer(request.caller.tenant, customer)
    location = (b"location", f"/customers/{customer.id}".encode())
    status = 200 if hub.has(Fault.CREATE_ANSWERS_200) else 201
    return as_json(_shown(hub, customer), status=status, headers=(location, (b"etag", etag(customer))))


async def get_customer(hub: Hub, request: Request) -> Answer:
    """One customer with its entity tag."""
    customer = hub.store.customer(request.caller.tenant, request.path["customerId"])
    if customer is None:
        return none_such(hub, "customer")
    return _with_etag(hub, customer)


async def replace_customer(hub: Hub, request: Request) -> Answer:
    """Replace, unless the version in `If-Match` is no longer the one that is there."""
    tenant = request.caller.tenant
    customer = hub.store.customer(tenant, request.path["customerId"])
    if customer is None:
        return none_such(hub, "customer")
    wanted = request.headers.get("if-match", "*").encode()
    if wanted not in (b"*", etag(customer)) and not hub.has(Fault.LOST_UPDATE):
        return _not_this_version(customer, wanted)
    given = request.body
    changed = replace(
        customer, name=given["name"], email=given["email"], phone=given.get("phone"), version=customer.version + 1
    )
    if not hub.store.replace_customer(tenant, changed, was=customer.version):
        return _not_this_version(customer, etag(customer))
    return _with_etag(hub, changed)


async def delete_customer(hub: Hub, request: Request) -> Answer:
    """An operation that nobody promised: reached through a fault only."""
    if not hub.store.remove_customer(request.caller.tenant, request.path["customerId"]):
        return none_such(hub, "customer")
    return Answer(status=204)


def _not_this_version(customer: Customer, wanted: bytes) -> Answer:
    version, _, mark = wanted.strip(b'"').partition(b"-")
    if mark.decode() != _mark(customer) or int(version) > customer.version:
        return problem(409, "If-Match is no entity tag that this customer ever had.")
    detail = "Somebody changed the customer since this version was read. Read it again."
    return problem(412, detail, headers=((b"etag", etag(customer)),))


def _with_etag(hub: Hub, customer: Customer) -> Answer:
    headers = () if hub.has(Fault.ETAG_MISSING) else ((b"etag", etag(customer)),)
    return as_json(_shown(hub, customer), headers=headers)


def _mark(customer: Customer) -> str:
    return f"{zlib.crc32(f'{customer.id} {customer.created_at}'.encode()):08x}"


def _shown(hub: Hub, customer: Customer) -> dict[str, object]:
    return {
        "id": customer.id,
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "version": customer.version,
        "createdAt": None if hub.has(Fault.CREATED_AT_NULL) else hub.moment(customer.created_at),
    }
