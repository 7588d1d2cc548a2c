"""A copy made while people sign is a portal again, with the very log; what was cut, changed or newer is refused."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.live.portal.people import Office, open_office
from tests.live.portal.serving import Serving, served

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
TRIES = 5


def portal_verb(data: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "harness.portal", *words]
    environ = {**os.environ, "HARNESS_PORTAL_DATA": str(data)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)


def place_for(portal: Serving, data: Path) -> Path:
    """A clean data folder with the portal's own key in it."""
    data.mkdir(mode=0o700)
    for name in ("portal.key", "secret.key"):
        shutil.copy(portal.data / name, data / name)
    return data


def head_of(database: Path) -> tuple[int, str]:
    with closing(sqlite3.connect(database)) as opened:
        size, root = opened.execute("SELECT size, root_sha256 FROM portal_head").fetchone()
    return int(size), str(root)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with served(tmp_path_factory.mktemp("portal")) as made:
        yield open_office(made)


def test_a_copy_made_while_people_sign_becomes_a_portal_with_the_same_log(office: Office, tmp_path: Path) -> None:
    portal = office.portal
    signer = office.signer("li", "order-desk")
    codes = [office.package(("order-desk",), number) for number in range(3)]
    over, failed = threading.Event(), []

    def sign_all() -> None:
        for code in codes:
            failed.append(signer.accept(code, "order-desk").status_code != 200)
        over.set()

    people = threading.Thread(target=sign_all)
    people.start()
    copies = []
    while not over.is_set() or not copies:
        copies.append(tmp_path / f"copy-{len(copies)}.zip")
        made = portal_verb(portal.data, "backup", str(copies[-1]))
        assert made.returncode == 0, made.stderr
    people.join()
    assert not any(failed)
    assert not list(portal.data.glob(".*")), "nothing is left beside it"
    for number, copy in enumerate(copies[-2:]):
        place = place_for(portal, tmp_path / f"restored-{number}")
        told = portal_verb(place, "restore", str(copy))
        assert told.returncode == 0, told.stderr
        size, root = head_of(place / "portal.sqlite3")
        assert told.stdout == f"log of {size} entries, root {root}\n"
        assert portal_verb(place, "restore", str(copy)).returncode == 2, "never over a portal that is there"
    secrets = [(portal.data / name).read_bytes() for name in ("portal.key", "secret.key")]
    with zipfile.ZipFile(copies[-1]) as archive:
        bodies = [archive.read(name) for name in archive.namelist()]
    assert len(bodies) > 1
    assert not any(one in body for one in secrets for body in bodies), "its keys are not in it"
    with closing(sqlite3.connect(place / "portal.sqlite3")) as opened:
        note = opened.execute("SELECT checkpoint FROM portal_head").fetchone()[0]
    assert note in (portal.witness / "checkpoints.txt").read_text(), "the log that the witness has seen"


def test_a_copy_that_was_cut_changed_or_is_of_another_portal_is_no_portal(office: Office, tmp_path: Path) -> None:
    portal = office.portal
    office.package(("order-desk",), 9)
    copy = tmp_path / "copy.zip"
    assert portal_verb(portal.data, "backup", str(copy)).returncode == 0
    with zipfile.ZipFile(copy) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    database = tmp_path / "changed.sqlite3"
    database.write_bytes(members["portal.sqlite3"])
    with closing(sqlite3.connect(database)) as opened:
        for (trigger,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            opened.execute(f"DROP TRIGGER {trigger}")
        opened.execute("UPDATE portal_entry SET body = replace(body, 'order', 'other') WHERE \"index\" = 4")
        opened.commit()
    evidence = next(name for name in members if name.startswith("evidence/"))
    wrong = {
        "changed": members | {"portal.sqlite3": database.read_bytes()},
        "another file": members | {evidence: b"another"},
        "a file less": {name: body for name, body in members.items() if name != evidence},
        "no database": {evidence: members[evidence]},
    }
    for name, content in wrong.items():
        place, file = place_for(portal, tmp_path / f"place {name}"), tmp_path / f"{name}.zip"
        with zipfile.ZipFile(file, "w") as archive:
            for member, body in content.items():
                archive.writestr(member, body)
        assert portal_verb(place, "restore", str(file)).returncode == 3, name
        assert not (place / "portal.sqlite3").exists(), name
    cut = tmp_path / "cut.zip"
    cut.write_bytes(copy.read_bytes()[:-200])
    place = place_for(portal, tmp_path / "place cut")
    assert portal_verb(place, "restore", str(cut)).returncode == 3
    other = tmp_path / "other"
    assert portal_verb(other, "key").returncode == 0
    assert portal_verb(other, "restore", str(copy)).returncode == 3, "another portal's key proves nothing"
    assert portal_verb(place, "restore", str(copy)).returncode == 0, "the control: as it was made it is one"


def test_killed_in_the_middle_there_is_the_old_copy_or_the_new_one(office: Office, tmp_path: Path) -> None:
    portal = office.portal
    copy, killed = tmp_path / "copy.zip", 0
    assert portal_verb(portal.data, "backup", str(copy)).returncode == 0
    command = [sys.executable, "-m", "harness.portal", "backup", str(copy)]
    for number in range(TRIES):
        process = subprocess.Popen(
            command,
            env={**os.environ, "HARNESS_PORTAL_DATA": str(portal.data)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while process.poll() is None and not list(portal.data.glob(".copy.*")):
            time.sleep(0.001)
        time.sleep(0.01 * number)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() != 0
        place = place_for(portal, tmp_path / f"place-{number}")
        assert portal_verb(place, "restore", str(copy)).returncode == 0
    assert killed, "some were killed before they were done"
    assert portal_verb(portal.data, "backup", str(copy)).returncode == 0
    assert not list(portal.data.glob(".copy.*")), "what they left is gone with the next one"


def test_an_older_portal_leaves_the_database_of_a_newer_one_alone(office: Office) -> None:
    portal = office.portal
    portal.stop()
    database = portal.data / "portal.sqlite3"
    with closing(sqlite3.connect(database)) as opened:
        opened.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('portal', '9999_later', '2030-01-01')"
        )
        opened.commit()
    before = database.read_bytes()
    told = portal_verb(portal.data, "start", "--port", str(portal.port))
    assert told.returncode == 2
    assert "newer portal" in told.stderr and "9999_later" in told.stderr
    assert database.read_bytes() == before
