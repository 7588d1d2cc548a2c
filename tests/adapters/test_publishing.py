"""harness publish: whole, once, resumable, and never with a token in the clear."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.adapters.authors import commit_authors, script_authors
from harness.adapters.portal import portal_at
from harness.cli import main
from harness.errors import AskedWrongly
from tests.adapters.portals import TOKEN, portal

_SPEC = importlib.util.spec_from_file_location("proof_gate", Path(__file__).parents[1] / "proofs" / "gate.py")
proof = sys.modules.get("proof_gate") or importlib.util.module_from_spec(_SPEC)
if "proof_gate" not in sys.modules:
    sys.modules["proof_gate"] = proof
    _SPEC.loader.exec_module(proof)


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = proof.built(tmp_path)
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("HARNESS_PORTAL_TOKEN", TOKEN)
    return made


def published(url: str, *more: str) -> int:
    return main(["publish", "--portal", url, "--project", "hub", *more])


def test_a_run_is_brought_whole_and_a_second_time_changes_nothing(world, capsys):
    with portal() as (url, kept):
        assert published(url) == 0
        (sent,) = kept.runs.values()
        assert sent["record"] == (world.run / "record.json").read_text()
        assert sent["plan"] == (world.run / "plan.json").read_text()
        assert json.loads(sent["declared"])["name"] == "1.0" and len(sent["policy_sha256"]) == 64
        assert set(kept.files) == {one.name for one in (world.run / "evidence").iterdir()} and kept.files
        before = list(kept.puts)
        assert published(url) == 0
        assert (len(kept.runs), kept.puts) == (1, before)
    assert "was there already   0 files" in capsys.readouterr().out


def test_a_broken_line_costs_only_the_rest(world):
    with portal() as (url, kept):
        kept.fail_after = 0
        assert published(url) == 3
        kept.fail_after = 10**9
        assert published(url) == 0
        assert len(kept.puts) == len(set(kept.puts)) == len(kept.files)


def test_evidence_that_was_changed_since_is_not_brought(world, capsys):
    file = next((world.run / "evidence").iterdir())
    file.write_bytes(file.read_bytes() + b"x")
    with portal() as (url, kept):
        assert published(url) == 3
        assert kept.files == {}
    assert "was changed since the run" in capsys.readouterr().err


def test_a_run_of_no_declared_release_is_not_brought(world, capsys):
    run = proof.ran(world, release=None)
    with portal() as (url, kept):
        assert main(["publish", run.name, "--portal", url, "--project", "hub"]) == 2
        assert kept.asked == []
    assert "names no declared release" in capsys.readouterr().err


def test_a_wrong_token_is_said_and_none_is_asked_for(world, monkeypatch, capsys):
    with portal() as (url, _):
        monkeypatch.setenv("HARNESS_PORTAL_TOKEN", "hpt_wrong")
        assert published(url) == 2
        assert "a token is needed" in capsys.readouterr().err
        monkeypatch.delenv("HARNESS_PORTAL_TOKEN")
        assert published(url) == 2
    assert "HARNESS_PORTAL_TOKEN" in capsys.readouterr().err


def test_a_token_file_that_others_may_read_is_refused(world, tmp_path):
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    with portal() as (url, kept):
        file.chmod(0o644)
        assert published(url, "--token-file", str(file)) == 2
        assert kept.asked == []
        file.chmod(0o600)
        assert published(url, "--token-file", str(file)) == 0


def test_the_token_does_not_follow_a_redirect(world):
    with portal() as (url, kept):
        kept.moved = True
        assert published(url) == 3
        assert len(kept.asked) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://portal.example",
        "http://localhost.evil.example",
        "ftp://localhost",
        "https://me:pw@portal.example",
        "https://portal.example/page",
        "https://portal.example?x",
        "http://[::1",
        "",
    ],
)
def test_a_token_never_travels_in_the_clear(url):
    with pytest.raises(AskedWrongly):
        portal_at(url, TOKEN)


@pytest.mark.parametrize(
    "url", ["https://portal.example", "https://portal.example/", "http://localhost:8000", "http://[::1]:8000"]
)
def test_such_addresses_are_a_portals(url):
    assert portal_at(url, TOKEN).url == url.rstrip("/")


def test_authors_are_those_of_the_repository_and_unknown_where_there_is_none(tmp_path):
    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True, capture_output=True)

    def commit(mail: str, file: str) -> None:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(mail)
        git("add", file)
        git("-c", f"user.email={mail}", "-c", "user.name=x", "commit", "-qm", "x")

    assert commit_authors(tmp_path, "") is None
    git("init", "-q")
    commit("Dev@example.org", "app.py")
    commit("qa@example.org", "uat/test.py")
    assert commit_authors(tmp_path, "") == ("dev@example.org", "qa@example.org")
    assert script_authors(tmp_path, "", "uat") == ("qa@example.org",)
    assert commit_authors(tmp_path, "--output=/tmp/x") is None


def test_the_newest_run_of_a_tier_is_brought_and_where_there_is_none_that_is_said(world, capsys):
    tier = json.loads((world.run / "plan.json").read_bytes())["tier"]
    with portal() as (url, kept):
        assert published(url, "--tier", tier) == 0
        assert list(kept.runs) and world.run.name in capsys.readouterr().out
        assert published(url, "--tier", "nowhere") == 2
        assert published(url, world.run.name, "--tier", tier) == 2
