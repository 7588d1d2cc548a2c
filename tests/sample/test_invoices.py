"""Invoices: one for an order, paid once through the provider, void or refunded when the order is cancelled."""

from collections.abc import Callable
from typing import Any

import pytest

from harness.sample.contracts import compile_contract, read_document
from harness.sample.faults import Fault
from harness.sample.payment.till import Till
from tests.sample.conftest import Desk, ScriptedErp

WithTill = Callable[..., Desk]
CARD = {"source": "card-4242"}


def invoice_of(desk: Desk, order: str, **more: Any) -> dict[str, Any]:
    return dict(desk.ask("POST", f"/orders/{order}/invoice", **more).json())


def ordered(desk: Desk, **more: Any) -> str:
    return str(desk.order(**more).json()["id"])


def status_of(desk: Desk, invoice: str) -> str:
    return str(desk.ask("GET", f"/invoices/{invoice}").json()["status"])


def test_an_order_has_one_invoice_with_its_total(desk: Desk) -> None:
    order = ordered(desk, quantity=3)
    first = desk.ask("POST", f"/orders/{order}/invoice")
    again = desk.ask("POST", f"/orders/{order}/invoice")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == desk.ask("GET", first.headers["location"]).json()
    assert (first.json()["totalCents"], first.json()["status"]) == (1350, "open")


def test_invoices_are_listed_newest_first_page_by_page(desk: Desk) -> None:
    made = [invoice_of(desk, ordered(desk))["id"] for _ in range(3)]
    pages = [desk.ask("GET", "/invoices", params={"page": page, "limit": 2}).json() for page in (1, 2)]
    assert [one["id"] for page in pages for one in page["items"]] == [*reversed(made), "inv-000000000001"]
    assert {page["total"] for page in pages} == {4}
    assert desk.ask("GET", "/invoices?status=paid").json()["items"] == []


def test_a_paid_invoice_names_the_charge_and_is_not_paid_again(with_till: WithTill, till: Till) -> None:
    desk = with_till()
    invoice = invoice_of(desk, ordered(desk))["id"]
    paid = desk.ask("POST", f"/invoices/{invoice}/pay", json=CARD)
    assert (paid.status_code, paid.json()["status"]) == (200, "paid")
    charge = till.charges[paid.json()["paymentReference"]]
    assert (charge.reference, charge.amount_cents) == (invoice, 900)
    assert desk.ask("POST", f"/invoices/{invoice}/pay", json=CARD).status_code == 409
    assert len(till.by_reference) == 1


def test_without_a_provider_an_invoice_is_settled_without_a_reference(desk: Desk) -> None:
    paid = desk.ask("POST", "/invoices/inv-000000000001/pay", json=CARD).json()
    assert (paid["status"], paid["paymentReference"]) == ("paid", None)


def test_a_declined_payment_leaves_the_invoice_open(with_till: WithTill) -> None:
    for faults, statuses in (((), (402, "open")), ((Fault.DECLINED_PAYMENT_ACCEPTED,), (200, "paid"))):
        desk = with_till(*faults)
        invoice = invoice_of(desk, ordered(desk))["id"]
        answer = desk.ask("POST", f"/invoices/{invoice}/pay", json={"source": "card-declined"})
        assert (answer.status_code, status_of(desk, invoice)) == statuses


def test_a_cancelled_order_is_not_owed(with_till: WithTill, till: Till) -> None:
    desk = with_till()
    unpaid, settled = ordered(desk), ordered(desk)
    void, refunded = invoice_of(desk, unpaid)["id"], invoice_of(desk, settled)["id"]
    charge = desk.ask("POST", f"/invoices/{refunded}/pay", json=CARD).json()["paymentReference"]
    for order in (unpaid, settled):
        assert desk.ask("POST", f"/orders/{order}/cancel").status_code == 200
    assert (status_of(desk, void), status_of(desk, refunded)) == ("void", "refunded")
    assert till.charges[charge].status == "refunded"
    assert desk.ask("POST", f"/invoices/{void}/pay", json=CARD).status_code == 409


def test_a_cancelled_order_gets_no_invoice(desk: Desk) -> None:
    order = ordered(desk)
    desk.ask("POST", f"/orders/{order}/cancel")
    assert desk.ask("POST", f"/orders/{order}/invoice").status_code == 409


@pytest.mark.parametrize("answer", [(500, {"oops": True}), (201, {"no": "id"}), (201, ["no object"])])
def test_a_provider_that_fails_takes_nothing_and_the_hub_says_when_to_try_again(
    with_till: WithTill, answer: tuple[int, Any]
) -> None:
    desk = with_till(provider=ScriptedErp(answers={("POST", "/charges"): answer}))
    refused = desk.ask("POST", "/invoices/inv-000000000001/pay", json=CARD)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert status_of(desk, "inv-000000000001") == "open"


def test_a_provider_that_hangs_is_not_waited_for(with_till: WithTill) -> None:
    desk = with_till(provider=ScriptedErp(delay_s=30.0))
    assert desk.hub.payments is not None
    desk.hub.payments.deadline_s = 0.1
    assert desk.ask("POST", "/invoices/inv-000000000001/pay", json=CARD).status_code == 503


def test_an_order_whose_payment_cannot_be_given_back_is_not_cancelled(with_till: WithTill) -> None:
    charge = (201, {"id": "ch-000000000007"})
    provider = ScriptedErp(answers={("POST", "/charges"): charge})
    desk = with_till(provider=provider)
    desk.ask("POST", "/invoices/inv-000000000001/pay", json=CARD)
    assert desk.ask("POST", "/orders/ord-000000000002/cancel").status_code == 503  # a refund answers 201: not as agreed
    assert desk.ask("GET", "/orders/ord-000000000002").json()["status"] == "placed"
    assert status_of(desk, "inv-000000000001") == "paid"


def test_nobody_sees_or_pays_another_customers_invoice(desk: Desk) -> None:
    order = ordered(desk, who="globex", customer="cus-000000globex")
    invoice = invoice_of(desk, order, who="globex")["id"]
    statuses = [
        desk.ask(method, path, who="acme", **more).status_code
        for method, path, more in (
            ("GET", f"/invoices/{invoice}", {}),
            ("POST", f"/invoices/{invoice}/pay", {"json": CARD}),
            ("POST", f"/orders/{order}/invoice", {}),
        )
    ]
    assert statuses == [404, 404, 404]
    for params in ({}, {"customerId": "cus-000000globex"}):
        assert desk.ask("GET", "/invoices", who="acme", params=params).json()["items"] == []
    assert len(desk.ask("GET", "/invoices", who="globex").json()["items"]) == 1


@pytest.mark.parametrize(
    ("fault", "legal"),
    [(None, True), (Fault.PAYMENT_AMOUNT_AS_TEXT, False), (Fault.PAYMENT_CURRENCY_MISSING, False)],
)
def test_what_the_hub_asks_the_provider_is_what_the_contract_allows(
    with_till: WithTill, fault: Fault | None, legal: bool
) -> None:
    provider = ScriptedErp(answers={("POST", "/charges"): (201, {"id": "ch-000000000001"})})
    desk = with_till(*((fault,) if fault else ()), provider=provider)
    desk.ask("POST", "/invoices/inv-000000000001/pay", json=CARD)
    (method, path, body), *more = provider.asked
    assert (method, path, more) == ("POST", "/charges", [])
    charges = compile_contract(read_document("payment.openapi.yaml")).fixed["/charges"]["POST"]
    assert charges.bodies["application/json"].is_valid(body) is legal
