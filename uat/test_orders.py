"""Ordering: what customers do every day, on their page and, where a page can't show it, through the API."""

import uuid

from desk import CUSTOMER_IDS, PRODUCTS, Desk, euros

from harness.kit.uat import Api, Made, check, expect, show, step


def test_order_shows_the_right_total(desk: Desk, taken_back, run_tag: str) -> None:
    name, cents = PRODUCTS["CUP-200"]
    with step("Sign in as Acme Catering", zh="以 Acme Catering 身份登录"):
        desk.sign_in("acme")
        expect(desk.page.locator("#customer")).to_have_text("Acme Catering")
    with step(
        "Choose three porcelain cups: the total is three times the price",
        zh="选择三个瓷杯：合计为单价的三倍",
        see="The total is €38.70, three times €12.90, before anything is ordered.",
        see_zh="下单前合计显示 €38.70，即 €12.90 的三倍。",
    ):
        desk.choose("CUP-200", 3, note=run_tag)
        expect(show(desk.total)).to_have_text(euros(3 * cents))
    with step("Place the order", zh="提交订单"):
        number = taken_back(desk.send())
    with step(
        "The order is among my open orders with the same total",
        zh="订单出现在未结订单中，合计一致",
        see="The new order, outlined in red: three cups, €38.70.",
        see_zh="红框中的新订单：三个瓷杯，€38.70。",
    ):
        row = desk.order(number)
        expect(show(row)).to_contain_text(f"3 × {name}")
        expect(row).to_contain_text(euros(3 * cents))


def test_placed_order_is_confirmed(desk: Desk, taken_back, run_tag: str) -> None:
    with step("Sign in and order two tins", zh="登录并订购两个储物罐"):
        desk.sign_in("acme")
        desk.choose("TIN-400", 2, note=run_tag)
        number = taken_back(desk.send())
    with step(
        "The order is confirmed: the warehouse has it",
        zh="订单已确认：仓库已接收",
        see="The order says “Confirmed”.",
        see_zh="订单显示 “Confirmed”（已确认）。",
    ):
        row = show(desk.order(number))
        expect(row.get_by_role("cell", name="Confirmed", exact=True)).to_be_visible()


def test_cancelled_order_leaves_the_open_list(desk: Desk, order_of_acme: str) -> None:
    with step("Sign in and find the order among the open ones", zh="登录并在未结订单中找到该订单"):
        desk.sign_in("acme")
        row = desk.order(order_of_acme)
        expect(show(row)).to_have_count(1)
    with step(
        "Cancel it",
        zh="取消该订单",
        see="A line at the top says that the order is cancelled.",
        see_zh="顶部提示该订单已取消。",
    ):
        row.get_by_role("button", name=f"Cancel order {order_of_acme}").click()
        expect(desk.message).to_have_text(f"Order {order_of_acme} is cancelled.")
    with step(
        "It is gone from the open orders at once",
        zh="它立即从未结订单中消失",
        see="The order is not in the list any more.",
        see_zh="列表中不再有该订单。",
    ):
        expect(desk.order(order_of_acme)).to_have_count(0)
    with step(
        "It is found under cancelled",
        zh="它出现在已取消列表中",
        see="“Cancelled” is chosen, and the order, outlined in red, is there.",
        see_zh="已选择“Cancelled”，红框中的订单在列表里。",
    ):
        desk.list_cancelled()
        expect(show(desk.order(order_of_acme))).to_contain_text("Cancelled")


def test_each_list_has_only_its_own_orders(desk: Desk, order_of_acme: str) -> None:
    with step("Sign in and look at the cancelled orders", zh="登录并查看已取消的订单"):
        desk.sign_in("acme")
        expect(desk.order(order_of_acme)).to_have_count(1)
        desk.list_cancelled()
    with step("An open order is not among them", zh="未结订单不在其中"):
        expect(desk.order(order_of_acme)).to_have_count(0)
    with step("It is among the open ones", zh="它在未结列表中"):
        desk.list_open()
        expect(show(desk.order(order_of_acme))).to_have_count(1)


def test_more_than_there_is_is_not_taken(desk: Desk, acme: Api, run_tag: str) -> None:
    with step("Sign in and order more cast iron pots than there are", zh="登录并订购超过库存的铸铁壶"):
        desk.sign_in("acme")
        desk.choose("POT-300", 999, note=run_tag)
        desk.page.locator("#submit").click()
    with step("The page says that it did not work, and why", zh="页面说明操作未成功及原因"):
        expect(show(desk.alert)).to_contain_text("That did not work")
    with step("No such order was placed", zh="没有产生该订单"):
        listed = acme.get("/orders", params={"status": "confirmed", "limit": 100}).json()["items"]
        check(run_tag not in {order["note"] for order in listed}, "the refused order is not among the orders")


def test_same_request_twice_places_one_order(acme: Api, taken_back, run_tag: str) -> None:
    order = {"customerId": CUSTOMER_IDS["acme"], "lines": [{"sku": "TEA-100", "quantity": 1}], "note": run_tag}
    key = {"Idempotency-Key": uuid.uuid4().hex}
    with step("Send an order, and the same again as if the line had dropped", zh="发送订单，并像断线那样重发一次"):
        first = acme.post("/orders", data=order, headers=key)
        expect(first).to_be_ok()
        number = taken_back(first.json()["id"])
        again = acme.post("/orders", data=order, headers=key)
        expect(again).to_be_ok()
        if again.json()["id"] != number:
            taken_back(again.json()["id"])
    with step("Both answers name the same order", zh="两次应答是同一个订单"):
        check(again.json()["id"] == number, f"the second answer names {number} again, found {again.json()['id']}")


def test_pages_show_every_order_once(api: Api, made: Made) -> None:
    with step("A new customer places five orders", zh="新客户下五个订单"):
        customer = _customer(api, made)
        placed = [_order(api, made, customer) for _ in range(5)]
    with step("Page through them, two at a time", zh="每页两个逐页查看"):
        seen: list[str] = []
        for number in (1, 2, 3):
            answer = api.get("/orders", params={"customerId": customer, "page": number, "limit": 2})
            expect(answer).to_be_ok()
            seen += [order["id"] for order in answer.json()["items"]]
    with step("Every order was there exactly once", zh="每个订单恰好出现一次"):
        check(sorted(seen) == sorted(placed), f"five orders, each once: placed {sorted(placed)}, seen {sorted(seen)}")


def _customer(api: Api, made: Made) -> str:
    answer = api.post("/customers", data={"name": made.name("Paging"), "email": "paging@uat.example"})
    expect(answer, "a customer is created").to_be_ok()
    return str(answer.json()["id"])


def _order(api: Api, made: Made, customer: str) -> str:
    lines = [{"sku": "TEA-100", "quantity": 1}]
    answer = api.post("/orders", data={"customerId": customer, "lines": lines, "note": made.tag})
    expect(answer, "an order is placed").to_be_ok()
    number = str(answer.json()["id"])
    made.cleaned_by(f"order {number}", lambda: api.post(f"/orders/{number}/cancel"))
    return number
