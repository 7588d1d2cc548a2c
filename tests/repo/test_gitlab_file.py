"""The ready file for GitLab: its own commands, run from the file, stop what is red and pass what is green."""

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
BODY = re.search(r"^```yaml \.gitlab-ci\.yml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1]
JOBS = yaml.safe_load(BODY)
_SPEC = importlib.util.spec_from_file_location("proof_gate", ROOT / "tests" / "proofs" / "gate.py")
proof = sys.modules.get("proof_gate") or importlib.util.module_from_spec(_SPEC)
if "proof_gate" not in sys.modules:
    sys.modules["proof_gate"] = proof
    _SPEC.loader.exec_module(proof)

POLICY = '[to.preprod]\nneeds.test = { suites = ["contract", "uat"], max-age = "24 h" }\n'


def did(world, job: str, part: str = "script", **env: str) -> int:
    """A job's commands as the runner starts them: one after the other, until one fails."""
    whole = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(world.root),
        "RELEASE": "2.0",
        **env,
    }
    for command in JOBS[job][part]:
        argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command]
        ended = subprocess.run(argv, cwd=world.root, env=whole, capture_output=True, timeout=120)
        if ended.returncode != 0:
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
    """What the parallel jobs leave, each on a machine of its own."""
    for index in shards:
        run = proof.ran(
            world, outcomes, release="2.0", note=False, plan_change=lambda p, i=index: proof.shard_of(p, i, 2)
        )
        assert did(world, "test", "after_script", CI_NODE_INDEX=str(index)) == 0
        shutil.rmtree(run)


@pytest.mark.parametrize(
    ("outcomes", "shards", "status"),
    [(None, (1, 2), 0), ({proof.A: [proof.FAILED]}, (1, 2), 1), (None, (1,), 3)],
    ids=["green", "red", "a shard lost"],
)
def test_the_gates_job_ends_as_the_release_deserves(world, outcomes, shards, status):
    tested(world, outcomes, shards)
    assert did(world, "gate") == status
    assert did(world, "gate", "after_script") == status
    assert world.path("gate.xml").read_text().startswith("<?xml")


def test_nothing_in_the_file_lets_a_failure_pass():
    assert "|| true" not in BODY
    assert "allow_failure: true" not in BODY
    assert JOBS["deploy"]["needs"] == ["gate"]
    assert all(rule["allow_failure"] is False for rule in JOBS["deploy"]["rules"])
    assert JOBS["gate"]["script"][-1].startswith("harness gate --release")
