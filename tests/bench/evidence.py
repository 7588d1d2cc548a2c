"""How evidence grows: the gate over 100 runs of 10,000 checks beside reading the same JSON bare, and larger records.

    evidence.py            as said
    evidence.py --scaled   20 runs of 1,000 checks, a record of 10,000

Told are seconds of processor time, peak megabytes and ratios. Exit 1 where the gate takes more than three times the
time of the bare reading, or three times its memory, or where ten times the checks take over fifteen times as long.
"""

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "proofs"))

import gate as ways

from harness.actions.running import prepare
from harness.adapters.host import Host
from harness.adapters.run_directory import Draft, load_run
from harness.formats.documents import canonical, write_document
from harness.formats.shape import to_json
from harness.model.evidence import Closed, Outcome, Record, Seen
from harness.model.plan import Check, Plan, Promise
from harness.model.tier import Suite

AT_MOST, LINEAR = 3.0, 15.0


def plan_of(world: ways.World, count: int) -> Plan:
    """The world's plan with so many more checks in its first job."""
    _, _, plan = prepare(Host(), world.root, "test", seed=1, release="1.0")
    more = tuple(
        Check(
            id=f"contract:hub/x{number}", suite=Suite.CONTRACT, promise=Promise.OPERATION, title=f"operation {number}"
        )
        for number in range(count)
    )
    first = replace(plan.jobs[0], checks=(*plan.jobs[0].checks, *more))
    return replace(plan, jobs=(first, *plan.jobs[1:]))


def written(world: ways.World, count: int) -> Path:
    """One closed run with so many checks. Events in one go: what is measured is reading, and closing."""
    plan = plan_of(world, count)
    draft = Draft(world.root, plan.run)
    sealed = draft.seal_plan(write_document(plan))
    now = Host().now_ms()
    jobs = {check.id: job.id for job in plan.jobs for check in job.checks}
    seen = tuple(
        Seen(check=check.id, job=jobs[check.id], outcome=Outcome.PASSED, started_ms=now, ended_ms=now)
        for check in plan.checks
    )
    (draft.path / "events.ndjson").write_bytes(b"".join(canonical({"event": "seen", **to_json(one)}) for one in seen))
    record = Record(
        run=plan.run,
        tier="test",
        plan_sha256=sealed,
        started_ms=now,
        ended_ms=now,
        closed=Closed.COMPLETE,
        seen=seen,
    )
    return draft.close(write_document(record))


def bare(root: Path) -> None:
    """The same files, read and parsed by nobody's rules."""
    kept = []
    for run in sorted((root / ".harness/runs").iterdir()):
        for name in ("plan.json", "record.json"):
            kept.append(json.loads((run / name).read_bytes()))
        kept.append([json.loads(line) for line in (run / "events.ndjson").read_bytes().splitlines()])


def asked(root: Path) -> None:
    """The gate's ruling."""
    ways.World(root).ruling()


def measured(what: Callable[[Path], None], root: Path) -> tuple[float, float]:
    """(seconds, peak megabytes) in a process of its own."""
    near, far = multiprocessing.get_context("fork").Pipe(duplex=False)

    def work() -> None:
        began = time.process_time()
        what(root)
        far.send((time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    told: tuple[float, float] = near.recv()
    process.join()
    return told


def many(runs: int, checks: int) -> bool:
    """The gate beside the bare reading."""
    with tempfile.TemporaryDirectory(prefix="bench-evidence-") as folder:
        world = ways.built(Path(folder))
        for _ in range(runs):
            written(world, checks)
        (bare_s, bare_mb), (gate_s, gate_mb) = measured(bare, world.root), measured(asked, world.root)
    slower, larger = gate_s / bare_s, gate_mb / bare_mb
    print(f"{runs} runs of {checks} checks: bare {bare_s:.2f} s {bare_mb:.0f} MB, gate {gate_s:.2f} s {gate_mb:.0f} MB")
    print(f"  the gate takes {slower:.2f} × the time and {larger:.2f} × the memory (at most {AT_MOST:g})")
    return max(slower, larger) <= AT_MOST


def linear(most: int) -> bool:
    """Writing and reading one record, beside one of a tenth."""
    took: dict[int, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-evidence-") as folder:
        world = ways.built(Path(folder))
        for count in (most // 10, most):
            began = time.process_time()
            path = written(world, count)
            middle = time.process_time()
            load_run(path)
            took[count] = (middle - began, time.process_time() - middle)
            print(f"record of {count} checks: written in {took[count][0]:.2f} s, read in {took[count][1]:.2f} s")
    ratios = [took[most][index] / took[most // 10][index] for index in (0, 1)]
    print(f"  ten times the checks: {ratios[0]:.1f} × to write, {ratios[1]:.1f} × to read (at most {LINEAR:g})")
    return max(ratios) <= LINEAR


def main() -> int:
    """Both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scaled", action="store_true")
    scaled = parser.parse_args().scaled
    good = [many(*((20, 1000) if scaled else (100, 10_000))), linear(10_000 if scaled else 100_000)]
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main())
