"""The command line as people meet it: a sentence, a workspace, commands, and exactly what comes back.

Each `*.txt` beside this file is one scenario. Its first lines are the sentence; then sections begin with `=== `:

    === workspace NAME      a copy of workspaces/NAME to stand in (none: an empty folder)
    === file PATH           the lines below become that file
    === without PATH        that file is taken away
    === env NAME=VALUE      one more variable
    === run harness …       a command; `exit`, `stdout` and `stderr` below belong to it
    === exit N
    === stdout / === stderr

What cannot be the same twice is shown by name: {workspace}, {home}, {run}, {sha256}, {port}, {bug}. `APPROVE=1` writes
what came back into the files; what changed is then for `git diff` and a reader to judge.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SCENARIOS = sorted(HERE.glob("*.txt"))
NAMED = (
    (re.compile(r"\b20\d{6}T\d{6}Z-[0-9a-f]{4}\b"), "{run}"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "{sha256}"),
    (re.compile(r"(?<=127\.0\.0\.1:)[1-9]\d{4}\b"), "{port}"),
    (re.compile(r"\S*harness-bug-\w+\.txt"), "{bug}"),
)


@dataclass(slots=True)
class Step:
    """One command and what must come back."""

    words: list[str]
    exit: str = "0"
    stdout: str = ""
    stderr: str = ""


@dataclass(slots=True)
class Scenario:
    """A parsed file; `head` is its text up to the first command."""

    head: str = ""
    workspace: str = ""
    files: dict[str, str] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


def parsed(text: str) -> Scenario:
    sentence, *sections = re.split(r"^=== ", text, flags=re.MULTILINE)
    assert sentence.strip().endswith("."), "a scenario begins with a sentence"
    scenario = Scenario(head=sentence)
    for section in sections:
        title, _, body = section.partition("\n")
        kind, _, value = title.partition(" ")
        if not scenario.steps and kind != "run":
            scenario.head += f"=== {section}"
        match kind:
            case "workspace":
                scenario.workspace = value
            case "file":
                scenario.files[value] = body
            case "without":
                scenario.without.append(value)
            case "env":
                name, _, scenario.env[name] = value.partition("=")
            case "run":
                scenario.steps.append(Step(words=shlex.split(value)))
            case "exit":
                scenario.steps[-1].exit = value
            case "stdout" | "stderr":
                setattr(scenario.steps[-1], kind, body)
            case _:
                raise AssertionError(f"no section is called {title!r}")
    assert scenario.steps, "a scenario runs something"
    return scenario


def stood_in(scenario: Scenario, folder: Path) -> Path:
    """The folder where the commands run."""
    work = folder / "workspace"
    if scenario.workspace:
        shutil.copytree(HERE / "workspaces" / scenario.workspace, work, ignore=shutil.ignore_patterns("__pycache__"))
    work.mkdir(exist_ok=True)
    for name, body in scenario.files.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(body)
    for name in scenario.without:
        (work / name).unlink()
    return work


def told(step: Step, work: Path, env: dict[str, str]) -> Step:
    """What really comes back, with names for what cannot be the same twice."""
    assert step.words[0] == "harness"
    home = work.parent / "home"
    home.mkdir(exist_ok=True)
    fixed = {"PATH": os.environ["PATH"], "HOME": str(home), "COLUMNS": "100", "LC_ALL": "C.UTF-8", "TMPDIR": str(home)}
    ended = subprocess.run(
        [sys.executable, "-m", "harness", *step.words[1:]],
        cwd=work,
        env=fixed | env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )

    def named(text: str) -> str:
        text = text.replace(str(work.resolve()), "{workspace}").replace(str(home.resolve()), "{home}")
        for pattern, name in NAMED:
            text = pattern.sub(name, text)
        return "".join(f"{line.rstrip()}\n" for line in text.splitlines())

    return Step(words=step.words, exit=str(ended.returncode), stdout=named(ended.stdout), stderr=named(ended.stderr))


def written(scenario: Scenario, steps: list[Step]) -> str:
    text = scenario.head
    for step in steps:
        text += f"=== run {shlex.join(step.words)}\n=== exit {step.exit}\n"
        text += f"=== stdout\n{step.stdout}" if step.stdout else ""
        text += f"=== stderr\n{step.stderr}" if step.stderr else ""
    return text


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(path, tmp_path):
    scenario = parsed(path.read_text())
    work = stood_in(scenario, tmp_path)
    steps = [told(step, work, scenario.env) for step in scenario.steps]
    if os.environ.get("APPROVE"):
        path.write_text(written(scenario, steps))
    for wanted, found in zip(scenario.steps, steps, strict=True):
        assert (found.exit, found.stdout, found.stderr) == (wanted.exit, wanted.stdout, wanted.stderr)
        assert "Traceback" not in found.stdout + found.stderr


def test_there_are_scenarios():
    assert len(SCENARIOS) >= 20


def test_a_scenario_that_says_something_else_is_noticed(tmp_path):
    scenario = parsed("It says its version.\n\n=== run harness --version\n=== exit 0\n=== stdout\nharness 9.9.9\n")
    (step,) = scenario.steps
    found = told(step, stood_in(scenario, tmp_path), scenario.env)
    assert found.exit == step.exit
    assert found.stdout != step.stdout


def test_a_scenario_reads_back_as_it_was_written():
    for path in SCENARIOS:
        scenario = parsed(path.read_text())
        assert written(scenario, scenario.steps) == path.read_text(), path.name
