"""Proof: whoever kills a run at any moment, or fills its disk, leaves no half record and loses nothing acknowledged.

    crash.py            200 kills of `harness run`, 200 of a process that writes runs, 40 full disks
    crash.py --scaled   one kill of `harness run`, 18 of a process that writes runs, 4 full disks
    crash.py --for 200  begins nothing more after 200 s: what is left is done by the next start

A run is either closed and whole, or a draft that the gate counts as never reported. Every check that the writer said
was on disk is there, and so is what the terminal said of a job. After a full disk has room again, the next run takes
place without any work by hand. Controls, under the same eyes: a writer that acknowledges before it writes, one that
writes its record under the final name, and a run of which the events are taken away. Full disks need the right to
mount a disk of a few megabytes in a namespace of one's own; where a machine refuses that, they count as failed.
Good rows of this very tree are kept in .harness/proofs/.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "crashing"))

import real as run

from harness.adapters.exhibits import exhibits_in
from harness.adapters.run_directory import DRAFTS, RUNS, load_run
from harness.errors import HarnessError
from harness.model.evidence import Closed
from harness.model.gate import Exhibit, Unreadable
from harness.model.verdict import Decision
from harness.rules.judging import judge

ROOT = Path(__file__).resolve().parents[2]
WRITER = Path(__file__).parent / "crashing" / "writer.py"
EVENTS, DISK_MB = 60, 40


@dataclass(slots=True)
class Told:
    """What a writer said before it ended."""

    seen: list[str] = field(default_factory=list)
    closed: bool = False
    refused: str = ""


def heard(lines: str) -> Told:
    """Whole lines only: half a line was never said."""
    told = Told()
    for line in lines.splitlines(keepends=True):
        if not line.endswith("\n"):
            break
        what, which = json.loads(line)
        if what == "seen":
            told.seen.append(which)
        told.closed |= what == "closed"
        told.refused = which if what == "refused" else told.refused
    return told


def wrong_with(root: Path, told: Told) -> str:
    """What is wrong with what lies there; empty where all is well."""
    runs = list((root / RUNS).iterdir()) if (root / RUNS).is_dir() else []
    drafts = list((root / DRAFTS).iterdir()) if (root / DRAFTS).is_dir() else []
    if told.closed and not runs:
        return "a run that was acknowledged as closed is gone"
    for path in (*runs, *drafts):
        is_draft = path in drafts
        if not (path / "plan.json").exists():
            if told.seen or not is_draft:
                return "there is no plan"
            continue
        (found,) = exhibits_in(path)
        if isinstance(found, Unreadable):
            return f"half a {'draft' if is_draft else 'run'}: {found.why}"
        if found.changed or (not is_draft and found.record is None):
            return f"a run that is not whole: {found.changed or 'no record'}"
        if problem := _lost(found, told) or _greener(path, found, is_draft):
            return problem
    return "" if runs or drafts or not told.seen else "everything is gone"


def _lost(found: Exhibit, told: Told) -> str:
    there = {one.check for one in found.record.seen} if found.record else set()
    lost = [one for one in told.seen if one not in there]
    return f"{len(lost)} acknowledged checks are lost" if lost else ""


def _greener(path: Path, found: Exhibit, is_draft: bool) -> str:
    if is_draft:
        passed = judge(found.plan, found.record, found.plan_sha256).decision is Decision.PASS
        return "a draft passes" if passed else ""
    try:
        _, _, record = load_run(path)
    except HarnessError as error:
        return f"unreadable: {error}"
    return "" if record and record.closed is Closed.COMPLETE else "a run that is not complete"


def killed(number: int, mode: str = "honest") -> str:
    """Start a writer, kill it at a moment drawn from `number`, and look."""
    chance = random.Random(number)
    with tempfile.TemporaryDirectory(prefix="proof-crash-") as folder:
        argv = [sys.executable, str(WRITER), folder, str(EVENTS), mode]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout
        first = process.stdout.readline()  # it has sealed its plan
        _pause(process, chance)
        process.send_signal(signal.SIGKILL)
        rest, _ = process.communicate()
        return wrong_with(Path(folder), heard(first + rest))


def _pause(process: "subprocess.Popen[str]", chance: random.Random) -> None:
    """Half of the kills anywhere in its work, half near its end, where the record is closed."""
    if chance.random() < 0.5:
        time.sleep(chance.random() * 0.4)
        return
    assert process.stdout
    for _ in range(EVENTS):
        if not process.stdout.readline():
            return
    time.sleep(chance.random() * 0.02)


def full_disk(number: int) -> str:
    """A writer on a disk that fills up at a place drawn from `number`; then the disk has room again, and it writes."""
    left = random.Random(number).randrange(0, EVENTS * 12_000)
    with tempfile.TemporaryDirectory(prefix="proof-full-") as folder:
        private = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
        argv = [*private, sys.executable, __file__, "--on-a-small-disk", folder, str(left)]
        ended = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=ROOT, timeout=60)
        return "" if ended.returncode == 0 else (ended.stdout + ended.stderr).strip()[-300:] or "it ended badly"


def on_a_small_disk(folder: Path, left: int) -> int:
    """In a mount namespace of its own: 0 where nothing is wrong."""
    size = f"size={DISK_MB}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=True, capture_output=True)
    argv = [sys.executable, str(WRITER), str(folder), str(EVENTS), "honest"]
    ended = subprocess.run([*argv, str(left)], capture_output=True, text=True, check=False, cwd=ROOT)
    told = heard(ended.stdout)
    if ended.returncode not in {0, 3} or (ended.returncode == 3 and "no space left" not in told.refused):
        print(f"it did not say that the disk is full: {ended.returncode} {told.refused} {ended.stderr[-200:]}")
        return 1
    problem = wrong_with(folder, told)
    (folder / "filler").unlink()
    again = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=ROOT)
    problem = problem or ("" if heard(again.stdout).closed else "no run after the disk had room again")
    print(problem)
    return int(bool(problem))


def real(number: int, mode: str = "honest") -> str:
    """`harness run` on a small workspace, killed in mid-run. As a control its events are taken away afterwards."""
    with tempfile.TemporaryDirectory(prefix="proof-real-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        run.workspace(folder)
        told, by_itself, moment = run.killed(folder, number)
        if mode == "forgetful":
            for events in folder.glob(".harness/*/*/events.ndjson"):
                events.write_bytes(b"".join(events.read_bytes().splitlines(keepends=True)[:1]))
        problem = run.lost(folder, told) or wrong_with(folder, Told(closed=by_itself))
        return f"{moment}: {problem}" if problem else ""


class Kept:
    """Good rows of this very tree from earlier starts."""

    def __init__(self) -> None:
        whole = hashlib.sha256()
        sources = (ROOT / "harness").rglob("*.py")
        for file in sorted([*sources, *Path(__file__).parent.glob("crash*.py"), *WRITER.parent.glob("*.py")]):
            whole.update(file.read_bytes())
        self.path = ROOT / ".harness" / "proofs" / f"crash-{whole.hexdigest()[:16]}.json"
        usable = self.path.exists() and not os.environ.get("CI")
        self.good: list[str] = json.loads(self.path.read_text()) if usable else []

    def row(self, kind: str, number: int, what: Callable[[int], str]) -> str:
        """What is wrong with that row."""
        if f"{kind} {number}" in self.good:
            return ""
        problem = what(number)
        if not problem:
            self.good.append(f"{kind} {number}")
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(self.good))
        return problem


def controls(count: int, reals: int) -> dict[str, int]:
    """How many of each kind of bad writer were noticed."""
    noticed = {mode: sum(bool(killed(number, mode)) for number in range(count)) for mode in ("early", "in-place")}
    # number 2 is killed when all of its jobs have ended: there is something to take away
    noticed["forgetful"] = sum(bool(real(3 * number + 2, "forgetful")) for number in range(reals))
    return noticed


def main() -> int:
    """Print what came of each kind, and `N passed, M failed`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--for", dest="seconds", type=float, default=float("inf"))
    parser.add_argument("--on-a-small-disk", nargs=2, metavar=("FOLDER", "LEFT"))
    args = parser.parse_args()
    if args.on_a_small_disk:
        return on_a_small_disk(Path(args.on_a_small_disk[0]), int(args.on_a_small_disk[1]))
    end = time.monotonic() + args.seconds
    counts = (
        {"kill": 18, "full disk": 4, "real run": 1} if args.scaled else {"kill": 200, "full disk": 40, "real run": 200}
    )
    ways = {"kill": killed, "full disk": full_disk, "real run": real}
    asked = [(kind, number) for kind, count in counts.items() for number in range(count)]
    print(f"N = {', '.join(f'{count} x {kind}' for kind, count in counts.items())}, 3 controls", flush=True)
    kept, done, bad = Kept(), Counter[str](), 0
    for kind, number in asked:
        if time.monotonic() > end:
            break
        done[kind] += 1
        if problem := kept.row(kind, number, ways[kind]):
            bad += 1
            print(f"NOT {kind} {number}: {problem}", flush=True)
    for kind, count in done.items():
        print(f"{count} of {counts[kind]} looked at after a {kind}")
    noticed = controls(12 if args.scaled else 20, 1)
    for mode, count in noticed.items():
        print(f"control: what is {mode} is noticed {count} times")
    left = len(asked) - done.total()
    if left:
        print(f"not complete: {left} of {len(asked)} are still to be done; start it again")
    failed = bad + left + sum(count == 0 for count in noticed.values())
    print(f"{len(asked) + len(noticed) - failed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
