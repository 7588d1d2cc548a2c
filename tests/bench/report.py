"""How a report grows: drawing and opening one of 10,000 results beside one of 1,000, as ratios.

report.py            10,000 beside 1,000
report.py --scaled   1,000 beside 100
"""

import argparse
import resource
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import sync_playwright

from harness.actions.reporting import report_on
from harness.adapters.browsers import find_browser, launch_flags
from harness.adapters.host import Host
from harness.adapters.report_server import ReportServer
from harness.adapters.run_directory import Draft
from harness.formats.allure import allure_files
from harness.formats.documents import write_document
from harness.model.evidence import Closed, Outcome, Record, Seen, Step
from harness.model.plan import Check, ContractWork, Job, Plan, Promise
from harness.model.tier import Policy, Suite
from harness.rules.judging import judge


def run_of(root: Path, count: int) -> Path:
    """A closed run with so many checks, three steps each."""
    checks = tuple(
        Check(
            id=f"contract:hub/op{number}", suite=Suite.CONTRACT, promise=Promise.OPERATION, title=f"operation {number}"
        )
        for number in range(count)
    )
    work = ContractWork(system="hub", contract="c", operations=(), required=(), max_examples=1)
    job = Job(id="contract:hub", suite=Suite.CONTRACT, work=work, checks=checks, seed=1, deadline_s=1)
    plan = Plan(run=f"R{count}", tier="test", release=None, seed=1, jobs=(job,), policy=Policy(), digests=())
    draft = Draft(root, plan.run)
    sealed = draft.seal_plan(write_document(plan))
    steps = tuple(Step(title=f"step {number}", outcome=Outcome.PASSED) for number in range(3))
    first = Seen(check="", job=job.id, outcome=Outcome.PASSED, steps=steps, started_ms=1000, ended_ms=1005)
    seen = tuple(replace(first, check=check.id) for check in checks)
    times = {"started_ms": 1000, "ended_ms": 2000}
    record = Record(run=plan.run, tier="test", plan_sha256=sealed, closed=Closed.COMPLETE, seen=seen, **times)
    for name, body in allure_files(plan, record, judge(plan, record, sealed)).written.items():
        (draft.path / "allure-results").mkdir(exist_ok=True)
        (draft.path / "allure-results" / name).write_bytes(body)
    return draft.close(write_document(record))


def opened(page: Path) -> float:
    """Seconds until the first page of a served report shows its verdict."""
    host = Host()
    browser = find_browser(host)
    assert browser, "no browser: harness doctor --fix"
    with ReportServer(page.parent) as server, sync_playwright() as started:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        window = started.chromium.launch(executable_path=browser.path, args=list(launch_flags(host))).new_page()
        began = time.perf_counter()
        window.goto(server.url)
        window.get_by_test_id("report-title").wait_for(timeout=120_000)
        window.get_by_test_id("metadata-list").wait_for(timeout=120_000)
        took = time.perf_counter() - began
        server.shutdown()
    return took


def main() -> int:
    """Print both sizes and their ratios; 1 where ten times the results take more than twenty times as long."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    few, many = (100, 1000) if parser.parse_args().scaled else (1000, 10_000)
    told = []
    for count in (few, many):
        with tempfile.TemporaryDirectory(prefix="bench-report-") as folder:
            root = Path(folder)
            run = run_of(root, count)
            began = time.perf_counter()
            page = report_on(Host(), root, (run,), root / "report", separate=True)
            drawn = time.perf_counter() - began
            shown = opened(page)
            told.append((drawn, shown))
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(
                f"{count:>6} results   drawn in {drawn:6.1f} s   open after {shown:5.1f} s   tool at most {peak:.0f} MB"
            )
    drawn, shown = (told[1][index] / told[0][index] for index in (0, 1))
    print(f"ten times the results: {drawn:.1f} × the time to draw, {shown:.1f} × the time to open")
    return int(drawn > 20 or shown > 20)


if __name__ == "__main__":
    sys.exit(main())
