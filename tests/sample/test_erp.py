"""The hub and its ERP: what they say to each other, and what happens when one of them fails."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from harness.sample.contracts import compile_contract, read_document
from harness.sample.erp.notices import Notices
from harness.sample.erp.warehouse import NotEnough, Warehouse
from harness.sample.faults import Fault
from tests.sample.conftest import EXAMPLE_ORDERS, SECRET, Desk, ScriptedErp

WithErp = Callable[..., Desk]
POTS = [{"sku": "POT-300", "quantity": 30}]


def illegal(asked: list[tuple[str, str, Any]]) -> list[str]:
    """Requests that the ERP's contract does not allow."""
    contract = compile_contract(read_document("erp.openapi.yaml"))
    found = []
    for method, path, body in asked:
        by_method = contract.fixed.get(path) or next(
            (group for pattern, group in contract.patterned if pattern.fullmatch(path)), {}
        )
        operation = by_method.get(method)
        validators = () if operation is None else tuple(operation.bodies.values())
        if operation is None or not all(validator.is_valid(body) for validator in validators):
            found.append(f"{method} {path}")
    return found


def test_an_order_is_confirmed_once_the_erp_has_it(with_real_erp: WithErp, warehouse: Warehouse) -> None:
    desk = with_real_erp()
    order = desk.order(who="crm", quantity=3).json()
    assert order["status"] == "confirmed"
    assert order["erpReference"].startswith("so-")
    assert warehouse.stock["TEA-100"] == 1_000_000 - 3
    assert desk.ask("POST", f"/orders/{order['id']}/cancel", who="crm").json()["status"] == "cancelled"
    assert warehouse.stock["TEA-100"] == 1_000_000


def test_an_order_of_a_test_moves_no_goods(with_real_erp: WithErp, warehouse: Warehouse) -> None:
    assert with_real_erp().order(who="harness", quantity=3).json()["status"] == "confirmed"
    assert warehouse.stock == Warehouse().stock


def test_an_order_for_more_than_is_left_is_refused_and_told_why(with_real_erp: WithErp, warehouse: Warehouse) -> None:
    refused = with_real_erp().ask("POST", "/orders", json={"customerId": "cus-000000000001", "lines": POTS})
    assert (refused.status_code, refused.json()["detail"]) == (409, "Only 25 of POT-300 are left.")
    assert warehouse.stock["POT-300"] == 25


def test_what_the_hub_asks_the_erp_is_what_the_contract_allows(with_erp: WithErp) -> None:
    erp = ScriptedErp()
    desk = with_erp(erp)
    desk.ask("POST", f"{desk.order().headers['location']}/cancel")
    assert [(method, path.split("/")[1]) for method, path, _ in erp.asked] == [
        ("POST", "reservations"),
        ("POST", "sales-orders"),
        ("DELETE", "reservations"),
    ]
    assert illegal(erp.asked) == []


@pytest.mark.parametrize("fault", [Fault.ERP_QUANTITY_AS_TEXT, Fault.ERP_REFERENCE_MISSING, Fault.ERP_UNKNOWN_PATH])
def test_a_fault_towards_the_erp_breaks_its_contract(with_erp: WithErp, fault: Fault) -> None:
    erp = ScriptedErp()
    with_erp(erp, fault).order()
    assert illegal(erp.asked)


def test_an_erp_that_fails_leaves_no_order_and_says_when_to_try_again(with_erp: WithErp) -> None:
    desk = with_erp(ScriptedErp(answers={("POST", "/reservations"): (500, {"oops": True})}))
    refused = desk.order()
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert desk.ask("GET", "/orders").json()["total"] == EXAMPLE_ORDERS  # and no other


def test_a_reservation_that_came_to_nothing_is_given_back(with_erp: WithErp) -> None:
    erp = ScriptedErp(answers={("POST", "/sales-orders"): (500, None)})
    assert with_erp(erp).order().status_code == 503
    assert erp.asked[-1][:2] == ("DELETE", "/reservations/res-000000000001")


def test_an_erp_that_takes_too_long_is_not_waited_for(with_erp: WithErp) -> None:
    desk = with_erp(ScriptedErp(delay_s=0.3))
    assert desk.hub.erp is not None
    desk.hub.erp.deadline_s = 0.05
    assert desk.order().status_code == 503


def test_an_erp_that_is_not_there_is_told_as_such(open_hub) -> None:
    refused = open_hub(erp="http://127.0.0.1:1").order()
    assert refused.status_code == 503
    assert "could not connect" in refused.json()["detail"]


def test_with_the_fault_on_an_order_is_confirmed_though_the_erp_refused(with_erp: WithErp) -> None:
    for answer in ((500, {}), (409, {"detail": "Nothing is left."})):
        erp = ScriptedErp(answers={("POST", "/reservations"): answer})
        assert with_erp(erp).order().status_code in (409, 503)
        assert with_erp(erp, Fault.ERP_FAILURE_IGNORED).order().json()["status"] == "confirmed"


def test_an_order_stays_open_when_the_erp_cannot_release_its_stock(with_erp: WithErp) -> None:
    erp = ScriptedErp()
    desk = with_erp(erp)
    path = desk.order().headers["location"]
    erp.answers[("DELETE", "/reservations")] = (500, None)
    assert desk.ask("POST", f"{path}/cancel").status_code == 503
    assert desk.ask("GET", path).json()["status"] == "confirmed"


def test_the_erp_tells_the_hub_what_is_left(with_erp: WithErp, open_hub) -> None:
    hub = open_hub()
    beside = with_erp(hub.application)  # a hub that listens on a port
    assert beside.hub.erp is not None
    notices = Notices(beside.hub.erp.base_url, SECRET, {"TEA-100": 17})
    notices.changed("TEA-100")

    async def told() -> None:
        telling = asyncio.create_task(notices.run())
        while not hub.hub.store.stock("main"):
            await asyncio.sleep(0.01)
        telling.cancel()

    beside.run(told())
    assert hub.hub.store.stock("main") == {"TEA-100": 17}
    notices.close()


def test_a_reservation_takes_all_lines_or_none() -> None:
    warehouse = Warehouse()
    with pytest.raises(NotEnough, match="Only 25 of POT-300"):
        warehouse.reserve("ord-000000000001", {"TEA-100": 1, "POT-300": 26})
    assert warehouse.stock == Warehouse().stock


def test_the_same_reference_reserves_once() -> None:
    warehouse = Warehouse()
    assert warehouse.reserve("ord-1", {"POT-300": 5}) == warehouse.reserve("ord-1", {"POT-300": 5})
    assert warehouse.stock["POT-300"] == 20
