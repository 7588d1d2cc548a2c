"""Shards on disk become one run, and the gate counts that one only."""

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

from harness.actions.merging import merge
from harness.adapters.run_archive import pack_run
from harness.cli import main
from harness.errors import AskedWrongly, CouldNotTell
from harness.model.gate import GateCode
from harness.model.verdict import Decision
from harness.rules.sharding import shard_of

_SPEC = importlib.util.spec_from_file_location("proof_gate", Path(__file__).parents[1] / "proofs" / "gate.py")
proof = sys.modules.get("proof_gate") or importlib.util.module_from_spec(_SPEC)
if "proof_gate" not in sys.modules:
    sys.modules["proof_gate"] = proof
    _SPEC.loader.exec_module(proof)


@pytest.fixture
def world(tmp_path):
    return proof.built(tmp_path)


@pytest.fixture
def shards(world):
    """Both shards of a run, instead of the whole one."""
    shutil.rmtree(world.runs.pop())
    world.path(".harness/releases/1.0.runs.ndjson").unlink()
    for index in (1, 2):
        proof.ran(world, plan_change=lambda plan, index=index: shard_of(plan, index, 2))
    return list(world.runs)


def test_joined_shards_are_one_run_that_the_gate_counts(world, shards):
    joined = merge(world.host, world.root, tuple(shards))
    ruling = world.ruling()
    assert (ruling.decision, ruling.doubts) == (Decision.PASS, ())
    assert [one.run for one in ruling.counted] == [joined.name]


def test_shards_alone_are_no_evidence(world, shards):
    ruling = world.ruling()
    assert ruling.decision is Decision.UNDECIDED
    assert GateCode.SHARD_ALONE in {one.reason.code for one in ruling.doubts}


def test_archives_of_shards_are_joined_as_well(world, shards, tmp_path):
    packed = tuple(pack_run(one, tmp_path / f"{one.name}.zip") for one in shards)
    merge(world.host, world.root, packed)
    assert world.ruling().decision is Decision.PASS


def test_a_missing_or_doubled_shard_joins_nothing(world, shards):
    before = sorted(world.path(".harness/runs").iterdir())
    with pytest.raises(CouldNotTell, match="shard 2 of 2 is missing"):
        merge(world.host, world.root, (shards[0],))
    with pytest.raises(CouldNotTell, match="given 2 times"):
        merge(world.host, world.root, (*shards, shards[0]))
    with pytest.raises(AskedWrongly, match="is not there"):
        merge(world.host, world.root, (*shards, world.path("no.zip")))
    assert sorted(world.path(".harness/runs").iterdir()) == before


def test_a_changed_shard_joins_nothing(world, shards):
    proof.edit(shards[0] / "record.json", '"passed"', '"failed"')
    with pytest.raises(CouldNotTell, match="was changed"):
        merge(world.host, world.root, tuple(shards))


def test_a_failure_in_a_shard_is_one_in_the_whole(world, shards):
    again = proof.ran(world, {proof.A: [proof.FAILED]}, plan_change=lambda plan: shard_of(plan, 1, 2))
    merge(world.host, world.root, (again, shards[1]))
    assert world.ruling().decision is Decision.FAIL


def test_the_terminal_joins_and_answers_by_the_exit_table(world, shards, monkeypatch, capsys):
    monkeypatch.chdir(world.root)
    names = [one.name for one in shards]
    assert main(["merge", names[0], "--no-report"]) == 3
    assert "shard 2 of 2 is missing" in capsys.readouterr().err
    assert main(["merge", *names, "--no-report"]) == 0
    assert main(["run", "test", "--shard", "3/2"]) == 2
    assert main(["run", "test", "--shard", "two"]) == 2
