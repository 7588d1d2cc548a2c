"""Proof: the contract suite catches every contract fault of the sample, and what it found comes again when sent again.

    contract.py             every contract fault once, its findings replayed on a fresh system; then ten clean seeds
    contract.py --scaled    one fault and its replays
    contract.py --only wrong-type --fresh

Controls: each replay is also sent to a system without the fault, where it must not come again; the clean runs must
pass. At least 95 of 100 replays come again. Resumable: rows proved for this very tree are kept in .harness/proofs/.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from faults import ROOT, copied, known_faults

MOST_REPLAYS = 3
LEAST_SHARE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run of the suite. `again` and `mended` count replays that came again: with the fault, and without."""

    fault: str
    seed: int
    decision: int
    titles: tuple[str, ...]
    replays: int
    again: int
    mended: int
    seconds: float

    @property
    def good(self) -> bool:
        """A fault is red and goes away with the fault; a clean run is green."""
        return (self.decision == 1 and self.mended == 0) if self.fault else self.decision == 0


def main() -> int:
    """Print the table and `N passed, M failed`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--for", dest="seconds", type=float, default=float("inf"))
    args = parser.parse_args()
    until = time.monotonic() + args.seconds
    faults = [one["name"] for one in known_faults() if one["suite"] == "contract"]
    chosen = (
        [one for one in faults if one in args.only.split(",")] if args.only else faults[:1] if args.scaled else faults
    )
    seeds = () if args.scaled or args.only else tuple(range(1, 11))
    print(f"N = {len(chosen)} contract faults of {len(faults)}, {len(seeds)} clean seeds", flush=True)
    store = ROOT / ".harness" / "proofs" / "contract.json"
    known = {} if args.fresh or not store.is_file() else json.loads(store.read_text())
    tree = _tree()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="proof-contract-") as folder:
        workspace = copied(Path(folder))
        for fault, seed in (*((fault, 7) for fault in chosen), *(("", seed) for seed in seeds)):
            key = f"{tree}:{fault}:{seed}"
            if key not in known:
                if time.monotonic() > until:
                    print("rows are left: start it again")
                    return 1
                known[key] = asdict(carried_out(workspace, fault, seed))
                store.parent.mkdir(parents=True, exist_ok=True)
                store.write_text(json.dumps(known))
            rows.append(Row(**{**known[key], "titles": tuple(known[key]["titles"])}))
            show(rows[-1])
    return told(rows)


def told(rows: list[Row]) -> int:
    """The sums, and the exit status."""
    good = sum(row.good for row in rows)
    replays, again = sum(row.replays for row in rows), sum(row.again for row in rows)
    share = again / replays if replays else 0.0
    print(
        f"\nreplayed {replays}: {again} came again ({share:.0%}), {sum(row.mended for row in rows)} without the fault"
    )
    print(f"{good} passed, {len(rows) - good} failed")
    return int(not rows or good < len(rows) or share < LEAST_SHARE)


def carried_out(workspace: Path, fault: str, seed: int) -> Row:
    """One run, and the replays of what decides."""
    began = time.monotonic()
    ended, _ = harness(workspace, fault, "run", "test", "--no-report", "--only", "contract", "--seed", str(seed))
    _, said = harness(workspace, fault, "contract", "findings", "--json", "-q")
    causes = [one for one in json.loads(said).get("causes", ()) if one["decides"]]
    shorts = [one["findings"][0]["short"] for one in causes][:MOST_REPLAYS]
    again = sum(harness(workspace, fault, "replay", short)[0] == 1 for short in shorts)
    mended = sum(harness(workspace, "", "replay", short)[0] == 1 for short in shorts)
    return Row(
        fault=fault,
        seed=seed,
        decision=ended,
        titles=tuple(one["title"][:100] for one in causes),
        replays=len(shorts),
        again=again,
        mended=mended,
        seconds=time.monotonic() - began,
    )


def harness(workspace: Path, fault: str, *words: str) -> tuple[int, str]:
    """One command of the product: its exit status and what it said on stdout."""
    argv = [sys.executable, "-m", "harness", *words]
    env = {**os.environ, "SAMPLE_FAULTS": fault}
    done = subprocess.run(argv, cwd=workspace, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def show(row: Row) -> None:
    """One line."""
    mark = "ok " if row.good else "BAD"
    first = row.titles[0] if row.titles else "nothing was found"
    name = row.fault or f"clean, seed {row.seed}"
    print(f"{mark} {name:<28} {row.again}/{row.replays} again  {row.seconds:5.1f} s  {first}", flush=True)


def _tree() -> str:
    """What the rows were proved for: the tree as git sees it."""
    argv = ["git", "rev-parse", "HEAD:harness", "HEAD:contracts"]
    return "-".join(subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())


if __name__ == "__main__":
    sys.exit(main())
