"""The gate where there is nothing: whatever is missing is named, and nothing passes for lack of a reason not to."""

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

from harness.actions.archiving import prune
from harness.actions.gating import case_for
from harness.cli import main
from harness.model.verdict import Decision
from harness.rules.gating import gate
from harness.rules.judging import judge

_SPEC = importlib.util.spec_from_file_location("proof_gate", Path(__file__).parents[1] / "proofs" / "gate.py")
proof = sys.modules.get("proof_gate") or importlib.util.module_from_spec(_SPEC)
if "proof_gate" not in sys.modules:
    sys.modules["proof_gate"] = proof
    _SPEC.loader.exec_module(proof)

RUNS, SIGNED, DECLARED = ".harness/runs", ".harness/releases/1.0.sign-offs.json", ".harness/releases/1.0.json"


@pytest.fixture
def world(tmp_path):
    return proof.built(tmp_path)


def emptied(folder: Path) -> None:
    for one in folder.iterdir():
        shutil.rmtree(one)


def nothing_in(run: Path) -> None:
    for name in ("record.json", "plan.json", "events.ndjson"):
        (run / name).write_bytes(b"")


def in_the_way(run: Path) -> None:
    """A folder that can't be opened, by whoever: a file stands where one is looked for."""
    shutil.rmtree(run / "evidence")
    (run / "evidence").write_bytes(b"")


MISSING = {
    "no folder of runs": (lambda world: shutil.rmtree(world.path(RUNS)), "is not here"),
    "an empty folder of runs": (lambda world: emptied(world.path(RUNS)), "is not here"),
    "results of no bytes": (lambda world: nothing_in(world.run), "can't be read"),
    "a folder that can't be read": (lambda world: in_the_way(world.run), "evidence"),
    "no sign-offs": (lambda world: world.path(SIGNED).unlink(), "no sign-offs of release 1.0"),
    "no declaration": (lambda world: world.path(DECLARED).unlink(), "was never declared here"),
}


@pytest.mark.parametrize("name", MISSING)
def test_what_is_missing_is_named_and_nothing_passes(world, monkeypatch, capsys, name):
    act, said = MISSING[name]
    act(world)
    monkeypatch.chdir(world.root)
    assert main(["gate", "--release", "1.0", "--to", "prod"]) == 3
    told = capsys.readouterr()
    assert said in told.out + told.err
    assert not list(world.root.glob("verdict.json"))


def test_a_gate_that_asks_only_whether_all_that_is_there_is_good_would_pass_on_nothing(world):
    """The control: of nothing everything is true; such a gate passes where ours doesn't."""
    emptied(world.path(RUNS))
    case = case_for(world.host, world.root, "1.0", "prod")
    assert all(judge(one.plan, one.record, one.plan_sha256).decision is Decision.PASS for one in case.exhibits)
    assert gate(case).decision is Decision.UNDECIDED


def test_whoever_kills_a_pruning_leaves_no_half_run(world, monkeypatch):
    others = [proof.ran(world, release=None) for _ in range(3)]
    monkeypatch.setattr("harness.actions.archiving.shutil.rmtree", _killed)
    with pytest.raises(KeyboardInterrupt):
        prune(world.root, keep=0)
    monkeypatch.undo()
    left = {path.name for path in world.path(RUNS).iterdir()}
    assert len(left & {path.name for path in others}) == 2
    assert world.ruling().decision is Decision.PASS
    prune(world.root, keep=0)
    assert {path.name for path in world.path(RUNS).iterdir()} == {world.runs[0].name}
    assert not list(world.path(".harness/removed").iterdir())


def _killed(path: Path, ignore_errors: bool = False) -> None:
    """One file is gone when the end comes."""
    if ignore_errors:
        return
    (path / "record.json").unlink()
    raise KeyboardInterrupt
