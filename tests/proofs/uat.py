"""Proof: the sample's demonstrations raise no false alarm, also under load, and still catch its faults there.

    uat.py              ten clean runs of every demonstration, five of them under load, then faults under load
    uat.py --scaled     one clean run of two demonstrations under load, one fault under load
    uat.py --for 200    begins nothing more after 200 s: what is left is done by the next start

Load is a process that computes on every core, and one that writes and reads a file. The controls are the faults: a
clean run that passes under load says nothing if a fault would pass there, too. Every fault must be caught by the
criterion that is named for it. Rows already proved for this very tree are kept in .harness/proofs/.
"""

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORKSPACE = ("environments", "contracts", "mocks", "uat")
PAGE = ("uat:page/LNG-1", "uat:orders/ORD-3")
FAULTS = {
    "wrong-total-on-page": "uat:orders/ORD-1",
    "translation-missing": "uat:page/LNG-1",
    "unlabelled-quantity": "uat:page/ACC-1",
    "mouse-only-order": "uat:page/ACC-2",
    "faint-text": "uat:page/ACC-1",
    "language-undeclared": "uat:page/ACC-1",
    "dead-cancel-button": "uat:orders/ORD-3",
    "stale-after-cancel": "uat:orders/ORD-3",
    "filter-ignored": "uat:orders/ORD-4",
}
_BURN = "while True: sum(range(10000))"
_CHURN = (
    "import os, tempfile\n"
    "with tempfile.TemporaryFile() as file:\n"
    "    while True:\n"
    "        file.seek(0); file.write(os.urandom(2**20)); file.flush(); file.seek(0); file.read()\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run: clean or with a fault, on a quiet machine or under load."""

    name: str
    fault: str
    loaded: bool
    decision: str
    caught: tuple[str, ...]
    doubts: tuple[str, ...]
    checks: int
    seconds: float

    @property
    def good(self) -> bool:
        """Clean passes with something shown; a fault is caught by its criterion."""
        if not self.fault:
            return self.decision == "pass" and self.checks > 0
        return self.decision == "fail" and FAULTS[self.fault] in self.caught


@contextlib.contextmanager
def load(*, wanted: bool) -> Iterator[None]:
    """Keep every core and the disk busy."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    scripts = (*[_BURN] * cores, _CHURN) if wanted else ()
    burning = [subprocess.Popen([sys.executable, "-c", script]) for script in scripts]
    try:
        yield
    finally:
        for one in burning:
            one.kill()
            one.wait()


def run(name: str, fault: str, *, loaded: bool, only: tuple[str, ...]) -> Row:
    """`harness run test` on a copy of the sample's workspace."""
    with tempfile.TemporaryDirectory(prefix="proof-uat-", ignore_cleanup_errors=True) as place:
        for folder in WORKSPACE:
            shutil.copytree(ROOT / folder, Path(place) / folder, ignore=shutil.ignore_patterns("__pycache__"))
        argv = [sys.executable, "-m", "harness", "run", "test", "--json", "--no-report"]
        began = time.monotonic()
        with load(wanted=loaded):
            done = subprocess.run(
                [*argv, *(word for one in only for word in ("--only", one))],
                cwd=place,
                env={**os.environ, "SAMPLE_FAULTS": fault},
                capture_output=True,
                timeout=1800,
            )
        told = json.loads(done.stdout or b"{}")
        plans = list(Path(place).glob(".harness/runs/*/plan.json"))
        jobs = json.loads(plans[0].read_text())["jobs"] if plans else []
        return Row(
            name=name,
            fault=fault,
            loaded=loaded,
            decision=told.get("decision", f"exit {done.returncode}"),
            caught=tuple(str(one["check"]) for one in told.get("failures", [])),
            doubts=tuple(f"{one['check']}: {one['sentence']}" for one in told.get("doubts", [])),
            checks=sum(len(job["checks"]) for job in jobs if job["suite"] == "uat"),
            seconds=time.monotonic() - began,
        )


def asked_for(*, scaled: bool) -> list[tuple[str, str, bool, tuple[str, ...]]]:
    """(name, fault, under load, what to run)."""
    if scaled:
        return [
            ("clean 1", "", True, PAGE),
            ("dead-cancel-button", "dead-cancel-button", True, (FAULTS["dead-cancel-button"],)),
        ]
    clean = [(f"clean {number}", "", number % 2 == 0, ("uat",)) for number in range(1, 11)]
    return [*clean, *((fault, fault, True, (check,)) for fault, check in FAULTS.items())]


class Kept:
    """Rows already proved for this very tree; only good ones are believed a second time."""

    def __init__(self, *, fresh: bool) -> None:
        whole = hashlib.sha256(Path(__file__).read_bytes())
        for pattern in ("harness/kit/uat/*.py", "harness/runners/uat*.py", "harness/sample/**/*.*", "uat/*.*"):
            for file in sorted(ROOT.glob(pattern)):
                if file.is_file() and "__pycache__" not in file.parts:
                    whole.update(file.read_bytes())
        self.path = ROOT / ".harness" / "proofs" / f"uat-{whole.hexdigest()[:16]}.json"
        usable = self.path.exists() and not fresh and not os.environ.get("CI")
        self.rows: dict[str, dict] = json.loads(self.path.read_text()) if usable else {}

    def row(self, name: str, fault: str, *, loaded: bool, only: tuple[str, ...]) -> Row:
        """The row from an earlier start of this proof, else a new run."""
        key = f"{name}/{len(only)}"
        if key in self.rows:
            return Row(**{**self.rows[key], "caught": tuple(self.rows[key]["caught"]), "doubts": ()})
        row = run(name, fault, loaded=loaded, only=only)
        if row.good:
            self.rows[key] = asdict(row)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(self.rows))
        return row


def main() -> int:
    """Print each run and `N passed, M failed`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--for", dest="seconds", type=float, default=float("inf"))
    args = parser.parse_args()
    end = time.monotonic() + args.seconds
    asked = asked_for(scaled=args.scaled)
    kept, rows = Kept(fresh=args.fresh), []
    clean = sum(not fault for _, fault, _, _ in asked)
    print(f"N = {clean} clean runs and {len(asked) - clean} faults", flush=True)
    for name, fault, loaded, only in asked:
        if time.monotonic() > end:
            break
        row = kept.row(name, fault, loaded=loaded, only=only)
        rows.append(row)
        told = f"{row.decision:<9} {row.checks:>2} checks  {row.seconds:6.1f} s{'  under load' if loaded else ''}"
        print(f"{'ok ' if row.good else 'NOT'} {name:<22} {told}  {' '.join(row.caught)}", flush=True)
        if not row.good:
            print("".join(f"      {doubt}\n" for doubt in row.doubts), end="", flush=True)
    good = sum(row.good for row in rows)
    if len(rows) < len(asked):
        print(f"not complete: {len(asked) - len(rows)} of {len(asked)} are still to be run; start it again")
    print(f"{good} passed, {len(asked) - good} failed")
    return int(good < len(asked) or not rows)


if __name__ == "__main__":
    sys.exit(main())
