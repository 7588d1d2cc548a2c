"""Proof: every known fault of the sample turns a run red for a named reason, and nothing else ever does.

    faults.py               every fault with the suite that should catch it, then five clean runs with five seeds
    faults.py --scaled      every fourth fault of each suite, then one clean run
    faults.py --all-suites  every fault with all suites: who else sees it
    faults.py --only wrong-type,lost-update --fresh
    faults.py --for 200     begins nothing more after 200 s: what is left is done by the next start

Resumable: rows already proved for this very tree are kept in .harness/proofs/ and shown again. The
control is built in: the same check that must be red with a fault must be green without it.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORKSPACE = ("environments", "contracts", "mocks", "load", "uat", "pyproject.toml")
SUITES = ("contract", "load", "uat", "mock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run: which fault, what it came to, and by whom it was caught with which first reason."""

    fault: str
    suite: str
    seed: int
    decision: str
    caught_by: tuple[str, ...]
    check: str
    reason: str
    doubts: tuple[str, ...]
    seconds: float

    @property
    def good(self) -> bool:
        """A fault is red and caught by its own suite; a clean run passes."""
        if not self.fault:
            return self.decision == "pass"
        return self.decision == "fail" and self.suite in self.caught_by


def main() -> int:
    """Print the table and `N passed, M failed`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--all-suites", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--clean-runs", type=int, default=None)
    parser.add_argument("--for", dest="seconds", type=float, default=float("inf"))
    args = parser.parse_args()
    faults = known_faults()
    chosen = [one for one in faults if not args.only or one["name"] in args.only.split(",")]
    if args.scaled and not args.only:
        chosen = thinned(faults)
    clean = args.clean_runs if args.clean_runs is not None else (1 if args.scaled else 5)
    print(f"N = {len(chosen)} faults of {len(faults)}, {clean} clean runs", flush=True)
    kept = Kept(fresh=args.fresh, until=time.monotonic() + args.seconds)
    rows: list[Row | None] = []
    with tempfile.TemporaryDirectory(prefix="proof-faults-") as folder:
        workspace = copied(Path(folder))
        for fault in chosen:
            number = faults.index(fault)
            only = () if args.all_suites else asked(fault["suite"])
            rows.append(kept.row(workspace, fault["name"], fault["suite"], 1000 + number, only))
            show(rows[-1])
        for number in range(clean):
            rows.append(kept.row(workspace, "", "", 1 + number, ()))
            show(rows[-1])
    left = sum(row is None for row in rows)
    if left:
        print(f"\n{left} rows are left: start it again")
        return 1
    return told([row for row in rows if row is not None], len(chosen), clean)


def told(rows: "list[Row]", chosen: int, clean: int) -> int:
    """The sums, and the exit status."""
    good = sum(row.good for row in rows)
    caught = sum(row.good for row in rows if row.fault)
    alarms = sum(not row.good for row in rows if not row.fault)
    print(f"\ncaught {caught} of {chosen}, false alarms {alarms} of {clean} clean runs")
    print(f"{good} passed, {len(rows) - good} failed")
    return int(good < len(rows) or not rows)


def known_faults() -> list[dict[str, str]]:
    """What the sample's switchboard lists."""
    argv = [sys.executable, "-m", "harness.sample", "--list-faults", "--json"]
    listed: list[dict[str, str]] = json.loads(subprocess.run(argv, check=True, capture_output=True).stdout)
    return listed


def asked(suite: str) -> tuple[str, ...]:
    """What to run for a suite's faults: a mock only sees what another suite makes the system send."""
    return ("contract", "mock") if suite == "mock" else (suite,)


def thinned(faults: list[dict[str, str]]) -> list[dict[str, str]]:
    """Every fourth fault of each suite, so that no suite goes untried."""
    by_suite = {suite: [one for one in faults if one["suite"] == suite] for suite in SUITES}
    return [one for some in by_suite.values() for one in some[::4]]


def copied(folder: Path) -> Path:
    """The sample's workspace in a folder of its own, so that proofs leave no runs behind."""
    for name in WORKSPACE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def carried_out(workspace: Path, fault: str, suite: str, seed: int, only: tuple[str, ...]) -> Row:
    """One run of the test tier with a fault switched on (or none)."""
    words = [word for one in only for word in ("--only", one)]
    argv = [sys.executable, "-m", "harness", "run", "test", "--json", "--no-report", "--seed", str(seed), *words]
    began = time.monotonic()
    ended = subprocess.run(argv, cwd=workspace, env={**os.environ, "SAMPLE_FAULTS": fault}, capture_output=True)
    seconds = time.monotonic() - began
    try:
        verdict = json.loads(ended.stdout)
        failures = [one for one in verdict["failures"] if one["check"]]
        doubts = tuple(f"{one['check']}: {one['sentence']}" for one in verdict["doubts"])
        decision = verdict["decision"]
    except (ValueError, KeyError):
        failures, doubts, decision = [], (ended.stderr.decode("utf-8", "replace")[-400:],), f"exit {ended.returncode}"
    caught = tuple(name for name in SUITES if any(one["check"].startswith(name + ":") for one in failures))
    own = [one for one in failures if one["check"].startswith(suite + ":")] or failures
    return Row(
        fault=fault,
        suite=suite,
        seed=seed,
        decision=decision,
        caught_by=caught,
        check=own[0]["check"] if own else "",
        reason=own[0]["sentence"] if own else "",
        doubts=doubts,
        seconds=seconds,
    )


class Kept:
    """Rows already proved for this very tree; only good ones are believed a second time."""

    def __init__(self, *, fresh: bool, until: float) -> None:
        self.until = until
        self.path = ROOT / ".harness" / "proofs" / f"faults-{tree_digest()[:16]}.json"
        self.rows = {} if fresh or os.environ.get("CI") else self._there()

    def _there(self) -> dict[str, dict[str, object]]:
        return dict(json.loads(self.path.read_text())) if self.path.exists() else {}

    def row(self, workspace: Path, fault: str, suite: str, seed: int, only: tuple[str, ...]) -> Row | None:
        """The row from an earlier start of this proof, else a new run; None where the time for new ones is over."""
        key = f"{fault}/{seed}/{','.join(only)}"
        if key in self.rows:
            known = self.rows[key]
            return Row(**{**known, "caught_by": tuple(known["caught_by"]), "doubts": tuple(known["doubts"])})  # type: ignore[arg-type]
        if time.monotonic() > self.until:
            return None
        row = carried_out(workspace, fault, suite, seed, only)
        if row.good:
            # another start may be at work on other rows
            self.rows = {**self._there(), key: asdict(row)}
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps(self.rows))
        return row


def tree_digest() -> str:
    """Over every file that a row depends on."""
    whole = hashlib.sha256()
    for name in ("harness", *WORKSPACE):
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                whole.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return whole.hexdigest()


def show(row: Row | None) -> None:
    """One line of the table."""
    if row is None:
        return
    mark = "ok " if row.good else "NOT"
    name = row.fault or f"(clean, seed {row.seed})"
    by = "+".join(row.caught_by) or "-"
    print(f"{mark} {name:<34} {row.suite or '-':<9} {row.decision:<10} {by:<14} {row.seconds:6.1f} s  {row.check}")
    if row.reason:
        print(f"      {row.reason[:150]}")
    for doubt in row.doubts[:3] if not row.good else ():
        print(f"      doubt: {doubt[:200]}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
