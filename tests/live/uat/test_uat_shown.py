"""What a demonstration comes to: one session runs them all, so none may change what another comes to.

Each test below reads what its own script came to. A script that does not parse, one that is not there and ones that
fail run beside those that pass.
"""

import pytest

from harness.model.evidence import Code, Outcome
from tests.live.uat.conftest import Stand

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
NOTHING = """
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
EXPECTING = """
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
# Scripts of somebody's workspace, handed to the product: each of the three must come out as skipped, never as passed.
SKIPPED = """
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
WRONG_ITSELF = """
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
SEVERAL = """
@pytest.mark.parametrize("path, title", [("/", "Lamps"), ("/zh", "Lamps")])
def test_title(page, path, title):
    page.goto(path)
    expect(page).to_have_title(title, timeout=500)
"""
CREDENTIALS = """
def test_credentials(api, page):
    check(api.get("/whoami").text() == "Bearer s3cr3t-t0ken", "the run's credentials are used")
    check(api.without_credentials().get("/whoami").text() == "nobody", "or left out")
    page.goto("/")
    page.get_by_label("Password").fill("hunter2-hunter2")
    with step("Signed in"):
        expect(page.get_by_label("Password")).to_have_value("hunter2-hunter2")
    assert "s3cr3t" not in " ".join(open("/proc/self/cmdline").read().split("\\0"))
"""
MAKES = """
def test_makes(made, api):
    name = made.name("Ann")
    made.cleaned_by("customer " + name, lambda: api.delete("/gone"))
    made.cleaned_by("order 7", lambda: 1 / 0)
    check(made.tag in name, "names carry the tag")
"""
READERS = """
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
ELSEWHERE = """
def test_elsewhere(page):
    page.goto("/")
    got = page.evaluate("fetch('http://example.com/font.css').then(() => 'got it', () => 'kept from it')")
    check(got == "kept from it", "other hosts are out of reach")
"""
ALL = ("screenshot", "page-text", "trace", "requests")
SCRIPTS = {
    "shows": (SHOWS, ALL),
    "wrong": (SHOWS.replace('"25"', '"26", timeout=300'), ()),
    "nothing": (START + NOTHING, ()),
    "expecting": (START + EXPECTING, ()),
    "skipped": (START + SKIPPED, ()),
    "itself": (START + WRONG_ITSELF, ()),
    "unparsed": (START + "def test_total(:\n", ()),
    "unpictured": (START + "def test_api(api):\n    check(api.get('/').ok, 'open')\n", ("screenshot",)),
    "several": (START + SEVERAL, ()),
    "credentials": (START + CREDENTIALS, ()),
    "makes": (START + MAKES, ()),
    "readers": (START + READERS, ()),
    "elsewhere": (START + ELSEWHERE, ()),
}


@pytest.fixture(scope="module")
def stand(tmp_path_factory, page_url):
    """One session for every script here: what came of it is in `stand.found`."""
    stand = Stand(tmp_path_factory.mktemp("shown"), page_url)
    stand.headers = {"Authorization": "Bearer s3cr3t-t0ken"}
    stand.deadline_s = 900
    stand.found = stand.demonstrate_together(SCRIPTS, absent={"makes": "test_gone"})
    return stand


def codes(observation):
    return [reason.code for reason in observation.reasons]


def test_a_demonstration_that_shows_its_criterion_passes_with_evidence_for_every_step(stand):
    [seen] = stand.found["shows"]
    assert seen.outcome is Outcome.PASSED, (seen.reasons, stand.ended.stdout.decode(), stand.ended.stderr.decode())
    assert [step.title for step in seen.steps] == ["Open the shop · 打开商店", "Ask for the total · 查看合计"]
    assert {one.name.partition(":")[0] for one in seen.evidence} == set(ALL)
    for step in seen.steps:
        assert {seen.evidence[n].media_type for n in step.attachments} == {"image/png", "text/plain"}
    assert seen.measures[0].value == 2
    assert any(one.name.endswith("-result.json") for one in stand.observations.results)


def test_a_wrong_total_fails_with_what_was_seen_and_where(stand):
    [seen] = stand.found["wrong"]
    assert seen.outcome is Outcome.FAILED
    [reason] = seen.reasons
    assert reason.code is Code.ASSERTION_FAILED
    assert "26" in dict(reason.values)["message"] and "Actual value: 25" in dict(reason.values)["message"]
    assert dict(reason.values)["place"] == "uat/test_wrong.py:11"
    assert seen.steps[1].outcome is Outcome.FAILED
    assert seen.steps[1].attachments


def test_a_script_that_expects_nothing_shows_nothing(stand):
    assert len(stand.found["nothing"]) == 4
    for seen in stand.found["nothing"]:
        assert (seen.outcome, codes(seen)) == (Outcome.BROKEN, [Code.NOTHING_SHOWN]), seen


def test_every_kind_of_expectation_counts(stand):
    assert len(stand.found["expecting"]) == 5
    for seen in stand.found["expecting"]:
        assert (seen.outcome, seen.measures[0].value) == (Outcome.PASSED, 1), seen.reasons


def test_skipped_and_expected_failures_are_skipped_not_passed(stand):
    assert len(stand.found["skipped"]) == 3
    for seen in stand.found["skipped"]:
        assert (seen.outcome, codes(seen)) == (Outcome.SKIPPED, [Code.WAS_SKIPPED]), seen


def test_a_script_that_is_wrong_itself_is_broken_with_its_place(stand):
    typo, button, preparation, cleaning = stand.found["itself"]
    for seen in (typo, button, preparation, cleaning):
        assert (seen.outcome, codes(seen)) == (Outcome.BROKEN, [Code.SCRIPT_BROKE]), seen.reasons
    assert dict(typo.reasons[0].values)["place"] == "uat/test_itself.py:6"
    assert "while preparing" in dict(preparation.reasons[0].values)["message"]
    assert "while cleaning up: could not clean" in dict(cleaning.reasons[0].values)["message"]


def test_a_file_that_does_not_parse_breaks_its_own_scripts_only(stand):
    [seen] = stand.found["unparsed"]
    assert (seen.outcome, codes(seen)) == (Outcome.BROKEN, [Code.SCRIPT_BROKE])
    assert "SyntaxError" in dict(seen.reasons[0].values)["message"]
    assert stand.found["shows"][0].outcome is Outcome.PASSED


def test_a_demonstration_that_is_not_in_its_file_is_named(stand):
    there, gone = stand.found["makes"]
    assert there.outcome is Outcome.PASSED
    assert (gone.outcome, codes(gone)) == (Outcome.BROKEN, [Code.NO_DEMONSTRATION])


def test_required_evidence_that_is_missing_breaks_a_criterion(stand):
    [seen] = stand.found["unpictured"]
    assert (seen.outcome, codes(seen)) == (Outcome.BROKEN, [Code.EVIDENCE_MISSING])


def test_every_parameter_of_a_script_counts_for_its_criterion(stand):
    [seen] = stand.found["several"]
    assert seen.outcome is Outcome.FAILED
    assert [step.outcome for step in seen.steps] == [Outcome.PASSED, Outcome.FAILED]


def test_credentials_reach_the_system_and_no_argument_or_page_text(stand):
    [seen] = stand.found["credentials"]
    assert seen.outcome is Outcome.PASSED, seen.reasons
    for one in seen.evidence:
        if one.media_type.startswith(("text", "application/json")):
            assert b"s3cr3t" not in one.body and b"hunter2" not in one.body, one.name


def test_what_a_script_made_is_removed_or_named(stand):
    seen, _ = stand.found["makes"]
    assert seen.outcome is Outcome.PASSED, seen.reasons
    assert [note for note in stand.observations.notes if "left behind" in note] == [
        "test_makes.py::test_makes left behind: order 7"
    ]


def test_pages_are_held_to_what_every_reader_needs(stand):
    good, good_zh, *bad = stand.found["readers"]
    assert good.outcome is Outcome.PASSED, good.reasons
    assert good_zh.outcome is Outcome.PASSED, good_zh.reasons
    assert len(bad) == 5
    for seen in bad:
        assert (seen.outcome, codes(seen)) == (Outcome.FAILED, [Code.ASSERTION_FAILED]), seen
    assert "label" in str(bad[0].reasons) and "contrast" in str(bad[0].reasons)
    assert "it broke" in str(bad[1].reasons)


def test_a_page_gets_nothing_from_hosts_outside_the_tier(stand):
    [seen] = stand.found["elsewhere"]
    assert seen.outcome is Outcome.PASSED, seen.reasons
    assert any("kept from http://example.com/font.css" in note for note in stand.observations.notes)
