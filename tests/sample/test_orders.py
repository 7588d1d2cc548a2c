"""Orders: placed once, visible to whom they belong, and cancelled for good."""

from tests.sample.conftest import EXAMPLE, EXAMPLE_ORDERS, Desk


def test_an_order_shows_its_lines_prices_and_total(desk: Desk) -> None:
    lines = [{"sku": "TEA-100", "quantity": 2}, {"sku": "POT-300", "quantity": 1}]
    made = desk.ask("POST", "/orders", json={"customerId": EXAMPLE, "lines": lines, "note": "Ring twice"})
    order = desk.ask("GET", made.headers["location"]).json()
    assert made.status_code == 201
    assert (order["status"], order["totalCents"], order["currency"]) == ("placed", 2 * 450 + 5900, "EUR")
    assert order["lines"][1] == {"sku": "POT-300", "quantity": 1, "unitPriceCents": 5900}
    assert order["note"] == "Ring twice"


def test_an_order_for_nobody_is_refused(desk: Desk) -> None:
    assert desk.order(customer="cus-nobodynobody").status_code == 409


def test_the_same_key_places_one_order(desk: Desk) -> None:
    key = {"Idempotency-Key": "first-try-1"}
    first, again = desk.order(headers=key), desk.order(headers=key)
    assert first.json() == again.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert desk.ask("GET", "/orders").json()["total"] == EXAMPLE_ORDERS + 1  # and this one


def test_the_same_key_for_another_order_is_a_conflict(desk: Desk) -> None:
    key = {"Idempotency-Key": "first-try-1"}
    desk.order(headers=key)
    assert desk.order(headers=key, quantity=3).status_code == 409


def test_the_key_of_a_refused_order_can_be_used_again(desk: Desk) -> None:
    key = {"Idempotency-Key": "first-try-1"}
    assert desk.order(headers=key, customer="cus-nobodynobody").status_code == 409
    assert desk.order(headers=key).status_code == 201


def test_a_cancelled_order_leaves_the_open_list_and_stays_cancelled(desk: Desk) -> None:
    path = desk.order().headers["location"]
    assert desk.ask("POST", f"{path}/cancel").json()["status"] == "cancelled"
    placed = desk.ask("GET", "/orders", params={"status": "placed"}).json()["items"]
    cancelled = desk.ask("GET", "/orders", params={"status": "cancelled"}).json()["items"]
    assert path not in {f"/orders/{order['id']}" for order in placed}
    assert [f"/orders/{order['id']}" for order in cancelled] == [path]
    assert desk.ask("POST", f"{path}/cancel").status_code == 409


def test_orders_are_listed_newest_first_page_by_page(desk: Desk) -> None:
    placed = [desk.order().json()["id"] for _ in range(5)]
    pages = [desk.ask("GET", "/orders", params={"page": page, "limit": 2}).json() for page in (1, 2, 3)]
    ids = [order["id"] for page in pages for order in page["items"]]
    assert ids == [*reversed(placed), "ord-000000000001"]
    assert {page["total"] for page in pages} == {EXAMPLE_ORDERS + 5}


def test_a_customer_sees_only_orders_of_their_own(desk: Desk) -> None:
    theirs = desk.order(who="globex", customer="cus-000000globex")
    path = theirs.headers["location"]
    assert desk.ask("GET", path, who="globex").status_code == 200
    assert desk.ask("GET", path, who="acme").status_code == 404
    assert desk.ask("POST", f"{path}/cancel", who="acme").status_code == 404
    assert desk.ask("GET", "/orders", who="acme").json()["total"] == 0
    assert desk.ask("GET", "/orders", who="acme", params={"customerId": "cus-000000globex"}).json()["total"] == 0
    assert desk.order(who="acme", customer="cus-000000globex").status_code == 409


def test_orders_outlive_the_process_when_there_is_a_database(open_hub, tmp_path) -> None:
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    path = open_hub(DATABASE_URL=url).order().headers["location"]
    assert open_hub(DATABASE_URL=url).ask("GET", path).status_code == 200
