"""The page as the server writes it; how it behaves in a browser is tried in tests/live/sample."""

import re
from html.parser import HTMLParser

import pytest

from harness.sample.faults import Fault
from harness.sample.texts import LANGUAGES
from tests.sample.conftest import SECRET, Desk


def signed_in(desk: Desk, path: str = "/app/orders", *, language: str = "en") -> str:
    """The page's HTML as the customer Acme sees it."""
    entered = desk.ask("POST", "/app/sign-in", who=None, data={"login": "acme", "password": SECRET})
    assert (entered.status_code, entered.headers["location"]) == (303, "/app/orders")
    return str(desk.ask("GET", f"{path}?lang={language}", who=None).text)


class _Fields(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.labelled: set[str] = set()
        self.fields: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "label":
            self.labelled.add(named["for"] or "")
        if tag in ("input", "select"):
            self.fields.add(named["id"] or "")


def test_only_a_customer_with_the_right_secret_gets_in(desk: Desk) -> None:
    for form in ({"login": "acme", "password": "guess"}, {"login": "crm", "password": SECRET}, {}):
        refused = desk.ask("POST", "/app/sign-in", who=None, data=form)
        assert refused.status_code == 401
        assert 'role="alert"' in refused.text
        assert "hub_session" not in refused.headers.get("set-cookie", "")


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: Desk) -> None:
    entered = desk.ask("POST", "/app/sign-in", who=None, data={"login": "acme", "password": SECRET})
    assert "HttpOnly; SameSite=Strict" in entered.headers["set-cookie"]


def test_without_a_session_the_orders_lead_to_the_sign_in(desk: Desk) -> None:
    sent_away = desk.ask("GET", "/app/orders", who=None)
    assert (sent_away.status_code, sent_away.headers["location"]) == (303, "/app")


def test_signing_out_ends_the_session(desk: Desk) -> None:
    signed_in(desk)
    desk.ask("POST", "/app/sign-out", who=None)
    assert desk.ask("GET", "/app/orders", who=None).status_code == 303


def test_the_page_allows_no_foreign_code_and_is_not_kept(desk: Desk) -> None:
    headers = desk.ask("GET", "/app", who=None).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_both_languages_say_everything() -> None:
    assert set(LANGUAGES["en"]) == set(LANGUAGES["zh"])
    for key, english in LANGUAGES["en"].items():
        chinese = LANGUAGES["zh"][key]
        assert re.findall(r"\{\w+\}", english) == re.findall(r"\{\w+\}", chinese)
        assert chinese != english


def test_the_language_is_asked_for_remembered_or_the_browsers(desk: Desk) -> None:
    def title(path: str, accept: str = "") -> str:
        found = desk.ask("GET", path, who=None, headers={"Accept-Language": accept})
        return re.search(r"<h1>(.*)</h1>", found.text)[1]

    assert title("/app") == "Sign in"
    assert title("/app", "en-GB") == "Sign in"  # the cookie of the first visit
    desk.client.cookies.clear()
    assert title("/app", "zh-CN,zh;q=0.9") == "登录"
    assert title("/app?lang=en", "zh-CN") == "Sign in"
    assert title("/app?lang=xx") == "Sign in"


@pytest.mark.parametrize(("path", "signed"), [("/app", False), ("/app/orders", True)])
def test_every_field_has_a_label(desk: Desk, path: str, signed: bool) -> None:
    page = _Fields(signed_in(desk) if signed else desk.ask("GET", path, who=None).text)
    assert page.fields
    assert page.fields <= page.labelled


def test_what_a_customer_is_called_cannot_become_markup(desk: Desk) -> None:
    body = {"name": "O'Neill", "email": "a@b.example"}
    desk.ask("PUT", "/customers/cus-00000000acme", who="crm", json=body, headers={"If-Match": "*"})
    assert "O&#39;Neill" in signed_in(desk)


def _script(desk: Desk) -> str:
    return str(desk.ask("GET", "/app/page.js", who=None).text)


PROBES = {
    Fault.DEAD_CANCEL_BUTTON: lambda desk: "cancel(order); }" in _script(desk),
    Fault.WRONG_TOTAL_ON_PAGE: lambda desk: "price * quantity" in _script(desk),
    Fault.TRANSLATION_MISSING: lambda desk: "Place order" not in signed_in(desk, language="zh"),
    Fault.UNLABELLED_QUANTITY: lambda desk: "quantity" in _Fields(signed_in(desk)).labelled,
    Fault.FAINT_TEXT: lambda desk: 'class="faint"' not in signed_in(desk),
    Fault.MOUSE_ONLY_ORDER: lambda desk: '<button type="submit" id="submit">' in signed_in(desk),
    Fault.LANGUAGE_UNDECLARED: lambda desk: '<html lang="zh-CN">' in signed_in(desk, language="zh"),
}


@pytest.mark.parametrize("fault", PROBES)
def test_with_the_fault_the_page_is_wrong_and_without_it_right(open_hub, fault: Fault) -> None:
    assert PROBES[fault](open_hub())
    assert not PROBES[fault](open_hub(fault))
