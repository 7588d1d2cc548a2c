"""The pytest session of a UAT job: it runs only what was promised and writes down everything as it happens.

`session.ndjson` in the evidence folder says which tests there were, in which order they began
and ended, and, last of all, that the session was closed. Each attempt has a folder of its own
with its events and its evidence. The runner reads nothing else to judge by.
"""

import os
import sys
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from playwright.sync_api import Error, expect

from harness.kit.uat import fixtures
from harness.kit.uat.browsers import NoBrowser
from harness.kit.uat.deadline import Overdue, no_longer_than
from harness.kit.uat.expectations import count_assert, count_playwright
from harness.kit.uat.journal import Journal
from harness.kit.uat.reaching import unreachable
from harness.kit.uat.settings import Settings, read_settings
from harness.kit.uat.stage import Stage, current_stage, enter
from harness.model.process import FOUND

_SETTINGS = pytest.StashKey[Settings]()
_JOURNAL = pytest.StashKey[Journal]()
_ATTEMPTS = pytest.StashKey[dict[str, int]]()
_CLOSED = ("Target page, context or browser has been closed", "Target crashed", "Page crashed", "Browser closed")
_AMBIGUOUS = "strict mode violation"  # the script names several things at once: that says nothing of the product
_UNREACHABLE = (
    "net::ERR_CONNECTION",
    "net::ERR_NAME_NOT",
    "net::ERR_ADDRESS",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENOTFOUND",
)


def pytest_configure(config: pytest.Config) -> None:
    """Read what is wanted, count expectations, and put our fixtures over pytest-playwright's."""
    settings = read_settings()
    config.stash[_SETTINGS] = settings
    config.stash[_JOURNAL] = Journal(settings.out / "session.ndjson")
    config.stash[_ATTEMPTS] = {}
    config.addinivalue_line("markers", "reader(language, size): who reads the page: en or zh, desktop or phone")
    config.pluginmanager.register(fixtures, "harness-uat-fixtures")
    count_playwright()
    expect.set_options(timeout=settings.expect_ms)
    config.stash[_JOURNAL].write("session-started", version=1, pytest=pytest.__version__)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Read only the files that hold a wanted test: a broken neighbour is not our business."""
    if collection_path.is_dir():
        return None
    return None if collection_path in config.stash[_SETTINGS].files else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the wanted tests, every parameter of them, and say which were found."""
    wanted = frozenset(config.stash[_SETTINGS].wanted)
    kept = [item for item in items if {node_of(item), node_of(item).partition("[")[0]} & wanted]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept
    config.stash[_JOURNAL].write("collected", nodes=[node_of(item) for item in kept])


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """Note what could not be collected, and why."""
    report = yield
    if report.failed:
        settings = collector.config.stash[_SETTINGS]
        file = collector.path.relative_to(settings.folder).as_posix() if collector.path != settings.folder else ""
        text = str(report.longrepr)
        collector.config.stash[_JOURNAL].write("not-collected", file=file, message=_last_line(text), text=text)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """One attempt: its folder, its journal, its deadline."""
    stash = item.config.stash
    settings, journal, attempts = stash[_SETTINGS], stash[_JOURNAL], stash[_ATTEMPTS]
    node = node_of(item)
    attempts[node] = attempts.get(node, 0) + 1
    folder = settings.out / f"t{sum(attempts.values()):03}"
    stage = Stage(folder=folder, journal=Journal(folder / "events.ndjson"))
    about = {"node": node, "attempt": attempts[node], "folder": folder.name}
    stage.journal.write("started", **about)
    journal.write("test-started", **about)
    enter(stage)
    try:
        with no_longer_than(settings.test_s, lambda where: stage.journal.write("overdue", where=where)):
            return (yield)
    finally:
        enter(None)
        stage.journal.write("finished", shown=stage.shown)
        stage.journal.close()
        journal.write("test-finished", **about)
        _progress(settings, stage, node)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, Any, Any]:
    """Count what the body expects; where it used no steps, show at least how it ended."""
    stage = current_stage()
    if stage is None:
        return (yield)
    stage.acting = True
    try:
        return (yield)
    finally:
        stage.acting = False
        if stage.pictures == 0:
            stage.take_evidence(None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """Clean up what the test made, before its fixtures go."""
    stage = current_stage()
    if stage is not None:
        stage.leave()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Write down how each phase ended and, where it did not pass, of which kind the trouble is."""
    report = yield
    stage = current_stage()
    if stage is not None:
        trouble: dict[str, Any] = {}
        if call.excinfo is not None:
            error = call.excinfo.value
            trouble = {
                "kind": kind_of(error),
                "message": str(error).strip() or type(error).__name__,
                "place": _place(item, call.excinfo),
                "text": report.longreprtext,
            }
        if hasattr(report, "wasxfail"):
            trouble["kind"] = "skipped"
        if trouble.get("kind") == "assertion":
            trouble |= _doubt(stage, item.config.stash[_SETTINGS])
            if trouble["kind"] == "assertion":
                _tell(item.config.stash[_SETTINGS], f"{FOUND}{node_of(item)}: {trouble['message'].splitlines()[0]}")
        stage.journal.write("phase", when=report.when, outcome=report.outcome, **trouble)
    return report


def pytest_assertion_pass(item: pytest.Item, orig: str) -> None:
    """Count an `assert` that held, where it is the author's: plugins are full of asserts of their own."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the hook is not told in which file the assert stands
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in {"_pytest", "pluggy"}:
        frame = frame.f_back
    if frame is not None and item.config.stash[_SETTINGS].folder in Path(frame.f_code.co_filename).parents:
        count_assert(orig)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Close the session's journal: without this line nothing after the last finished test counts."""
    session.config.stash[_JOURNAL].write("session-finished", exit=int(exitstatus), collected=session.testscollected)


def kind_of(error: BaseException) -> str:
    """What an exception in a test says: about the product (assertion), the means, or the script."""
    if isinstance(error, BaseExceptionGroup):
        kinds = [kind_of(one) for one in error.exceptions]
        return "assertion" if "assertion" in kinds else kinds[0]
    if isinstance(error, pytest.skip.Exception):
        return "skipped"
    if isinstance(error, AssertionError | pytest.fail.Exception):
        return "script" if _AMBIGUOUS in str(error) else "assertion"
    if isinstance(error, NoBrowser):
        return "no-browser"
    if isinstance(error, Overdue):
        return "overdue"
    text = str(error)
    if isinstance(error, Error) and any(sign in text for sign in _CLOSED):
        return "browser-died"
    if isinstance(error, OSError | Error) and any(sign in text for sign in _UNREACHABLE):
        return "unreachable"
    return "script"


def _progress(settings: Settings, stage: Stage, node: str) -> None:
    """One line for whoever watches the run."""
    _tell(settings, f"{node.partition('[')[0]}  {stage.steps} steps, {stage.shown} expectations held")


def _tell(settings: Settings, line: str) -> None:
    with (settings.out / "progress.txt").open("a", encoding="utf-8") as progress:
        progress.write(f"{line}\n")


def _doubt(stage: Stage, settings: Settings) -> dict[str, str]:
    """A failed expectation says nothing about the product where the browser or the system is gone."""
    if stage.browser_died:
        return {"kind": "browser-died"}
    gone = unreachable(settings.system)
    return {"kind": "system-gone", "gone": gone} if gone else {}


def node_of(item: pytest.Item) -> str:
    """The item's id relative to the UAT folder, as criteria name it."""
    file = Path(item.path).relative_to(item.config.stash[_SETTINGS].folder).as_posix()
    return "::".join((file, *item.nodeid.split("::")[1:]))


def _place(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    """The author's line where it happened, as file:line under the UAT folder's parent."""
    folder = item.config.stash[_SETTINGS].folder
    for entry in reversed(excinfo.traceback):
        path = Path(os.fspath(entry.path))
        if folder in path.parents:
            return f"{path.relative_to(folder.parent).as_posix()}:{entry.lineno + 1}"
    return item.nodeid


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    errors = [line[1:].strip() for line in lines if line.startswith("E ")]
    return (errors or lines or ["unreadable"])[-1]
