"""The gate's test of itself: it notices a gate that lets something through, whatever that is."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.actions.selftesting import selftest, specimen
from harness.adapters.host import Host
from harness.cli import main
from harness.formats.selftest_text import selftest_text
from harness.model.gate import GateCode
from harness.model.verdict import Decision
from harness.rules.gating import gate
from harness.rules.selftesting import WAYS, rows

_SPEC = importlib.util.spec_from_file_location("proof_gate", Path(__file__).parents[1] / "proofs" / "gate.py")
proof = sys.modules.get("proof_gate") or importlib.util.module_from_spec(_SPEC)
if "proof_gate" not in sys.modules:
    sys.modules["proof_gate"] = proof
    _SPEC.loader.exec_module(proof)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return proof.built(tmp_path_factory.mktemp("world"))


def test_every_way_that_the_policy_speaks_of_is_refused_for_its_reason(world):
    proven = selftest(Host(), world.root, "prod")
    assert proven.baseline.decision is Decision.PASS
    assert [row for row in proven.rows if not row.good] == []
    assert sum(row.decision is not None for row in proven.rows) >= 38


def test_evidence_that_is_there_is_spoilt_as_well_as_a_specimen(world):
    proven = selftest(Host(), world.root, "prod", "1.0")
    assert len(proven.rows) == len(WAYS)
    assert all(row.good for row in proven.rows)


def test_a_gate_that_always_passes_is_noticed_everywhere(world):
    """The control."""
    case = specimen(Host(), world.root, "prod")
    told = [row for row in rows(case, lambda _: gate(case)) if row.decision is not None]
    assert told
    assert not any(row.good for row in told)


@pytest.mark.parametrize("code", [GateCode.RUN_STALE, GateCode.REJECTED, GateCode.RECORD_CHANGED])
def test_a_gate_that_forgot_one_rule_is_noticed_there(world, code):
    """The control again: one kind of reason is never given."""

    def forgetful(case):
        ruling = gate(case)
        keep = {
            name: tuple(c for c in getattr(ruling, name) if c.reason.code is not code)
            for name in ("failures", "doubts")
        }
        return replace(ruling, **keep)

    told = [row for row in rows(specimen(Host(), world.root, "prod"), forgetful) if not row.good]
    assert {row.wanted for row in told} == {code.value}


def test_a_policy_that_nobody_can_meet_proves_nothing_and_says_why(world, tmp_path):
    other = proof.built(tmp_path)
    proof.edit(other.path("environments/gate.toml"), 'roles = ["desk"]', 'roles = ["somebody"]')
    proven = selftest(Host(), other.root, "prod")
    assert proven.rows == ()
    assert "nothing is proved" in selftest_text(proven.baseline, proven.rows)
    assert "什么也没有证明" in selftest_text(proven.baseline, proven.rows, "zh")


@pytest.mark.parametrize("tier", ["preprod", "prod"])
def test_the_policy_of_our_own_workspace_can_be_met_and_says_no(tier):
    proven = selftest(Host(), Path(__file__).parents[2], tier)
    assert [(one.about, one.reason.code) for one in (*proven.baseline.failures, *proven.baseline.doubts)] == []
    assert [row for row in proven.rows if not row.good] == []


def test_the_verb_exits_by_what_was_proved(world, monkeypatch, capsys):
    monkeypatch.chdir(world.root)
    assert main(["gate", "selftest", "--to", "prod"]) == 0
    assert "a run that took place is gone" in capsys.readouterr().out
    assert main(["gate", "selftest", "--json"]) == 0
