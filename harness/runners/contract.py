"""The contract suite: does a system do what its document says, and was it really asked?

An operation passes when no finding is open and at least one request was accepted. What
the engine could not reach, or what was only ever refused, is broken: never a pass.
The engine's exit status decides nothing; what it told line by line does.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from harness.formats.contract_coverage import coverage_line, coverage_text
from harness.formats.curl import scheme_of
from harness.model.contract import Operation
from harness.model.evidence import Cell, Evidence, Finding, Observation, Observations, Severity
from harness.model.plan import ContractWork, Job
from harness.model.process import Command, Ended, Surroundings, Target
from harness.rules.contract_coverage import Promised, coverage, hollow, undocumented
from harness.rules.dangers import in_two_turns
from harness.runners.contract_absent import note_absent
from harness.runners.contract_events import EVENTS, Told, read_events
from harness.runners.contract_findings import Found, findings_in
from harness.runners.contract_judged import doubt_about, enough, is_a_page, judged, status_seen
from harness.runners.contract_kept import accepted_requests, day_of, exchanges, pages, stored_findings

T = TypeVar("T")
_CLOSING_S = 20.0
_REQUEST_S = 10.0
_MEMORY = 3 * 1024**3
_REFUSALS = frozenset(("401", "403"))


def command(job: Job, around: Surroundings, replay: tuple[str, ...] = ()) -> Command:
    """Start our worker with the flat document, the order and the credentials as private files.

    `replay`: only these stored findings once more, each written as JSON.
    """
    work = _work(job)
    target = around.targets[work.system]
    order = {
        "document": "contract.json",
        "base_url": target.base_url.rstrip("/"),
        "seed": job.seed,
        "max_examples": work.max_examples,
        "budget_s": max(1.0, job.deadline_s - _CLOSING_S) if job.deadline_s > 2 * _CLOSING_S else job.deadline_s / 2,
        "request_timeout_s": min(_REQUEST_S, job.deadline_s / 4),
        "turns": [turn for turn in in_two_turns(work.operations) if turn],
        "secured": [operation.label for operation in work.operations if operation.secured],
        "replay": replay,
        "probes": work.probes,
        "labels": {operation.id: operation.label for operation in work.operations},
        "statuses": {operation.label: operation.statuses for operation in work.operations},
        "started_by_us": target.started_by_us,
        "hooks": f"{around.root}/{work.hooks}" if work.hooks else None,
    }
    return Command(
        argv=(around.python, "-m", "harness.kit.contract", "order.json"),
        env=dict(around.environment),
        files={
            "order.json": json.dumps(order).encode(),
            "headers.json": json.dumps(dict(target.headers)).encode(),
            "contract.json": around.documents[work.contract],
        },
        collect=(EVENTS,),
        deadline_s=job.deadline_s,
        memory_bytes=_MEMORY,
        progress="progress.txt",
    )


def observe(job: Job, around: Surroundings, ended: Ended) -> Observations:
    """An observation for every planned check, from what was told."""
    work = _work(job)
    target = around.targets[work.system]
    schemes = {name.lower(): scheme_of(value) for name, value in target.headers.items()} | dict(target.shown)
    told = read_events(ended.files.get(EVENTS, b""), schemes)
    note_absent(told, work, target.base_url.rstrip("/"))
    found = _findings(told, work, day_of(ended.ended_ms))
    findings = tuple(one.finding for one in found)
    promised = coverage(work.operations, told.promised, told.states, told.seen, told.clean)
    doubt = doubt_about(job, work.contract, target, around.tier, ended, told)
    planned = {check.id for check in job.checks}
    made: list[Observation] = []
    found_by = _by_operation(found, lambda one: one.finding.operation)
    promised_by = _by_operation(promised, lambda one: one.operation)
    required_by = _by_operation(work.required, lambda one: one[0])
    for operation in work.operations:
        stem = f"contract:{work.system}/{operation.id}"
        own = tuple(one.finding for one in found_by.get(operation.id, ()))
        if stem in planned:
            shown = (*_shown(promised_by.get(operation.id, ())), *exchanges(found_by.get(operation.id, ())))
            made.append(replace(judged(stem, operation, own, told, doubt, ended), evidence=shown))
        made.extend(
            status_seen(f"{stem}@{status}", operation, status, own, told, doubt, ended)
            for _, status in required_by.get(operation.id, ())
            if f"{stem}@{status}" in planned
        )
    if f"contract:{work.system}/coverage" in planned:
        made.append(enough(f"contract:{work.system}/coverage", work, promised, doubt, ended))
    return Observations(
        observations=tuple(made),
        cells=tuple(_cells(work.operations, told)),
        notes=(*_notes(work, target, told, findings), *_notes_on_promises(work, told, findings, promised)),
        series=(
            *pages(work, told, promised),
            *accepted_requests(work, told),
            stored_findings(found, target.base_url),
        ),
    )


def _by_operation(things: Iterable[T], operation_of: Callable[[T], str]) -> dict[str, tuple[T, ...]]:
    """Things by the operation that they are of: a contract may have a hundred thousand."""
    made: dict[str, list[T]] = {}
    for one in things:
        made.setdefault(operation_of(one), []).append(one)
    return {name: tuple(those) for name, those in made.items()}


def _shown(promised: tuple[Promised, ...]) -> tuple[Evidence, ...]:
    if not promised:
        return ()
    return (Evidence(name="coverage.txt", media_type="text/plain", body=coverage_text(promised).encode()),)


def _work(job: Job) -> ContractWork:
    if not isinstance(job.work, ContractWork):
        raise TypeError(f"{job.id} is not a contract job")
    return job.work


def _findings(told: Told, work: ContractWork, today: str) -> tuple[Found, ...]:
    """What was found, less what only says that we were not let in or knocked at the wrong door."""
    if is_a_page(told):
        return ()
    found = findings_in(told, work, today)
    labels = {operation.id: operation.label for operation in work.operations}
    nowhere = told.answered > 0 and all(set(counts) <= {"404"} for counts in told.seen.values())

    stopped = any(hit.kind in {"ServerStopped", "ConnectionDropped"} for hit in told.hits) or bool(told.outages)

    def is_ours(finding: Finding) -> bool:
        if stopped and finding.rule == "ensure_resource_availability":
            return True  # what was created went with the server
        if finding.rule != "status_code_conformance":
            return nowhere and finding.status == 404
        counts = set(told.seen.get(labels[finding.operation], {}))
        shut = told.locked_out is not None or counts <= _REFUSALS
        return nowhere or (shut and str(finding.status) in _REFUSALS)

    return tuple(one for one in found if not is_ours(one.finding))


def _cells(operations: Iterable[Operation], told: Told) -> Iterable[Cell]:
    for operation in operations:
        for status, count in sorted(told.seen.get(operation.label, {}).items()):
            yield Cell(operation=operation.id, status=status, count=count)


def _notes(work: ContractWork, target: Target, told: Told, findings: tuple[Finding, ...]) -> Iterable[str]:
    """Sentences that decide nothing and help to understand."""
    yield f"{told.engine}: {told.answered} answers from {target.base_url}, {len(findings)} findings"
    opinions = sum(finding.severity is Severity.OPINION for finding in findings)
    if opinions:
        yield f"{opinions} of them are opinions, which decide nothing"
    if told.stopping == "deadline" or told.finished == "max_time":
        yield "the time for this job was spent before the engine had tried everything"
    statuses = {status for counts in told.seen.values() for status in counts}
    if told.answered and statuses <= {"404"}:
        yield f"every operation answered 404: {target.base_url} is probably not the base of {work.contract}"
    if told.answered and statuses <= _REFUSALS:
        refused = " or ".join(sorted(statuses))
        yield f"every operation answered {refused}: the credentials of `{target.name}` are missing or not good"
    if told.locked_out:
        yield (
            f"the credentials of `{target.name}` were no longer accepted after {told.locked_out}: "
            "what came later is not proved"
        )
    yield from told.general[:5]


def _beside(work: ContractWork, told: Told, promised: tuple[Promised, ...]) -> Iterable[str]:
    """What else belongs to how much was proved."""
    if empty := hollow(promised):
        listed = ", ".join(empty[:5]) + (" and more" if len(empty) > 5 else "")
        yield f"{len(empty)} of {len(work.operations)} operations promise nothing about what they answer: {listed}"
    if told.boundaries is not None and told.boundaries[1]:
        yield "boundary list: {} requests on {} parameters".format(*told.boundaries)
    if told.without_list:
        listed = ", ".join(told.without_list[:5]) + (" and more" if len(told.without_list) > 5 else "")
        yield f"no boundary list, for want of an accepted request: {listed}"


def _notes_on_promises(
    work: ContractWork, told: Told, findings: tuple[Finding, ...], promised: tuple[Promised, ...]
) -> Iterable[str]:
    if told.promised:
        yield "; ".join((coverage_line(promised), *_beside(work, told, promised)))
    strange = undocumented(work.operations, told.seen)
    if strange:
        listed = ", ".join(f"{name} {status} x {count}" for name, status, count in strange[:5])
        yield f"answers that the contract does not document: {listed}{' and more' if len(strange) > 5 else ''}"
    known = {finding.id for finding in findings if finding.accepted}
    if known:
        yield f"{len(known)} of the findings are accepted and decide nothing"
    found = {finding.id for finding in findings}
    gone = [one.finding for one in work.accepted if one.finding not in found]
    if gone and told.done:
        yield f"{len(gone)} accepted findings were not seen this time: {'; '.join(gone[:3])}"
    expired = [one for one in work.accepted if one.finding in found and one.finding not in known]
    for one in expired[:5]:
        yield f"the acceptance of `{one.finding}` ended on {one.expires}: ask {one.owner}"
