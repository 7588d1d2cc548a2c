"""The customers' page as a customer sees it: signing in, ordering, following orders."""

import os
import re

from harness.kit.uat import Api, Locator, Page, expect

PRODUCTS = {
    "TEA-100": ("Green tea, 100 g", 450),
    "CUP-200": ("Porcelain cup", 1290),
    "POT-300": ("Cast iron pot", 5900),
    "TIN-400": ("Storage tin", 795),
}
CUSTOMER_IDS = {"acme": "cus-00000000acme", "globex": "cus-000000globex"}


def password() -> str:
    """The demo customers' password; a tier sets it in its environment."""
    return os.environ.get("SAMPLE_CLIENT_SECRET") or "demo-secret"


def as_customer(api: Api, login: str) -> Api:
    """The API as a customer's own login."""
    form = {"grant_type": "client_credentials", "client_id": login, "client_secret": password()}
    answer = api.without_credentials().post("/auth/token", form=form)
    expect(answer, f"{login} gets a token").to_be_ok()
    return api.with_token(answer.json()["access_token"])


class Desk:
    """The page of one customer, in English."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def sign_in(self, login: str = "acme", secret: str | None = None) -> None:
        self.page.goto("/app?lang=en")
        self.page.get_by_label("Login").fill(login)
        self.page.get_by_label("Password").fill(secret or password())
        self.page.get_by_role("button", name="Sign in").click()

    def choose(self, sku: str, quantity: int, note: str = "") -> None:
        name, cents = PRODUCTS[sku]
        self.page.get_by_label("Product").select_option(label=f"{name} – {cents / 100:.2f} EUR")
        self.page.locator("#quantity").fill(str(quantity))
        self.page.get_by_label("Note (optional)").fill(note)

    @property
    def total(self) -> Locator:
        return self.page.locator("#total")

    @property
    def message(self) -> Locator:
        return self.page.get_by_role("status")

    @property
    def alert(self) -> Locator:
        return self.page.get_by_role("alert")

    def send(self) -> str:
        """Place what was chosen; gives the order's number."""
        self.page.locator("#submit").click()
        expect(self.message).to_have_text(re.compile(r"^Order ord-\S+ is placed\.$"))
        return self.message.inner_text().split()[1]

    def is_signed_in(self) -> None:
        expect(self.page.get_by_role("heading", name="Your orders", exact=True)).to_be_visible()

    def is_listed(self) -> None:
        """Wait until the list that was asked for is there: orders, or the words that there are none."""
        expect(self.page.locator("#orders").or_(self.page.locator("#none")).filter(visible=True)).to_have_count(1)

    def order(self, number: str) -> Locator:
        """The row of an order, wherever it is in the list that is shown."""
        self.is_listed()
        row = self.page.locator(f"[data-order='{number}']")
        rows, more = self.page.locator("[data-order]"), self.page.get_by_role("button", name="Show more")
        for _ in range(30):
            if row.count() or not more.is_visible():
                break
            before = rows.count()
            more.click()
            expect(rows.nth(before).or_(self.page.locator("#more[hidden]")).first).to_be_attached()
        return row

    def list_open(self) -> None:
        self._list("Open")

    def list_cancelled(self) -> None:
        self._list("Cancelled")

    def _list(self, which: str) -> None:
        button = self.page.get_by_role("button", name=which, exact=True)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")


def euros(cents: int) -> str:
    """As the English page writes it."""
    return f"€{cents / 100:,.2f}"
