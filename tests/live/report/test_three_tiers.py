"""One report over three tiers, drawn for three releases and looked at: verdict first, histories apart."""

import json
import re
import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from harness.actions.reporting import make_report, release_report
from harness.adapters.host import Host
from harness.adapters.report_server import ReportServer
from harness.errors import CouldNotTell
from harness.model.evidence import Outcome
from tests.live.report.conftest import TIERS, Ran

pytestmark = [pytest.mark.live, pytest.mark.needs("report", "node", "browser")]
FAILED, PASSED, BROKEN = Outcome.FAILED, Outcome.PASSED, Outcome.BROKEN
# per release, the outcome of operation `a` on each tier: every tier has a past of its own
PAST = {
    "1.0": {"test": FAILED, "preprod": PASSED, "prod": PASSED},
    "1.1": {"test": FAILED, "preprod": BROKEN, "prod": PASSED},
    "1.2": {"test": PASSED, "preprod": FAILED, "prod": PASSED},
}


@pytest.fixture
def three(workspace: Path, ran: Ran) -> Path:
    """The third release's report, over all tiers, in separate files."""
    for release, by_tier in PAST.items():
        for tier, outcome in by_tier.items():
            ran(tier, release, outcome)
        made = release_report(Host(), workspace, release, separate=True)
    return made


def histories(report: Path) -> dict[str, list[str]]:
    """What each tier's result of operation `a` was before, newest first."""
    told = {}
    for file in (report.parent / "data" / "test-results").glob("*.json"):
        result = json.loads(file.read_bytes())
        if result["fullName"] == "contract:hub/a":
            told[result["environment"]] = [one["status"] for one in result["history"]]
    return told


def wanted() -> dict[str, list[str]]:
    earlier = list(PAST.values())[-2::-1]
    return {tier: [by_tier[tier].value for by_tier in earlier] for tier in TIERS}


def test_three_tiers_over_three_releases_keep_their_histories_apart(three: Path) -> None:
    assert histories(three) == wanted()


def test_histories_would_mix_if_the_tier_were_no_part_of_the_identity(
    workspace: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same runs told without the tier in their identity, and the check above sees it."""
    monkeypatch.setattr(
        "harness.formats.allure.tier_parameter", lambda tier: {"name": "tier", "value": tier, "excluded": True}
    )
    with pytest.raises((AssertionError, CouldNotTell)):
        for release, by_tier in PAST.items():
            for tier, outcome in by_tier.items():
                ran(tier, release, outcome)
            made = release_report(Host(), workspace, release, separate=True)
        assert histories(made) == wanted()


def test_the_first_page_says_verdict_reasons_and_sign_off_without_scrolling(three: Path, window: Page) -> None:
    with _served(three) as server:
        window.goto(server.url)
        expect(window.get_by_test_id("report-title")).to_have_text("FAIL · test, preprod, prod · 1.2")
        expect(window.get_by_test_id("report-title")).to_be_in_viewport()
        facts = window.get_by_test_id("metadata-list").inner_text()
        assert re.search(r"reason 1/1\s+contract:hub/a: GET /a fails with 500", facts)
        assert "nobody has to sign" in facts
        assert window.get_by_test_id("nav-tab-globalErrors").inner_text().split()[-1] == "1"


def test_a_run_drawn_twice_stands_in_its_history_once(workspace: Path, ran: Ran) -> None:
    for outcome in (FAILED, PASSED):
        run = ran("test", "1.0", outcome)
        make_report(Host(), workspace, run, separate=True)
    again = make_report(Host(), workspace, run, separate=True)
    assert histories(again) == {"test": ["failed"]}


def test_a_report_in_chinese_is_in_chinese_and_its_summary_has_no_barrier(
    workspace: Path, ran: Ran, window: Page
) -> None:
    made = make_report(Host(), workspace, ran("test", "1.0", FAILED), language="zh")
    window.goto(made.as_uri())
    expect(window.get_by_test_id("report-title")).to_have_text("不通过 · test · 1.0")
    assert "原因 1/1" in window.get_by_test_id("metadata-list").inner_text()
    assert "GET /a 遵守其契约" in window.content()


def test_our_own_attachments_have_no_barrier(workspace: Path, ran: Ran, window: Page) -> None:
    run = ran("test", "1.0", FAILED)
    made = make_report(Host(), workspace, run, separate=True)
    ours = [*(made.parent / "data" / "attachments").glob("*.html"), *(run / "allure-results").glob("*.svg")]
    assert len(ours) == 2
    for attachment in ours:
        shown = attachment.read_text()
        if attachment.suffix == ".svg":
            shown = f'<html lang="en"><title>chart</title><main><h1>chart</h1>{shown}</main></html>'
        window.set_content(shown)
        assert [one["id"] for one in Axe().run(window).response["violations"]] == []


def test_a_barrier_in_an_attachment_would_be_seen(window: Page) -> None:
    """The control of the check before."""
    window.set_content('<html lang="en"><title>x</title><main><h1>x</h1><p style="color:#ccc">pale</p></main></html>')
    assert [one["id"] for one in Axe().run(window).response["violations"]] == ["color-contrast"]


def _served(made: Path) -> "_Served":
    return _Served(made.parent)


class _Served:
    """A report in many files, served while it is looked at."""

    def __init__(self, folder: Path) -> None:
        self._server = ReportServer(folder)

    def __enter__(self) -> ReportServer:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self._server

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
