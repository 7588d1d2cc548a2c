"""The gate over what lies on disk: folders, archives, declarations and bundles, asked as a person asks."""

import importlib.util
import json
import random
import sys
from pathlib import Path

import pytest

from harness.adapters.exhibits import exhibits_in
from harness.adapters.run_archive import pack_run
from harness.cli import main
from harness.errors import AskedWrongly, CouldNotTell
from harness.model.gate import Exhibit
from harness.model.verdict import Decision

_SPEC = importlib.util.spec_from_file_location("proof_gate", Path(__file__).parents[1] / "proofs" / "gate.py")
proof = sys.modules.get("proof_gate") or importlib.util.module_from_spec(_SPEC)
if "proof_gate" not in sys.modules:
    sys.modules["proof_gate"] = proof
    _SPEC.loader.exec_module(proof)


@pytest.fixture
def world(tmp_path):
    return proof.built(tmp_path)


def test_the_table_has_sixty_ways_and_more():
    assert len(proof.WAYS) >= 60


def test_a_release_with_everything_passes(world):
    ruling = world.ruling()
    assert (ruling.decision, ruling.doubts) == (Decision.PASS, ())
    assert [one.run for one in ruling.counted] == [world.run.name]


@pytest.mark.parametrize("name", ["edit-the-record", "cut-the-archive", "run-again-until-it-passes", "sign-nothing"])
def test_a_way_around_does_not_pass(name):
    act, code = proof.WAYS[name]
    assert proof.tried(name, act, code.value).good


def test_the_table_would_notice_a_gate_that_lets_it_through():
    row = proof.tried("(untouched)", lambda _: None, "record-changed")
    assert not row.good


def test_a_run_as_one_file_is_the_same_evidence(world, tmp_path):
    packed = pack_run(world.run, tmp_path / "run.zip")
    (from_folder,), (from_zip,) = exhibits_in(world.run), exhibits_in(packed)
    assert isinstance(from_zip, Exhibit)
    assert (from_zip.plan, from_zip.record, from_zip.record_sha256) == (
        from_folder.plan,
        from_folder.record,
        from_folder.record_sha256,
    )
    world.evidence = (packed,)
    assert world.ruling().decision is Decision.PASS
    world.evidence = (packed, world.run)
    assert world.ruling().decision is Decision.PASS


def test_the_same_run_packs_to_the_same_bytes(world, tmp_path):
    one, two = pack_run(world.run, tmp_path / "1.zip"), pack_run(world.run, tmp_path / "2.zip")
    assert one.read_bytes() == two.read_bytes()


def test_a_draft_is_not_packed(world, tmp_path):
    draft = proof.ran(world, killed=True)
    with pytest.raises(CouldNotTell, match="never closed"):
        pack_run(draft, tmp_path / "run.zip")


def test_without_a_policy_or_a_tier_in_it_there_is_no_answer(world):
    with pytest.raises(Exception, match="says nothing of entering `moon`"):
        proof.rule_on(world.host, world.root, "1.0", "moon")
    world.path("environments/gate.toml").unlink()
    with pytest.raises(AskedWrongly, match="gate's policy"):
        world.ruling()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--release", "1.0", "--to", "prod"], 0, "PASS"),
        (["--release", "1.0", "--to", "prod", "--why-not"], 0, "nothing"),
        (["--release", "1.0", "--to", "prod", "--lang", "zh"], 0, "通过"),
        (["--release", "1.0", "--to", "prod", "--as", "junit"], 0, "<testsuite"),
        (["--release", "1.0", "--to", "prod", "--as", "markdown"], 0, "## ✅"),
        (["--release", "2.0", "--to", "prod", "--why-not"], 3, "harness release add 2.0"),
        (["--release", "1.0"], 2, ""),
        (["--why-not"], 2, ""),
        (["--release", "1.0", "--to", "moon"], 2, ""),
        (["--release", "1.0", "--to", "prod", "--sign-offs", "no.json"], 3, "no.json is not there"),
    ],
)
def test_the_terminal_answers_by_the_exit_table(world, monkeypatch, capsys, words, status, said):
    monkeypatch.chdir(world.root)
    assert main(["gate", *words]) == status
    assert said in capsys.readouterr().out


def test_json_holds_reasons_as_data_and_as_sentences(world, monkeypatch, capsys):
    proof.signed(world, none=True)
    monkeypatch.chdir(world.root)
    assert main(["gate", "--release", "1.0", "--to", "prod", "--json"]) == 3
    document = json.loads(capsys.readouterr().out)
    (doubt,) = document["doubts"]
    assert (document["kind"], document["decision"], doubt["code"]) == ("harness/ruling", "undecided", "not-signed")
    assert doubt["sentence"] == "HUB-1 was not accepted by desk"
    assert [(one["remedy"], one["target"]) for one in document["changes"]] == [("sign", "HUB-1"), ("export", "1.0")]
    assert document["changes"][0]["sentence"] == "have HUB-1 signed in the portal"


def test_a_run_that_a_release_counts_on_is_never_pruned(world, monkeypatch, capsys):
    other = proof.ran(world, release=None)
    monkeypatch.chdir(world.root)
    assert main(["runs", "--prune", "--keep", "0"]) == 0
    told = capsys.readouterr()
    assert f"kept {world.runs[0].name}" in told.err
    assert not other.exists()
    assert world.ruling().decision is Decision.PASS


def test_a_killed_run_of_a_release_is_kept_as_well(world, monkeypatch):
    draft = proof.ran(world, killed=True)
    monkeypatch.chdir(world.root)
    assert main(["runs", "--prune"]) == 0
    assert draft.exists()


def test_keep_alone_removes_nothing(world, monkeypatch):
    monkeypatch.chdir(world.root)
    assert main(["runs", "--keep", "0"]) == 2
    assert world.run.exists()


def test_a_packed_run_is_evidence_elsewhere(world, monkeypatch, capsys):
    monkeypatch.chdir(world.root)
    assert main(["runs", "--pack", world.run.name, "--to", "out.zip"]) == 0
    assert capsys.readouterr().out.strip() == "out.zip"
    assert main(["gate", "--release", "1.0", "--to", "prod", "--evidence", "out.zip"]) == 0


def test_two_runs_are_compared_on_the_terminal(world, monkeypatch, capsys):
    worse = proof.ran(world, {proof.A: [proof.FAILED]})
    monkeypatch.chdir(world.root)
    assert main(["diff", world.runs[0].name, world.runs[0].name]) == 0
    assert main(["diff", world.runs[0].name, worse.name]) == 1
    assert "broke" in capsys.readouterr().out
    draft = proof.ran(world, killed=True)
    assert main(["diff", draft.name, worse.name]) == 3


@pytest.mark.parametrize("name", ["plan.json", "record.json", "run.zip"])
def test_no_bytes_changed_anywhere_pass_as_another_content_or_crash_the_gate(world, tmp_path, name):
    """A byte of an archive may say nothing (a flag of its table); then the content is what it was."""
    file = pack_run(world.run, tmp_path / name) if name == "run.zip" else world.run / name
    world.evidence = (file,) if name == "run.zip" else ()
    whole, draw = file.read_bytes(), random.Random(name)
    (before,) = exhibits_in(file if name == "run.zip" else world.run)
    for _ in range(60):
        body = bytearray(whole)
        for _ in range(draw.choice((1, 1, 3))):
            body[draw.randrange(len(body))] ^= 1 << draw.randrange(8)
        if draw.random() < 0.2:
            del body[draw.randrange(len(body)) :]
        file.write_bytes(body)
        ruling = world.ruling()
        if bytes(body) != whole and ruling.decision is Decision.PASS:
            (after,) = exhibits_in(file)
            assert (name, after.plan, after.record) == ("run.zip", before.plan, before.record)
