"""`harness replay FINDING`: the requests of a finding once more, on the tier where it was seen.

What is sent is what the run kept; the system may stand elsewhere by now, and its ids be new. Whatever a finding
needed first is sent first, so that it can be seen again on a fresh system.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.actions.running import Done, run
from harness.actions.underway import Ask, Narrator, Observe
from harness.adapters.host import Host
from harness.adapters.run_directory import find_run, load_plan, runs
from harness.errors import AskedWrongly
from harness.model.evidence import Outcome
from harness.model.plan import ContractWork, Job, Plan
from harness.model.process import Command, Surroundings
from harness.rules.findings import short_name
from harness.rules.redacting import Redactor
from harness.runners import contract
from harness.runners.contract_kept import FINDINGS
from harness.runners.contract_replay import observing, stored_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A finding as a run kept it."""

    path: Path
    plan: Plan
    job: Job
    finding: str
    operation: str
    stored: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What came of it: `again` None where that could not be told."""

    kept: Kept
    done: Done
    again: bool | None


def replay(
    host: Host,
    root: Path,
    name: str,
    narrator: Narrator,
    *,
    of: str | None = None,
    confirm: Callable[[str], str | None] = lambda _: None,
) -> Replayed:
    """Send a finding again. `name` is its id or the eight signs of it; `of` a run, else the newest that has it."""
    kept = find_finding(root, name, of)
    check = f"{kept.job.id}/{kept.operation}"
    done = run(
        host, root, kept.plan.tier, narrator, only=(check,), seed=kept.plan.seed, confirm=confirm, ask=_asks(kept)
    )
    outcomes = {seen.outcome for seen in done.record.seen if seen.check == check}
    told = any(
        "it did not come again" in value for seen in done.record.seen for r in seen.reasons for _, value in r.values
    )
    again = True if Outcome.FAILED in outcomes else False if told else None
    return Replayed(kept=kept, done=done, again=again)


def find_finding(root: Path, name: str, of: str | None) -> Kept:
    """The finding of that name; AskedWrongly where no run has it."""
    paths = (find_run(root, of),) if of is not None else tuple(reversed(runs(root)))
    known: dict[str, None] = {}
    for path in paths:
        for kept in findings_of(path):
            if name in {kept.finding, short_name(kept.finding)}:
                return kept
            known[short_name(kept.finding)] = None
    listed = ", ".join(list(known)[:5]) or "none"
    raise AskedWrongly(f"no run here has a finding {name!r}", hint=f"harness contract findings lists them: {listed}")


def findings_of(path: Path) -> Iterator[Kept]:
    """Every finding that a run kept."""
    plan = load_plan(path)
    for job in plan.jobs:
        file = path / "jobs" / job.id.replace(":", "-") / FINDINGS
        if not isinstance(job.work, ContractWork) or not file.is_file():
            continue
        ids = {operation.label: operation.id for operation in job.work.operations}
        try:
            some = stored_in(file.read_bytes())
        except (ValueError, KeyError) as error:
            raise AskedWrongly(f"{file} cannot be read: {error}") from error
        for stored in some:
            operation = ids.get(str(stored["operation"]))
            if operation is not None:
                yield Kept(path=path, plan=plan, job=job, finding=str(stored["id"]), operation=operation, stored=stored)


def _asks(kept: Kept) -> Ask:
    def ask(job: Job, around: Surroundings, _: Redactor) -> tuple[Command, Observe] | None:
        if job.id != kept.job.id:
            return None
        return contract.command(job, around, (json.dumps(kept.stored),)), observing(kept.finding)

    return ask
