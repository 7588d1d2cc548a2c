"""The real report tool on real result files, shown in a real browser."""

import json
from pathlib import Path

import pytest

from harness.adapters.allure_tool import AllureTool, find_allure, generate
from harness.adapters.browsers import find_browser, launch_flags
from harness.adapters.host import Host
from harness.adapters.tools import ask
from harness.errors import CouldNotTell
from harness.formats.allure import allure_files
from harness.formats.allure_config import ReportConfig
from harness.model.evidence import Closed, Outcome, Record, Seen
from harness.model.plan import Check, ContractWork, Job, Plan, Promise
from harness.model.tier import Policy, Suite
from harness.model.verdict import Decision, Verdict

pytestmark = [pytest.mark.live, pytest.mark.needs("report", "node")]


@pytest.fixture
def tool() -> AllureTool:
    found = find_allure(Host())
    assert found, "the report tool is not installed: make test gets it"
    return found


def results(folder: Path, tier: str = "test", outcome: Outcome = Outcome.PASSED) -> Path:
    """The result files of a run with two checks, of which the second was never reported."""
    checks = tuple(
        Check(id=f"contract:orders/{name}", suite=Suite.CONTRACT, promise=Promise.OPERATION, title=f"{name} 订单")
        for name in ("createOrder", "listOrders")
    )
    work = ContractWork(system="orders", contract="c.yaml", operations=(), required=(), max_examples=1)
    job = Job(id="contract:orders", suite=Suite.CONTRACT, work=work, checks=checks, seed=1, deadline_s=1)
    plan = Plan(run="R1", tier=tier, release=None, seed=1, jobs=(job,), policy=Policy(), digests=())
    seen = Seen(check=checks[0].id, job=job.id, outcome=outcome, started_ms=1, ended_ms=2)
    times = {"started_ms": 1_794_000_000_000, "ended_ms": 1_794_000_009_000}
    record = Record(run="R1", tier=tier, plan_sha256="p", closed=Closed.COMPLETE, seen=(seen,), **times)
    folder.mkdir()
    for name, body in allure_files(plan, record, Verdict(decision=Decision.UNDECIDED)).written.items():
        (folder / name).write_bytes(body)
    return folder


def config(tmp_path: Path, **more: object) -> ReportConfig:
    return ReportConfig(**{"name": "test", "tiers": ("test",), "history": str(tmp_path / "history.jsonl"), **more})


def history(tmp_path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (tmp_path / "history.jsonl").read_text().splitlines()]


@pytest.mark.needs("browser")
def test_a_report_shows_its_checks_and_asks_nobody(tool: AllureTool, tmp_path: Path) -> None:
    page = generate(tool, Host(), results(tmp_path / "in"), tmp_path / "out", config(tmp_path))
    browser = find_browser(Host())
    assert browser
    where = (f"--user-data-dir={tmp_path}/profile", "--virtual-time-budget=8000", "--dump-dom", page.as_uri())
    shown = ask((browser.path, *launch_flags(Host()), *where), deadline_s=60)
    assert "createOrder 订单" in shown.out
    assert "verdict on test: undecided" in shown.out
    assert b"googletagmanager" not in page.read_bytes()


def test_separate_files_are_counted_too(tool: AllureTool, tmp_path: Path) -> None:
    page = generate(tool, Host(), results(tmp_path / "in"), tmp_path / "out", config(tmp_path, single_file=False))
    statistic = json.loads((page.parent / "widgets" / "statistic.json").read_bytes())
    assert (statistic["total"], statistic["passed"], statistic["broken"]) == (3, 1, 2)


def test_a_torn_result_is_told_and_does_not_enter_the_history(tool: AllureTool, tmp_path: Path) -> None:
    folder = results(tmp_path / "in")
    (folder / "torn-result.json").write_text('{"uuid": "torn", "na')
    with pytest.raises(CouldNotTell, match="shows 3 results of 4"):
        generate(tool, Host(), folder, tmp_path / "out", config(tmp_path))
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "history.jsonl").exists()


def test_tiers_do_not_overwrite_each_other_in_the_history(tool: AllureTool, tmp_path: Path) -> None:
    for tier in ("test", "preprod"):
        folder = results(tmp_path / tier, tier)
        generate(tool, Host(), folder, tmp_path / f"out-{tier}", config(tmp_path, tiers=("test", "preprod")))
    ids = [set(point["testResults"]) for point in history(tmp_path)]
    assert [len(each) for each in ids] == [3, 3]
    assert not ids[0] & ids[1]


def test_the_same_tier_keeps_its_identity_from_run_to_run(tool: AllureTool, tmp_path: Path) -> None:
    for outcome in (Outcome.PASSED, Outcome.FAILED):
        folder = results(tmp_path / outcome, outcome=outcome)
        generate(tool, Host(), folder, tmp_path / "out", config(tmp_path))
    first, second = (set(point["testResults"]) for point in history(tmp_path))
    assert first == second


def test_drawing_again_shows_the_history_and_leaves_it(tool: AllureTool, tmp_path: Path) -> None:
    folder = results(tmp_path / "in")
    generate(tool, Host(), folder, tmp_path / "out", config(tmp_path))
    before = (tmp_path / "history.jsonl").read_bytes()
    generate(tool, Host(), folder, tmp_path / "out", config(tmp_path, appends=False))
    assert (tmp_path / "history.jsonl").read_bytes() == before


def test_a_report_in_chinese_says_so(tool: AllureTool, tmp_path: Path) -> None:
    page = generate(tool, Host(), results(tmp_path / "in"), tmp_path / "out", config(tmp_path, language="zh"))
    assert '"reportLanguage":"zh"' in page.read_text()
