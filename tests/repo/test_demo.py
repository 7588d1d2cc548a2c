"""The demo tells its story only where it came true: a step that departs from it ends the demo with 1."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness.actions.means import Means, State
from harness.model.tier import Policy

ROOT = Path(__file__).resolve().parents[2]
POLICY = Policy(methods=("GET", "HEAD"), rate_per_s=3)
GRANTED = frozenset({"POST /auth/token"})
RUN = "run 20261120T170301Z-7f3a"
WAITS = {"decision": "undecided", "failures": [], "doubts": [{"code": "no-bundle"}]}
LOG = (
    f"order hub 1.0.0, faults: none, on http://127.0.0.1:1\n"
    f"arrived 0.100 s   GET /health   {RUN}\n"
    f"arrived 0.200 s   POST /auth/token   {RUN}\n"
    f"arrived 0.900 s   GET /orders   {RUN}\n"
    f"arrived 1.150 s   HEAD /orders   {RUN}\n"
)


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script, with a folder of its own to write into."""
    spec = importlib.util.spec_from_file_location("ci_demo", ROOT / ".ci" / "demo.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "ci_demo", module)
    spec.loader.exec_module(module)
    return module


def lacking(name: str) -> Means:
    return Means(name=name, state=State.MISSING, found="", needed_by="", remedy=f"get {name}", required=False)


class Harness:
    """Answers for the command line: exit statuses by the first two words, 0 where none is named."""

    def __init__(self, statuses: dict[str, int], ruling: dict[str, Any]) -> None:
        self.statuses, self.ruling = statuses, ruling
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, argv: list[Any], **_more: object) -> "subprocess.CompletedProcess[str]":
        words = tuple(map(str, argv[1:]))
        self.asked.append(words)
        status = self.statuses.get(" ".join(words[:2]), 3 if words[0] == "gate" and "prod" in words else 0)
        return subprocess.CompletedProcess(argv, status, stdout=json.dumps(self.ruling))


def told(demo: ModuleType, monkeypatch: pytest.MonkeyPatch, log: str = LOG, ruling: Any = None, **statuses: int) -> int:
    answers = Harness({key.replace("_", " "): value for key, value in statuses.items()}, ruling or WAITS)
    for name, value in {
        "artifact_made": lambda: None,
        "newest_log": lambda _tier: log,
        "allowed_in_production": lambda: (POLICY, GRANTED),
    }.items():
        monkeypatch.setattr(demo, name, value)
    monkeypatch.setattr(demo.subprocess, "run", answers)
    status: int = demo.main()
    return status


def test_a_story_that_came_true_ends_with_0(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(demo, monkeypatch) == 0
    said = capsys.readouterr().out
    assert "4 requests arrived at production: 3 that read, 1 to sign in or out, 0 others" in said
    assert "undecided, not signed" in said
    for command in (
        "run test",
        "run preprod",
        "run prod --release demo --confirm prod",
        "gate --release demo --to prod",
    ):
        assert f"$ harness {command}" in said


@pytest.mark.parametrize("step", ["release_add", "run_test", "run_preprod", "run_prod", "gate_--release"])
def test_a_step_that_comes_to_something_else_ends_with_1(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], step: str
) -> None:
    assert told(demo, monkeypatch, **{step: 1}) == 1
    assert "NOT as told" in capsys.readouterr().err


@pytest.mark.parametrize(
    "ruling",
    [
        {"decision": "pass", "failures": [], "doubts": []},
        {"decision": "undecided", "failures": [], "doubts": [{"code": "no-bundle"}, {"code": "run-stale"}]},
        {"decision": "fail", "failures": [{"code": "rejected"}], "doubts": [{"code": "no-bundle"}]},
        {"decision": "undecided", "failures": [], "doubts": []},
    ],
)
def test_a_gate_that_waits_for_more_or_less_than_signatures_is_not_as_told(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, ruling: dict[str, Any]
) -> None:
    assert told(demo, monkeypatch, ruling=ruling) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"arrived 2.000 s   DELETE /orders/1   {RUN}", "not allowed: DELETE /orders/1"),
        (f"arrived 2.000 s   POST /orders   {RUN}", "not allowed: POST /orders"),
        (f"arrived 2.000 s   ? not HTTP   {RUN}", "not allowed: ? not HTTP"),
        ("arrived 2.000 s   GET /orders   no run named", "1 did not name the run"),
        (f"arrived 0.950 s   GET /orders   {RUN}", "4 in one second, the cap is 3"),
    ],
)
def test_what_should_not_have_arrived_at_production_is_not_as_told(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    assert told(demo, monkeypatch, log=f"{LOG}{line}\n") == 1
    assert said in capsys.readouterr().err
    assert told(demo, monkeypatch, log="") == 1


def test_what_is_not_here_is_stood_in_for_aloud_and_last(demo: ModuleType) -> None:
    full = {step.command for step in demo.story([])}
    without = {step.command for step in demo.story([lacking("rabbitmq")])}
    (changed,) = without - full
    assert "HARNESS_SERVICES_QUEUE_KINDS=container,process,embedded" in changed
    assert "HARNESS_SERVICES_DB" not in changed


def test_what_production_allows_is_read_from_its_own_files(demo: ModuleType) -> None:
    policy, granted = demo.allowed_in_production()
    assert policy.methods == ("GET", "HEAD")
    assert granted >= {"POST /auth/token", "POST /app/sign-in"}
    assert not any(one.startswith("DELETE") for one in granted)
