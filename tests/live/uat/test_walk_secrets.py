"""A password is never kept, wherever a page hides its field: in a shadow root, a closed one, or a frame."""

import pytest
from playwright.sync_api import Page, sync_playwright

from harness.adapters.browsers import find_browser
from harness.adapters.host import Host
from harness.kit.uat.masking import ALWAYS, cover_script, dotted
from harness.kit.walk.hands import Hands

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]

SECRET = "hunter2-typed"
FIELDS = '<input type="password" aria-label="Password"><input id="plain" aria-label="Name">'
PLAIN = f"<main>{FIELDS}</main>"
OPEN = f"<x-outer></x-outer><script>const outer = document.querySelector('x-outer').attachShadow({{mode: 'open'}}); \
outer.innerHTML = '<x-inner></x-inner>'; \
outer.firstChild.attachShadow({{mode: 'open'}}).innerHTML = '<style>b {{ color: red }}</style>{FIELDS}';</script>"
CLOSED = f"<x-field></x-field><script>document.querySelector('x-field').attachShadow({{mode: 'closed'}}).innerHTML = \
'{FIELDS}';</script>"
FRAME = f"<iframe title='Sign in' srcdoc='{FIELDS}'></iframe>"
PLACES = {"in the page": PLAIN, "in open roots": OPEN, "in a closed root": CLOSED, "in a frame": FRAME}


@pytest.fixture(scope="module")
def context():
    found = find_browser(Host())
    assert found is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found.path, chromium_sandbox=not Host().is_root)
        context = browser.new_context()
        context.add_init_script(cover_script(ALWAYS))
        yield context
        browser.close()


@pytest.fixture
def shown(context):
    def show(html: str) -> Page:
        page = context.new_page()
        page.set_content(f"<!doctype html><title>Sign in</title>{html}")
        return page

    yield show
    for page in context.pages:
        page.close()


def typed(page: Page, tabs: int) -> str:
    """What is recorded of typing after so many times Tab."""
    hands = Hands(masks=ALWAYS)
    for _ in range(tabs):
        page.keyboard.press("Tab")
    return str([*hands.act(page, {"kind": "type", "text": SECRET}), *hands.typing_ended()])


def text_of(page: Page) -> str:
    return dotted(page, page.locator("body").aria_snapshot(), ALWAYS)


@pytest.mark.parametrize("html", PLACES.values(), ids=PLACES)
def test_a_password_typed_on_the_picture_is_recorded_as_dots_alone(shown, html):
    page = shown(html)
    steps = typed(page, 1)
    assert "•••" in steps
    assert SECRET not in steps + text_of(page)


@pytest.mark.parametrize("html", [PLAIN, OPEN], ids=["in the page", "in open roots"])
def test_control_a_name_typed_beside_it_is_kept_with_its_field(shown, html):
    page = shown(html)
    assert f"You typed {SECRET} into field “Name”" in typed(page, 2)
    assert SECRET in text_of(page)


def test_what_is_covered_is_dots_in_the_page_text_down_to_its_shadow_roots(shown):
    page = shown(f"<div data-private>{OPEN.replace('<input id', '<b>salary 5000</b><input value=IBAN-7 id')}</div>")
    assert "•••" in text_of(page)
    assert not [word for word in ("5000", "IBAN-7") if word in text_of(page)]
    told = Hands(masks=ALWAYS).controls(page)
    assert {(one["name"], one["secret"], one["value"]) for one in told} == {("•••", True, "")}


def test_a_control_inside_a_shadow_root_is_offered_and_used_by_its_own_name(shown):
    page = shown(OPEN)
    hands = Hands(masks=ALWAYS)
    secret, name = hands.controls(page)
    assert (secret["name"], secret["secret"], name["name"], name["secret"]) == ("Password", True, "Name", False)
    steps = hands.act(page, {"kind": "use", "at": secret["at"], "name": "Password", "value": SECRET})
    assert "•••" in str(steps)
    assert SECRET not in str(steps) + text_of(page)
    box = page.get_by_label("Name").bounding_box()
    assert "You clicked field “Name”" in str(hands.act(page, {"kind": "click", "x": box["x"] + 5, "y": box["y"] + 5}))
