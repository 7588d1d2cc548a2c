"""The page in a real browser: what a customer does works, and each fault of the page is one that a customer meets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from harness.adapters.browsers import find_browser, launch_flags
from harness.adapters.host import Host
from harness.sample.faults import Fault
from tests.sample.live_hub import SECRET, running_hub

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    host = Host()
    found = find_browser(host)
    assert found
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found.path, args=list(launch_flags(host)))
        yield browser
        browser.close()


@contextmanager
def page_of_acme(chromium: Browser, *faults: Fault, language: str = "en") -> Iterator[Page]:
    """The orders page, signed in; an error in the page's script fails the test."""
    with running_hub(*faults) as url:
        context = chromium.new_context(base_url=url, locale="en-GB")
        page = context.new_page()
        crashes: list[str] = []
        page.on("pageerror", lambda crash: crashes.append(str(crash)))
        page.goto(f"/app?lang={language}")
        page.locator("#login").fill("acme")
        page.locator("#password").fill(SECRET)
        page.locator("#password").press("Enter")
        page.wait_for_url("**/app/orders")
        expect(page.locator("#none")).to_be_visible()
        yield page
        context.close()
        assert crashes == []


def place_by_keyboard(page: Page) -> None:
    """Choose the second product, three of it, without touching the mouse."""
    page.locator("#product").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def test_a_customer_orders_follows_and_cancels_by_keyboard_alone(chromium: Browser) -> None:
    with page_of_acme(chromium) as page:
        place_by_keyboard(page)
        expect(page.locator("#status")).to_contain_text("is placed")
        row = page.locator("#orders tbody tr")
        expect(row).to_contain_text("3 × Porcelain cup")
        expect(row).to_contain_text("€38.70")
        row.get_by_role("button", name="Cancel order").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#status")).to_contain_text("is cancelled")
        expect(page.locator("#none")).to_have_text("You have no open orders.")
        page.get_by_role("button", name="Cancelled").press("Enter")
        expect(row).to_contain_text("Cancelled")


def test_a_customer_opens_an_invoice_and_pays_it_by_keyboard_alone(chromium: Browser) -> None:
    with page_of_acme(chromium) as page:
        place_by_keyboard(page)
        page.locator("#orders").get_by_role("button", name="Invoice").press("Enter")
        expect(page.get_by_role("heading", name="Invoice")).to_be_focused()
        expect(page.locator("#invoice-total")).to_have_text("€38.70")
        expect(page.locator("#invoice-status")).to_have_text("To be paid")
        assert breaches(page) == []
        page.get_by_role("button", name="Pay", exact=True).press("Enter")
        expect(page.locator("#status")).to_contain_text("is paid.")
        expect(page.locator("#invoice-status")).to_have_text("Paid")
        expect(page.locator("#pay")).to_be_hidden()
        page.get_by_role("button", name="Cancel order").press("Enter")
        expect(page.locator("#status")).to_contain_text("is cancelled")
        expect(page.locator("#invoice")).to_be_hidden()


def test_a_payment_that_is_refused_is_told_and_can_be_tried_again(chromium: Browser) -> None:
    with page_of_acme(chromium) as page:
        place_by_keyboard(page)
        page.locator("#orders").get_by_role("button", name="Invoice").click()
        declined = '{"detail": "The card was declined."}'
        page.route("**/pay", lambda route: route.fulfill(status=402, content_type="application/json", body=declined))
        page.locator("#pay-now").click()
        expect(page.get_by_role("alert")).to_have_text("That did not work: The card was declined.")
        expect(page.locator("#invoice-status")).to_have_text("To be paid")
        expect(page.locator("#pay-now")).to_be_enabled()


def test_what_the_hub_refuses_is_told_on_the_page(chromium: Browser) -> None:
    with page_of_acme(chromium) as page:
        page.route("**/orders", lambda route: route.abort())
        page.locator("#submit").click()
        expect(page.get_by_role("alert")).to_have_text("The hub does not answer. Please try again.")


def test_all_open_orders_can_be_reached(chromium: Browser) -> None:
    with page_of_acme(chromium) as page:
        for number in range(1, 13):
            page.locator("#submit").click()
            expect(page.locator("#orders tbody tr")).to_have_count(min(number, 10))
            expect(page.locator("#submit")).to_be_enabled()
        page.get_by_role("button", name="Show more").click()
        expect(page.locator("#orders tbody tr")).to_have_count(12)
        expect(page.get_by_role("button", name="Show more")).to_be_hidden()


def test_the_switch_of_languages_keeps_the_customer_signed_in(chromium: Browser) -> None:
    with page_of_acme(chromium) as page:
        page.get_by_role("link", name="中文").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("您的订单")
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your orders")


def breaches(page: Page) -> list[str]:
    """The rules of WCAG that axe sees broken."""
    return [rule["id"] for rule in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_that_axe_knows_is_wrong_with_the_page(chromium: Browser, language: str) -> None:
    with page_of_acme(chromium, language=language) as page:
        page.locator("#submit").click()
        expect(page.locator("#orders tbody tr")).to_have_count(1)
        assert breaches(page) == []
        page.locator("header form button").click()
        page.wait_for_url("**/app")
        assert breaches(page) == []


def _placed(page: Page) -> bool:
    place_by_keyboard(page)
    page.wait_for_timeout(500)
    return page.locator("#orders tbody tr").count() == 1


def _cancelled(page: Page) -> bool:
    page.locator("#submit").click()
    page.get_by_role("button", name="Cancel order").click()
    page.wait_for_timeout(500)
    return page.locator("#orders tbody tr").count() == 0


def _invoice_in_chinese(page: Page) -> bool:
    page.get_by_role("link", name="中文").click()
    page.locator("#submit").click()
    page.locator("#orders").get_by_role("button", name="发票").click()
    expect(page.locator("#invoice")).to_be_visible()
    return page.locator("#invoice-status").inner_text() == "待支付"


def _total_of_three(page: Page) -> bool:
    page.locator("#quantity").fill("3")
    return page.locator("#total").inner_text() == "€13.50"


SEEN: dict[Fault, Callable[[Page], bool]] = {
    Fault.DEAD_CANCEL_BUTTON: _cancelled,
    Fault.WRONG_TOTAL_ON_PAGE: _total_of_three,
    Fault.MOUSE_ONLY_ORDER: _placed,
    Fault.INVOICE_UNTRANSLATED: _invoice_in_chinese,
    Fault.UNLABELLED_QUANTITY: lambda page: "label" not in breaches(page),
    Fault.FAINT_TEXT: lambda page: "color-contrast" not in breaches(page),
    Fault.LANGUAGE_UNDECLARED: lambda page: "html-has-lang" not in breaches(page),
}


@pytest.mark.parametrize("fault", SEEN)
def test_a_customer_meets_the_fault_and_only_with_it(chromium: Browser, fault: Fault) -> None:
    with page_of_acme(chromium) as page:
        assert SEEN[fault](page)
    with page_of_acme(chromium, fault) as page:
        assert not SEEN[fault](page)
