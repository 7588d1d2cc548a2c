"""Three people, three browsers, three passkeys: the promotion that the demo left *undecided, not signed* passes.

Everything that people do goes through the pages, one of them without a mouse; everything that machines do goes through
the command line, on the demo's own workspace.
"""

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.live.portal import keyboard
from tests.live.portal.profiles import PASSWORD, Profile, profile
from tests.live.portal.serving import served
from tests.live.portal.workspace import RELEASE, REPOSITORY, harness, make_workspace, run_all

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]


WAITS = {"not-signed", "package-open"}
HELD = {
    "li": ("order-desk", "warehouse", "integration"),
    "ana": ("finance", "customer-care"),
    "wang": ("sales-china", "data-protection"),
}
PEOPLE = {
    "quinn": ("Quinn Asare", "Head of testing", "qa", "qa"),
    "li": ("Li Wei 李伟", "Head of orders", "business", *HELD["li"]),
    "ana": ("Ana Ruiz", "Head of finance", "business", *HELD["ana"]),
    "wang": ("Wang Fang 王芳", "Head of sales", "business", *HELD["wang"]),
}


def test_three_people_take_the_demos_release_from_undecided_to_a_promotion_that_passes(tmp_path: Path) -> None:
    with served(tmp_path / "portal") as portal, sync_playwright() as playwright, ExitStack() as open_until:
        root = make_workspace(tmp_path / "workspace", "--key", portal.key())
        links = {name: portal.add(f"{name}@example.org", *said) for name, said in PEOPLE.items()}
        profiles = {name: open_until.enter_context(profile(playwright, tmp_path / name, portal.url)) for name in PEOPLE}
        quinn, li, ana, wang = (profiles[name] for name in PEOPLE)
        quinn.join(links["quinn"])
        runs = run_all(root, {"page screenshot": quinn.page.screenshot(), "page text": b"- heading: orders"})
        token, reading = _tokens(quinn)
        where = ("--portal", portal.url, "--project", "order-hub")
        brought = harness(root, "publish", "--tier", "preprod", *where, HARNESS_PORTAL_TOKEN=token)
        assert brought.returncode == 0, brought.stderr
        assert runs["preprod"] in brought.stdout
        asked = ("gate", "--release", RELEASE, "--to", "prod", "--sign-offs", portal.url, "--json")

        li.join(links["li"])
        ana.join(links["ana"])
        _join_by_keyboard(wang.page, links["wang"])
        code = _freeze(quinn, agreed=sum(map(len, HELD.values())))
        waiting = harness(root, *asked, HARNESS_PORTAL_TOKEN=reading)
        assert waiting.returncode == 3, waiting.stdout
        assert _codes(waiting) == WAITS

        for role in HELD["li"]:
            _answer(li.go(f"/packages/{code}"), role, {"ORD-4": "No, something is wrong"})
            if role == "order-desk":
                _accept_on_condition(li.page)
            else:
                _accept(li.page)
        for role in HELD["ana"]:
            _answer(ana.go(f"/packages/{code}"), role, {})
            _accept(ana.page)
        assert _codes(harness(root, *asked, HARNESS_PORTAL_TOKEN=reading)) == WAITS
        for _ in HELD["wang"]:
            _sign_by_keyboard(wang.page)
        expect(wang.page.get_by_text("The package now stands: Accepted with conditions.")).to_be_visible()

        ruling = harness(root, *asked, HARNESS_PORTAL_TOKEN=reading)
        assert ruling.returncode == 0, ruling.stdout + ruling.stderr
        assert json.loads(ruling.stdout)["decision"] == "pass"

        with ana.page.expect_download() as kept:
            ana.page.get_by_role("link", name="Everything in one file").click()
        bundle = tmp_path / "acceptance.zip"
        kept.value.save_as(bundle)
        checked = harness(root, "verify", str(bundle), "--checkpoints", str(portal.witness / "checkpoints.txt"))
        assert checked.returncode == 0, checked.stdout + checked.stderr
        alone = _offline(tmp_path, bundle, portal.key())
        assert alone.returncode == 0, alone.stdout + alone.stderr
    gone = harness(root, *asked, HARNESS_PORTAL_TOKEN=reading)
    assert gone.returncode == 3, "a portal that is not there opens no gate"
    _only_the_key_that_was_declared_counts(root, portal.key(), bundle)


def _only_the_key_that_was_declared_counts(root: Path, key: str, bundle: Path) -> None:
    """The control: the same signatures under the policy as it came, or one that came to name the key afterwards."""
    asked = ("gate", "--release", RELEASE, "--to", "prod", "--sign-offs", str(bundle), "--json")
    policy = root / "environments" / "gate.toml"
    assert harness(root, *asked).returncode == 0
    policy.write_bytes((REPOSITORY / "environments" / "gate.toml").read_bytes())
    run_all(root, {})
    assert harness(root, *asked).returncode == 3, "the specimen's key proves nothing"
    assert harness(root, "portal", "trust", "--key", key).returncode == 0
    afterwards = harness(root, *asked)
    assert afterwards.returncode == 3
    assert "source-changed" in _codes(afterwards)


def _codes(ruling: "subprocess.CompletedProcess[str]") -> set[str]:
    told = json.loads(ruling.stdout)
    return {one["code"] for one in (*told["failures"], *told["doubts"])}


def _join_by_keyboard(page: Page, link: str) -> None:
    page.goto(link)
    keyboard.fill(page, "Password", PASSWORD)
    keyboard.press(page, "Go on")
    page.wait_for_url("**/account")
    keyboard.fill(page, "A name for this device", "Security key")
    keyboard.press(page, "Add a passkey")
    expect(page.get_by_text("Security key")).to_be_visible()


def _sign_by_keyboard(page: Page) -> None:
    """From My tasks to the receipt of the next role with Tab, Enter and Space."""
    keyboard.press(page, "My tasks")
    page.wait_for_url("**/tasks")
    keyboard.press(page, "Open")
    page.wait_for_url("**/packages/*")
    keyboard.press(page, "Try it")
    page.wait_for_url("**/try/*")
    while "/try/" in (at := page.url):
        keyboard.press(page, "Yes, it works")
        page.wait_for_url(lambda url, at=at: url != at)
    keyboard.press(page, "I accept", "Space")
    keyboard.press(page, "Go on to the signature")
    page.wait_for_url("**/sign")
    keyboard.press(page, "Sign with passkey")
    expect(page.get_by_role("heading", name="Accepted", exact=True)).to_be_visible()


def test_a_page_that_a_keyboard_does_not_reach_is_noticed(tmp_path: Path) -> None:
    with (
        served(tmp_path / "portal") as portal,
        sync_playwright() as playwright,
        profile(playwright, tmp_path / "one", portal.url) as one,
    ):
        page = one.go("/sign-in")
        keyboard.tab_to(page, "Password")
        page.evaluate("document.querySelector('[name=password]').style.cssText = 'outline:none;box-shadow:none'")
        with pytest.raises(keyboard.NotReached, match="does not show"):
            keyboard.tab_to(page, "Password")
        page.evaluate("document.querySelector('[name=password]').tabIndex = -1")
        with pytest.raises(keyboard.NotReached, match="no number"):
            keyboard.tab_to(page, "Password")


def _tokens(quinn: Profile) -> tuple[str, str]:
    made = []
    for purpose in ("bring runs", "read what was signed"):
        page = quinn.go("/board/tokens")
        page.get_by_label("Project").fill("order hub")
        page.get_by_label("Purpose").select_option(label=purpose)
        page.get_by_role("button", name="Make a token").click()
        made.append(page.locator("#token").inner_text())
    return made[0], made[1]


def _freeze(quinn: Profile, agreed: int) -> str:
    """QA agrees to the roles that the terminal proposed, and freezes the run that was brought."""
    page = quinn.go("/tasks")
    page.get_by_role("link", name="People").click()
    for _ in range(agreed):
        page.get_by_role("button", name="Agree").first.click()
    page.get_by_role("link", name="Release board").click()
    page.get_by_role("link", name="Freeze a package").click()
    page.get_by_label("In English").fill("Orders and invoices, phases 1 and 2")
    page.get_by_label("In Chinese").fill("第一、二阶段：订单和发票")
    page.get_by_label("Please by").fill("2030-01-10")
    page.get_by_label("Can be signed until").fill("2030-02-10")
    page.get_by_role("button", name="Freeze and ask").click()
    page.wait_for_url("**/packages/*")
    return page.url.rsplit("/", 1)[1]


def _answer(page: Page, role: str, otherwise: dict[str, str]) -> None:
    """Try it, one thing after the other; what was seen is on the page."""
    page.locator(f"a[href*='/{role}/try/']").click()
    while "/try/" in page.url:
        criterion = page.url.split("/try/")[1].split("?")[0]
        picture = page.locator("ul.evidence img").first
        expect(picture).to_be_visible()
        assert page.evaluate("(image) => image.decode().then(() => image.naturalWidth)", picture.element_handle()) > 1
        said = otherwise.get(criterion, "Yes, it works")
        if said.startswith("No"):
            page.get_by_label("What did you expect?").fill("Cancelled orders alone")
        page.get_by_role("button", name=said).click()
        page.wait_for_url(lambda url, criterion=criterion: f"/try/{criterion}" not in url)


def _accept(page: Page) -> None:
    page.locator("input[value=accept]").check()
    page.get_by_role("button", name="Go on to the signature").click()
    page.get_by_role("button", name="Sign with passkey").click()
    expect(page.get_by_role("heading", name="Accepted", exact=True)).to_be_visible()


def _accept_on_condition(page: Page) -> None:
    page.get_by_label("I accept with conditions").check()
    page.get_by_role("button", name="Go on to the signature").click()
    page.get_by_label("What must be done").first.fill("The list of cancelled orders shows only those")
    page.get_by_label("Who sees to it").first.fill("Dev team")
    page.get_by_label("By when").first.fill("2029-12-31")
    page.get_by_role("button", name="Go on to the signature").click()
    expect(page.get_by_text("on these conditions")).to_be_visible()
    page.get_by_role("button", name="Sign with passkey").click()
    expect(page.get_by_role("heading", name="Accepted with conditions")).to_be_visible()


def _offline(folder: Path, bundle: Path, key: str) -> subprocess.CompletedProcess[str]:
    """The verifier that lies in the bundle, by itself: no harness can be imported where it runs."""
    import zipfile

    alone = folder / "alone"
    alone.mkdir()
    with zipfile.ZipFile(bundle) as opened:
        (alone / "verify.py").write_bytes(opened.read("verify.py"))
    words = [sys.executable, "-I", str(alone / "verify.py"), str(bundle), "--key", key]
    return subprocess.run(words, cwd=alone, capture_output=True, text=True, timeout=60)
