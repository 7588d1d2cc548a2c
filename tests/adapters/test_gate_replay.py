"""A policy is tried on the releases that were, before it decides over the ones that come."""

import json

import pytest

from harness.actions.backtesting import backtest
from harness.cli import main
from harness.errors import HarnessError
from harness.model.evidence import Outcome
from harness.model.verdict import Decision
from tests.adapters.test_gate import proof

POLICY = '[to.prod]\nneeds.test = { suites = ["contract", "uat"], max-age = "24 h", flaky = 1 }\n'
PASS, FAIL, UNDECIDED = Decision.PASS, Decision.FAIL, Decision.UNDECIDED


@pytest.fixture
def world(tmp_path):
    """1.0 passes, 1.1 passes after a retry, 1.2 never ran."""
    world = proof.built(tmp_path)
    world.path("environments/gate.toml").write_text(POLICY)
    for name in ("1.1", "1.2"):
        proof.declare(world.host, world.root, name, (), commit="c0ffee")
    proof.ran(world, {proof.A: [Outcome.FAILED, Outcome.PASSED]}, release="1.1")
    return world


def tried(world, old="flaky = 1", new="flaky = 0"):
    assert old in POLICY
    file = world.root / "tried.toml"
    file.write_text(POLICY.replace(old, new))
    return file


def decisions(rows):
    return {one.release: (one.before and one.before.decision, one.after and one.after.decision) for one in rows}


def test_a_stricter_policy_names_the_release_that_it_would_have_stopped_and_why(world, monkeypatch, capsys):
    rows = backtest(world.root, tried(world))
    assert decisions(rows) == {"1.0": (PASS, PASS), "1.1": (PASS, FAIL), "1.2": (UNDECIDED, UNDECIDED)}
    assert [one.release for one in rows if one.stopped] == ["1.1"]
    monkeypatch.chdir(world.root)
    assert main(["gate", "replay", "--policy", "tried.toml"]) == 1
    said = capsys.readouterr().out
    assert "1.1 → prod   PASS → FAIL   would have been stopped" in said
    assert "1 of 3 would have been stopped, 0 let through, 2 decided alike" in said
    assert "contract:hub/a" in said
    assert main(["gate", "replay", "--policy", "tried.toml", "--lang", "zh"]) == 1
    assert "会被拦下" in capsys.readouterr().out


def test_control_the_same_policy_decides_everything_alike(world, monkeypatch, capsys):
    rows = backtest(world.root, tried(world, new="flaky = 1"))
    assert not any(one.stopped or one.let_through for one in rows)
    monkeypatch.chdir(world.root)
    assert main(["gate", "replay", "--policy", "tried.toml"]) == 0


def test_a_looser_policy_names_what_it_would_have_let_through(world, monkeypatch, capsys):
    strict = tried(world).read_text()
    world.path("environments/gate.toml").write_text(strict)
    (world.root / "tried.toml").write_text(POLICY)
    monkeypatch.chdir(world.root)
    assert main(["gate", "replay", "--policy", "tried.toml", "--json"]) == 1
    told = {one["release"]: one for one in json.loads(capsys.readouterr().out)["releases"]}
    assert (told["1.1"]["before"], told["1.1"]["after"], told["1.1"]["let-through"]) == ("fail", "pass", True)
    assert told["1.0"]["why"] == []


def test_a_release_is_judged_as_of_its_own_time_and_not_as_of_today(world, monkeypatch):
    monkeypatch.setattr(type(world.host), "now_ms", lambda _: 9_999_999_999_999)
    assert decisions(backtest(world.root, tried(world)))["1.0"] == (PASS, PASS)


def test_a_file_that_was_edited_since_says_nothing_against_a_release_of_before(world):
    world.path("contracts/hub.yaml").write_text(world.path("contracts/hub.yaml").read_text() + "# later\n")
    assert decisions(backtest(world.root, tried(world)))["1.0"] == (PASS, PASS)


def test_evidence_that_was_changed_is_no_more_believed_than_by_the_gate_itself(world):
    run = world.runs[0]
    proof.edit(run / "record.json", '"ended_ms":', '"ended_ms":1')
    assert decisions(backtest(world.root, tried(world)))["1.0"][1] is not PASS


def test_a_tier_that_the_present_policy_does_not_guard_counts_as_open(world):
    file = tried(world, "[to.prod]", "[to.preprod]")
    world.path("environments/preprod.toml").write_text(world.path("environments/test.toml").read_text())
    rows = backtest(world.root, file, to="preprod")
    assert decisions(rows) == {"1.0": (None, PASS), "1.1": (None, PASS), "1.2": (None, UNDECIDED)}
    assert [one.release for one in rows if one.stopped] == ["1.2"]


def test_a_policy_that_stops_guarding_a_tier_lets_every_release_through_there(world, monkeypatch, capsys):
    both = POLICY + '\n[to.preprod]\nneeds.test = { suites = ["contract"], max-age = "24 h" }\n'
    world.path("environments/preprod.toml").write_text(world.path("environments/test.toml").read_text())
    world.path("environments/gate.toml").write_text(both)
    (world.root / "tried.toml").write_text(both.replace(POLICY, ""))
    monkeypatch.chdir(world.root)
    assert main(["gate", "replay", "--policy", "tried.toml"]) == 1
    said = capsys.readouterr().out
    assert "1.0 → prod   PASS → not guarded   would have gone through" in said
    assert "0 of 6 would have been stopped, 3 let through, 3 decided alike" in said
    assert main(["gate", "replay", "--policy", "tried.toml", "--to", "prod", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["releases"]
    assert {(one["to"], one["after"], one["let-through"]) for one in told} == {("prod", "not-guarded", True)}
    assert main(["gate", "replay", "--policy", "tried.toml", "--to", "preprod"]) == 0, "the control"


def test_only_the_last_so_many_are_looked_at_and_a_tier_can_be_named(world):
    assert [one.release for one in backtest(world.root, tried(world), to="prod", last=2)] == ["1.1", "1.2"]
    with pytest.raises(HarnessError, match="says nothing of entering `moon`"):
        backtest(world.root, tried(world), to="moon")


@pytest.mark.parametrize(
    "words", [["replay"], ["replay", "--policy", "nowhere.toml"], ["replay", "--policy", "tried.toml", "--last", "0"]]
)
def test_what_was_asked_wrongly_is_said_so(world, monkeypatch, capsys, words):
    tried(world)
    monkeypatch.chdir(world.root)
    assert main(["gate", *words]) == 2
    assert "harness gate replay" in capsys.readouterr().err or "nowhere.toml" in words


def test_where_nothing_was_declared_nothing_can_be_told(world, monkeypatch, capsys):
    for file in world.path(".harness/releases").iterdir():
        file.unlink()
    monkeypatch.chdir(world.root)
    tried(world)
    assert main(["gate", "replay", "--policy", "tried.toml"]) == 3
    assert "no release was declared" in capsys.readouterr().out
