"""Proof: the kill switch ends any flood within a second, and no second ever holds more than the cap, whoever asks.

    guard.py             20 uses of the switch under 1,000 requests a second, one minute of everybody at once, controls
    guard.py --scaled    one use of each kind under what the machine gives, six seconds of a small crowd, controls
    guard.py --for 200   no new row after 200 seconds; the next start goes on where this one ended

The switch: a real run through the guard, ended by `harness stop`, by its file and by a signal; what counts is the last
request that a server of our own saw. Control: a file that is no switch; requests go on. The cap: 200 users of Locust,
Schemathesis with 16 workers and three probes through doors of one guard at the same time, one of them started again in
between. Control: the same without a cap.
"""

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from harness.adapters.guard.order import Order
from harness.adapters.guard.standing import StandingGuard
from harness.adapters.host import Host
from harness.adapters.marks import marked
from harness.adapters.processes import Processes
from harness.model.guard import Door, Origin

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = Path(__file__).with_name("hostile")
COUNTER = Path(__file__).with_name("switch") / "counter.py"
BIN = Path(sys.executable).parent
RATE, WITHIN_S, GONE_S, STARTED_S = 1000, 1.0, 10.0, 90.0
CAP, USERS, WORKERS, PROBES = 5, 200, 16, 3
WAYS = ("command", "file", "signal")
TIER = """order = 3
[systems.shop]
base-url = "{url}"
contract = "../contracts/shop.openapi.yaml"
health = "GET /health"
[policy]
suites = ["load"]
methods = ["GET"]
rate = "5000 /s"
windows = ["mon-sun 00:00-24:00 UTC"]
who-may-run = ["{user}"]
[policy.load]
rate = "5000 /s"
for = "2 min"
"""
LOAD = f"""users = "users.py:Users"
abort = ["errors > 99 % for 10 s"]
[profiles.flood]
arrivals = "{RATE} /s for 60 s"
[limits]
all = ["errors < 1 %"]
[tiers]
prod = "flood"
"""
SCRIPT = """from locust import task
from harness.kit.load import ApiUser
class Users(ApiUser):
    @task
    def one(self):
        self.client.get("/orders")
"""
LOCUST = """from locust import HttpUser, task
class Users(HttpUser):
    @task
    def one(self):
        self.client.get("/orders")
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One use of the switch, or one flood against a cap; `measured` in seconds or in requests of the fullest second."""

    name: str
    arrived: int
    before: int
    measured: float
    limit: float
    left: int = 0
    enough: bool = True
    control: bool = False

    @property
    def good(self) -> bool:
        """Within the limit with enough to be ended; a control must go beyond it."""
        if self.control:
            return self.measured > self.limit
        return self.measured <= self.limit and self.left == 0 and self.enough


class Counter:
    """The server's process and what it counted."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._log, port_file = folder / "counted", folder / "counter.port"
        self._process = subprocess.Popen([sys.executable, str(COUNTER), str(port_file), str(self._log)])
        while not port_file.exists():
            time.sleep(0.02)
        self.port = int(port_file.read_text())

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def counted(self, since: float = 0.0) -> tuple[tuple[float, int], ...]:
        """(when, how many) from a moment on."""
        lines = [line.split() for line in self._log.read_text().splitlines()] if self._log.exists() else []
        return tuple((float(line[0]), int(line[1])) for line in lines if len(line) == 2 and float(line[0]) >= since)

    def fullest(self, since: float) -> int:
        """The most that any second holds, wherever it begins."""
        found = self.counted(since)
        most, first, within = 0, 0, 0
        for at, number in found:
            within += number
            while found[first][0] <= at - 1.0:
                within -= found[first][1]
                first += 1
            most = max(most, within)
        return most

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


def workspace(folder: Path, url: str) -> Path:
    """One guarded tier and one load."""
    for name in ("environments", "contracts", "load"):
        (folder / name).mkdir(parents=True)
    shutil.copy(HOSTILE / "contract.yaml", folder / "contracts" / "shop.openapi.yaml")
    (folder / "environments" / "prod.toml").write_text(TIER.format(url=url, user=Host().user))
    (folder / "load" / "shop.toml").write_text(LOAD)
    (folder / "load" / "users.py").write_text(SCRIPT)
    return folder


def switched(folder: Path, way: str, wanted: int) -> Row:
    """One run under load, ended; `way` "nothing" is the control."""
    counter = Counter(folder)
    place = workspace(folder / "workspace", counter.url)
    argv = [sys.executable, "-m", "harness"]
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("HARNESS_RUN", "HARNESS_JOB"))}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    run = subprocess.Popen([*argv, "run", "prod", "--no-report"], cwd=place, env=environ, **quiet)
    try:
        flowing(counter, wanted)
        before = sum(number for _, number in counter.counted(time.monotonic() - 1.0))
        (name,) = [path.name for path in (place / ".harness" / "drafts").iterdir()]
        at = used(way, place, name, [*argv, "stop"])
        if way == "nothing":
            time.sleep(2 * WITHIN_S)
            run.kill()
        run.wait(60)
        ended = time.monotonic()
        while (left := marked(f"{name}/")) and time.monotonic() < ended + GONE_S:
            time.sleep(0.05)
        last = max((when for when, _ in counter.counted(at)), default=at)
        arrived = sum(number for _, number in counter.counted())
        return Row(
            name=f"switch by {way}",
            arrived=arrived,
            before=before,
            measured=last - at,
            limit=WITHIN_S,
            left=len(left),
            enough=before >= wanted,
            control=way == "nothing",
        )
    finally:
        run.kill()
        run.wait()
        counter.close()


def flowing(counter: Counter, wanted: int) -> None:
    """Wait until a second holds what is wanted, or for what the machine gives."""
    end = time.monotonic() + 60.0
    while time.monotonic() < end:
        if sum(number for _, number in counter.counted(time.monotonic() - 1.0)) >= wanted:
            return
        time.sleep(0.1)


def used(way: str, place: Path, run: str, stop: list[str]) -> float:
    """Use the switch; gives the moment it was on."""
    switch = place / ".harness" / "stop"
    match way:
        case "file":
            at = time.monotonic()
            switch.touch()
        case "signal":
            (guard, *_) = marked(f"{run}/service:guard")
            at = time.monotonic()
            os.kill(guard, signal.SIGTERM)
        case "command":
            process = subprocess.Popen(stop, cwd=place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while not switch.exists():
                time.sleep(0.002)
            at = time.monotonic()
            process.wait(60)
        case _:
            at = time.monotonic()
            switch.with_name("stopped").touch()
    return at


def capped(folder: Path, seconds: float, cap: float | None, users: int, workers: int) -> Row:
    """Everybody at once through one guard; each tool is ended and started again half way."""
    counter = Counter(folder)
    (folder / "users.py").write_text(LOCUST)
    shutil.copy(HOSTILE / "contract.yaml", folder / "shop.yaml")
    try:
        with guarding(folder, counter.port, cap) as guard:
            doors = {job: guard.url(Door(job=job, origin="shop").key) for job in ("load", "contract", "probes")}
            half, over = threading.Event(), threading.Event()
            crowd = [threading.Thread(target=probing, args=(f"{doors['probes']}/orders", over)) for _ in range(PROBES)]
            crowd += [
                threading.Thread(target=going_on, args=(argv, folder, half, over))
                for argv in (locust(doors["load"], users), schemathesis(doors["contract"], workers))
            ]
            for one in crowd:
                one.start()
            there = all_through(guard, tuple(doors), seconds / 2)
            half.set()
            again = all_through(guard, tuple(doors), seconds / 2)
            over.set()
            for one in crowd:
                one.join()
        return Row(
            name=f"{users} users, {workers} workers, {PROBES} probes, {seconds:g} s",
            arrived=sum(number for _, number in counter.counted()),
            before=min(there, again),
            measured=float(counter.fullest(0.0)),
            limit=float(CAP),
            enough=min(there, again) == len(doors),
            control=cap is None,
        )
    finally:
        counter.close()


@contextlib.contextmanager
def guarding(folder: Path, port: int, cap: float | None) -> Iterator[StandingGuard]:
    """A guard in front of the counter, with a door for each of three jobs."""
    processes = Processes(Host(), f"proof-guard-{os.getpid()}-{folder.name}", folder / "scratch")
    order = Order(
        run="proof",
        origins=(Origin(name="shop", scheme="http", host="127.0.0.1", port=port, methods=()),),
        doors=tuple(Door(job=job, origin="shop") for job in ("load", "contract", "probes")),
        rate_per_s=cap,
        concurrency=None,
        most_bytes=1000,
        windows=(),
        lease_s=3.0,
        stop_file=str(folder / "stop"),
        passed=False,
    )
    guard = StandingGuard(Host(), processes, order)
    try:
        yield guard
    finally:
        guard.close()
        processes.stop(guard.running)
        processes.close()


def locust(door: str, users: int) -> list[str]:
    """The load tool as it is, all users at once."""
    how = ["--headless", "-u", str(users), "-r", str(users), "--host", door, "--only-summary"]
    return [str(BIN / "locust"), "-f", "users.py", *how]


def schemathesis(door: str, workers: int) -> list[str]:
    """The generator as it is."""
    return [str(BIN / "st"), "run", "shop.yaml", "-u", door, "-w", str(workers), "--include-method", "GET"]


def all_through(guard: StandingGuard, jobs: tuple[str, ...], seconds: float) -> int:
    """Wait until each tool got something through, and then for so long; how many did."""
    before = {job: guard.figures(job)["let_through"] for job in jobs}
    end = time.monotonic() + STARTED_S
    through: set[str] = set()
    while len(through) < len(jobs) and time.monotonic() < end:
        time.sleep(0.1)
        through = {job for job in jobs if guard.figures(job)["let_through"] > before[job]}
    time.sleep(seconds)
    return len(through)


def going_on(argv: list[str], folder: Path, half: threading.Event, over: threading.Event) -> None:
    """Run a tool again and again until all is over; half way it is ended, and another takes its place."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    ended_half_way = False
    while not over.is_set():
        process = subprocess.Popen(argv, cwd=folder, start_new_session=True, **quiet)
        while process.poll() is None and not over.is_set() and (ended_half_way or not half.is_set()):
            time.sleep(0.05)
        ended_half_way = half.is_set()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def probing(url: str, over: threading.Event) -> None:
    """Ask, and ask again."""
    while not over.is_set():
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
            answer.read()


class Kept:
    """Rows already proved for this very tree; only good ones are believed a second time."""

    def __init__(self, *, fresh: bool) -> None:
        self.path = ROOT / ".harness" / "proofs" / f"guard-{tree_digest()[:16]}.json"
        self.rows: dict[str, dict[str, object]] = {}
        if self.path.exists() and not fresh and not os.environ.get("CI"):
            self.rows = json.loads(self.path.read_text())

    def row(self, key: str, carry_out: Callable[[Path], Row], folder: Path, tries: int) -> Row:
        """The row from an earlier start of this proof, else a new one. Only a control is tried again."""
        if key in self.rows:
            return Row(**self.rows[key])  # type: ignore[arg-type]
        row = carry_out(folder / "1")
        for again in range(2, tries + 1):
            row = carry_out(folder / str(again)) if row.control and not row.good else row
        if row.good:
            self.rows[key] = asdict(row)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(self.rows))
        return row


def tree_digest() -> str:
    """Over every file that a row depends on."""
    whole = hashlib.sha256(Path(__file__).read_bytes())
    for name in ("adapters", "actions", "rules", "kit/load"):
        for file in sorted((ROOT / "harness" / name).rglob("*.py")):
            whole.update(file.read_bytes())
    return whole.hexdigest()


def asked(*, scaled: bool) -> dict[str, Callable[[Path], Row]]:
    """Every row by a name that stays."""
    uses, wanted, seconds = (3, 50, 6.0) if scaled else (20, RATE, 60.0)
    crowd = {"users": 20, "workers": 2} if scaled else {"users": USERS, "workers": WORKERS}
    ways = [WAYS[number % len(WAYS)] for number in range(uses)]
    rows: dict[str, Callable[[Path], Row]] = {
        f"{number} {way}/{wanted}": partial(switched, way=way, wanted=wanted) for number, way in enumerate(ways)
    }
    rows[f"control switch/{wanted}"] = partial(switched, way="nothing", wanted=wanted)
    rows[f"cap/{seconds}"] = partial(capped, seconds=seconds, cap=float(CAP), **crowd)
    rows[f"control cap/{seconds}"] = partial(capped, seconds=6.0, cap=None, **crowd)
    return rows


def show(row: Row) -> None:
    """One line of the table."""
    name = f"{row.name}{' (control)' if row.control else ''}"
    if row.name.startswith("switch"):
        what = f"{row.before:>5} in the second before, the last {row.measured:.3f} s after, {row.left} processes left"
    else:
        what = f"{row.before} tools got through, at most {row.measured:g} in a second, the cap is {row.limit:g}"
    print(f"{'ok ' if row.good else 'NOT'} {name:<52} {row.arrived:>6} arrived, {what}", flush=True)


def main() -> int:
    """Print the table and `N passed, M failed`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--for", dest="seconds", type=float, default=float("inf"))
    args = parser.parse_args()
    end = time.monotonic() + args.seconds
    kept, rows = Kept(fresh=args.fresh), []
    tries = 3 if args.scaled else 1  # a control that the machine kept from going beyond its limit proves nothing yet
    with tempfile.TemporaryDirectory(prefix="proof-guard-", ignore_cleanup_errors=True) as name:
        wanted = {key: row for key, row in asked(scaled=args.scaled).items() if args.only in key}
        print(f"N = {len(wanted)} rows, controls among them", flush=True)
        for number, (key, carry_out) in enumerate(wanted.items()):
            if time.monotonic() > end:
                break
            rows.append(kept.row(key, carry_out, Path(name) / str(number), tries))
            show(rows[-1])
    switched_off = [row for row in rows if row.name.startswith("switch") and not row.control]
    if switched_off:
        slowest, fewest = max(row.measured for row in switched_off), min(row.before for row in switched_off)
        print(f"\n{len(switched_off)} uses of the switch under {fewest} requests a second or more: ", end="")
        print(f"the last request arrived {slowest:.3f} s after it at the latest, the limit is {WITHIN_S:g} s")
    good = sum(row.good for row in rows)
    if len(rows) < len(wanted):
        print(f"not complete: {len(wanted) - len(rows)} of {len(wanted)} are still to be run; start it again")
    print(f"{good} passed, {len(wanted) - good} failed")
    return int(good < len(wanted) or not rows)


if __name__ == "__main__":
    sys.exit(main())
