"""Proof: whoever kills a run at any moment, or fills its disk, leaves no half record and loses nothing acknowledged.

    crash.py            200 kills of a process that writes runs, 40 full disks, 4 kills of `harness run` itself
    crash.py --scaled   24 kills, 4 full disks

A run is either closed and whole, or a draft that the gate counts as never reported. Every check that the writer said
was on disk is there. After a full disk has room again, the next run takes place without any work by hand. Controls,
under the same eyes: a writer that acknowledges before it writes, and one that writes its record under the final name.
A kill takes half a second, so nothing is kept between starts. Full disks need the right to mount a disk of a few
megabytes in a namespace of one's own; where a machine refuses that, they count as failed.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

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


def real(number: int) -> str:
    """`harness run` on the sample, killed in mid-run."""
    with tempfile.TemporaryDirectory(prefix="proof-real-") as folder:
        workspace = Path(folder) / "workspace"
        for name in ("contracts", "mocks", "load", "uat", "environments"):
            shutil.copytree(ROOT / name, workspace / name)
        shutil.copy(ROOT / "pyproject.toml", workspace)
        argv = [sys.executable, "-m", "harness", "run", "test", "--only", "contract", "--no-report"]
        process = subprocess.Popen(argv, cwd=workspace, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not list((workspace / DRAFTS).glob("*/plan.json")) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(random.Random(number).random() * 8)
        process.send_signal(signal.SIGKILL)
        process.wait()
        return wrong_with(workspace, Told())


def main() -> int:
    """Print what came of each kind, and `N passed, M failed`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--on-a-small-disk", nargs=2, metavar=("FOLDER", "LEFT"))
    args = parser.parse_args()
    if args.on_a_small_disk:
        return on_a_small_disk(Path(args.on_a_small_disk[0]), int(args.on_a_small_disk[1]))
    kills, disks, reals, controls = (24, 4, 0, 20) if args.scaled else (200, 40, 4, 20)
    print(f"N = {kills} kills, {disks} full disks, {reals} kills of a real run, 2 controls", flush=True)
    rows = [("kill", number, killed(number)) for number in range(kills)]
    rows += [("full disk", number, full_disk(number)) for number in range(disks)]
    rows += [("real run", number, real(number)) for number in range(reals)]
    for kind, number, problem in rows:
        if problem:
            print(f"NOT {kind} {number}: {problem}")
    good = Counter(kind for kind, _, problem in rows if not problem)
    noticed = {mode: sum(bool(killed(number, mode)) for number in range(controls)) for mode in ("early", "in-place")}
    for kind, count in good.items():
        print(f"{count} of {sum(one[0] == kind for one in rows)} whole after a {kind}")
    for mode, count in noticed.items():
        print(f"control: a writer that is {mode} is noticed in {count} of {controls}")
    failed = sum(bool(problem) for _, _, problem in rows) + sum(count == 0 for count in noticed.values())
    print(f"{len(rows) + len(noticed) - failed} passed, {failed} failed")
    return int(failed > 0 or not rows)


if __name__ == "__main__":
    sys.exit(main())
