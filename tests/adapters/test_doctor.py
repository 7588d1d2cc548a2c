"""The doctor: what is missing is said with the way to it, and looking changes nothing."""

from pathlib import Path

import pytest

from harness.actions.doctor import Means, State, as_document, examine, fix, ready
from harness.adapters.host import Host
from harness.errors import AskedWrongly, CouldNotTell


@pytest.fixture
def bare(tmp_path: Path) -> Host:
    """A machine with no program at all and an empty home."""
    (tmp_path / "bin").mkdir()
    nothing = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}
    return Host(environ={"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home"), **nothing})


def by_name(host: Host, where: Path | None = None) -> dict[str, Means]:
    return {means.name: means for means in examine(host, where)}


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_every_means_says_who_needs_it_and_how_to_get_it(bare: Host, tmp_path: Path) -> None:
    means = by_name(bare, tmp_path)
    assert {"python", "engines", "browser", "chinese-font", "node", "report", "npm", "git"} <= set(means)
    assert {"docker", "postgresql", "rabbitmq", "disk", "tmpfs"} <= set(means)
    assert all(one.needed_by and one.remedy for one in means.values())


def test_a_bare_machine_lacks_a_browser_and_is_not_ready(bare: Host, tmp_path: Path) -> None:
    means = by_name(bare, tmp_path)
    for name in ("browser", "chinese-font", "report", "npm", "git", "docker"):
        assert means[name].state is State.MISSING, name
    assert means["python"].state is State.OK
    assert not ready(tuple(means.values()))


def test_looking_changes_nothing(bare: Host, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    examine(bare, tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_client_without_an_engine_is_not_docker(bare: Host, tmp_path: Path) -> None:
    program(tmp_path / "bin" / "docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1")
    assert by_name(bare)["docker"].state is State.BROKEN
    program(tmp_path / "bin" / "docker", "echo 28.2.2")
    assert by_name(bare)["docker"].found == f"engine 28.2.2 at {tmp_path / 'bin' / 'docker'}"


def test_a_browser_that_draws_nothing_is_broken_not_there(bare: Host, tmp_path: Path) -> None:
    program(tmp_path / "bin" / "chromium", 'test "$1" = --version && echo Chromium 1; exit 0')
    means = by_name(bare)
    assert means["browser"].state is State.BROKEN
    assert "drew no page" in means["browser"].found


def test_a_setting_that_names_no_browser_is_told_not_raised(bare: Host) -> None:
    means = by_name(Host(environ={**bare.environ, "HARNESS_BROWSER": "/nowhere"}))
    assert means["browser"].state is State.BROKEN
    assert "HARNESS_BROWSER" in means["browser"].found


def test_a_disk_without_room_is_told(bare: Host) -> None:
    means = by_name(bare, Path("/proc"))  # a file system that never has room
    assert means["disk"].state is State.MISSING
    assert not ready(tuple(means.values()))


def test_what_cannot_be_got_ends_with_what_to_type(bare: Host) -> None:
    with pytest.raises(CouldNotTell) as caught:
        list(fix("report", bare))
    assert "registry" in (caught.value.problems[0].hint or "")


def test_only_what_can_be_got_can_be_asked_for(bare: Host) -> None:
    with pytest.raises(AskedWrongly, match="cannot be got"):
        list(fix("disk", bare))


def test_the_document_names_its_kind_and_version(bare: Host, tmp_path: Path) -> None:
    document = as_document(examine(bare, tmp_path))
    assert (document["kind"], document["version"], document["ready"]) == ("harness/doctor", 1, False)
