"""Three people, three browsers, three passkeys: from a run that was published to a promotion that passes.

Everything that people do goes through the pages; everything that machines do goes through the command line.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.live.portal.profiles import profile
from tests.live.portal.serving import served
from tests.live.portal.workspace import RELEASE, harness, make_workspace, run_preprod

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]


def test_three_people_take_a_release_from_publication_to_a_promotion_that_passes(tmp_path: Path) -> None:
    with served(tmp_path / "portal") as portal, sync_playwright() as playwright:
        key = portal.key()
        root = make_workspace(tmp_path / "workspace", key)
        links = {
            "quinn": portal.add("quinn@example.org", "Quinn Asare", "Head of testing", "qa", "qa"),
            "li": portal.add("li@example.org", "Li Wei 李伟", "Head of the order desk", "business", "order-desk"),
            "ana": portal.add("ana@example.org", "Ana Ruiz", "Head of finance", "business", "finance"),
        }
        with (
            profile(playwright, tmp_path / "quinn", portal.url) as quinn,
            profile(playwright, tmp_path / "li", portal.url) as li,
            profile(playwright, tmp_path / "ana", portal.url) as ana,
        ):
            quinn.join(links["quinn"])
            run_preprod(root, {"page screenshot": quinn.page.screenshot(), "page text": b"- heading: orders"})
            token, reading = _tokens(quinn)
            brought = harness(
                root, "publish", "--portal", portal.url, "--project", "order-hub", HARNESS_PORTAL_TOKEN=token
            )
            assert brought.returncode == 0, brought.stderr
            asked = ("gate", "--release", RELEASE, "--to", "prod", "--sign-offs", portal.url, "--json")
            before = harness(root, *asked, HARNESS_PORTAL_TOKEN=reading)
            assert before.returncode != 0

            li.join(links["li"])
            ana.join(links["ana"])
            code = _freeze(quinn)
            waiting = harness(root, *asked, HARNESS_PORTAL_TOKEN=reading)
            assert waiting.returncode == 3, waiting.stdout
            assert "not-signed" in waiting.stdout

            _answer(li.go(f"/packages/{code}"), {"ORD-3": "No, something is wrong"})
            _accept_on_condition(li.page)
            _answer(ana.go(f"/packages/{code}"), {})
            ana.page.locator("input[value=accept]").check()
            ana.press("Go on to the signature")
            ana.press("Sign with passkey")
            expect(ana.page.get_by_role("heading", name="Accepted", exact=True)).to_be_visible()
            expect(ana.page.get_by_text("The package now stands: Accepted with conditions.")).to_be_visible()

            ruling = harness(root, *asked, HARNESS_PORTAL_TOKEN=reading)
            assert ruling.returncode == 0, ruling.stdout + ruling.stderr
            assert json.loads(ruling.stdout)["decision"] == "pass"

            with ana.page.expect_download() as kept:
                ana.page.get_by_role("link", name="Everything in one file").click()
            bundle = tmp_path / "acceptance.zip"
            kept.value.save_as(bundle)
        checked = harness(root, "verify", str(bundle), "--checkpoints", str(portal.witness / "checkpoints.txt"))
        assert checked.returncode == 0, checked.stdout + checked.stderr
        alone = _offline(tmp_path, bundle, key)
        assert alone.returncode == 0, alone.stdout + alone.stderr
    gone = harness(root, *asked, HARNESS_PORTAL_TOKEN=reading)
    assert gone.returncode == 3, "a portal that is not there opens no gate"


def _tokens(quinn: object) -> tuple[str, str]:
    made = []
    for purpose in ("bring runs", "read what was signed"):
        page: Page = quinn.go("/board/tokens")  # type: ignore[attr-defined]
        page.get_by_label("Project").fill("order hub")
        page.get_by_label("Purpose").select_option(label=purpose)
        page.get_by_role("button", name="Make a token").click()
        made.append(page.locator("#token").inner_text())
    return made[0], made[1]


def _freeze(quinn: object) -> str:
    """QA agrees to the two roles that the terminal proposed, and freezes the run that was brought."""
    page: Page = quinn.go("/people")  # type: ignore[attr-defined]
    for _ in range(2):
        page.get_by_role("button", name="Agree").first.click()
    page.get_by_role("link", name="Release board").click()
    page.get_by_role("link", name="Freeze a package").click()
    page.get_by_label("In English").fill("Orders and invoices, phase 1")
    page.get_by_label("In Chinese").fill("第一阶段：订单和发票")
    page.get_by_label("Please by").fill("2030-01-10")
    page.get_by_label("Can be signed until").fill("2030-02-10")
    page.get_by_role("button", name="Freeze and ask").click()
    page.wait_for_url("**/packages/*")
    return page.url.rsplit("/", 1)[1]


def _answer(page: Page, otherwise: dict[str, str]) -> None:
    """Try it, one thing after the other; what was seen is on the page."""
    page.get_by_role("link", name="Try it").click()
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
