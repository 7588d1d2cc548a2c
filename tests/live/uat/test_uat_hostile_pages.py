"""Pages and browsers that misbehave break or fail their own demonstration, no other, and leave nothing running."""

import subprocess

import pytest

from harness.model.evidence import Code, Outcome
from tests.live.uat.conftest import Stand

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]

START = "from harness.kit.uat import *\nimport os, psutil\n"
TROUBLE = """
def test_restless(page):
    page.goto("/")
    with step("Trouble"):
        {trouble}
        expect(page.locator("output")).to_have_text("25", timeout=3000)
def test_next(page):
    page.goto("/")
    expect(page).to_have_title("Lamps")
"""
FLOOD = """page.evaluate('setTimeout(() => { for (let n = 0; n < 500; n++) { const one = document.createElement("a");'
            ' one.href = "data:application/octet-stream,x"; one.download = "f" + n; one.click(); } }, 0)')
        page.get_by_text('never').click(timeout=100)"""
KILL = """for child in psutil.Process().children(recursive=True):
            if "chrom" in child.name():
                child.kill()
        {then}
        expect(page).to_have_title("Lamps")"""
TROUBLES = {
    "loop": "page.evaluate('setTimeout(() => { while (true); }, 0)')",
    "alerts": "page.evaluate('setTimeout(() => { while (true) alert(1); }, 0)')",
    "flood": FLOOD,
    "crash": "page.goto('chrome://crash')",
    "killed": KILL.format(then="pass"),
    "again": KILL.format(then="page.goto('/')"),
    "thrice": KILL.format(then="page.goto('/')"),
}
KILLED = ("killed", "again", "thrice")


@pytest.fixture(scope="module")
def stand(tmp_path_factory, page_url):
    """One session of every trouble, each followed by a script that should not notice; what came is in `stand.found`."""
    stand = Stand(tmp_path_factory.mktemp("hostile"), page_url)
    stand.deadline_s = 600
    scripts = {name: (START + TROUBLE.format(trouble=trouble), ()) for name, trouble in TROUBLES.items()}
    stand.found = stand.demonstrate_together(scripts)
    return stand


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_page_that_never_rests_never_passes_and_the_next_script_runs(stand, trouble):
    restless, after = stand.found[trouble]
    assert restless.outcome in {Outcome.FAILED, Outcome.BROKEN}, restless
    assert after.outcome is Outcome.PASSED, after.reasons


@pytest.mark.parametrize("trouble", ["crash", *KILLED])
def test_a_browser_that_dies_breaks_its_script_and_says_nothing_of_the_product(stand, trouble):
    restless, _ = stand.found[trouble]
    assert (restless.outcome, [one.code for one in restless.reasons]) == (Outcome.BROKEN, [Code.SCRIPT_BROKE]), restless
    said = dict(restless.reasons[0].values)["message"]
    assert "browser died" in said or trouble not in KILLED, said


def test_the_session_comes_to_its_end_in_time_and_leaves_nothing_running(stand):
    told = subprocess.run(("ps", "-A", "-ww", "-o", "args="), capture_output=True, text=True).stdout
    assert not stand.ended.timed_out
    assert [one for one in told.splitlines() if str(stand.scratch) in one] == []
