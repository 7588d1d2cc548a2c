"""What becomes a portal from a copy: nothing that its log does not bear out, and nothing that lost a guard."""

import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace

import pytest
from django.db.migrations.executor import MigrationExecutor

from harness.errors import AskedWrongly, CouldNotTell
from harness.portal import backing_up, evidence_store
from harness.portal.copies import standing_in
from harness.portal.models import Person

DATABASE = "portal.sqlite3"
MADE = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
ROWS = {
    "a role that nobody gave": "INSERT INTO portal_grant (person_id, role, by, approved_by, since_ms, asked_ms) "
    "SELECT id, 'finance', 'a', 'b', 1, 1 FROM portal_person WHERE email = 'li@example.org'",
    "a business person who was of IT": "UPDATE portal_person SET side = 'it' WHERE email = 'ana@example.org'",
    "a signature taken out": "DELETE FROM portal_signed",
    "a package's other release": "UPDATE portal_frozen SET release = '9.9'",
}


@pytest.fixture
def copy(portal, tmp_path):
    """A copy of a portal where one person signed, and where its log ends."""
    li, _, code = portal.ready()
    li.accept(code, "order-desk")
    told = backing_up.back_up(tmp_path / "copy.zip")
    return tmp_path / "copy.zip", told


@pytest.fixture
def place(copy, tmp_path, monkeypatch):
    """From here on the portal's data folder is another, with nothing in it; its key is the same."""
    data = tmp_path / "place"
    data.mkdir()
    for module in (backing_up, evidence_store):
        monkeypatch.setattr(module, "PORTAL", replace(backing_up.PORTAL, data=data))
    return data


def altered(source, *words, unguarded=()):
    """The same copy, its database changed by somebody who may do anything with it; guards but these are put back."""
    target, database = source.with_name("altered.zip"), source.with_name("altered.sqlite3")
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    database.write_bytes(members[DATABASE])
    with closing(sqlite3.connect(database)) as one:
        guards = dict(one.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())
        for each in (*(f"DROP TRIGGER {name}" for name in guards), *words):
            one.execute(each)
        for name in set(guards) - set(unguarded if unguarded != "all" else guards):
            one.execute(guards[name])
        one.commit()
    with zipfile.ZipFile(target, "w") as archive:
        for name, body in (members | {DATABASE: database.read_bytes()}).items():
            archive.writestr(name, body)
    return target


def asked(database, words):
    with closing(sqlite3.connect(database)) as one:
        return one.execute(words).fetchall()


def refused(source, place, why):
    with pytest.raises(CouldNotTell, match=why):
        backing_up.restore(source)
    assert [one.name for one in place.iterdir() if one.name != "evidence"] == []


def test_a_copy_becomes_the_portal_that_it_was_with_every_guard_and_nothing_beside_it(copy, place):
    source, told = copy
    assert backing_up.restore(altered(source)) == told, "the control of what is altered: taken apart and put together"
    assert sorted(one.name for one in place.iterdir()) == ["evidence", DATABASE]
    made = [row for row in asked(place / DATABASE, MADE) if row[0] == "trigger"]
    assert len(made) > 10
    with pytest.raises(sqlite3.IntegrityError, match="only added"):
        asked(place / DATABASE, "DELETE FROM portal_entry")
    assert Person.objects.filter(email="li@example.org").exists(), "and the portal of this process is its own again"


@pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
def test_what_an_earlier_database_left_is_not_written_into_the_restored_one(copy, place, end):
    (place / (DATABASE + end)).write_bytes(b"of another database")
    with pytest.raises(AskedWrongly, match=end):
        backing_up.restore(copy[0])
    assert not (place / DATABASE).exists()


@pytest.mark.parametrize("gone", ["all", ("portal_entry_kept",), ("portal_signed_as_it_was",)])
def test_a_copy_that_lost_its_guards_is_no_portal(copy, place, gone):
    refused(altered(copy[0], unguarded=gone), place, "guards")


@pytest.mark.parametrize(
    "words",
    [
        "CREATE TRIGGER mine AFTER INSERT ON portal_person BEGIN DELETE FROM portal_session; END",
        "CREATE VIEW mine AS SELECT * FROM portal_person",
        "DROP INDEX frozen_due",
    ],
)
def test_a_copy_with_other_tables_or_guards_than_a_portal_makes_is_none(copy, place, words):
    refused(altered(copy[0], words), place, "not those that a portal makes: ")


def test_an_empty_log_proves_nothing(copy, place):
    empty = altered(copy[0], "DELETE FROM portal_entry", "DELETE FROM portal_head")
    refused(empty, place, "log is empty")


@pytest.mark.parametrize("words", ROWS.values(), ids=ROWS)
def test_a_row_that_the_log_does_not_bear_out_is_refused(copy, place, words):
    refused(altered(copy[0], words), place, "not as its log says")


def test_a_copy_of_a_newer_portal_is_refused(copy, place):
    newer = "INSERT INTO django_migrations (app, name, applied) VALUES ('portal', '9999_later', '2030-01-01')"
    refused(altered(copy[0], newer), place, "newer portal")


def as_of(step, source):
    """The same portal as it was when it had gone these steps only."""
    older, target = source.with_name("older.sqlite3"), source.with_name("older.zip")
    with standing_in(older) as database:
        MigrationExecutor(database).migrate([("portal", step)])
    with zipfile.ZipFile(altered(source)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with closing(sqlite3.connect(older)) as one:
        one.execute("ATTACH ? AS newer", [str(source.with_name("altered.sqlite3"))])
        tables = one.execute("SELECT name FROM main.sqlite_master WHERE type = 'table' AND name LIKE 'portal_%'")
        for (table,) in tables.fetchall():
            columns = ", ".join(f'"{row[1]}"' for row in one.execute(f"PRAGMA main.table_info({table})"))
            one.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}")
        one.commit()
        one.execute("PRAGMA journal_mode = DELETE")
    with zipfile.ZipFile(target, "w") as archive:
        for name, body in (members | {DATABASE: older.read_bytes()}).items():
            archive.writestr(name, body)
    return target


def test_a_copy_of_an_older_portal_is_brought_to_this_version(copy, place):
    source = as_of("0005_lists", copy[0])
    assert ("frozen_open",) not in asked(source.with_suffix(".sqlite3"), "SELECT name FROM sqlite_master")
    assert backing_up.restore(source) == copy[1]
    assert ("frozen_open",) in asked(place / DATABASE, "SELECT name FROM sqlite_master")
