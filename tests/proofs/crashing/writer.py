"""Writes one run as the machine does, as fast as it can, and says on stdout what is on disk, a line for each check.

    writer.py ROOT EVENTS [MODE [FILL]]

MODE `honest` says so after the disk has it. `early` says so before, `in-place` writes the record under its own name:
the controls. FILL: how many bytes the disk has left once the plan is sealed.
"""

import json
import os
import sys
import time
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.run_directory import Draft
from harness.errors import HarnessError
from harness.formats.documents import canonical, write_document
from harness.formats.shape import to_json
from harness.model.evidence import Closed, Outcome, Record, Seen
from harness.model.plan import Check, ContractWork, Job, Plan, Promise
from harness.model.tier import Policy, Suite


def main(root: Path, count: int, mode: str, fill: int | None) -> int:
    """0 where the run was closed, 3 where the disk was full."""
    plan = planned(Host().new_run_id(), count)
    draft = Draft(root, plan.run)
    sealed = draft.seal_plan(write_document(plan))
    say("run", plan.run)
    if fill is not None:
        filled(root, fill)
    try:
        record = seen(draft, plan, sealed, mode)
        closed(draft, record, mode)
    except HarnessError as error:
        say("refused", str(error).splitlines()[0])
        return 3
    say("closed", plan.run)
    return 0


def planned(run: str, count: int) -> Plan:
    """A plan with so many checks."""
    checks = tuple(
        Check(id=f"contract:hub/op{number}", suite=Suite.CONTRACT, promise=Promise.OPERATION, title=str(number))
        for number in range(count)
    )
    work = ContractWork(system="hub", contract="c", operations=(), required=(), max_examples=1)
    job = Job(id="contract:hub", suite=Suite.CONTRACT, work=work, checks=checks, seed=1, deadline_s=1)
    return Plan(run=run, tier="test", release=None, seed=1, jobs=(job,), policy=Policy(), digests=())


def seen(draft: Draft, plan: Plan, sealed: str, mode: str) -> Record:
    """Every check reports, and each is acknowledged."""
    told, late = [], b""
    for check in plan.checks:
        draft.store(f"evidence of {check.id}".encode() * 20)
        one = Seen(check=check.id, job="contract:hub", outcome=Outcome.PASSED, started_ms=1, ended_ms=2)
        event = {"event": "seen", **to_json(one)}
        if mode == "early":
            say("seen", check.id)
            draft._events.write(late)  # always one behind what was acknowledged: what the control is about
            late = canonical(event)
        else:
            draft.append(event)
            say("seen", check.id)
        told.append(one)
    draft._events.write(late)
    times = {"started_ms": 1, "ended_ms": 2}
    return Record(run=plan.run, tier="test", plan_sha256=sealed, closed=Closed.COMPLETE, seen=tuple(told), **times)


def closed(draft: Draft, record: Record, mode: str) -> None:
    """Close it, or, as a control, write its record piece by piece where a reader looks for it."""
    body = write_document(record)
    if mode == "in-place":
        draft.path.rename(draft.final)
        with (draft.final / "record.json").open("wb", buffering=0) as file:
            for at in range(0, len(body), 64):
                file.write(body[at : at + 64])
                time.sleep(0.0005)
        return
    draft.close(body)


def filled(root: Path, left: int) -> None:
    """Leave so many bytes on the disk that `root` is on."""
    found = os.statvfs(root)
    with (root / "filler").open("wb") as file:
        free = found.f_bavail * found.f_frsize
        file.write(b"\0" * max(0, free - left))


def say(what: str, which: str) -> None:
    """One line, out at once."""
    sys.stdout.write(json.dumps([what, which]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(main(Path(words[0]), int(words[1]), (words[2:] or ["honest"])[0], int(words[3]) if words[3:] else None))
