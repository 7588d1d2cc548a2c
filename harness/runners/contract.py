"""The contract suite: does a system do what its document says, and was it really asked?

An operation passes when no finding is open and at least one request was accepted. What
the engine could not reach, or what was only ever refused, is broken: never a pass.
The engine's exit status decides nothing; what it told line by line does.
"""

import json
from collections.abc import Iterable

from harness.formats.curl import scheme_of
from harness.model.contract import Operation
from harness.model.evidence import Cell, Code, Finding, Observation, Observations, Outcome, Reason, Severity
from harness.model.plan import ContractWork, Job
from harness.model.process import Command, Ended, Surroundings, Target
from harness.rules.dangers import in_two_turns
from harness.runners.contract_events import EVENTS, Told, read_events
from harness.runners.contract_findings import deciding, findings_in

_CLOSING_S = 20.0
_REQUEST_S = 10.0
_MEMORY = 3 * 1024**3
_REFUSALS = frozenset(("401", "403"))


def command(job: Job, around: Surroundings) -> Command:
    """Start our worker with the flat document, the order and the credentials as private files."""
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
    schemes = {name.lower(): scheme_of(value) for name, value in target.headers.items()}
    told = read_events(ended.files.get(EVENTS, b""), schemes)
    findings = _findings(told, work)
    doubt = _doubt(job, target, ended, told)
    planned = {check.id for check in job.checks}
    made: list[Observation] = []
    for operation in work.operations:
        stem = f"contract:{work.system}/{operation.id}"
        own = tuple(finding for finding in findings if finding.operation == operation.id)
        if stem in planned:
            made.append(_judged(stem, operation, own, told, doubt, ended))
        made.extend(
            _status(f"{stem}@{status}", operation, status, own, told, doubt, ended)
            for name, status in work.required
            if name == operation.id and f"{stem}@{status}" in planned
        )
    return Observations(
        observations=tuple(made),
        cells=tuple(_cells(work.operations, told)),
        notes=tuple(_notes(work, target, told, findings)),
    )


def _work(job: Job) -> ContractWork:
    if not isinstance(job.work, ContractWork):
        raise TypeError(f"{job.id} is not a contract job")
    return job.work


def _findings(told: Told, work: ContractWork) -> tuple[Finding, ...]:
    """What was found, less what only says that we were not let in or knocked at the wrong door."""
    found = findings_in(told, work.operations, work.contract)
    labels = {operation.id: operation.label for operation in work.operations}
    nowhere = told.answered > 0 and all(set(counts) <= {"404"} for counts in told.seen.values())

    def is_ours(finding: Finding) -> bool:
        if finding.rule != "status_code_conformance":
            return nowhere and finding.status == 404
        counts = set(told.seen.get(labels[finding.operation], {}))
        shut = told.locked_out is not None or counts <= _REFUSALS
        return nowhere or (shut and str(finding.status) in _REFUSALS)

    return tuple(finding for finding in found if not is_ours(finding))


def _doubt(job: Job, target: Target, ended: Ended, told: Told) -> Reason | None:
    """Why nothing that was not proved wrong can be called proved; None where the engine did its work."""
    engine = told.engine
    if ended.cannot_start:
        return Reason.of(Code.NOT_STARTED, what=engine, why=ended.cannot_start, how="run `harness doctor`")
    if told.unreachable:
        return Reason.of(
            Code.SYSTEM_UNREACHABLE, system=target.name, url=target.base_url, why=told.unreachable, tier="?"
        )
    if told.unusable:
        return Reason.of(Code.DOCUMENT_UNUSABLE, why=told.unusable, place=_work(job).contract)
    if told.finished == "server_unavailable":
        return Reason.of(Code.SYSTEM_DIED, system=target.name, why="; ".join(told.general)[:300] or "no connection")
    if told.unreadable:
        return Reason.of(Code.OUTPUT_UNREADABLE, file=EVENTS, why=told.unreadable)
    if ended.interrupted or told.stopping == "signal":
        return Reason.of(Code.INTERRUPTED)
    if told.done or told.stopping == "deadline":
        return None
    if ended.timed_out:
        return Reason.of(Code.ENGINE_TIMED_OUT, engine=engine, deadline=f"{job.deadline_s:g}")
    status = ended.killed_by or f"exit status {ended.exit_status}"
    if not told.lines:
        return Reason.of(Code.ENGINE_SAID_NOTHING, engine=engine, status=status, job=job.id)
    return Reason.of(Code.ENGINE_CRASHED, engine=engine, status=status, said=_last_words(ended), job=job.id)


def _judged(
    check: str,
    operation: Operation,
    findings: tuple[Finding, ...],
    told: Told,
    doubt: Reason | None,
    ended: Ended,
) -> Observation:
    """The operation's own promise."""
    failing = deciding(findings)
    counts = told.seen.get(operation.label, {})
    reasons: tuple[Reason, ...]
    if failing:
        reasons = tuple(_because(finding) for finding in failing)
        outcome = Outcome.FAILED
    elif doubt is not None:
        outcome, reasons = Outcome.BROKEN, (doubt,)
    elif not counts:
        outcome, reasons = Outcome.BROKEN, (_never_reached(operation, told),)
    elif not any(_accepts(operation, status) for status in counts):
        outcome, reasons = Outcome.BROKEN, (_never_accepted(operation, counts),)
    elif (lost := told.lost.get(operation.label, 0)) and lost * 10 > sum(counts.values()):
        why = f"{lost} of its {lost + sum(counts.values())} requests got no answer"
        outcome, reasons = Outcome.BROKEN, (Reason.of(Code.SYSTEM_DIED, system=check.partition(":")[2], why=why),)
    else:
        outcome, reasons = Outcome.PASSED, ()
    return Observation(
        check=check,
        outcome=outcome,
        reasons=reasons,
        findings=findings,
        started_ms=ended.started_ms,
        ended_ms=ended.ended_ms,
    )


def _status(
    check: str,
    operation: Operation,
    status: str,
    findings: tuple[Finding, ...],
    told: Told,
    doubt: Reason | None,
    ended: Ended,
) -> Observation:
    """The promise that a status can be reached and then looks as documented."""
    seen = {code: number for code, number in told.seen.get(operation.label, {}).items() if _covers(status, code)}
    clean = sum(told.clean.get(operation.label, {}).get(code, 0) for code in seen)
    wrong = tuple(finding for finding in deciding(findings) if _covers(status, str(finding.status)))
    reasons: tuple[Reason, ...] = ()
    if clean:
        outcome = Outcome.PASSED
    elif seen and wrong:
        outcome, reasons = Outcome.FAILED, tuple(_because(finding) for finding in wrong)
    elif doubt is not None:
        outcome, reasons = Outcome.BROKEN, (doubt,)
    else:
        answers = _answers(told.seen.get(operation.label, {}))
        outcome = Outcome.BROKEN
        reasons = (Reason.of(Code.STATUS_NEVER_SEEN, operation=operation.id, status=status, answers=answers),)
    return Observation(
        check=check, outcome=outcome, reasons=reasons, started_ms=ended.started_ms, ended_ms=ended.ended_ms
    )


def _because(finding: Finding) -> Reason:
    return Reason.of(
        Code.FINDING,
        title=finding.title,
        curl=finding.curl,
        rule=finding.rule,
        severity=finding.severity,
        place=finding.place or "",
        id=finding.id,
    )


def _never_reached(operation: Operation, told: Told) -> Reason:
    lost = told.lost.get(operation.label, 0)
    if operation.label in told.problems and not lost:
        return Reason.of(Code.DOCUMENT_UNUSABLE, why=told.problems[operation.label], place=operation.label)
    why = f": {lost} requests got no answer" if lost else ""
    if not why and told.stopping:
        why = ": the time for this job was spent before its turn came"
    return Reason.of(Code.NEVER_REACHED, operation=operation.id, why=why)


def _never_accepted(operation: Operation, counts: dict[str, int]) -> Reason:
    return Reason.of(Code.NEVER_ACCEPTED, operation=operation.id, answers=_answers(counts))


def _answers(counts: dict[str, int]) -> str:
    """`401 x 88, 404 x 2`, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{status} x {number}" for status, number in ordered) or "nothing"


def _accepts(operation: Operation, status: str) -> bool:
    """A documented 2xx or 3xx."""
    return status[:1] in {"2", "3"} and any(_covers(documented, status) for documented in operation.statuses)


def _covers(documented: str, status: str) -> bool:
    """`404` covers 404, `4XX` every 4xx, `default` everything."""
    if documented == "default":
        return True
    return documented == status or (documented[1:].upper() == "XX" and documented[:1] == status[:1])


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
    if told.stopping == "deadline":
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


def _last_words(ended: Ended) -> str:
    lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
    return f": {lines[-1][:300]}" if lines else ""
