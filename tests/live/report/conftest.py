"""A workspace with three tiers, runs in it as the machine leaves them, and pages looked at in a real browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from harness.actions.releasing import declare
from harness.actions.running import prepare
from harness.adapters.browsers import find_browser, launch_flags
from harness.adapters.host import Host
from harness.adapters.releases import note_run
from harness.adapters.run_directory import Draft
from harness.formats.allure import allure_files
from harness.formats.documents import digest, write_document
from harness.formats.load_chart import load_chart
from harness.formats.shape import to_json
from harness.model.evidence import Attachment, Closed, Code, Measure, Outcome, Reason, Record, Seen
from harness.model.figures import Figures, Slice
from harness.model.tier import Suite
from harness.rules.histogram import bucket_of
from harness.rules.judging import judge

TIERS = ("preprod", "prod", "test")
TIER = """\
[systems.hub]
base-url = "http://127.0.0.1:9"
contract = "../contracts/hub.yaml"
[policy]
suites = ["contract"]
"""
CONTRACT = """\
openapi: 3.1.0
info: {title: hub, version: "1"}
paths:
  /a:
    get: {operationId: a, responses: {"200": {description: ok}}}
  /b:
    get: {operationId: b, responses: {"200": {description: ok}}}
"""
Ran = Callable[..., Path]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Three tiers, declared."""
    root = tmp_path / "workspace"
    for tier in TIERS:
        (root / "environments").mkdir(parents=True, exist_ok=True)
        (root / "environments" / f"{tier}.toml").write_text(TIER)
    (root / "contracts").mkdir()
    (root / "contracts" / "hub.yaml").write_text(CONTRACT)
    return root


@pytest.fixture
def ran(workspace: Path) -> Ran:
    """`ran(tier, release, outcome of operation a)`: a closed run with its result files and a load chart."""

    def one(tier: str, release: str, outcome: Outcome) -> Path:
        host = Host()
        if not (workspace / ".harness" / "releases" / f"{release}.json").exists():
            declare(host, workspace, release, ())
        _, _, plan = prepare(host, workspace, tier, seed=1, release=release)
        draft = Draft(workspace, plan.run)
        sealed = draft.seal_plan(write_document(plan))
        note_run(workspace, plan.release, plan.run, sealed)
        now = host.now_ms()
        slices = tuple(Slice(at_s=float(at), answered=9, response_us={bucket_of(3000): 9}) for at in range(5))
        chart = load_chart("load:hub", Figures(closed=True, window_s=5, slices=slices), ())
        shown = Attachment(
            name="load over time", media_type="image/svg+xml", sha256=draft.store(chart), size=len(chart)
        )
        wrong = Reason.of(Code.FINDING, title="GET /a fails with 500", curl="curl http://127.0.0.1:9/a")
        seen = []
        for check in plan.checks:
            is_it = check.id.endswith("/a")
            made = Seen(
                check=check.id,
                job=f"{Suite.CONTRACT}:hub",
                outcome=outcome if is_it else Outcome.PASSED,
                reasons=(wrong,) if is_it and outcome is Outcome.FAILED else (),
                attachments=(shown,),
                measures=(Measure(name="p95", value=now % 100, unit="ms"),),
                started_ms=now,
                ended_ms=now + 5,
            )
            seen.append(made)
            draft.append({"event": "seen", **to_json(made)})
        record = Record(
            run=plan.run,
            tier=tier,
            plan_sha256=sealed,
            started_ms=now,
            ended_ms=now + 9,
            closed=Closed.COMPLETE,
            seen=tuple(seen),
        )
        files = allure_files(plan, record, judge(plan, record, sealed))
        for name, body in files.written.items():
            draft.write(f"allure-results/{name}", body)
        for name, sha256 in files.links.items():
            draft.link(sha256, f"allure-results/{name}")
        body = write_document(record)
        note_run(workspace, plan.release, plan.run, sealed, digest(body))
        return draft.close(body)

    return one


@pytest.fixture
def window() -> Iterator[Page]:
    """A page of a small window in a real browser."""
    host = Host()
    browser = find_browser(host)
    assert browser
    with sync_playwright() as started:
        shown = started.chromium.launch(executable_path=browser.path, args=list(launch_flags(host)))
        yield shown.new_page(viewport={"width": 1280, "height": 720})
        shown.close()
