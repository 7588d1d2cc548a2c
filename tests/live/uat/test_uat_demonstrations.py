"""Demonstrations that share a session with no others: it ends, hangs, or has no browser, no system, nothing to run."""

import pytest

from harness.model.evidence import Code, Outcome
from harness.runners import uat

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]

START = "from harness.kit.uat import *\nimport os, time\n"
SHOWS = (
    START
    + """
def test_total(page):
    with step("Open the shop"):
        page.goto("/")
        expect(page.get_by_role("heading")).to_have_text("Lamps")
"""
)


def codes(observation):
    return [reason.code for reason in observation.reasons]


def test_a_process_that_leaves_in_mid_script_breaks_that_script_and_all_after_it(stand):
    script = (
        START
        + """
def test_before(page):
    page.goto("/")
    expect(page).to_have_title("Lamps")
def test_leaves(page):
    page.goto("/")
    with step("Look"):
        expect(page).to_have_title("Lamps")
    os._exit(0)
def test_after(page):
    page.goto("/")
    expect(page).to_have_title("Lamps")
"""
    )
    before, leaves, after = stand.demonstrate(script, "test_before", "test_leaves", "test_after")
    assert stand.ended.exit_status == 0
    assert before.outcome is Outcome.PASSED
    assert (leaves.outcome, codes(leaves)) == (Outcome.BROKEN, [Code.SCRIPT_BROKE])
    assert leaves.steps and leaves.steps[0].attachments, "what was seen before the crash is kept"
    assert (after.outcome, codes(after)) == (Outcome.BROKEN, [Code.ENGINE_CRASHED])


def test_without_a_browser_it_is_said_so(stand):
    stand.browser = "/nowhere/chromium"
    [seen] = stand.demonstrate(SHOWS, "test_total")
    assert (seen.outcome, codes(seen)) == (Outcome.BROKEN, [Code.NO_BROWSER])


def test_a_system_that_is_not_there_is_unreachable_not_wrong(stand):
    stand.url = f"http://127.0.0.1:{stand.host.free_port()}"
    script = (
        SHOWS
        + """
def test_api(api):
    check(api.get("/").ok, "the shop is open")
def test_only_asserts(page):
    page.set_content("<p>nothing</p>")
    expect(page.get_by_role("heading")).to_be_visible(timeout=10)
"""
    )
    by_page, by_api, asserting = stand.demonstrate(script, "test_total", "test_api", "test_only_asserts")
    assert (by_page.outcome, codes(by_page)) == (Outcome.BROKEN, [Code.SYSTEM_UNREACHABLE]), by_page.reasons
    assert (by_api.outcome, codes(by_api)) == (Outcome.BROKEN, [Code.SYSTEM_UNREACHABLE]), by_api.reasons
    assert (asserting.outcome, codes(asserting)) == (Outcome.BROKEN, [Code.SYSTEM_DIED]), asserting.reasons


def test_a_demonstration_whose_file_is_not_there_is_named(stand):
    [gone] = stand.demonstrate("", "test_gone", write=False)
    assert (gone.outcome, codes(gone)) == (Outcome.BROKEN, [Code.NO_DEMONSTRATION])


def test_a_script_that_hangs_is_stopped_and_the_others_go_on(stand, monkeypatch):
    monkeypatch.setattr(uat, "_SHARE_FOR_ONE_TEST", 0.1)
    stand.deadline_s = 60
    script = (
        START
        + """
def test_hangs(page):
    page.goto("/")
    page.evaluate("new Promise(() => {})")
def test_sleeps(api):
    time.sleep(1000)
def test_next(page):
    page.goto("/")
    expect(page).to_have_title("Lamps")
"""
    )
    hangs, sleeps, after = stand.demonstrate(script, "test_hangs", "test_sleeps", "test_next")
    for seen in (hangs, sleeps):
        assert (seen.outcome, codes(seen)) == (Outcome.BROKEN, [Code.SCRIPT_BROKE]), seen.reasons
        assert "deadline" in dict(seen.reasons[0].values)["message"]
        assert any(one.name == "where it stood" for one in seen.evidence)
    assert after.outcome is Outcome.PASSED, after.reasons
