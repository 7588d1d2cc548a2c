"""Folders lent to servers, and what a killed one leaves: gone with the folder, and nothing of anybody else's."""

import mmap
import os
import stat
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from harness.adapters.services import lent as lent_folder
from harness.adapters.services.lent import clear, lend, lent_root, put

SHARED = Path("/dev/shm")
SLEEPS = "import os, sys, time; os.chdir(sys.argv[1]); print('there', flush=True); time.sleep(600)"


@pytest.fixture
def memory():
    """Shared memory as PostgreSQL names it."""
    path = SHARED / f"PostgreSQL.{uuid.uuid4().int % 10**9}"
    path.write_bytes(bytes(4096))
    yield path
    path.unlink(missing_ok=True)


@pytest.fixture
def scratch(tmp_path):
    path = tmp_path / "drafts" / "run-1"
    path.mkdir(parents=True)
    return path


def test_a_lent_folder_is_closed_to_others_and_no_draft_is_opened_for_it(scratch):
    scratch.chmod(0o700)
    lent = lend(scratch, "db", ("nobody",))
    assert stat.S_IMODE(lent.path.stat().st_mode) == 0o700
    assert stat.S_IMODE(scratch.stat().st_mode) == 0o700
    secret = put(lent, "password", "s3cr3t\n")
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    if lent.user is not None:
        assert (lent.path.stat().st_uid, secret.stat().st_uid) == (lent.user[0], lent.user[0])
        assert lent.path.is_relative_to(lent_root(scratch.parent))
        assert not lent.path.is_relative_to(scratch)


def test_who_works_in_a_folder_is_ended_with_it_and_nobody_else(tmp_path):
    inside, outside = tmp_path / "run" / "data", tmp_path / "other"
    inside.mkdir(parents=True)
    outside.mkdir()
    sleepers = [
        subprocess.Popen([sys.executable, "-c", SLEEPS, str(path)], stdout=subprocess.PIPE)
        for path in (inside, outside)
    ]
    try:
        assert [sleeper.stdout.readline() for sleeper in sleepers] == [b"there\n"] * 2
        assert clear(tmp_path / "run") == 1
        assert sleepers[0].wait(10) == -9
        assert sleepers[1].poll() is None
        assert not inside.exists()
        assert outside.exists()
    finally:
        for sleeper in sleepers:
            sleeper.kill()
            sleeper.communicate()


HOLDS = """
import mmap, os, sys, time
os.chdir(sys.argv[1])
with open(sys.argv[2], "r+b") as file, mmap.mmap(file.fileno(), 0):
    print("there", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def only_ours(memory, monkeypatch):
    """No other server of this machine is looked at but those of the test."""
    look = lent_folder._holders
    monkeypatch.setattr(lent_folder, "_holders", lambda: [one for one in look() if str(memory).encode() in one[1]])


def test_memory_that_nobody_has_open_goes_with_the_folder(tmp_path, memory, only_ours):
    (tmp_path / "run" / "db").mkdir(parents=True)
    clear(tmp_path / "run")
    assert not memory.exists()


@pytest.mark.parametrize(("place", "stays"), [("lent/other", False), ("elsewhere", True)])
def test_memory_goes_also_while_another_server_of_ours_is_made_and_stays_beside_a_strangers(
    tmp_path, memory, only_ours, place, stays
):
    left = memory.with_name(f"{memory.name}0")  # the name of the other one is in it: both are looked at
    working = tmp_path / place
    working.mkdir(parents=True)
    other = subprocess.Popen([sys.executable, "-c", HOLDS, str(working), str(memory)], stdout=subprocess.PIPE)
    try:
        assert other.stdout.readline() == b"there\n"
        (tmp_path / "lent" / "run" / "db").mkdir(parents=True)
        left.write_bytes(bytes(4096))
        clear(tmp_path / "lent" / "run")
        assert memory.exists()
        assert left.exists() is stays
    finally:
        other.kill()
        other.communicate()
        left.unlink(missing_ok=True)


def test_memory_that_somebody_has_open_stays(tmp_path, memory):
    (tmp_path / "run" / "db").mkdir(parents=True)
    with memory.open("r+b") as file, mmap.mmap(file.fileno(), 0):
        clear(tmp_path / "run")
    assert memory.exists()


def test_memory_older_than_the_folder_stays(tmp_path, memory):
    long_ago = time.time() - 3600
    os.utime(memory, (long_ago, long_ago))
    (tmp_path / "run" / "db").mkdir(parents=True)
    clear(tmp_path / "run")
    assert memory.exists()


def test_nothing_is_cleared_where_there_is_no_folder(tmp_path):
    assert clear(tmp_path / "none") == 0
