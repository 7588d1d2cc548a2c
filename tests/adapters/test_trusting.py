"""`harness portal trust`: the gate's policy names this portal's key, or stays as it is to the last byte."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

KEY = "ed25519:" + base64.b64encode(b"k" * 32).decode()
POLICY = '[to.prod]  # the last\nneeds.test = { suites = ["uat"], max-age = "1 d" }\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "test.toml").write_text("order = 1\n")
    policy(tmp_path).write_text(POLICY)
    policy(tmp_path).chmod(0o640)
    return tmp_path


def policy(root: Path) -> Path:
    return root / "environments" / "gate.toml"


def trust(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "harness", "portal", "trust", *words]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HARNESS_")}
    return subprocess.run(command, cwd=root, env=kept, capture_output=True, text=True, timeout=60, check=False)


def test_the_key_of_the_portal_whose_folder_is_here_is_put_into_the_policy(workspace: Path) -> None:
    told = trust(workspace)
    assert told.returncode == 0, told.stderr
    shown = subprocess.run(
        [sys.executable, "-m", "harness.portal", "key"], cwd=workspace, capture_output=True, text=True, timeout=60
    ).stdout.strip()
    assert f'portal = ["{shown}"]' in policy(workspace).read_text()
    assert POLICY in policy(workspace).read_text()
    assert policy(workspace).stat().st_mode & 0o777 == 0o640
    assert "harness release add R --again" in told.stdout
    again = trust(workspace)
    assert "as it was" in again.stdout and "--again" not in again.stdout


def test_another_portal_is_named_by_its_key_and_needs_none_here(workspace: Path) -> None:
    assert trust(workspace, "--key", KEY).returncode == 0
    assert f'portal = ["{KEY}"]' in policy(workspace).read_text()
    assert not (workspace / ".harness").exists()


@pytest.mark.parametrize("wrong", ["[to.prod]\n", f"{POLICY}unheard = 1\n", "[trust\n"])
def test_a_policy_that_is_wrong_is_left_as_it_is(workspace: Path, wrong: str) -> None:
    policy(workspace).write_text(wrong)
    assert trust(workspace, "--key", KEY).returncode == 2
    assert policy(workspace).read_text() == wrong


def test_where_there_is_no_policy_none_is_made(workspace: Path) -> None:
    policy(workspace).unlink()
    assert trust(workspace, "--key", KEY).returncode == 2
    assert not policy(workspace).exists()
