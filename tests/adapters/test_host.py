"""The host: what engines may know of the machine, and a private place for their drafts."""

import os
import re
import socket
import stat
import tempfile

import pytest

from harness.adapters import host as module
from harness.adapters.host import Host


@pytest.fixture
def bases(tmp_path, monkeypatch):
    """A machine whose shared memory and temporary folder are two folders of this test."""
    shared, temporary = tmp_path / "shm", tmp_path / "tmp"
    shared.mkdir()
    temporary.mkdir()
    monkeypatch.setattr(module, "_SHARED", shared)
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(module, "_ROOM_BYTES", 0)
    return shared, temporary


NAME = f"harness-{os.getuid()}"


def test_a_run_id_sorts_by_time_and_two_are_hardly_ever_the_same():
    ids = [Host().new_run_id() for _ in range(50)]
    assert all(re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{4}", one) for one in ids)
    assert len(set(ids)) > 40
    assert [one[:16] for one in ids] == sorted(one[:16] for one in ids)


def test_a_free_port_can_be_listened_on_and_is_seen_in_use():
    host = Host()
    port = host.free_port()
    assert not host.port_in_use("127.0.0.1", port)
    with socket.create_server(("127.0.0.1", port)):
        assert host.port_in_use("127.0.0.1", port)


def test_seeds_and_keys_are_new_each_time():
    host = Host()
    assert len({host.new_seed() for _ in range(20)}) > 15
    assert all(0 <= host.new_seed() < 2**31 for _ in range(20))
    assert len({host.new_key() for _ in range(5)}) == 5
    assert len(host.new_key()) == 32


def test_the_environment_is_as_it_was_when_we_began(monkeypatch):
    host = Host()
    monkeypatch.setenv("HARNESS_POLICY_CONFIRM", "later")
    assert host.environ.get("HARNESS_POLICY_CONFIRM") != "later"


def test_drafts_lie_in_memory_and_for_nobody_else(bases):
    shared, _ = bases
    folder = Host().scratch_root()
    assert folder == shared / NAME
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert Host().scratch_root() == folder


def test_a_folder_that_was_open_to_others_is_closed(bases):
    shared, _ = bases
    (shared / NAME).mkdir(mode=0o777)
    (shared / NAME).chmod(0o777)
    assert stat.S_IMODE(Host().scratch_root().stat().st_mode) == 0o700


def test_without_room_in_memory_they_lie_on_disk(bases, monkeypatch):
    _, temporary = bases
    monkeypatch.setattr(module, "_ROOM_BYTES", 2**62)
    assert Host().scratch_root() == temporary / NAME


def test_a_draft_in_memory_is_still_looked_for_when_memory_has_no_room_left(bases, monkeypatch):
    """A killed run may be what took the room: the next start must find its draft."""
    shared, temporary = bases
    Host().scratch_root()
    monkeypatch.setattr(module, "_ROOM_BYTES", 2**62)
    Host().scratch_root()
    assert Host().scratch_roots() == (shared / NAME, temporary / NAME)


@pytest.mark.parametrize("trap", ["link", "file", "dangling link"])
def test_a_name_that_somebody_else_took_is_not_used(bases, tmp_path, trap):
    shared, temporary = bases
    victim = tmp_path / "victim"
    if trap == "file":
        (shared / NAME).write_text("x")
    else:
        (shared / NAME).symlink_to(victim)
    if trap == "link":
        victim.mkdir(mode=0o755)
    assert Host().scratch_root() == temporary / NAME
    assert shared / NAME not in Host().scratch_roots()
    if trap == "link":
        assert stat.S_IMODE(victim.stat().st_mode) == 0o755
