"""The ready file for Jenkins: its own commands, run from the file, stop what is red and pass what is green."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters.test_gate import proof

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "harness" / "manual" / "gate.md").read_text("utf-8")
BODY = re.search(r"^```groovy Jenkinsfile\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1]
STAGES = dict(re.findall(r"stage\('(\w+)'\)(.*?)(?=stage\('|\Z)", BODY, re.DOTALL))
POLICY = '[to.preprod]\nneeds.test = { suites = ["contract", "uat"], max-age = "24 h" }\n'
RELEASE = "2.0"


def commands(stage: str) -> list[tuple[str, bool]]:
    """(command, whether the stage goes on where it fails), in order; what sets up the machine is left out."""
    found = re.findall(r"(catchError \{ )?\bsh '([^']*)'", STAGES[stage])
    return [(command, bool(caught)) for caught, command in found if not command.startswith(("pip ", "rm "))]


def did(world, stage: str, only: str = "", **env: str) -> int:
    """A stage's commands as Jenkins starts them: one after the other, until one fails that is not caught."""
    whole = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(world.root),
        "GIT_COMMIT": RELEASE,
        **env,
    }
    for command, caught in commands(stage):
        if only in command:
            argv = ["sh", "-e", "-c", command]
            ended = subprocess.run(argv, cwd=world.root, env=whole, capture_output=True, timeout=120)
            if ended.returncode != 0 and not caught:
                return ended.returncode
    return 0


@pytest.fixture
def world(tmp_path):
    """A checkout, declared by the file."""
    world = proof.built(tmp_path)
    shutil.rmtree(world.path(".harness"))
    world.runs.clear()
    world.path("environments/gate.toml").write_text(POLICY)
    assert did(world, "declare") == 0
    return world


def tested(world, outcomes=None, shards=(1, 2)) -> None:
    """What the shares leave, each on a machine of its own."""
    for index in shards:
        run = proof.ran(
            world, outcomes, release=RELEASE, note=False, plan_change=lambda p, i=index: proof.shard_of(p, i, 2)
        )
        assert did(world, "share", only="--pack", SHARD=str(index)) == 0
        shutil.rmtree(run)


@pytest.mark.parametrize(
    ("outcomes", "shards", "status"),
    [(None, (1, 2), 0), ({proof.A: [proof.FAILED]}, (1, 2), 1), (None, (1,), 3)],
    ids=["green", "red", "a shard lost"],
)
def test_the_gates_stage_ends_as_the_release_deserves(world, outcomes, shards, status):
    tested(world, outcomes, shards)
    assert did(world, "gate") == status
    assert world.path("gate.xml").read_text().startswith("<?xml")


def test_the_stages_come_in_the_order_in_which_they_guard_one_another():
    assert list(STAGES) == ["declare", "test", "share", "gate", "deploy"]


def asked_wrongly(deploy: str) -> list[str]:
    """What keeps the question from being asked on main alone, before a machine is taken, of those who may say yes."""
    when, question = (re.search(rf"^ *{word} \{{ (.*) \}}$", deploy, re.MULTILINE) for word in ("when", "input"))
    wrong = []
    if not when or when[1].split("; ") != ["beforeInput true", "branch 'main'"]:
        wrong.append("asked on every branch")
    if not question or not re.search(r"; submitter '[\w-]+'$", question[1]):
        wrong.append("anybody may say yes")
    return wrong


def test_the_question_is_asked_on_main_alone_and_of_those_who_may_say_yes():
    deploy = STAGES["deploy"]
    assert asked_wrongly(deploy) == []
    assert asked_wrongly(deploy.replace("beforeInput true; ", "")) == ["asked on every branch"], "a control"
    assert asked_wrongly(deploy.replace("; submitter 'release-managers'", "")) == ["anybody may say yes"], "a control"


def test_nothing_in_the_file_lets_a_failure_pass():
    assert "|| true" not in BODY
    assert "buildResult" not in BODY, "a caught failure keeps the build red"
    command, caught = commands("gate")[-1]
    assert command.startswith("harness gate --release")
    assert not caught, "the last word of the gate is never caught"
    told = [one for one, caught in commands("gate") if caught]
    assert told == ["harness merge shard-*.zip --no-report", f"{command} --as junit > gate.xml"]


def test_control_a_gate_of_which_the_last_word_is_caught_would_go_on(world, monkeypatch):
    monkeypatch.setitem(
        STAGES, "gate", STAGES["gate"].replace("sh 'harness gate --r", "catchError { sh 'harness gate --r")
    )
    tested(world, {proof.A: [proof.FAILED]})
    assert did(world, "gate") == 0


def test_every_command_is_one_that_harness_has():
    words = {command.split()[1] for stage in STAGES for command, _ in commands(stage) if command.startswith("harness ")}
    assert words == {"check", "release", "doctor", "run", "merge", "gate"}
