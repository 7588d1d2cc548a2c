"""Signed runs and rulings: made on one machine, checked on another, and nothing edited in between is believed."""

import importlib.util
import io
import json
import stat
import sys
from pathlib import Path

import pytest

from harness.actions.attesting import attest_release, attest_run, statements_for, verify
from harness.actions.merging import merge
from harness.actions.running import run as start
from harness.adapters.host import Host
from harness.adapters.run_archive import pack_run
from harness.adapters.run_directory import load_run
from harness.adapters.signing_keys import new_key, read_key, runner_key
from harness.cli import main
from harness.cli.live import narrator
from harness.errors import AskedWrongly, CouldNotTell
from harness.formats.dsse import public_text
from harness.formats.run_statements import FILE
from harness.model.attestation import Subject
from harness.model.verdict import Decision

_SPEC = importlib.util.spec_from_file_location("proof_gate", Path(__file__).parents[1] / "proofs" / "gate.py")
proof = sys.modules.get("proof_gate") or importlib.util.module_from_spec(_SPEC)
if "proof_gate" not in sys.modules:
    sys.modules["proof_gate"] = proof
    _SPEC.loader.exec_module(proof)

RUNNER = public_text(proof.RUNNER)


@pytest.fixture
def world(tmp_path):
    (tmp_path / "workspace").mkdir()
    return proof.built(tmp_path / "workspace")


@pytest.fixture
def key(tmp_path):
    file = tmp_path / "runner.key"
    new_key(file, b"r" * 32)
    return file


def causes(ruling):
    return {one.reason.code.value for one in (*ruling.failures, *ruling.doubts)}


def test_without_pinned_keys_a_run_redone_elsewhere_passes_and_the_ruling_says_what_it_rests_on(world):
    """The hole that pinning closes, and the control of the ways that redo a run."""
    run = proof.ran(world, {proof.A: [proof.FAILED]}, note=False)
    world.path(".harness/releases/1.0.runs.ndjson").unlink()
    proof.redo(run)
    ruling = world.ruling()
    assert ruling.decision is Decision.PASS
    assert run.name in ruling.unsigned


def test_a_run_of_this_machine_needs_nobody_to_vouch_for_it(world):
    assert world.ruling().unsigned == ()


def test_a_signed_run_is_vouched_for_in_folder_and_archive(world, tmp_path):
    run = proof.elsewhere(world)
    assert (world.ruling().decision, world.ruling().unsigned) == (Decision.PASS, ())
    world.evidence = (pack_run(run, tmp_path / "run.zip"),)
    assert world.ruling().decision is Decision.PASS


def test_a_run_is_signed_afterwards_too(world, key):
    run = proof.elsewhere(world)
    (run / FILE).unlink()
    assert causes(world.ruling()) >= {"run-unsigned", "no-run"}
    attest_run(Host(), world.root, run, f"file:{key}")
    assert world.ruling().decision is Decision.PASS


def test_what_was_changed_is_not_signed(world, key):
    proof.edit(world.run / "record.json", '"passed"', '"failed"')
    with pytest.raises(CouldNotTell, match="was changed"):
        attest_run(Host(), world.root, world.run, f"file:{key}")


def test_a_machine_with_a_key_signs_what_it_runs_and_one_without_signs_nothing(world, key):
    plan, sealed, record = load_run(world.run)
    body = (world.run / "record.json").read_bytes()
    signing = Host(environ={"HARNESS_RUNNER_KEY_FILE": str(key), "HARNESS_RUNNER": "agent-7"})
    made = statements_for(signing, world.root, plan, record, sealed, body)
    assert made is not None
    (world.run / FILE).write_bytes(made)
    kinds = [one.kind for one in verify(world.run / FILE, (RUNNER,), artifacts=(), builder="agent-7")]
    assert kinds[0] == "urn:x-harness:run:v1"
    assert set(kinds[1:]) == {"https://in-toto.io/attestation/test-result/v0.1"}
    assert statements_for(Host(environ={}), world.root, plan, record, sealed, body) is None


@pytest.mark.parametrize(
    ("keys", "artifact", "builder", "said"),
    [
        ((public_text(proof.FORGER),), None, "", "no signature on it is by a key"),
        ((RUNNER,), "0" * 64, "", "is not about"),
        ((RUNNER,), None, "agent-7", "not by agent-7"),
    ],
)
def test_what_is_not_as_expected_is_not_believed(world, key, keys, artifact, builder, said):
    file = attest_run(Host(), world.root, world.run, f"file:{key}")
    artifacts = (Subject(name="hub.tar", algorithm="sha256", digest=artifact),) if artifact else ()
    with pytest.raises(CouldNotTell, match=said):
        verify(file, keys, artifacts=artifacts, builder=builder)


def test_a_release_is_signed_with_the_gates_answer_and_its_artifacts(world, key, tmp_path):
    out = tmp_path / "answer.jsonl"
    assert attest_release(Host(), world.root, "1.0", "prod", out, f"file:{key}").decision is Decision.PASS
    summary, acceptance = verify(out, (RUNNER,), artifacts=(), builder="")
    assert summary.predicate["verificationResult"] == "PASSED"
    assert [one.name for one in summary.subjects] == ["hub.tar", "commit"]
    assert acceptance.kind == "urn:x-harness:acceptance:v1"


@pytest.mark.parametrize("outcome", ["FAILED", "BROKEN"])
def test_an_answer_that_is_not_pass_is_never_signed_as_passed(world, key, tmp_path, outcome):
    proof.again(world, {proof.A: [getattr(proof, outcome)]})
    out = tmp_path / "answer.jsonl"
    assert attest_release(Host(), world.root, "1.0", "prod", out, f"file:{key}").decision is not Decision.PASS
    assert verify(out, (RUNNER,), artifacts=(), builder="")[0].predicate["verificationResult"] == "FAILED"


def test_shards_that_nobody_signed_are_not_joined_where_keys_are_pinned(world):
    proof.elsewhere(world)
    shards = [
        proof.ran(world, note=False, key=key, plan_change=lambda plan, number=number: proof.shard_of(plan, number, 2))
        for number, key in ((1, proof.RUNNER), (2, None))
    ]
    with pytest.raises(CouldNotTell, match="it is not signed"):
        merge(Host(), world.root, tuple(shards))


def test_a_key_is_readable_by_its_owner_alone_and_never_written_over(key):
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with pytest.raises(AskedWrongly, match="there already"):
        new_key(key, b"x" * 32)


def test_a_key_that_others_can_read_is_refused(key):
    key.chmod(0o640)
    with pytest.raises(AskedWrongly, match="can be read by others"):
        read_key(f"file:{key}", {}, key.parent)


@pytest.mark.parametrize("value", ["", "hunter2hunter2", "ed25519-private:AAAA", RUNNER])
def test_what_is_no_key_is_refused_without_being_shown(value, tmp_path):
    with pytest.raises(AskedWrongly) as caught:
        read_key("env:K", {"K": value}, tmp_path)
    assert not value or value not in str(caught.value)


def test_no_key_is_no_key_and_a_bad_one_is_not_passed_over(tmp_path):
    assert runner_key({}, tmp_path) is None
    with pytest.raises(AskedWrongly):
        runner_key({"HARNESS_RUNNER_KEY_FILE": str(tmp_path / "gone")}, tmp_path)


def test_a_key_that_can_not_be_used_is_told_before_anything_is_started_or_written(world, tmp_path):
    bad = Host(environ={**Host().environ, "HARNESS_RUNNER_KEY": "no key"})
    before = sorted(world.path(".harness").rglob("*"))
    with pytest.raises(AskedWrongly, match="is no signing key"):
        start(bad, world.root, "test", narrator(io.StringIO(), interactive=False, quiet=True, color=False))
    with pytest.raises(AskedWrongly, match="is no signing key"):
        merge(bad, world.root, (world.run,))
    assert sorted(world.path(".harness").rglob("*")) == before


def test_the_verbs_say_what_they_did(world, key, monkeypatch, capsys):
    monkeypatch.chdir(world.root)
    assert main(["attest", world.run.name, "--key", f"file:{key}"]) == 0
    argv = ["verify", str(world.run / FILE), "--key", RUNNER, "--artifact", "hub.tar"]
    assert main(argv) == 0
    assert "all signed by a key that was named" in capsys.readouterr().out
    world.path("hub.tar").write_bytes(b"another build")
    assert main(argv) == 3
    assert main(["verify", str(world.run / FILE), "--json", "--key", RUNNER]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "harness/verified"


def test_nobody_named_is_asked_wrongly(world, key, monkeypatch, capsys):
    monkeypatch.chdir(world.root)
    main(["attest", world.run.name, "--key", f"file:{key}"])
    assert main(["verify", str(world.run / FILE)]) == 2
    assert "no key is named" in capsys.readouterr().err
