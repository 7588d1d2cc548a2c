"""The Allure report of a run: drawn from its `allure-results/`, with one history for the workspace.

A run enters the history once; drawing its report again shows the history and leaves it as it is.
"""

from pathlib import Path

from harness.adapters.allure_tool import allure_remedy, ensure_allure, find_allure, generate
from harness.adapters.host import Host
from harness.adapters.run_directory import load_run
from harness.adapters.workspace_files import tier_names
from harness.errors import AskedWrongly, CouldNotTell
from harness.formats.allure_config import ReportConfig

HISTORY = ".harness/history.jsonl"


def make_report(host: Host, root: Path, run: Path, *, language: str = "en", fetch: bool = False) -> Path:
    """The report's `index.html`, made in the run's folder. `fetch` installs the tool where it is missing.

    Raises CouldNotTell where the tool is missing or fails, AskedWrongly where the run has no results to draw.
    """
    plan, _, record = load_run(run)
    results = run / "allure-results"
    if record is None or not results.is_dir():
        raise AskedWrongly(f"run {plan.run} was never closed: there is nothing to draw", hint="run the tier again")
    tool = ensure_allure(host) if fetch else find_allure(host)
    if tool is None:
        raise CouldNotTell("the report tool is not installed", hint=allure_remedy())
    out = run / "report"
    config = ReportConfig(
        name=f"{plan.tier} · {plan.release.name}" if plan.release else plan.tier,
        language=language,
        tiers=tier_names(root),
        history=str(root / HISTORY),
        appends=not (out / "index.html").exists(),
    )
    return generate(tool, host, results, out, config)
