"""Invoices: issued for an order, paid through the payment provider, gone with the order."""

import pytest
from desk import CUSTOMER_IDS, Desk, as_customer, euros, password

from harness.kit.uat import Api, Made, Page, check, expect, reads_in, show, step


def test_invoice_shows_the_total_of_its_order_and_is_paid(desk: Desk, order_of_acme: str) -> None:
    page = desk.page
    with step("Sign in and open the invoice of an order of two porcelain cups", zh="登录并打开两个瓷杯订单的发票"):
        desk.sign_in("acme")
        desk.order(order_of_acme).get_by_role("button", name=f"Invoice {order_of_acme}").click()
        invoice = page.get_by_role("region", name="Invoice")
        expect(invoice).to_contain_text(order_of_acme)
    with step("It is to be paid, with the order's total", zh="发票待支付，合计与订单一致"):
        expect(show(page.locator("#invoice-total"))).to_have_text(euros(2 * 1290))
        expect(page.locator("#invoice-status")).to_have_text("To be paid")
    with step("Pay it with the card on file", zh="用已登记的银行卡支付"):
        invoice.get_by_label("Pay with").select_option(label="Card on file")
        invoice.get_by_role("button", name="Pay", exact=True).click()
    with step("The invoice says that it is paid, and can't be paid again", zh="发票显示已支付，且不能再次支付"):
        expect(show(page.locator("#invoice-status"))).to_have_text("Paid")
        expect(invoice.get_by_role("button", name="Pay", exact=True)).to_have_count(0)


def test_declined_payment_leaves_the_invoice_open(acme: Api, order_of_acme: str) -> None:
    with step("An order has its invoice", zh="订单有其发票"):
        invoice = _invoice(acme, order_of_acme)
    with step("A card that is declined does not pay it", zh="被拒的银行卡无法支付"):
        answer = acme.post(f"/invoices/{invoice}/pay", data={"source": "card-declined"})
        check(answer.status == 402, f"the payment is refused (402), found {answer.status}")
    with step("The invoice is still to be paid", zh="发票仍为待支付"):
        status = _status(acme, invoice)
        check(status == "open", f"the invoice is open, found {status}")


def test_nothing_is_owed_for_a_cancelled_order(acme: Api, order_of_acme: str, taken_back) -> None:
    with step("Two orders have invoices; one is paid", zh="两个订单有发票；其中一个已支付"):
        unpaid = _invoice(acme, order_of_acme)
        lines = [{"sku": "TEA-100", "quantity": 1}]
        order = acme.post("/orders", data={"customerId": CUSTOMER_IDS["acme"], "lines": lines})
        expect(order).to_be_ok()
        second = taken_back(order.json()["id"])
        paid = _invoice(acme, second)
        expect(acme.post(f"/invoices/{paid}/pay", data={"source": "card-4242"})).to_be_ok()
    with step("Both orders are cancelled", zh="取消两个订单"):
        expect(acme.post(f"/orders/{order_of_acme}/cancel")).to_be_ok()
        expect(acme.post(f"/orders/{second}/cancel")).to_be_ok()
    with step("The one invoice is void, the other is refunded", zh="一张发票作废，另一张已退款"):
        found = (_status(acme, unpaid), _status(acme, paid))
        check(found == ("void", "refunded"), f"void and refunded, found {' and '.join(found)}")
    with step("What is void can't be paid", zh="作废的发票不能支付"):
        answer = acme.post(f"/invoices/{unpaid}/pay", data={"source": "card-4242"})
        check(answer.status == 409, f"paying it is refused (409), found {answer.status}")


def test_a_customer_never_sees_anothers_invoice(api: Api, acme: Api, order_of_acme: str) -> None:
    with step("Acme has an invoice", zh="Acme 有一张发票"):
        invoice = _invoice(acme, order_of_acme)
        globex = as_customer(api, "globex")
    with step("Globex asks for it by its number and gets nothing", zh="Globex 按发票号查询，得不到任何内容"):
        answer = globex.get(f"/invoices/{invoice}")
        check(answer.status == 404, f"Acme's invoice does not exist for Globex (404), found {answer.status}")
        answer = globex.post(f"/orders/{order_of_acme}/invoice")
        check(answer.status == 404, f"nor by the number of the order (404), found {answer.status}")
    with step("It is not in Globex's list either", zh="也不在 Globex 的列表中"):
        listed = globex.get("/invoices", params={"limit": 100})
        expect(listed).to_be_ok()
        check(invoice not in {one["id"] for one in listed.json()["items"]}, "Globex's list has no invoice of Acme")


@pytest.mark.reader(language="zh")
def test_chinese_invoice_is_all_chinese(page: Page, api: Api, made: Made) -> None:
    with step("Globex has placed an order", zh="Globex 已下订单"):
        globex = as_customer(api, "globex")
        lines = [{"sku": "CUP-200", "quantity": 1}]
        order = globex.post("/orders", data={"customerId": CUSTOMER_IDS["globex"], "lines": lines, "note": made.tag})
        expect(order).to_be_ok()
        number = order.json()["id"]
        made.cleaned_by(f"order {number}", lambda: globex.post(f"/orders/{number}/cancel"))
    with step("Sign in in Chinese and open its invoice", zh="以中文登录并打开其发票"):
        page.goto("/app?lang=zh")
        page.get_by_label("账号").fill("globex")
        page.get_by_label("密码").fill(password())
        page.get_by_role("button", name="登录").click()
        Desk(page).order(number).get_by_role("button", name=f"发票 {number}").click()
        expect(page.locator("#invoice-order")).to_have_text(number)
    with step("Every word is Chinese", zh="每个词都是中文"):
        names = (page.locator("#customer").inner_text(), page.locator("#invoice-number").inner_text())
        show(page.locator("#invoice"))
        reads_in(page, "zh", names=names)
    with step("Pay: every word is still Chinese", zh="支付：每个词仍是中文"):
        page.get_by_role("button", name="支付", exact=True).click()
        expect(page.locator("#pay")).to_be_hidden()
        reads_in(page, "zh", names=names)


def _invoice(customer: Api, order: str) -> str:
    answer = customer.post(f"/orders/{order}/invoice")
    expect(answer, "an invoice is issued").to_be_ok()
    return str(answer.json()["id"])


def _status(customer: Api, invoice: str) -> str:
    answer = customer.get(f"/invoices/{invoice}")
    expect(answer).to_be_ok()
    return str(answer.json()["status"])
