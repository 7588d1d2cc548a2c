"""A portal that is killed, and one that many sign in at once, loses nothing that it acknowledged; on both databases.

    python tests/proofs/portal.py [--scaled] [--for SECONDS] [--fresh]

Killed: the server's whole process group gets SIGKILL at a random moment of each of 200 signings and is started again;
another process reads the log. Acknowledged and lost must be 0, a signature is in log and rows or in neither, the
person's page says what the log says, and the whole log must hold against the witness's copy each time.
Synced: of 100 signatures the write-ahead log is on the disk before the answer goes out, by the server's own calls.
At once: 2 and 50 people for one place, and 50 for 50 places, again and again: one winner for each place, the others are
told who, and the log does not fork.
Controls: a server that acknowledges before it commits must lose one, one that does not sync must be seen; without the
lock somebody must see an error, without lock and keys the log must fork. Each must be noticed for that very reason.
`--for`: begins nothing more after so many seconds, the next start goes on. What an earlier start did counts for that
very tree alone; `--fresh` forgets it, and what was done with other trees.
"""

import argparse
import contextlib
import hashlib
import json
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402
import psycopg  # noqa: E402

from harness.adapters.host import Host  # noqa: E402
from harness.errors import HarnessError  # noqa: E402
from harness.formats.dsse import NotTrusted  # noqa: E402
from tests.live.portal.crowds import Crowd, crowd_of, one_place, own_places, where  # noqa: E402
from tests.live.portal.forking import Forked, forked  # noqa: E402
from tests.live.portal.serving import Serving  # noqa: E402
from tests.live.portal.syncing import UNSYNCED, WATCHED, synced  # noqa: E402
from tests.live.portal.test_keeping import log_of  # noqa: E402

STATE = ROOT / ".harness" / "proof-portal"
CROWD = 50
LOST = "an acknowledged signature was lost"
SAW_AN_ERROR = r"statuses .*\b5\d\d\b|saw an error"
EARLY = """
import threading, time
from harness.portal.models import Head, Signed
from harness.portal.views import signing
real = signing.sign_it
def early(request, item, answer):
    number = Head.objects.get(id=1).size
    def late():
        time.sleep(0.05)
        real(request, item, answer)
    threading.Thread(target=late).start()
    return Signed(number=number, package=item.row, person=request.person, decision="accept", statement_sha256="")
signing.sign_it = early
signing._receipt_mail = lambda signed, item: None
"""
UNLOCKED = """
from django.db.models.query import QuerySet
QuerySet.select_for_update = lambda self, *words, **more: self.all()
"""


@dataclass
class Kept:
    """How far a row is: kills done, what was acknowledged, what is signed by whom, and the rounds of a crowd."""

    file: Path
    done: int = 0
    acknowledged: list[int] = field(default_factory=list)
    rounds: int = 0
    database: str = ""
    window_s: float = 0.15

    def save(self) -> None:
        draft = self.file.with_suffix(".draft")
        draft.write_text(json.dumps({name: value for name, value in vars(self).items() if name != "file"}))
        draft.replace(self.file)


def kept_in(folder: Path) -> Kept:
    """What an earlier start left."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "state.json"
    return Kept(file=file, **(json.loads(file.read_text()) if file.exists() else {}))


# --- killed ---------------------------------------------------------------------------------------------------------


def killed(crowd: Crowd, kept: Kept, until: int, deadline: float) -> None:
    """Kill the server in the middle of a signing, `until` so many were; AssertionError where something was lost."""
    pick = random.Random(kept.done)
    while kept.done < until and time.monotonic() < deadline:
        one = crowd.wanted[kept.done]
        said: list[int] = []
        answer = crowd.touch(one)
        touching = threading.Thread(target=_post, args=(crowd, one, answer, said))
        touching.start()
        time.sleep(pick.uniform(0, kept.window_s))
        crowd.portal.kill()
        touching.join()
        kept.acknowledged += said
        _, signed = log_of(crowd.portal)
        assert set(kept.acknowledged) <= set(signed), LOST
        crowd.portal.start()
        page = crowd.people[one["email"]].get(where(one).replace("/sign", "/receipt"))
        mine = page.status_code == 200
        assert mine or not said, "a page does not show what was acknowledged"
        assert len(log_of(crowd.portal)[1]) == len(signed), "a signature came or went while nobody signed"
        kept.done += 1
        # longer after one that was not acknowledged, shorter after one that was: about half of each on any machine
        kept.window_s = min(5.0, max(0.01, kept.window_s * (0.87 if said else 1.15)))
        kept.save()


def _post(crowd: Crowd, one: dict[str, str], answer: Any, said: list[int]) -> None:
    try:
        done = crowd.people[one["email"]].post_json(where(one), answer)
    except httpx.TransportError:
        return
    if done.status_code == 200:
        said.append(done.json()["number"])


# --- at once --------------------------------------------------------------------------------------------------------


def rounds(crowd: Crowd, kept: Kept, until: int, deadline: float) -> None:
    """Two for one place, fifty for one place, fifty for fifty; so often, each time in another package."""
    packages = list(_by_package(crowd.wanted))
    while kept.rounds < until and time.monotonic() < deadline:
        asked = packages[kept.rounds]
        one_place(crowd, [one for one in asked if one["role"] == "pair"])
        one_place(crowd, [one for one in asked if one["role"] == "shared"])
        own_places(crowd, [one for one in asked if one["role"].startswith("own-")])
        kept.rounds += 1
        kept.save()


def _by_package(wanted: list[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    for code in dict.fromkeys(one["code"] for one in wanted):
        yield [one for one in wanted if one["code"] == code]


# --- where it runs --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def postgres(kept: Kept, *, stays: bool) -> Iterator[str]:
    """A PostgreSQL of our own on a free port, its data where an earlier start put it; empty where none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        yield ""
        return
    who = ("runuser", "-u", "postgres", "--") if Host().is_root else ()
    run = lambda *words: subprocess.run([*who, *words], check=True, capture_output=True, cwd="/")  # noqa: E731
    port, new = Host().free_port(), not (kept.database and Path(kept.database).is_dir())
    if new:
        kept.database = tempfile.mkdtemp(prefix="proof-portal-pg-")
        if who:
            shutil.chown(kept.database, "postgres")
        run(str(found[-1] / "initdb"), "-D", f"{kept.database}/d", "-U", "portal", "-A", "trust")
    data = f"{kept.database}/d"
    options = f"-p {port} -k {kept.database} -c listen_addresses=127.0.0.1 -c max_connections=200"
    start = [*who, str(found[-1] / "pg_ctl"), "-D", data, "-o", options, "-w", "-l", f"{kept.database}/log", "start"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL, cwd="/")
    try:
        if new:
            run(str(found[-1] / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "portal", "portal")
            kept.save()
        yield f"postgresql://portal@127.0.0.1:{port}/portal"
    finally:
        run(str(found[-1] / "pg_ctl"), "-D", data, "-m", "fast", "stop")
        if not stays:
            shutil.rmtree(kept.database, ignore_errors=True)


@contextlib.contextmanager
def place(kind: str, folder: Path, patch: str = "") -> Iterator[tuple[Forked, Kept] | None]:
    """A portal on that database, gone on with unless it is a patched one; None where the database is not installed."""
    kept = kept_in(folder)
    with postgres(kept, stays=not patch) if kind == "PostgreSQL" else contextlib.nullcontext("-") as url:
        if not url:
            yield None
            return
        with forked(folder, "" if kind == "SQLite" else url, patch) as portal:
            yield portal, kept


@dataclass
class Row:
    """A row of the proof: how far it is and what does not hold."""

    name: str
    size: int
    wanted: int
    said: str
    wrong: str = ""

    @property
    def good(self) -> bool:
        return not self.wrong and self.size >= self.wanted > 0


def kills_row(kind: str, state: Path, times: int, deadline: float) -> Row:
    """So many kills on one database."""
    name = f"{kind}: killed while somebody signs"
    if time.monotonic() > deadline:
        return Row(name, kept_in(state / f"killed-{kind}").done, times, "left for the next start")
    with place(kind, state / f"killed-{kind}") as found:
        if found is None:
            return Row(name, 0, times, "it is not installed")
        portal, kept = found
        wrong = ""
        try:
            killed(crowd_of(portal, "desks", -(-times // 20), 20), kept, times, deadline)
        except (AssertionError, NotTrusted, HarnessError) as error:
            wrong = str(error)
        size, signed = log_of(portal) if not wrong else (0, {})
        said = f"{len(kept.acknowledged)} acknowledged, {len(signed)} kept, 0 lost, log of {size} held each time"
        return Row(name, kept.done, times, said, wrong)


def crowd_row(kind: str, state: Path, times: int, deadline: float, people: int) -> Row:
    """So many rounds of a crowd on one database."""
    name = f"{kind}: {people} at once"
    if time.monotonic() > deadline:
        return Row(name, kept_in(state / f"crowd-{kind}").rounds, times, "left for the next start")
    with place(kind, state / f"crowd-{kind}") as found:
        if found is None:
            return Row(name, 0, times, "it is not installed")
        portal, kept = found
        wrong = ""
        try:
            rounds(crowd_of(portal, "at-once", times, people), kept, times, deadline)
        except (AssertionError, NotTrusted, HarnessError) as error:
            wrong = str(error)
        return Row(name, kept.rounds, times, f"{kept.rounds * (people + 2)} signed, one winner each, no fork", wrong)


def synced_row(times: int, patch: str = "") -> Row:
    """Every signature is on the disk before it is acknowledged: the server's own calls, as strace writes them."""
    name = "control: a server that does not sync" if patch else "SQLite: synced before it is acknowledged"
    with tempfile.TemporaryDirectory(prefix="proof-portal-") as folder:
        calls = Path(folder) / "calls.txt"
        watched = (*WATCHED, "-e", "signal=none", "-o", str(calls))
        with forked(Path(folder), patch=patch, before=watched) as portal:
            crowd = crowd_of(portal, "desks", -(-times // 20), 20)
            for one in crowd.wanted[:times]:
                done = crowd.people[one["email"]].post_json(where(one), crowd.touch(one))
                assert done.status_code == 200, done.text
        good, bad = synced(calls.read_text(errors="replace").splitlines())
    if patch:
        return Row(name, bad, 1, f"noticed: {bad} of {good + bad} were acknowledged and not synced")
    return Row(
        name, good, times, f"{good} of {good + bad} acknowledged after the log was synced", "unsynced" if bad else ""
    )


def noticed(name: str, size: int, error: Exception | None, wanted: str) -> Row:
    """A control is good where what it broke was noticed, and for the reason that was meant."""
    if error is None:
        return Row(name, size, 1, "", "was NOT noticed")
    meant = re.search(wanted, str(error)) is not None
    return Row(name, size, 1, f"noticed: {error}", "" if meant else f"noticed for another reason: {error}")


def early_row() -> Row:
    """Control: acknowledging before the commit is noticed, by as many kills as that needs."""
    name, seen = "control: a server that acknowledges before it commits", None
    with tempfile.TemporaryDirectory(prefix="proof-portal-") as folder, place("SQLite", Path(folder), EARLY) as found:
        assert found is not None
        portal, kept = found
        try:
            killed(crowd_of(portal, "desks", 4, 20), kept, 60, float("inf"))
        except AssertionError as error:
            seen = error
    return noticed(name, kept.done + (seen is not None), seen, LOST)


def unlocked_row(*, keys: bool) -> Row:
    """Control, on PostgreSQL: without the lock somebody sees an error; without the keys too, the log forks."""
    name = f"control: a server without the lock{'' if keys else ', a log without keys'}"
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="proof-portal-"))
        found = stack.enter_context(place("PostgreSQL", Path(folder), UNLOCKED))
        if found is None:
            return Row(name, 0, 1, "PostgreSQL is not installed")
        portal, kept = found
        crowd = crowd_of(portal, "at-once", 8, 12)
        if not keys:
            _without_keys(portal)
            return noticed(name, 1, *_forking(crowd, kept))
        try:
            rounds(crowd, kept, 8, float("inf"))
        except (AssertionError, NotTrusted, HarnessError) as error:
            return noticed(name, 1, error, SAW_AN_ERROR)
    return noticed(name, 1, None, SAW_AN_ERROR)


def _forking(crowd: Crowd, kept: Kept) -> tuple[Exception | None, str]:
    """Rounds until the log does not hold: what was said, and what must be said where two entries have one number."""
    for turn in range(1, 9):
        with contextlib.suppress(AssertionError, NotTrusted, HarnessError):
            rounds(crowd, kept, turn, float("inf"))
        kept.rounds = turn
        try:
            log_of(crowd.portal)
        except NotTrusted as error:
            return error, "the checkpoint is of|stands behind" if _twice(crowd.portal) else "^two of one number$"
        except (AssertionError, HarnessError):
            continue
    return None, ""


def _twice(portal: Serving) -> bool:
    """Whether two entries have one number: the log forked."""
    with psycopg.connect(portal.database) as database:
        words = 'SELECT "index" FROM portal_entry GROUP BY "index" HAVING count(*) > 1'
        return bool(database.execute(words).fetchall())


def _without_keys(portal: Forked) -> None:
    """Nothing in the tables keeps two entries from one number any more."""
    with psycopg.connect(portal.database, autocommit=True) as database:
        wanted = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u')"
        for table in ("portal_entry", "portal_signed"):
            for (one,) in database.execute(wanted, (table,)).fetchall():
                database.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{one}" CASCADE')


def main() -> int:
    """N for each row; ends with what passed and failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--for", dest="seconds", type=float, default=float("inf"))
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # whoever is told to end ends servers and databases first
    state = Path(tempfile.mkdtemp(prefix="proof-portal-")) if args.scaled else STATE / tree_digest(ROOT)[:16]
    if args.fresh:
        _forget(STATE)
    try:
        found = list(_rows(state, args.seconds, scaled=args.scaled))
    finally:
        if args.scaled:
            _forget(state)
    failed = sum(not one.good for one in found)
    print(f"{len(found) - failed} passed, {failed} failed")
    return int(failed > 0 or not found)


def _rows(state: Path, seconds: float, *, scaled: bool) -> Iterator[Row]:
    deadline = time.monotonic() + seconds
    times, turns, people = (4, 1, 12) if scaled else (200, 10, CROWD)
    parts = [
        *(lambda kind=kind: kills_row(kind, state, times, deadline) for kind in ("SQLite", "PostgreSQL")),
        *(lambda kind=kind: crowd_row(kind, state, turns, deadline, people) for kind in ("SQLite", "PostgreSQL")),
    ]
    at_a_stretch = {
        "synced": lambda: synced_row(3 if scaled else 100),
        "unsynced": lambda: synced_row(2, UNSYNCED),
        "early": early_row,
        "unlocked": lambda: unlocked_row(keys=True),
        "forked": lambda: unlocked_row(keys=False),
    }
    for part in parts:
        yield _printed(part())
    for name, part in at_a_stretch.items():
        yield _printed(_once(state / f"{name}.json", part, deadline))


def _once(file: Path, part: Callable[[], Row], deadline: float) -> Row:
    """A row that takes little: done in one go, by the first start that has the time."""
    if file.exists():
        return Row(**json.loads(file.read_text()))
    if time.monotonic() > deadline:
        return Row(file.stem, 0, 1, "left for the next start")
    row = part()
    if row.good:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(vars(row)))
    return row


def _printed(row: Row) -> Row:
    print(f"{'ok ' if row.good else 'NOT'} {row.name:<58} N = {row.size} of {row.wanted}", flush=True)
    print(f"      {row.wrong or row.said}", flush=True)
    return row


def tree_digest(root: Path) -> str:
    """Of everything that the portal and this proof are made of."""
    whole = hashlib.sha256()
    places = ("harness", "tests/portal", "tests/live/portal")
    found = [file for place in places for file in (root / place).rglob("*") if file.suffix not in {".pyc", ""}]
    for file in sorted([*found, root / "tests" / "proofs" / "portal.py", root / "pyproject.toml"]):
        if file.is_file():
            whole.update(f"{file.relative_to(root)}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    return whole.hexdigest()


def _forget(state: Path) -> None:
    for file in state.rglob("state.json"):
        if database := json.loads(file.read_text()).get("database"):
            shutil.rmtree(database, ignore_errors=True)
    shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
