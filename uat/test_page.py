"""A page for everybody: both languages, keyboard alone, large text, small screens, and nothing broken underneath."""

import re

import pytest
from desk import Desk, euros, password

from harness.kit.uat import Page, check, expect, no_errors, no_overflow, reads_in, show, step, usable_by_all


@pytest.mark.reader(language="zh")
def test_chinese_page_is_all_chinese(page: Page) -> None:
    with step("Open the sign-in in Chinese", zh="打开中文登录页"):
        page.goto("/app?lang=zh")
        reads_in(page, "zh")
    with step("Sign in", zh="登录"):
        page.get_by_label("账号").fill("globex")
        page.get_by_label("密码").fill(password())
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("heading", name="您的订单", exact=True)).to_be_visible()
    with step("Every word on the page is Chinese", zh="页面上的每个词都是中文"):
        Desk(page).is_listed()
        reads_in(page, "zh", names=(page.locator("#customer").inner_text(),))


def test_language_can_be_switched_and_stays(desk: Desk) -> None:
    with step("Sign in in English", zh="以英文登录"):
        desk.sign_in("globex")
        desk.is_signed_in()
    with step("Switch to Chinese: still signed in", zh="切换为中文：仍处于登录状态"):
        desk.page.get_by_role("link", name="中文").click()
        expect(show(desk.page.get_by_role("heading", name="您的订单", exact=True))).to_be_visible()
    with step("The choice is remembered", zh="语言选择被记住"):
        desk.page.goto("/app/orders")
        expect(desk.page.get_by_role("heading", name="您的订单", exact=True)).to_be_visible()


def test_page_is_usable_by_all(desk: Desk) -> None:
    with step("The sign-in has no barrier", zh="登录页无障碍"):
        desk.page.goto("/app?lang=en")
        usable_by_all(desk.page)
    with step("The orders have no barrier", zh="订单页无障碍"):
        desk.sign_in("globex")
        desk.is_signed_in()
        usable_by_all(desk.page)
        expect(desk.page.get_by_role("spinbutton", name="Quantity")).to_be_visible()


def test_order_is_placed_by_keyboard_alone(desk: Desk, taken_back) -> None:
    page = desk.page
    with step("Sign in by keyboard", zh="用键盘登录"):
        page.goto("/app?lang=en")
        _tab_to(page, "#login")
        page.keyboard.type("acme")
        page.keyboard.press("Tab")
        page.keyboard.type(password())
        page.keyboard.press("Enter")
        desk.is_signed_in()
    with step("Choose two by keyboard", zh="用键盘选择两件"):
        _tab_to(page, "#quantity")
        page.keyboard.press("ArrowUp")
        expect(page.locator("#quantity")).to_have_value("2")
    with step("Reach the button and press it", zh="移到按钮并按下"):
        _tab_to(page, "#submit")
        page.keyboard.press("Enter")
        expect(show(desk.message)).to_have_text(re.compile(r"^Order ord-\S+ is placed\.$"))
        taken_back(desk.message.inner_text().split()[1])


def test_large_text_runs_out_of_nothing(desk: Desk) -> None:
    with step("Sign in and double the size of the text", zh="登录并将文字放大一倍"):
        desk.sign_in("globex")
        desk.is_signed_in()
        no_overflow(desk.page)


@pytest.mark.reader(language="en", size="phone")
def test_order_fits_a_phone(desk: Desk) -> None:
    with step("Sign in on a phone", zh="在手机上登录"):
        desk.sign_in("globex")
        desk.is_signed_in()
    with step("Choose five teas: the total follows", zh="选择五份茶：合计随之变化"):
        desk.choose("TEA-100", 5)
        expect(show(desk.total)).to_have_text(euros(5 * 450))
    with step("Nothing runs out at the side", zh="没有内容超出屏幕"):
        no_overflow(desk.page, text_percent=100)


def test_page_works_without_errors(desk: Desk) -> None:
    with step("Sign in and look at both lists", zh="登录并查看两个列表"):
        desk.sign_in("globex")
        desk.list_cancelled()
        desk.list_open()
    with step("Nothing failed underneath", zh="后台没有任何错误"):
        no_errors(desk.page)
        check(desk.page.title() != "", "the page has a title")


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there; a page on which it never gets there fails."""
    wanted = page.locator(selector)
    for _ in range(40):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    check(False, f"{selector} can be reached with the Tab key")
