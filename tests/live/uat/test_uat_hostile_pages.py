"""Pages and browsers that misbehave break or fail their own demonstration, no other, and leave nothing running."""

import subprocess

import pytest

from harness.model.evidence import Code, Outcome

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]

START = "from harness.kit.uat import *\nimport os, psutil\n"
NEXT = """
def test_next(page):
    page.goto("/")
    expect(page).to_have_title("Lamps")
"""

FLOOD = """page.evaluate('setTimeout(() => { for (let n = 0; n < 500; n++) { const one = document.createElement("a");'
            ' one.href = "data:application/octet-stream,x"; one.download = "f" + n; one.click(); } }, 0)')
        page.get_by_text('never').click(timeout=100)"""


def browsers_of(stand) -> list[str]:
    """Processes that still run in the stand's scratch directory."""
    told = subprocess.run(("ps", "-A", "-ww", "-o", "args="), capture_output=True, text=True).stdout
    return [one for one in told.splitlines() if str(stand.scratch) in one]


@pytest.mark.parametrize(
    "trouble",
    [
        "page.evaluate('setTimeout(() => { while (true); }, 0)')",
        "page.evaluate('setTimeout(() => { while (true) alert(1); }, 0)')",
        FLOOD,
        "page.goto('chrome://crash')",
    ],
    ids=["busy loop", "alert loop", "download flood", "crash"],
)
def test_a_page_that_never_rests_never_passes_and_the_next_script_runs(stand, trouble):
    stand.deadline_s = 150
    script = (
        START
        + f"""
def test_restless(page):
    page.goto("/")
    with step("Trouble"):
        {trouble}
        expect(page.locator("output")).to_have_text("25", timeout=3000)
"""
        + NEXT
    )
    restless, after = stand.demonstrate(script, "test_restless", "test_next")
    assert restless.outcome in {Outcome.FAILED, Outcome.BROKEN}, restless
    assert after.outcome is Outcome.PASSED, after.reasons
    assert not stand.ended.timed_out
    assert browsers_of(stand) == []


def test_a_browser_killed_again_and_again_breaks_each_script_and_none_that_is_left_alone(stand):
    kills = """
def test_killed_{n}(page):
    page.goto("/")
    for child in psutil.Process().children(recursive=True):
        if "chrom" in child.name():
            child.kill()
    page.goto("/")
    expect(page).to_have_title("Lamps")
"""
    script = START + "".join(kills.format(n=n) + NEXT.replace("test_next", f"test_next_{n}") for n in range(4))
    tests = [f"test_{what}_{n}" for n in range(4) for what in ("killed", "next")]
    found = stand.demonstrate(script, *tests)
    for test, seen in zip(tests, found, strict=True):
        if "killed" in test:
            assert (seen.outcome, [one.code for one in seen.reasons]) == (Outcome.BROKEN, [Code.SCRIPT_BROKE]), seen
        else:
            assert seen.outcome is Outcome.PASSED, seen.reasons
    assert browsers_of(stand) == []
