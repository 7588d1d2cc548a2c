"""Who sees what: signing in and out, and nobody else's orders."""

from desk import Desk, as_customer

from harness.kit.uat import Api, check, expect, show, step


def test_a_customer_never_sees_anothers_order(api: Api, order_of_acme: str) -> None:
    with step("Acme has placed an order", zh="Acme 已下订单"):
        globex = as_customer(api, "globex")
    with step("Globex asks for it by its number and gets nothing", zh="Globex 按订单号查询，得不到任何内容"):
        answer = globex.get(f"/orders/{order_of_acme}")
        check(answer.status == 404, f"Acme's order does not exist for Globex (404), found {answer.status}")
    with step("It is not in Globex's list either", zh="也不在 Globex 的列表中"):
        listed = globex.get("/orders", params={"limit": 100})
        expect(listed).to_be_ok()
        numbers = {order["id"] for order in listed.json()["items"]}
        check(order_of_acme not in numbers, "Globex's list has no order of Acme")


def test_wrong_password_is_refused_with_a_reason(desk: Desk) -> None:
    with step("Sign in with a wrong password", zh="用错误的密码登录"):
        desk.sign_in("acme", "not-the-password")
    with step("The page says why, and shows no orders", zh="页面说明原因，不显示订单"):
        expect(show(desk.alert)).to_have_text("There is no customer with this login and password.")
        expect(desk.page.get_by_role("heading", name="Your orders", exact=True)).to_have_count(0)


def test_after_signing_out_the_orders_are_closed(desk: Desk) -> None:
    with step("Sign in, then sign out", zh="登录后退出"):
        desk.sign_in("acme")
        desk.is_signed_in()
        desk.page.get_by_role("button", name="Sign out").click()
    with step("The address of the orders leads to the sign-in", zh="打开订单地址会回到登录页"):
        desk.page.goto("/app/orders")
        expect(show(desk.page.get_by_role("heading", name="Sign in"))).to_be_visible()
