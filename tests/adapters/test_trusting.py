"""`harness portal trust`: the gate's policy names this portal's key, or stays as it is to the last byte."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

KEY, OTHER = ("ed25519:" + base64.b64encode(one * 32).decode() for one in (b"k", b"o"))
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


def ran(root: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HARNESS_")}
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, cwd=root, env=kept | more, capture_output=True, text=True, timeout=60, check=False)


def trust(root: Path, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return ran(root, "harness", "portal", "trust", *words, **more)


def portal(root: Path) -> str:
    """A portal with one account, in the workspace's own folder; gives its key."""
    person = ("--email", "ada@example.org", "--name", "Ada Lee", "--title", "Head", "--side", "qa", "--role", "qa")
    assert ran(root, "harness.portal", "user", "add", *person).returncode == 0
    return ran(root, "harness.portal", "key").stdout.strip()


def test_the_key_of_the_portal_whose_folder_is_here_is_put_into_the_policy(workspace: Path) -> None:
    shown = portal(workspace)
    told = trust(workspace)
    assert told.returncode == 0, told.stderr
    assert f"  {shown}   added\n" in told.stdout
    assert f'portal = ["{shown}"]' in policy(workspace).read_text()
    assert POLICY in policy(workspace).read_text()
    assert policy(workspace).stat().st_mode & 0o777 == 0o640
    assert "harness release add R --again" in told.stdout
    again = trust(workspace)
    assert "as it was" in again.stdout and "--again" not in again.stdout and "added" not in again.stdout


def test_of_several_portals_the_one_that_came_is_named(workspace: Path) -> None:
    assert trust(workspace, "--key", OTHER).returncode == 0
    told = trust(workspace, "--key", KEY).stdout
    assert f"  {OTHER}\n" in told and f"  {KEY}   added\n" in told


def test_a_folder_where_no_portal_is_gets_none_and_nothing_is_trusted(workspace: Path) -> None:
    portal(workspace)
    told = trust(workspace, HARNESS_PORTAL_DATA=str(workspace / "wrong"))
    assert told.returncode != 0 and "no portal was ever started in" in told.stderr
    assert not (workspace / "wrong").exists() and policy(workspace).read_text() == POLICY
    assert ran(workspace, "harness.portal", "key", HARNESS_PORTAL_DATA=str(workspace / "new")).returncode == 0
    told = trust(workspace, HARNESS_PORTAL_DATA=str(workspace / "new"))
    assert told.returncode != 0 and policy(workspace).read_text() == POLICY, "a key alone is no portal"


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
