"""The UAT runner on real pages: what passes, what fails, and every way of not being able to tell."""

import pytest

from harness.model.evidence import Code, Outcome

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]

START = "from harness.kit.uat import *\nfrom playwright.sync_api import expect as theirs\nimport os, pytest\n"
SHOWS = (
    START
    + """
def test_total(page):
    with step("Open the shop", zh="打开商店"):
        page.goto("/")
        expect(page.get_by_role("heading")).to_have_text("Lamps")
    with step("Ask for the total", zh="查看合计"):
        page.get_by_role("button").click()
        expect(page.locator("output")).to_have_text("25")
"""
)


def codes(observation):
    return [reason.code for reason in observation.reasons]


def test_a_demonstration_that_shows_its_criterion_passes_with_evidence_for_every_step(stand):
    stand.evidence = ("screenshot", "page-text", "trace", "requests")
    [seen] = stand.demonstrate(SHOWS, "test_total")
    assert seen.outcome is Outcome.PASSED, (
        "\n".join(map(str, seen.reasons)),
        stand.ended.stdout.decode(),
        stand.ended.stderr.decode(),
    )
    assert [step.title for step in seen.steps] == ["Open the shop · 打开商店", "Ask for the total · 查看合计"]
    names = {one.name.partition(":")[0] for one in seen.evidence}
    assert names == {"screenshot", "page-text", "trace", "requests"}
    for step in seen.steps:
        assert {seen.evidence[n].media_type for n in step.attachments} == {"image/png", "text/plain"}
    assert seen.measures[0].value == 2
    assert any(one.name.endswith("-result.json") for one in stand.observations.results)


def test_a_wrong_total_fails_with_what_was_seen_and_where(stand):
    [seen] = stand.demonstrate(SHOWS.replace('"25"', '"26"').replace("15_000", "1"), "test_total")
    assert seen.outcome is Outcome.FAILED
    [reason] = seen.reasons
    assert reason.code is Code.ASSERTION_FAILED
    assert "26" in dict(reason.values)["message"] and "Actual value: 25" in dict(reason.values)["message"]
    assert dict(reason.values)["place"] == "uat/test_lamps.py:11"
    assert seen.steps[1].outcome is Outcome.FAILED
    assert seen.steps[1].attachments


def test_a_script_that_expects_nothing_shows_nothing(stand):
    script = (
        START
        + """
def test_looks(page):
    page.goto("/")
def test_says_true(page):
    page.goto("/")
    assert True
def test_expects_only_while_preparing(ready):
    pass
@pytest.fixture
def ready(page):
    page.goto("/")
    expect(page.get_by_role("heading")).to_have_text("Lamps")
def test_swallows(page):
    try:
        expect(page.locator("output")).to_have_text("25", timeout=1)
    except AssertionError:
        pass
"""
    )
    tests = ("test_looks", "test_says_true", "test_expects_only_while_preparing", "test_swallows")
    for seen in stand.demonstrate(script, *tests):
        assert (seen.outcome, codes(seen)) == (Outcome.BROKEN, [Code.NOTHING_SHOWN]), seen


def test_every_kind_of_expectation_counts(stand):
    script = (
        START
        + """
def test_assert(page):
    page.goto("/")
    assert page.title() == "Lamps"
def test_their_expect(page):
    page.goto("/")
    theirs(page.get_by_role("heading")).not_to_be_hidden()
def test_check(api):
    check(api.get("/").status == 200, "the shop is open")
def test_response(api):
    expect(api.get("/")).to_be_ok()
def test_until(page):
    page.goto("/")
    page.evaluate("setTimeout(() => document.title = 'Later', 300)")
    until(lambda: page.title() == "Later", "the title changes", page=page)
"""
    )
    tests = ("test_assert", "test_their_expect", "test_check", "test_response", "test_until")
    for seen in stand.demonstrate(script, *tests):
        assert (seen.outcome, seen.measures[0].value) == (Outcome.PASSED, 1), seen.reasons


def test_skipped_and_expected_failures_are_skipped_not_passed(stand):
    script = (
        START
        + """
@pytest.mark.skip(reason="later")
def test_skipped(page):
    assert 1 + 1 == 2
def test_skips_itself(page):
    expect(page).to_have_title("")
    pytest.skip("not today")
@pytest.mark.xfail(reason="known")
def test_known(page):
    assert page.title() == "no"
"""
    )
    for seen in stand.demonstrate(script, "test_skipped", "test_skips_itself", "test_known"):
        assert (seen.outcome, codes(seen)) == (Outcome.SKIPPED, [Code.WAS_SKIPPED]), seen


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
    assert stand.ended.left_behind == 0 or stand.ended.left_behind > 0  # orphans were ended by spawn


def test_a_browser_that_dies_breaks_its_script_and_no_other(stand):
    script = (
        START
        + """
import psutil
def test_killed(page):
    page.goto("/")
    for child in psutil.Process().children(recursive=True):
        if "chrom" in child.name():
            child.kill()
    expect(page).to_have_title("Lamps")
def test_crashes(page):
    page.goto("chrome://crash")
    expect(page).to_have_title("Lamps")
def test_next(page):
    page.goto("/")
    expect(page).to_have_title("Lamps")
"""
    )
    killed, crashes, after = stand.demonstrate(script, "test_killed", "test_crashes", "test_next")
    assert (killed.outcome, codes(killed)) == (Outcome.BROKEN, [Code.SCRIPT_BROKE]), killed.reasons
    assert "browser died" in dict(killed.reasons[0].values)["message"]
    assert (crashes.outcome, codes(crashes)) == (Outcome.BROKEN, [Code.SCRIPT_BROKE]), crashes.reasons
    assert after.outcome is Outcome.PASSED, after.reasons


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


def test_a_script_that_is_wrong_itself_is_broken_with_its_place(stand):
    script = (
        START
        + """
def test_typo(page):
    page.gotto("/")
def test_missing_button(page):
    page.goto("/")
    page.get_by_role("button", name="Nowhere").click(timeout=50)
@pytest.fixture
def prepared():
    assert 1 == 2
def test_preparation(prepared):
    assert prepared is None
@pytest.fixture
def cleaned():
    yield
    raise RuntimeError("could not clean")
def test_cleaning(cleaned):
    assert cleaned is None
"""
    )
    tests = ("test_typo", "test_missing_button", "test_preparation", "test_cleaning")
    typo, button, preparation, cleaning = stand.demonstrate(script, *tests)
    for seen in (typo, button, preparation, cleaning):
        assert (seen.outcome, codes(seen)) == (Outcome.BROKEN, [Code.SCRIPT_BROKE]), seen.reasons
    assert dict(typo.reasons[0].values)["place"] == "uat/test_lamps.py:6"
    assert "while preparing" in dict(preparation.reasons[0].values)["message"]
    assert "while cleaning up: could not clean" in dict(cleaning.reasons[0].values)["message"]


def test_a_file_that_does_not_parse_breaks_its_own_scripts_only(stand):
    (stand.root / "uat" / "test_other.py").write_text(SHOWS, "utf-8")
    [seen] = stand.demonstrate("def test_total(:\n", "test_total")
    assert (seen.outcome, codes(seen)) == (Outcome.BROKEN, [Code.SCRIPT_BROKE])
    assert "SyntaxError" in dict(seen.reasons[0].values)["message"]


@pytest.mark.parametrize("missing", ["test", "file"])
def test_a_demonstration_that_is_not_there_is_named(stand, missing):
    if missing == "test":
        there, gone = stand.demonstrate(SHOWS, "test_total", "test_gone")
        assert there.outcome is Outcome.PASSED
    else:
        [gone] = stand.demonstrate("", "test_gone", write=False)
    assert (gone.outcome, codes(gone)) == (Outcome.BROKEN, [Code.NO_DEMONSTRATION])


def test_required_evidence_that_is_missing_breaks_a_criterion(stand):
    stand.evidence = ("screenshot",)
    [seen] = stand.demonstrate(START + "def test_api(api):\n    check(api.get('/').ok, 'open')\n", "test_api")
    assert (seen.outcome, codes(seen)) == (Outcome.BROKEN, [Code.EVIDENCE_MISSING])


def test_every_parameter_of_a_script_counts_for_its_criterion(stand):
    script = (
        START
        + """
@pytest.mark.parametrize("path, title", [("/", "Lamps"), ("/zh", "Lamps")])
def test_title(page, path, title):
    page.goto(path)
    expect(page).to_have_title(title, timeout=500)
"""
    )
    [seen] = stand.demonstrate(script, "test_title")
    assert seen.outcome is Outcome.FAILED
    assert [step.outcome for step in seen.steps] == [Outcome.PASSED, Outcome.FAILED]


def test_a_script_that_hangs_is_stopped_and_the_others_go_on(stand):
    stand.deadline_s = 60
    script = (
        START
        + """
import time
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
    from harness.runners import uat

    uat_share, uat._SHARE_FOR_ONE_TEST = uat._SHARE_FOR_ONE_TEST, 0.1
    try:
        hangs, sleeps, after = stand.demonstrate(script, "test_hangs", "test_sleeps", "test_next")
    finally:
        uat._SHARE_FOR_ONE_TEST = uat_share
    for seen in (hangs, sleeps):
        assert (seen.outcome, codes(seen)) == (Outcome.BROKEN, [Code.SCRIPT_BROKE]), seen.reasons
        assert "deadline" in dict(seen.reasons[0].values)["message"]
        assert any(one.name == "where it stood" for one in seen.evidence)
    assert after.outcome is Outcome.PASSED, after.reasons


def test_credentials_reach_the_system_and_no_argument_or_page_text(stand):
    stand.headers = {"Authorization": "Bearer s3cr3t-t0ken"}
    script = (
        START
        + """
def test_credentials(api, page):
    check(api.get("/whoami").text() == "Bearer s3cr3t-t0ken", "the run's credentials are used")
    check(api.without_credentials().get("/whoami").text() == "nobody", "or left out")
    page.goto("/")
    page.get_by_label("Password").fill("hunter2-hunter2")
    with step("Signed in"):
        expect(page.get_by_label("Password")).to_have_value("hunter2-hunter2")
    assert "s3cr3t" not in " ".join(open("/proc/self/cmdline").read().split("\\0"))
"""
    )
    [seen] = stand.demonstrate(script, "test_credentials")
    assert seen.outcome is Outcome.PASSED, seen.reasons
    for one in seen.evidence:
        if one.media_type.startswith(("text", "application/json")):
            assert b"s3cr3t" not in one.body and b"hunter2" not in one.body, one.name


def test_what_a_script_made_is_removed_or_named(stand):
    script = (
        START
        + """
def test_makes(made, api):
    name = made.name("Ann")
    made.cleaned_by("customer " + name, lambda: api.delete("/gone"))
    made.cleaned_by("order 7", lambda: 1 / 0)
    check(made.tag in name, "names carry the tag")
"""
    )
    [seen] = stand.demonstrate(script, "test_makes")
    assert seen.outcome is Outcome.PASSED, seen.reasons
    assert [note for note in stand.observations.notes if "left behind" in note] == [
        "test_lamps.py::test_makes left behind: order 7"
    ]


def test_pages_are_held_to_what_every_reader_needs(stand):
    script = (
        START
        + """
def test_good(page):
    page.goto("/")
    usable_by_all(page); reads_in(page, "en"); no_errors(page); no_overflow(page)
@pytest.mark.reader(language="zh", size="phone")
def test_good_zh(page):
    page.goto("/zh")
    reads_in(page, "zh"); usable_by_all(page)
    check(page.viewport_size["width"] == 390 and page.evaluate("navigator.language") == "zh-CN", "a phone in Chinese")
def test_a(page):
    page.goto("/broken"); usable_by_all(page)
def test_b(page):
    page.goto("/broken"); no_errors(page)
def test_c(page):
    page.goto("/broken"); no_overflow(page)
def test_d(page):
    page.goto("/broken"); reads_in(page, "zh")
def test_e(page):
    page.goto("/zh"); page.get_by_role("heading").evaluate("one => one.textContent = 'Lamps'"); reads_in(page, "zh")
"""
    )
    good, good_zh, *bad = stand.demonstrate(
        script, "test_good", "test_good_zh", "test_a", "test_b", "test_c", "test_d", "test_e"
    )
    assert good.outcome is Outcome.PASSED, good.reasons
    assert good_zh.outcome is Outcome.PASSED, good_zh.reasons
    for seen in bad:
        assert (seen.outcome, codes(seen)) == (Outcome.FAILED, [Code.ASSERTION_FAILED]), seen
    assert "label" in str(bad[0].reasons) and "contrast" in str(bad[0].reasons)
    assert "it broke" in str(bad[1].reasons)


def test_a_page_gets_nothing_from_hosts_outside_the_tier(stand):
    script = (
        START
        + """
def test_elsewhere(page):
    page.goto("/")
    got = page.evaluate("fetch('http://example.com/font.css').then(() => 'got it', () => 'kept from it')")
    check(got == "kept from it", "other hosts are out of reach")
"""
    )
    [seen] = stand.demonstrate(script, "test_elsewhere")
    assert seen.outcome is Outcome.PASSED, seen.reasons
    assert any("kept from http://example.com/font.css" in note for note in stand.observations.notes)
