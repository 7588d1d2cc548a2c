"""A demonstration before a person, in a second real browser: shown, judged, taken over, and never judged for them."""

import json
import os
import signal

import psutil
import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from harness.adapters.browsers import find_browser
from harness.adapters.host import Host
from harness.adapters.marks import marked
from harness.formats.recorded_script import read_recorded, script_of
from harness.kit.uat.pages import usable_by_all
from harness.model.evidence import Code, Outcome
from harness.model.walk import Answer, Phase
from tests.live.uat.walking import SCRIPT, WalkStand, led, stood

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]

START = "from harness.kit.uat import *\n"


@pytest.fixture(scope="module")
def chromium():
    found = find_browser(Host())
    assert found is not None
    return found.path


@pytest.fixture(scope="module")
def persons(chromium):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=not Host().is_root)
        expect.set_options(timeout=40_000)  # a busy machine is no finding
        yield browser
        expect.set_options(timeout=5_000)
        browser.close()


@pytest.fixture(scope="module")
def stand(tmp_path_factory, page_url, chromium):
    with stood(tmp_path_factory.mktemp("walk"), page_url, chromium) as stand:
        yield stand


@pytest.fixture
def enter(persons, stand: WalkStand):
    """A person's page at a session; what the browser complains of fails the test."""
    contexts, complaints = [], []

    def entered(shown, locale="en-US") -> Page:
        context = persons.new_context(locale=locale, viewport={"width": 1400, "height": 1000})
        context.set_default_timeout(40_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(stand.server.link(shown.session))
        return page

    yield entered
    for context in contexts:
        context.close()
    refused = [one for one in complaints if "409" in one]
    assert [one for one in complaints if one not in refused] == []


def ready(page: Page, word: str) -> Locator:
    return page.locator("button[aria-disabled=false]", has_text=word)


def by_keyboard(page: Page, target: Locator, key: str = "Enter") -> None:
    """Go there with Tab alone and press; a page on which it is not reached fails."""
    for _ in range(60):
        if target.evaluate("one => one === document.activeElement"):
            page.keyboard.press(key)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by Tab")


def codes(observations):
    [seen] = observations.observations
    return [one.code for one in seen.reasons]


def test_a_person_sees_it_all_says_yes_and_that_is_what_is_recorded(stand, enter):
    shown = stand.show()
    page = enter(shown)
    expect(page.get_by_role("heading", level=1)).to_have_text("C-1 The total is right")
    ready(page, "Start").click()
    expect(page.get_by_text("Next we: Ask for the total of two")).to_be_visible()
    expect(page.get_by_text("The shop with a quantity")).to_be_visible()
    expect(page.locator("pre")).to_contain_text('heading "Lamps"')
    assert page.evaluate("document.querySelector('canvas').dataset.frame") is not None
    page.get_by_role("button", name="Show the last step again").click()
    expect(page.locator("button[aria-disabled=true]", has_text="Yes, it works")).to_be_visible()
    ready(page, "Next").click()
    ready(page, "Yes, it works").click()
    expect(page.get_by_text("Your answer is kept: it works.")).to_be_visible()
    observations = shown.over()
    [seen] = observations.observations
    assert seen.outcome is Outcome.PASSED, (seen.reasons, shown.ended.stdout.decode())
    assert ("answer", "yes") in seen.labels
    assert any(note.startswith("the person saw ") for note in observations.notes)


def test_by_keyboard_alone_and_in_chinese_a_person_says_no_marks_the_picture_and_meets_no_barrier(stand, enter):
    shown = stand.show()
    page = enter(shown, "zh-CN")
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    usable_by_all(page)
    by_keyboard(page, ready(page, "开始"))
    expect(ready(page, "下一步")).to_be_visible()
    by_keyboard(page, page.get_by_role("button", name="不符合", exact=True))
    page.keyboard.insert_text("合计应含税")
    usable_by_all(page)
    by_keyboard(page, page.locator("form canvas"), "ArrowDown")
    by_keyboard(page, page.get_by_role("button", name="提交答复"))
    expect(page.locator(".thanks")).to_be_focused()
    usable_by_all(page)
    [seen] = shown.over().observations
    assert seen.outcome is Outcome.FAILED
    assert [(one.code, dict(one.values)["words"]) for one in seen.reasons] == [(Code.PERSON_SAID_NO, "合计应含税")]
    evidence = {one.name: one.body for one in seen.evidence}
    assert evidence["marked picture"].startswith(b"\x89PNG")
    [report] = json.loads(evidence["feedback"])
    assert (report["kind"], report["words"]) == ("does-not-work", "合计应含税")


def test_a_demonstration_that_stops_is_nobodys_answer_and_can_still_be_reported(stand, enter):
    script = SCRIPT.replace('to_have_text("25")', 'to_have_text("26", timeout=300)')
    shown = stand.show(script)
    page = enter(shown)
    ready(page, "Start").click()
    ready(page, "Next").click()
    expect(page.get_by_role("alert")).to_contain_text("our problem, not your answer")
    expect(page.get_by_role("button", name="Yes, it works")).to_have_count(0)
    usable_by_all(page)
    page.get_by_text("Report something").click()
    page.get_by_label("In your words").fill("The total did not come")
    usable_by_all(page)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("It is kept as F-")).to_be_visible()
    observations = shown.over()
    assert codes(observations) == [Code.DEMONSTRATION_STOPPED, Code.ASSERTION_FAILED]
    assert observations.observations[0].outcome is Outcome.BROKEN
    assert ("answer", "none") in observations.observations[0].labels


@pytest.mark.parametrize("whose", ["worker", "browser"])
def test_a_worker_or_browser_killed_in_mid_step_stops_it_and_keeps_what_was_said(stand, enter, whose):
    slow = SCRIPT.replace('page.get_by_role("button").click()', "page.wait_for_timeout(60_000)")
    shown = stand.show(slow)
    page = enter(shown)
    ready(page, "Start").click()
    expect(ready(page, "Next")).to_be_visible()
    page.get_by_text("Report something").click()
    page.get_by_label("In your words").fill("before the end")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("It is kept as F-")).to_be_visible()
    ready(page, "Next").click()
    expect(page.get_by_text("We are doing it.")).to_be_visible()
    number = len(stand.shown)
    for pid in marked(f"20261120T00000{number}Z-walk/"):
        is_browser = "chrom" in psutil.Process(pid).name() if psutil.pid_exists(pid) else False
        if is_browser or whose == "worker":
            os.kill(pid, signal.SIGKILL)
    expect(page.get_by_role("alert")).to_contain_text("our problem, not your answer")
    observations = shown.over()
    assert codes(observations)[0] is Code.DEMONSTRATION_STOPPED
    assert [one.answer for one in shown.session.items] == [None]
    told = [json.loads(line) for line in (stand.draft(number) / "walk.ndjson").read_text().splitlines()]
    assert [one["event"] for one in told] == ["report", "stopped"]
    assert told[0]["words"] == "before the end"


def test_whoever_takes_over_acts_on_the_page_by_picture_or_by_words_and_it_becomes_steps(stand, enter):
    shown = stand.show()
    page = enter(shown)
    ready(page, "Start").click()
    expect(ready(page, "Next")).to_be_visible()
    page.get_by_role("button", name="I take over").click()
    field = page.get_by_label("Quantity", exact=True)
    expect(field).to_have_value("2")
    usable_by_all(page)
    field.fill("4")
    page.get_by_role("button", name="Enter Quantity").click()
    page.get_by_role("button", name="button: Total").click()
    expect(page.locator("pre")).to_contain_text("50")
    box = page.locator("canvas").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 110 / 1280, box["y"] + box["height"] * 90 / 800)
    page.keyboard.type("7")
    page.get_by_role("button", name="Let the script go on").click()
    expect(page.get_by_text("You typed 4 into field “Quantity” (you did this)")).to_be_visible()
    expect(page.get_by_text("You clicked button “Total” (you did this)")).to_be_visible()
    page.get_by_role("button", name="I can't tell").click()
    page.get_by_label("What keeps you from telling?").fill("I don't know the price")
    page.get_by_role("button", name="Send this answer").click()
    [seen] = shown.over().observations
    assert [one.code for one in seen.reasons] == [Code.PERSON_CANNOT_TELL]
    titles = [step.title for step in seen.steps]
    assert "You typed 4 into field “Quantity” · 您在field “Quantity”中输入了4" in titles
    assert any(one.startswith("You clicked field") for one in titles), titles
    recorded = next(one.body for one in seen.evidence if one.name == "recorded")
    script = script_of("again", read_recorded(recorded))
    assert "page.get_by_label('Quantity', exact=True).fill('4')" in script
    [again] = led(stand.show(script, "test_again")).observations
    assert again.outcome is Outcome.PASSED, again.reasons


@pytest.mark.parametrize("attribute", ["data-private", ""], ids=["covered", "control: not covered"])
def test_what_is_private_is_covered_before_a_frame_leaves_the_worker(stand, enter, attribute):
    script = (
        START
        + f"""
def test_total(page):
    with step("Look"):
        page.goto("/")
        page.set_content('<main><h1 {attribute} style="background:red;height:700px">4111 1111</h1>'
                         '<input type="password" aria-label="Password"></main>')
        page.get_by_label("Password").fill("typed-in-secret")
        expect(page.locator("h1")).to_have_count(1)
    with step("Look again"):
        expect(page.locator("h1")).to_have_count(1)
"""
    )
    shown = stand.show(script)
    page = enter(shown)
    ready(page, "Start").click()
    expect(page.locator("pre")).to_contain_text("heading")
    middle = page.wait_for_function(
        """() => { const one = document.querySelector("canvas");
          const seen = [...one.getContext("2d").getImageData(one.width / 2, one.height / 2, 1, 1).data];
          return seen[3] === 255 && Math.min(...seen) < 200 ? seen : null; }"""
    ).json_value()
    red, green, blue, _ = middle
    open_to_see = not attribute
    assert (red > 200 and green < 60) is open_to_see, (red, green, blue)
    assert ("4111" in page.locator("pre").inner_text()) is open_to_see
    shown.session.end("seen")
    [seen] = shown.over().observations
    assert seen.outcome is Outcome.BROKEN
    words = b"".join(one.body for one in seen.evidence if one.name.startswith("page-text"))
    assert (b"4111" in words) is open_to_see
    assert b"Password" in words
    assert b"typed-in-secret" not in words


def test_the_list_and_a_link_that_was_used_have_no_barrier_in_either_language(persons, stand):
    stand.show()
    for locale, words in (("en-US", "What you are asked to try"), ("zh-CN", "请您试用的内容")):
        context = persons.new_context(locale=locale)
        page, link = context.new_page(), stand.server.link()
        page.goto(link)
        expect(page.get_by_role("heading", level=1)).to_have_text(words)
        expect(page.locator("li").first).to_be_visible()
        usable_by_all(page)
        again = context.new_page()
        again.goto(link)
        expect(again.get_by_role("heading", level=1)).to_contain_text(
            "已被使用" if locale == "zh-CN" else "used already"
        )
        usable_by_all(again)
        context.close()


def test_a_page_that_opens_in_front_is_what_the_person_sees_until_it_is_closed(stand, enter):
    script = (
        START
        + """
def test_total(page):
    with step("Open the shop"):
        page.goto("/")
        expect(page.locator("h1")).to_have_text("Lamps")
    with step("Open another window"):
        other = page.context.new_page()
        other.goto("/zh")
        expect(other.locator("h1")).to_have_count(1)
    with step("Close it"):
        other.close()
        expect(page.locator("h1")).to_have_text("Lamps")
"""
    )
    shown = stand.show(script)
    page = enter(shown)
    ready(page, "Start").click()
    for number, heading in ((1, "Lamps"), (2, "灯具"), (3, "Lamps")):
        before = shown.session.frames.came
        expect(page.locator("pre")).to_contain_text(f'heading "{heading}"')
        if number < 3:
            ready(page, "Next").click()
    ready(page, "Yes, it works").click()
    assert shown.over().observations[0].outcome is Outcome.PASSED
    assert shown.session.frames.came > before > 0


def test_a_person_who_comes_back_finds_everything_as_it_was(stand, enter):
    shown = stand.show()
    page = enter(shown)
    ready(page, "Start").click()
    expect(ready(page, "Next")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Next we: Ask for the total of two")).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_text("接下来：查看两个的合计")).to_be_visible()
    page.get_by_role("button", name="English").click()
    ready(page, "Next").click()
    ready(page, "Yes, it works").click()
    assert shown.over().observations[0].outcome is Outcome.PASSED
    assert [(one.phase, one.answer) for one in shown.session.items] == [(Phase.FINISHED, Answer.YES)]
