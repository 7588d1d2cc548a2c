"""The ready file for GitHub Actions: its own commands, run from the file, stop what is red and pass what is green."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "harness" / "manual" / "gate.md").read_text("utf-8")
BODY = re.search(r"^```yaml \.github/workflows/harness\.yml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1]
JOBS = yaml.safe_load(BODY)["jobs"]
_SPEC = importlib.util.spec_from_file_location("proof_gate", ROOT / "tests" / "proofs" / "gate.py")
proof = sys.modules.get("proof_gate") or importlib.util.module_from_spec(_SPEC)
if "proof_gate" not in sys.modules:
    sys.modules["proof_gate"] = proof
    _SPEC.loader.exec_module(proof)

POLICY = '[to.preprod]\nneeds.test = { suites = ["contract", "uat"], max-age = "24 h" }\n'


def step(job: str, name: str) -> str:
    (found,) = [one["run"] for one in JOBS[job]["steps"] if one.get("name") == name]
    return found


def did(world, job: str, name: str, **env: str) -> int:
    """A step's commands as the runner starts them."""
    whole = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(world.root),
        "RELEASE": "2.0",
        "GITHUB_STEP_SUMMARY": str(world.path("summary.md")),
        **env,
    }
    ended = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step(job, name)],
        cwd=world.root,
        env=whole,
        capture_output=True,
        timeout=120,
    )
    return ended.returncode


@pytest.fixture
def world(tmp_path):
    """A checkout with nothing run yet."""
    world = proof.built(tmp_path)
    shutil.rmtree(world.path(".harness"))
    world.runs.clear()
    world.path("environments/gate.toml").write_text(POLICY)
    return world


def tested(world, outcomes=None, shards=(1, 2)) -> None:
    """What the jobs of the matrix leave: each on a machine of its own, packed by the file's own step."""
    for index in shards:
        run = proof.ran(
            world, outcomes, release="2.0", note=False, plan_change=lambda p, i=index: proof.shard_of(p, i, 2)
        )
        assert did(world, "test", "pack", SHARD=str(index)) == 0
        shutil.rmtree(run)
        world.path("shards").mkdir(exist_ok=True)
        shutil.move(world.path(f"shard-{index}.zip"), world.path("shards"))


def test_a_green_release_goes_through_the_file(world):
    assert did(world, "declare", "declare") == 0
    tested(world)
    assert did(world, "gate", "join") == 0
    assert did(world, "gate", "tell") == 0
    assert did(world, "gate", "prove") == 0
    assert did(world, "gate", "decide") == 0
    assert "✅" in world.path("summary.md").read_text()


def test_a_red_release_does_not(world):
    assert did(world, "declare", "declare") == 0
    tested(world, {proof.A: [proof.FAILED]})
    assert did(world, "gate", "join") == 1
    assert did(world, "gate", "tell") == 1
    assert did(world, "gate", "decide") == 1
    assert "❌" in world.path("summary.md").read_text()


def test_a_shard_that_was_lost_does_not(world):
    assert did(world, "declare", "declare") == 0
    tested(world, shards=(1,))
    assert did(world, "gate", "join") == 3
    assert did(world, "gate", "decide") == 3


def test_a_policy_that_nobody_can_meet_is_told_before_it_decides(world):
    assert did(world, "declare", "declare") == 0
    world.path("environments/gate.toml").write_text(POLICY.replace('"uat"', '"uat", "load"'))
    assert did(world, "gate", "prove") == 3


def test_no_secret_is_where_the_code_of_a_branch_runs():
    """What a hostile test could read: the job's environment, a checkout's credentials, a token that may write."""
    whole = yaml.safe_load(BODY)
    assert "secrets." not in BODY
    assert "pull_request_target" not in BODY
    assert all("permissions" not in job for job in JOBS.values())
    assert whole["permissions"] == {"contents": "read"}
    checkouts = [one for job in JOBS.values() for one in job["steps"] if "checkout" in one.get("uses", "")]
    assert checkouts
    assert all(one["with"]["persist-credentials"] is False for one in checkouts)


def test_what_the_test_jobs_upload_is_read_and_never_run_by_the_gate():
    """The gate's commands are ours and its own checkout's; of what was uploaded it only reads."""
    commands = [line for one in JOBS["gate"]["steps"] for line in one.get("run", "").splitlines()]
    assert commands
    assert all(line.split()[0] in {"harness", "pip"} for line in commands)
    fetched = [one["with"] for one in JOBS["gate"]["steps"] if "download-artifact" in one.get("uses", "")]
    assert {one["path"] for one in fetched} == {".harness/releases", "shards"}


def test_nothing_in_the_file_lets_a_failure_pass():
    assert "|| true" not in BODY
    assert "continue-on-error" not in BODY
    assert JOBS["deploy"]["needs"] == "gate"
    assert "if" not in JOBS["deploy"]
    (decide,) = [one for one in JOBS["gate"]["steps"] if one.get("name") == "decide"]
    assert "if" not in decide


def test_actions_are_pinned_and_rights_are_least():
    assert yaml.safe_load(BODY)["permissions"] == {"contents": "read"}
    used = [one["uses"] for job in JOBS.values() for one in job["steps"] if "uses" in one]
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one) for one in used)


def test_no_expression_is_pasted_into_a_command():
    """A branch's name in a script is a way in; values come by the environment."""
    for job in JOBS.values():
        for one in job["steps"]:
            assert "${{" not in one.get("run", "")
