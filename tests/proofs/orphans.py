"""Proof: however and whenever a run is ended, 15 seconds later nothing of it is left, and all of everybody else's is.

    orphans.py             100 runs of the sample, each ended at a random moment by a random signal
    orphans.py --scaled    three of them
    orphans.py --for 200   no new run after 200 seconds; the next start goes on where this one ended

Each run has engines, browsers, load users, a mock, a broker as a process and a database in a container (where there is
Docker and an image). Beside them live decoys: a process that carries another run's mark, and a container that carries
another owner's label. Control: where the watchdog is killed first, something is left; the next start clears it.
"""

import argparse
import contextlib
import hashlib
import json
import os
import queue
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.marks import marked
from harness.adapters.services.clearing import runs_with_containers
from harness.adapters.services.engine import NoEngineError, find_engine
from harness.adapters.services.lent import lent_root

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 15.0
LANES = 2  # much of it is waiting
CONTROLS = 5  # tries: whoever starts a run meanwhile clears up after the control before it was seen
LONGEST_S = 25.0
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
ONLY: tuple[tuple[str, ...], ...] = ((), (), ("--only", "load:checkout"))
TIER = """
[services.db]
kinds = ["container", "process", "embedded"]
preset = "postgresql"
image = "postgres:16"
embedded = "sqlite://"
[services.queue]
kinds = ["process", "embedded"]
preset = "rabbitmq"
embedded = "memory://"
[systems.orders]
base-url = "http://127.0.0.1:{port}"
contract = "../contracts/orders.openapi.yaml"
health = "GET /health"
[systems.orders.auth]
kind = "oauth2-client-credentials"
token-url = "/auth/token"
client-id = "harness"
client-secret = { env = "PROOF", default = "demo-secret" }
[systems.orders.start]
command = ["python", "-m", "harness.sample", "--port", "{port}"]
env = { DATABASE_URL = "{services.db.url}", AMQP_URL = "{services.queue.url}", ERP_URL = "{dependencies.erp.url}" }
[dependencies.erp]
contract = "../contracts/erp.openapi.yaml"
mock = "../mocks/erp"
[policy]
suites = ["contract", "load", "uat"]
mocks = "allowed"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one run was ended, how long anything of it was left, and what still was after the time."""

    number: int
    by: str
    after_s: float
    gone_s: float
    left: tuple[str, ...]
    decoys: int
    run: str = ""
    control: bool = False

    @property
    def good(self) -> bool:
        """A control must leave something at first; nothing may stay, and every decoy must."""
        lasted = self.gone_s > 1.0 if self.control else self.gone_s <= WITHIN_S
        return lasted and not self.left and self.decoys == 0


def workspace(folder: Path) -> Path:
    """The sample's files with a tier of their own."""
    for name in ("contracts", "mocks", "load", "uat"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "environments").mkdir()
    (folder / "environments" / "drill.toml").write_text(TIER)
    text = (folder / "load" / "checkout.toml").read_text()
    (folder / "load" / "checkout.toml").write_text(f'{text}drill = "steady"\n')
    return folder


def left_of(run: str, place: Path) -> tuple[str, ...]:
    """Processes, folders and containers (`docker ps -a`) of a run, and whatever still works in its workspace."""
    host = Host()
    left = [f"process {pid}" for pid in marked(f"{run}/")]
    roots = host.scratch_roots()
    left += [str(one / run) for root in roots for one in (root, lent_root(root)) if (one / run).exists()]
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            where = str((entry / "cwd").readlink())
            left += [f"process {entry.name} in {where}"] if run in where or where.startswith(str(place)) else []
    left += [f"container of {name}" for name in runs_with_containers(host.environ, roots) if name == run]
    return tuple(left)


def watchdog_of(run: str) -> int | None:
    """The process that clears up after a run."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if run.encode() in words and any(word.endswith(b"watchdog.py") for word in words):
                return int(entry.name)
    return None


class Decoys:
    """What is not ours and must live on."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["sleep", "100000"], env={**os.environ, "HARNESS_JOB": "another-run/uat:x", "HARNESS_RUN": "another-run"}
        )
        self._container = self._contained()

    def _contained(self) -> str:
        image = os.environ.get("HARNESS_SERVICES_DB_IMAGE", "")
        if not image:
            return ""
        labels = ["--label", "harness.run=another-run", "--label", "harness.owner=somebody"]
        argv = ["docker", "run", "-d", *labels, "--network", "none", "--entrypoint", "sleep", image, "100000"]
        return subprocess.run(argv, capture_output=True, text=True).stdout.strip()

    @property
    def what(self) -> str:
        """What they are, for people."""
        return "a process" + (" and a container" if self._container else "")

    def gone(self) -> int:
        """How many do not live any more."""
        gone = int(self._process.poll() is not None)
        if self._container:
            with contextlib.suppress(NoEngineError):
                gone += int(find_engine(os.environ).state(self._container) is not None)
        return gone

    def close(self) -> None:
        """End them."""
        self._process.kill()
        self._process.wait()
        if self._container:
            find_engine(os.environ).remove(self._container)


def until(so: Callable[[], object], seconds: float) -> float:
    """Seconds until it was so, or all of them."""
    began = time.monotonic()
    while not so() and time.monotonic() - began < seconds:
        time.sleep(0.1)
    return time.monotonic() - began


def ended_run(place: Path, number: int, decoys: Decoys, *, control: bool) -> Row:
    """One run, ended; and what was left of it."""
    dice = random.Random(f"orphans/{number}")
    by = signal.SIGKILL if control else dice.choice(SIGNALS)
    after = LONGEST_S / 2 if control else dice.uniform(0.0, LONGEST_S)
    argv = [sys.executable, "-m", "harness", "run", "drill", "--no-report", *ONLY[number % len(ONLY)]]
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("HARNESS_RUN", "HARNESS_JOB"))}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    before = {path.name for path in place.glob(".harness/*/*")}
    process = subprocess.Popen(argv, cwd=place, env=environ, **quiet)
    until(lambda: process.poll() is not None, after)
    run = next((path.name for path in place.glob(".harness/*/*-*") if path.name not in before), "no-run-yet")
    if control and (dog := watchdog_of(run)):
        os.kill(dog, signal.SIGKILL)
    process.send_signal(by)
    ended = until(lambda: process.poll() is not None, 60.0)
    gone = until(lambda: not left_of(run, place), 1.5 if control else WITHIN_S + 5)
    if control:  # the watchdog is dead: the next start does it
        subprocess.run([sys.executable, "-m", "harness", "run", "drill", "--only", "none:none"], cwd=place, **quiet)
    left = left_of(run, place) if control or gone > WITHIN_S else ()
    row = Row(
        number=number,
        by=by.name,
        after_s=after,
        gone_s=gone,
        left=left,
        decoys=decoys.gone(),
        run="" if run == "no-run-yet" else run,
        control=control,
    )
    if process.poll() is None:
        process.kill()
        row = Row(**{**asdict(row), "left": (*left, f"the harness itself, {ended:.0f} s after {by.name}")})
    process.wait()
    return row


class Kept:
    """Rows already proved for this very tree; only good ones are believed a second time."""

    def __init__(self, *, fresh: bool) -> None:
        self.path = ROOT / ".harness" / "proofs" / f"orphans-{_tree_digest()[:16]}.json"
        self.rows: dict[str, dict[str, object]] = {}
        self.lock = threading.Lock()
        if self.path.exists() and not fresh and not os.environ.get("CI"):
            self.rows = json.loads(self.path.read_text())

    def row(self, place: Path, number: int, decoys: Decoys, *, control: bool) -> Row:
        """The row from an earlier start of this proof, else a new run."""
        key = f"{number}/{control}"
        if key in self.rows:
            return Row(**{**self.rows[key], "left": ()})  # type: ignore[arg-type]
        row = ended_run(place, number, decoys, control=control)
        for _ in range(CONTROLS if control and not row.good else 0):
            row = row if row.good else ended_run(place, number, decoys, control=control)
        with self.lock:
            if row.good:
                self.rows[key] = asdict(row)
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.write_text(json.dumps(self.rows))
        return row


def _tree_digest() -> str:
    whole = hashlib.sha256(Path(__file__).read_bytes())
    for name in ("adapters", "actions", "kit", "sample"):
        for file in sorted((ROOT / "harness" / name).rglob("*.py")):
            whole.update(file.read_bytes())
    return whole.hexdigest()


@contextlib.contextmanager
def standing() -> Iterator[tuple[tuple[Path, ...], Decoys]]:
    """A workspace for each lane, and the decoys."""
    decoys = Decoys()
    try:
        with tempfile.TemporaryDirectory(prefix="proof-orphans-", ignore_cleanup_errors=True) as name:
            yield tuple(workspace(Path(name) / f"workspace{lane}") for lane in range(LANES)), decoys
    finally:
        decoys.close()


def in_lanes(
    numbers: list[int], places: tuple[Path, ...], row: Callable[[Path, int], Row], end: float
) -> Iterator[Row]:
    """A row for each number, in as many lanes as there are workspaces, as they are done; none is begun after `end`."""
    free: queue.SimpleQueue[Path] = queue.SimpleQueue()
    for place in places:
        free.put(place)

    def one(number: int) -> Row | None:
        if time.monotonic() > end:
            return None
        place = free.get()
        try:
            return row(place, number)
        finally:
            free.put(place)

    with ThreadPoolExecutor(len(places)) as pool:
        for future in as_completed([pool.submit(one, number) for number in numbers]):
            if (found := future.result()) is not None:
                yield found


def show(row: Row) -> None:
    """One line of the table."""
    name = "control, its watchdog killed first" if row.control else row.by
    how = f"after {row.after_s:4.1f} s; nothing left {row.gone_s:4.1f} s later"
    if row.control:
        how = f"after {row.after_s:4.1f} s; something left {row.gone_s:4.1f} s later, none after the next start"
    print(f"{'ok ' if row.good else 'NOT'} {name:<36} {how}  {' '.join(row.left)}", flush=True)


def main() -> int:
    """Print each run and `N passed, M failed`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--for", dest="seconds", type=float, default=float("inf"))
    args = parser.parse_args()
    end, runs = time.monotonic() + args.seconds, 3 if args.scaled else 100
    kept = Kept(fresh=args.fresh)
    with standing() as (places, decoys):
        print(f"N = {runs} runs ended at random moments, decoys: {decoys.what}, and 1 control", flush=True)
        rows = [kept.row(places[0], 0, decoys, control=True)]
        show(rows[0])
        for row in in_lanes(
            list(range(runs)), places, lambda place, number: kept.row(place, number, decoys, control=False), end
        ):
            rows.append(row)
            show(row)
        known = [row.run for row in rows if row.run]  # who was ended before it had a name left nothing to look for
        late = {run: left for run in known if (left := left_of(run, places[0]))}  # what was asked for before an end
    good = sum(row.good and row.run not in late for row in rows)
    print("".join(f"NOT  came back after {run}: {' '.join(left)}\n" for run, left in late.items()), end="")
    by = Counter(row.by for row in rows if not row.control)
    print(f"\nended by {', '.join(f'{name} {times}' for name, times in by.most_common())}; ", end="")
    print(f"{len(known)} had begun a run, each looked at once more at the end")
    longest = max((row.gone_s for row in rows if not row.control), default=0.0)
    print(f"{len(rows)} runs: the longest that anything was left is {longest:.1f} s, the limit {WITHIN_S:g} s")
    if len(rows) <= runs:
        print(f"not complete: {runs + 1 - len(rows)} of {runs + 1} are still to be run; start it again")
    print(f"{good} passed, {runs + 1 - good} failed")
    return int(good <= runs)


if __name__ == "__main__":
    sys.exit(main())
