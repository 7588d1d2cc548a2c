"""Every fault changes what it says it changes, and without it the hub is right."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from harness.errors import AskedWrongly
from harness.sample.faults import KNOWN, Fault, Suite, parse
from tests.sample.conftest import EXAMPLE, Desk

ORDER = "/orders/ord-000000000001"
CUSTOMER = f"/customers/{EXAMPLE}"


def _field(path: str, name: str) -> Callable[[Desk], Any]:
    return lambda desk: desk.ask("GET", path).json().get(name, "absent")


def _header(path: str, name: str) -> Callable[[Desk], Any]:
    return lambda desk: name in desk.ask("GET", path).headers


def _status(method: str, path: str, **more: Any) -> Callable[[Desk], int]:
    return lambda desk: desk.ask(method, path, **more).status_code


def _named(name: str) -> Callable[[Desk], int]:
    return lambda desk: desk.customer(name).status_code


def _new_location(desk: Desk) -> str:
    return desk.order().headers["location"].rsplit("/", 1)[0]


def _note(desk: Desk) -> int:
    body = {"customerId": EXAMPLE, "lines": [{"sku": "TEA-100", "quantity": 1}], "note": "n" * 200}
    return desk.ask("POST", "/orders", json=body).status_code


def _read_back(desk: Desk) -> int:
    return desk.ask("GET", desk.customer().headers["location"]).status_code


def _seen_on_two_pages(desk: Desk) -> int:
    for _ in range(4):
        desk.order()
    pages = [desk.ask("GET", "/orders", params={"page": page, "limit": 2}).json()["items"] for page in (1, 2)]
    return len({order["id"] for page in pages for order in page})


def _name_after_two_changes(desk: Desk) -> str:
    made = desk.customer()
    for name in ("First", "Second"):
        body = {"name": name, "email": "a@b.example"}
        desk.ask("PUT", made.headers["location"], json=body, headers={"If-Match": made.headers["etag"]})
    return str(desk.ask("GET", made.headers["location"]).json()["name"])


def _open_after_cancel(desk: Desk) -> int:
    desk.ask("POST", f"{ORDER}/cancel")
    listed = desk.ask("GET", "/orders", params={"status": "placed"}).json()["items"]
    return sum(order["id"] == ORDER.rpartition("/")[2] for order in listed)


def _foreign_order(desk: Desk) -> int:
    theirs = desk.order(who="globex", customer="cus-000000globex").headers["location"]
    return desk.ask("GET", theirs, who="acme").status_code


def _invoice_of(desk: Desk, order: str, *, who: str = "harness") -> dict[str, Any]:
    return dict(desk.ask("POST", f"/orders/{order}/invoice", who=who).json())


def _invoiced(desk: Desk) -> int:
    return int(_invoice_of(desk, desk.order(quantity=3).json()["id"])["totalCents"])


def _invoice_after_cancel(desk: Desk) -> str:
    order = desk.order().json()["id"]
    invoice = _invoice_of(desk, order)["id"]
    desk.ask("POST", f"/orders/{order}/cancel")
    return str(desk.ask("GET", f"/invoices/{invoice}").json()["status"])


def _foreign_invoice(desk: Desk) -> int:
    order = desk.order(who="globex", customer="cus-000000globex").json()["id"]
    return desk.ask("GET", f"/invoices/{_invoice_of(desk, order, who='globex')['id']}", who="acme").status_code


def _cancelled_at_first(desk: Desk) -> int:
    return len(desk.ask("GET", "/orders", params={"status": "cancelled"}).json()["items"])


def _found_in_small_letters(desk: Desk) -> int:
    return int(desk.ask("GET", "/customers", params={"q": "example tea"}).json()["total"])


def _orders_of_one_key(desk: Desk) -> int:
    return len({desk.order(headers={"Idempotency-Key": "only-once"}).json()["id"] for _ in range(2)})


def _connections_kept(desk: Desk) -> int:
    for _ in range(10):
        desk.ask("GET", "/orders")
    return int(desk.ask("GET", "/health", who=None).json()["connectionsInUse"])


def _memory_kept(desk: Desk) -> int:
    for _ in range(10):
        desk.ask("GET", "/orders")
    return sum(len(block) for block in desk.hub.hoard)


def _errors_in_forty(desk: Desk) -> int:
    return sum(desk.order().status_code == 503 for _ in range(40))


def _seconds_waited(desk: Desk) -> float:
    waited = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal waited
        waited += seconds

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "sleep", sleep)
        for _ in range(5):
            desk.ask("GET", "/orders")
    return round(waited, 2)


def _zero(desk: Desk) -> int:
    return desk.order(quantity=0).status_code


# What is asked, and the right answer.
PROBES: Mapping[Fault, tuple[Callable[[Desk], Any], Any]] = {
    Fault.TOTAL_AS_TEXT: (_field(ORDER, "totalCents"), 900),
    Fault.CURRENCY_MISSING: (_field(ORDER, "currency"), "EUR"),
    Fault.STATUS_MISSPELT: (_field(ORDER, "status"), "placed"),
    Fault.CREATED_AT_NULL: (_field(CUSTOMER, "createdAt"), "2026-01-01T08:00:00Z"),
    Fault.LOCAL_TIME: (_field(ORDER, "createdAt"), "2026-01-01T08:00:00Z"),
    Fault.MARGIN_LEAKED: (_field(ORDER, "marginCents"), "absent"),
    Fault.CREATE_ANSWERS_200: (_named("Tea"), 201),
    Fault.PRODUCTS_AS_HTML: (lambda desk: desk.ask("GET", "/products").headers["content-type"], "application/json"),
    Fault.ETAG_MISSING: (_header(CUSTOMER, "etag"), True),
    Fault.TOTAL_COUNT_MISSING: (_header("/orders", "x-total-count"), True),
    Fault.WRONG_LOCATION: (_new_location, "/orders"),
    Fault.PLAIN_TEXT_ERRORS: (
        lambda desk: desk.ask("GET", "/customers/cus-nobodynobody").headers["content-type"],
        "application/problem+json",
    ),
    Fault.CRASH_ON_LONGEST_NAME: (_named("n" * 80), 201),
    Fault.CRASH_ON_UNKNOWN_ORDER: (_status("POST", "/orders/ord-nonesuchnone/cancel"), 404),
    Fault.ZERO_QUANTITY_ACCEPTED: (_zero, 400),
    Fault.PAGE_ZERO_ACCEPTED: (_status("GET", "/orders?page=0"), 400),
    Fault.IF_MATCH_OPTIONAL: (_status("PUT", CUSTOMER, json={"name": "Tea", "email": "a@b.example"}), 400),
    Fault.LONGEST_NOTE_REFUSED: (_note, 201),
    Fault.ORDERS_WITHOUT_TOKEN: (_status("GET", "/orders", who=None), 401),
    Fault.DELETE_NOT_REFUSED: (_status("DELETE", CUSTOMER), 405),
    Fault.INVOICE_TOTAL_AS_TEXT: (_field("/invoices/inv-000000000001", "totalCents"), 900),
    Fault.CRASH_ON_UNKNOWN_INVOICE: (_status("GET", "/invoices/inv-nonesuchnone"), 404),
    Fault.WRONG_TOTAL_ON_INVOICE: (_invoiced, 1350),
    Fault.INVOICE_OUTLIVES_ORDER: (_invoice_after_cancel, "void"),
    Fault.FOREIGN_INVOICE_READABLE: (_foreign_invoice, 404),
    Fault.CREATED_NOT_FOUND: (_read_back, 200),
    Fault.PAGES_OVERLAP: (_seen_on_two_pages, 4),
    Fault.LOST_UPDATE: (_name_after_two_changes, "First"),
    Fault.STALE_AFTER_CANCEL: (_open_after_cancel, 0),
    Fault.FOREIGN_ORDER_READABLE: (_foreign_order, 404),
    Fault.FILTER_IGNORED: (_cancelled_at_first, 0),
    Fault.SEARCH_IS_CASE_SENSITIVE: (_found_in_small_letters, 1),
    Fault.KEY_PLACES_TWICE: (_orders_of_one_key, 1),
    Fault.SLOW_UNDER_LOAD: (_seconds_waited, 0.0),
    Fault.MEMORY_GROWS: (_memory_kept, 0),
    Fault.CONNECTION_LEAK: (_connections_kept, 0),
    Fault.ERRORS_UNDER_LOAD: (_errors_in_forty, 0),
}
# Asked of a hub beside its neighbours in test_erp.py and test_invoices.py, and of the page in test_page.py.
ELSEWHERE = {
    Fault.ERP_FAILURE_IGNORED,
    Fault.ERP_QUANTITY_AS_TEXT,
    Fault.ERP_REFERENCE_MISSING,
    Fault.ERP_UNKNOWN_PATH,
    Fault.DECLINED_PAYMENT_ACCEPTED,
    Fault.PAYMENT_AMOUNT_AS_TEXT,
    Fault.PAYMENT_CURRENCY_MISSING,
    Fault.INVOICE_UNTRANSLATED,
    Fault.DEAD_CANCEL_BUTTON,
    Fault.WRONG_TOTAL_ON_PAGE,
    Fault.TRANSLATION_MISSING,
    Fault.UNLABELLED_QUANTITY,
    Fault.FAINT_TEXT,
    Fault.MOUSE_ONLY_ORDER,
    Fault.LANGUAGE_UNDECLARED,
}


@pytest.mark.parametrize("fault", PROBES)
def test_with_the_fault_the_hub_is_wrong_and_without_it_right(open_hub, fault: Fault) -> None:
    probe, right = PROBES[fault]
    assert probe(open_hub()) == right
    assert probe(open_hub(fault)) != right


def test_every_fault_is_proven_and_described_once() -> None:
    assert set(PROBES) | ELSEWHERE == set(Fault)
    assert sorted(known.fault for known in KNOWN) == sorted(Fault)
    assert all(known.sentence.endswith(".") for known in KNOWN)
    assert {known.suite for known in KNOWN} == set(Suite)


def test_a_leak_of_connections_ends_in_a_hub_that_cannot_work(open_hub) -> None:
    desk = open_hub(Fault.CONNECTION_LEAK)
    statuses = [desk.ask("GET", "/orders").status_code for _ in range(60)]
    assert statuses[0] == 200
    assert statuses[-1] == 503


def test_names_are_read_as_a_comma_list() -> None:
    assert parse("") == frozenset()
    assert parse(" lost-update, etag-missing ,") == {Fault.LOST_UPDATE, Fault.ETAG_MISSING}


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(AskedWrongly, match="unknown fault `lost-updat`") as caught:
        parse("lost-updat")
    assert "did you mean `lost-update`?" in (caught.value.problems[0].hint or "")


def test_several_faults_work_together(open_hub) -> None:
    order = open_hub(Fault.TOTAL_AS_TEXT, Fault.CURRENCY_MISSING).ask("GET", ORDER).json()
    assert json.dumps(order["totalCents"]) == '"900"'
    assert "currency" not in order
