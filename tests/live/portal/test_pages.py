"""Every page in both languages, light and dark: nothing for axe to complain of, and readable at four times the size.

`HARNESS_SCREENSHOTS=folder` keeps a picture of each for people to look at.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, sync_playwright

from harness.adapters.browsers import find_browser, launch_flags
from harness.adapters.host import Host
from tests.live.portal.people import Office, joined, open_office
from tests.live.portal.serving import served
from tests.portal.browser import Browser

WALKED = 4 + 2  # in two languages and two schemes, and some are left
pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, dict[str, Browser], dict[str, str]]]:
    """A portal in mid-life: one package signed on a condition, one open; people of every kind."""
    with served(tmp_path_factory.mktemp("portal")) as portal:
        office = open_office(portal)
        people = {
            "li": office.signer("li", "order-desk"),
            "otto": joined(portal, portal.add("otto@example.org", "Otto Audit", "Auditor", "qa", "auditor")),
            "ada": joined(portal, portal.add("ada@example.org", "Ada Admin", "Administrator", "it", "admin")),
            "quinn": office.quinn,
        }
        done = office.package(("order-desk", "order-desk"), 1)
        li = people["li"]
        li.answer_all(done, "order-desk", **{"C-1": "cannot-tell"})
        li.decide(done, "order-desk", "reject", "The total is wrong on two of my orders")
        assert li.sign(done, "order-desk").status_code == 200
        apart = {"apart": ["order-desk", "finance"], "try_at": "https://orders.preprod.example/start"}
        still = office.package(("order-desk", "finance"), 2, **apart)
        office.walks(still, WALKED)
        li.answer_all(still, "order-desk")
        li.decide(still, "order-desk", "accept")
        yield office, people, {"done": done, "open": still}


def pages(codes: dict[str, str]) -> list[tuple[str, str, str]]:
    """(who, name, path) of everything that people see."""
    mine, done = f"/packages/{codes['open']}", f"/packages/{codes['done']}"
    return [
        ("", "sign-in", "/sign-in"),
        ("", "verify", "/verify"),
        ("", "invitation-over", "/invitation/over"),
        ("li", "tasks", "/tasks"),
        ("li", "account", "/account"),
        ("li", "about", mine),
        ("li", "try", f"{mine}/order-desk/try/C-0"),
        ("li", "walk", f"{mine}/order-desk/try/C-0"),
        ("li", "check", f"{mine}/order-desk/check"),
        ("li", "conditions", f"{mine}/order-desk/conditions"),
        ("li", "sign", f"{mine}/order-desk/sign"),
        ("li", "receipt", f"{done}/order-desk/receipt"),
        ("li", "withdraw", f"{done}/order-desk/withdraw"),
        ("li", "certificate", f"{done}/certificate"),
        ("li", "improvements", "/improvements"),
        ("li", "not-there", "/nothing"),
        ("quinn", "board", "/board"),
        ("quinn", "prepare", "/board/order-hub/2.4.1/preprod"),
        ("quinn", "tokens", "/board/tokens"),
        ("ada", "people", "/people"),
        ("otto", "audit", "/audit"),
        ("otto", "audit-package", f"/audit/packages/{codes['done']}"),
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_is_accessible_and_readable(stage, language: str) -> None:
    office, people, codes = stage
    host, wrong = Host(), []
    browser = find_browser(host)
    assert browser
    with sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=browser.path, args=list(launch_flags(host)))
        for scheme in ("light", "dark"):
            for who in ("", *people):
                context = chromium.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
                _be(context, people.get(who), office.portal.url, language)
                page = context.new_page()
                for _, name, path in (one for one in pages(codes) if one[0] == who):
                    page.goto(office.portal.url + path)
                    if name == "walk":
                        page.locator("form[action*='/walk/'] button").click()
                        page.wait_for_url("**/walk/*")
                    wrong += [(name, scheme, one) for one in _looked_at(page, f"{name}-{language}-{scheme}", language)]
                context.close()
        chromium.close()
    assert wrong == []


def test_the_check_itself_finds_what_is_wrong(stage) -> None:
    office, _, _ = stage
    host = Host()
    browser = find_browser(host)
    assert browser
    with sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=browser.path, args=list(launch_flags(host)))
        page = chromium.new_page()
        page.goto(office.portal.url + "/sign-in")
        page.evaluate("document.querySelectorAll('label').forEach((one) => one.replaceWith(...one.children))")
        page.evaluate("document.documentElement.lang = ''; document.body.append(document.createElement('wide'))")
        assert _looked_at(page, "", "en")
        chromium.close()


def _be(context: BrowserContext, person: Browser | None, url: str, language: str) -> None:
    """The session of somebody who signed in, in their language."""
    if person is not None:
        person.get("/account")
        assert person.post("/language", language=language, next="/account").status_code == 302
        cookies = person.cookies
    else:
        cookies = {"language": language}
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])


def _looked_at(page: Page, name: str, language: str) -> list[str]:
    found = [f"{one['id']}: {one['nodes'][0]['target']}" for one in Axe().run(page).response["violations"]]
    if page.locator("html").get_attribute("lang") != {"en": "en", "zh": "zh-Hans"}[language]:
        found.append("another language")
    if folder := os.environ.get("HARNESS_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    page.set_viewport_size({"width": 320, "height": 640})  # what 1280 is at 400 %
    if page.evaluate("document.documentElement.scrollWidth") > 320:
        found.append("wider than the window at 400 %")
    page.set_viewport_size({"width": 1280, "height": 900})
    return found
