"""Whoever changes the portal's database past its guards is found out by the audit page's check, by name.

    python tests/proofs/database.py [--scaled] [--for SECONDS] [--fresh]

A portal is filled the way people would, and two people sign. Then copies of its SQLite file are changed: a column of a
row, a row taken out, the type of a stored value, an older file put back, bits of the file itself. Either the check
names it, or nothing that was signed, frozen, enrolled or granted reads differently.
Controls: the untouched file has no trouble; without a witness an older file is NOT noticed; `PRAGMA integrity_check`
alone misses what the check names.
"""

import argparse
import contextlib
import importlib
import json
import random
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
conftest = importlib.import_module("tests.portal.conftest")  # it sets the portal up, in a folder of its own

from django.db import Error, connection  # noqa: E402

from harness.portal.checking import check_log  # noqa: E402
from harness.portal.server import prepare  # noqa: E402
from tests.portal.portal import Portal  # noqa: E402

PLACE: Path = conftest._ROOT
FILE, COPY = PLACE / "data" / "portal.sqlite3", PLACE / "changed.sqlite3"
WITNESS = PLACE / "witness"
STATE = ROOT / ".harness" / "proof-database.json"
Change = Callable[[bytes, random.Random], tuple[bytes, str]]
# What a signature rests on. Other columns are for pages: how long somebody looked, what a session holds.
KEPT = {
    "portal_entry": ("index", "kind", "at_ms", "body", "leaf_sha256", "countersignature"),
    "portal_head": ("size", "frontier", "root_sha256", "checkpoint"),
    "portal_frozen": ("code", "manifest", "sha256", "number", "acts", "release", "nonce", "tier", "void_ms"),
    "portal_signed": ("package_id", "person_id", "role", "decision", "statement_sha256", "number", "taken_back"),
    "portal_latehand": ("package_id", "kind", "person", "about", "number"),
    "portal_met": ("signed_id", "criterion", "by_id", "number"),
    "portal_passkey": ("person_id", "credential", "public_key", "enrolled_by"),
    "portal_person": ("name", "title", "side"),
    "portal_grant": ("person_id", "role", "by", "approved_by", "since_ms", "until_ms"),
}


def filled() -> tuple[bytes, bytes]:
    """The database's bytes at the end, and as they were before the last things happened."""
    prepare()
    portal = Portal(PLACE)
    li, ana, code = portal.ready()
    li.accept(code, "order-desk")
    older = at_rest()
    portal.publish(acts=({"kind": "deployer", "person": "ops@example.org", "about": "told late"},))
    ana.accept(code, "finance")
    return at_rest(), older


def at_rest() -> bytes:
    """Everything written into the one file, nobody at it."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return FILE.read_bytes()


def looked_at(body: bytes) -> tuple[str, ...]:
    """What the check names in such a file."""
    COPY.write_bytes(body)
    for more in ("-wal", "-shm", "-journal"):
        COPY.with_name(COPY.name + more).unlink(missing_ok=True)
    connection.close()
    connection.settings_dict["NAME"] = COPY
    try:
        return check_log().troubles
    except (Error, ValueError, OverflowError, TypeError) as error:
        return (f"the database can't be read: {error}",)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = FILE


def read(body: bytes) -> object:
    """Everything that a signature rests on, with its stored types; None where it can't be read."""
    COPY.write_bytes(body)
    try:
        with contextlib.closing(sqlite3.connect(COPY)) as db:
            db.text_factory = bytes
            found = {}
            for table, columns in KEPT.items():
                wanted = ", ".join(f'"{one}", typeof("{one}")' for one in columns)
                found[table] = sorted(map(repr, db.execute(f"SELECT {wanted} FROM {table} NOT INDEXED")))
            return found
    except sqlite3.Error:
        return None


# --- the changes ----------------------------------------------------------------------------------------------------


def by_sql(body: bytes, rng: random.Random) -> tuple[bytes, str]:
    """A row changed or taken out by somebody who may write the file."""
    COPY.write_bytes(body)
    with contextlib.closing(sqlite3.connect(COPY)) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        filled_tables = [one for one in KEPT if db.execute(f"SELECT count(*) FROM {one}").fetchone()[0]]
        table = rng.choice(filled_tables)
        (row,) = db.execute(f"SELECT rowid FROM {table} ORDER BY random() LIMIT 1").fetchone()
        column = rng.choice(KEPT[table])
        match rng.randrange(4):
            case 0:
                db.execute(f"DELETE FROM {table} WHERE rowid = ?", (row,))
                how = "a row taken out"
            case 1:
                (kind,) = db.execute(f'SELECT typeof("{column}") FROM {table} WHERE rowid = ?', (row,)).fetchone()
                into = "BLOB" if kind == "text" else "TEXT"
                db.execute(f'UPDATE {table} SET "{column}" = CAST("{column}" AS {into}) WHERE rowid = ?', (row,))
                how = "a type changed"
            case _:
                db.execute(f'UPDATE OR IGNORE {table} SET "{column}" = {_other(rng)} WHERE rowid = ?', (row,))
                how = "a value changed"
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return COPY.read_bytes(), f"{how}: {table}.{column}"


def _other(rng: random.Random) -> str:
    return rng.choice(
        ["1", "0", "NULL", "'it'", "'business'", "'desk'", f"{rng.randrange(10**13)}", f"x'{rng.randbytes(8).hex()}'"]
    )


def by_bits(body: bytes, rng: random.Random) -> tuple[bytes, str]:
    """One bit of the file."""
    changed, bit = bytearray(body), rng.randrange(len(body) * 8)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed), "a bit flipped"


@dataclass
class Kind:
    """How far one kind of change is: tried, named, nothing said differently, and what nobody noticed.

    `content`: how often `PRAGMA integrity_check` alone was content with one that was named.
    """

    done: int = 0
    named: int = 0
    same: int = 0
    content: int = 0
    silent: dict[str, int] = field(default_factory=dict)


def tried(body: bytes, act: Change, kind: Kind, name: str, times: int, deadline: float) -> None:
    """Change a copy again and again, until so many were or the time is over."""
    before = read(body)
    while kind.done < times and time.monotonic() < deadline:
        changed, how = act(body, random.Random(f"{name} {kind.done}"))
        try:
            after = read(changed)
        except (ValueError, OverflowError):
            after = None
        kind.done += 1
        if after == before:
            kind.same += 1
        elif looked_at(changed):
            kind.named += 1
            kind.content += _integrity(changed)
        else:
            kind.silent[how] = kind.silent.get(how, 0) + 1


def _integrity(body: bytes) -> bool:
    COPY.write_bytes(body)
    try:
        with contextlib.closing(sqlite3.connect(COPY)) as db:
            return bool(db.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
    except (sqlite3.Error, ValueError):
        return False


KINDS: tuple[tuple[str, Change, int], ...] = (
    ("rows changed by SQL", by_sql, 1500),
    ("bits of the file flipped", by_bits, 2000),
)


def rows(kept: dict[str, Kind], deadline: float, *, scaled: bool) -> Iterator[tuple[str, int, str]]:
    """(what was tried, how often, why it is not good)."""
    body, older = filled()
    yield "control: nothing touched", 1, "; ".join(looked_at(body))
    yield "an older file put back", 1, "" if any("cut" in one for one in looked_at(older)) else "it was not named"
    outside = {one.name: one.read_bytes() for one in WITNESS.iterdir()}
    for one in WITNESS.iterdir():
        one.unlink()
    yield "control: an older file, no witness, not noticed", 1, "; ".join(looked_at(older))
    for name, bytes_ in outside.items():
        (WITNESS / name).write_bytes(bytes_)
    for name, act, times in KINDS:
        wanted = times // 25 if scaled else times
        kind = kept.setdefault(name, Kind())
        tried(body, act, kind, name, wanted, deadline)
        silent = ", ".join(f"{how} ({count})" for how, count in sorted(kind.silent.items()))
        why = f"silent: {silent}" if silent else "" if kind.done >= wanted else f"{wanted - kind.done} left"
        yield f"{name}: {kind.named} named, {kind.same} change nothing signed", kind.done, why
    content = sum(one.content for one in kept.values())
    yield f"control: integrity_check was content with {content} of those", 1, "" if content else "it missed none"


def main() -> int:
    """Print each kind and `N passed, M failed`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--fresh", action="store_true", help="from the beginning")
    parser.add_argument("--for", dest="seconds", type=float, default=float("inf"), help="the next start goes on")
    args = parser.parse_args()
    kept = {} if args.scaled or args.fresh or not STATE.exists() else json.loads(STATE.read_text())
    kinds = {name: Kind(**one) for name, one in kept.items()}
    passed = failed = tried_ = 0
    try:
        for name, times, why in rows(kinds, time.monotonic() + args.seconds, scaled=args.scaled):
            tried_ += times
            passed, failed = passed + (not why), failed + bool(why)
            print(f"{'ok ' if not why else 'NOT'} {name:<72} {times:>6}   {why}", flush=True)
    finally:
        connection.close()
        shutil.rmtree(PLACE, ignore_errors=True)
        if not args.scaled:
            STATE.parent.mkdir(exist_ok=True)
            STATE.write_text(json.dumps({name: vars(one) for name, one in kinds.items()}))
    print(f"N = {tried_} changes")
    print(f"{passed} passed, {failed} failed")
    return int(failed > 0 or not tried_)


if __name__ == "__main__":
    sys.exit(main())
