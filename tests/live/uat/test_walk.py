"""A demonstration before a person, in a second real browser: shown, judged, taken over, and never judged for them."""

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from harness.adapters.browsers import find_browser
from harness.adapters.host import Host
from harness.model.evidence import Code, Outcome

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]


@pytest.fixture(scope="session")
def chromium():
    found = find_browser(Host())
    assert found is not None
    return found.path


@pytest.fixture(scope="module")
def persons(chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=not Host().is_root)
        yield browser
        browser.close()


@pytest.fixture
def stand(tmp_path, page_url, chromium):
    from tests.live.uat.walking import stood

    with stood(tmp_path, page_url, chromium) as stand:
        yield stand


@pytest.fixture
def person(persons):
    context = persons.new_context(locale="en-US", viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.errors = []
    page.on("console", lambda said: page.errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    context.close()


def test_a_person_sees_a_demonstration_says_yes_and_that_is_what_is_recorded(stand, person: Page):
    shown = stand.show()
    person.goto(stand.server.link(shown.session))
    expect(person.get_by_role("heading", level=1)).to_have_text("C-1  The total is right")
    person.get_by_role("button", name="Start", exact=True).click()
    expect(person.get_by_text("Ask for the total of two").first).to_be_visible()
    person.get_by_role("button", name="Next").click()
    person.get_by_role("button", name="Yes, it works").click()
    expect(person.get_by_text("Your answer is kept: it works.")).to_be_visible()
    [seen] = shown.over().observations
    assert seen.outcome is Outcome.PASSED, (seen.reasons, shown.ended.stdout.decode(), shown.ended.stderr.decode())
    assert ("answer", "yes") in seen.labels
    assert person.errors == []
