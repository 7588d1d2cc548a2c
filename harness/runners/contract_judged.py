"""What each contract check came to, and why.

Failed where a finding is open; broken where the promise was not really exercised, with
the count of what was answered instead; passed only where neither is so.
"""

from harness.model.contract import Operation
from harness.model.evidence import Code, Finding, Observation, Outcome, Reason
from harness.model.plan import ContractWork, Job
from harness.model.process import Ended, Target
from harness.rules.contract_coverage import Promised, below, covers
from harness.runners.contract_events import EVENTS, Told
from harness.runners.contract_findings import deciding


def doubt_about(job: Job, contract: str, target: Target, tier: str, ended: Ended, told: Told) -> Reason | None:
    """Why nothing that was not proved wrong can be called proved; None where the engine did its work."""
    engine = told.engine
    if ended.cannot_start:
        return Reason.of(Code.NOT_STARTED, what=engine, why=ended.cannot_start, how="run `harness doctor`")
    if told.unreachable:
        return Reason.of(
            Code.SYSTEM_UNREACHABLE, system=target.name, url=target.base_url, why=told.unreachable, tier=tier
        )
    if told.unusable:
        return Reason.of(Code.DOCUMENT_UNUSABLE, why=told.unusable, place=contract)
    if (why := _gone(told)) is not None:
        return Reason.of(Code.SYSTEM_DIED, system=target.name, why=why)
    if told.watchers_failed:
        report = f"jobs/{job.id}/stderr.txt"
        return Reason.of(Code.PRODUCT_ERROR, why="; ".join(told.watchers_failed)[:500], report=report)
    if is_a_page(told):
        why = "every answer is an HTML page: a log-in, or another server"
        return Reason.of(Code.SYSTEM_UNREACHABLE, system=target.name, url=target.base_url, why=why, tier=tier)
    if told.unreadable:
        return Reason.of(Code.OUTPUT_UNREADABLE, file=EVENTS, why=told.unreadable)
    if ended.interrupted or told.stopping == "signal":
        return Reason.of(Code.INTERRUPTED)
    if told.done or told.stopping == "deadline":
        return None
    if ended.timed_out or ended.killed_by == "SIGALRM":
        return Reason.of(Code.ENGINE_TIMED_OUT, engine=engine, deadline=f"{job.deadline_s:g}")
    status = ended.killed_by or f"exit status {ended.exit_status}"
    if not told.lines:
        return Reason.of(Code.ENGINE_SAID_NOTHING, engine=engine, status=status, job=job.id)
    return Reason.of(Code.ENGINE_CRASHED, engine=engine, status=status, said=_last_words(ended), job=job.id)


def _gone(told: Told) -> str | None:
    """Why the system is said to have gone away, where nothing that was found explains it."""
    if told.finished == "server_unavailable":
        why = "; ".join(told.general)[:300] or "no connection"
    elif None in told.outages:
        why = "it was gone for a while or for good, and which request did that was not found"
    else:
        return None
    return why + (f"; the last that got no answer was {told.gone_after[0]}" if told.gone_after else "")


def is_a_page(told: Told) -> bool:
    """Whether everything that was asked answered 200 with a page that no operation documents."""
    pages = {
        hit.operation
        for hit in told.hits
        if hit.kind == "UndefinedContentType" and str(hit.detail.get("content_type", "")).startswith("text/html")
    }
    alike = all(label in pages and set(counts) <= {"200"} for label, counts in told.seen.items())
    return len(told.seen) > 1 and alike


def judged(
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
        reasons = tuple(_because(some) for some in by_cause(failing))
        outcome = Outcome.FAILED
    elif doubt is not None and not (doubt.code is Code.ENGINE_TIMED_OUT and counts):
        outcome, reasons = Outcome.BROKEN, (doubt,)
    elif not counts:
        outcome, reasons = Outcome.BROKEN, (_never_reached(operation, told),)
    elif not any(_accepts(operation, status) for status in counts):
        outcome, reasons = Outcome.BROKEN, (_never_accepted(operation, counts),)
    elif (lost := told.lost.get(operation.label, 0)) and lost * 10 > sum(counts.values()):
        why = f"{lost} of its {lost + sum(counts.values())} requests got no answer"
        outcome, reasons = Outcome.BROKEN, (Reason.of(Code.SYSTEM_DIED, system=check.partition(":")[2], why=why),)
    elif operation.label in told.problems:
        why = told.problems[operation.label]
        outcome, reasons = Outcome.BROKEN, (Reason.of(Code.PART_NOT_TRIED, operation=operation.id, why=why),)
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


def status_seen(
    check: str,
    operation: Operation,
    status: str,
    findings: tuple[Finding, ...],
    told: Told,
    doubt: Reason | None,
    ended: Ended,
) -> Observation:
    """The promise that a status can be reached and then looks as documented."""
    seen = {code: number for code, number in told.seen.get(operation.label, {}).items() if covers(status, code)}
    clean = sum(told.clean.get(operation.label, {}).get(code, 0) for code in seen)
    wrong = tuple(finding for finding in deciding(findings) if covers(status, str(finding.status)))
    reasons: tuple[Reason, ...] = ()
    if clean:
        outcome = Outcome.PASSED
    elif seen and wrong:
        outcome, reasons = Outcome.FAILED, tuple(_because(some) for some in by_cause(wrong))
    elif doubt is not None:
        outcome, reasons = Outcome.BROKEN, (doubt,)
    else:
        answers = _answers(told.seen.get(operation.label, {}))
        outcome = Outcome.BROKEN
        reasons = (Reason.of(Code.STATUS_NEVER_SEEN, operation=operation.id, status=status, answers=answers),)
    return Observation(
        check=check, outcome=outcome, reasons=reasons, started_ms=ended.started_ms, ended_ms=ended.ended_ms
    )


def enough(
    check: str, work: ContractWork, promised: tuple[Promised, ...], doubt: Reason | None, ended: Ended
) -> Observation:
    """The promise that enough of the contract was exercised; cells that were not are listed."""
    reasons = []
    for name, share, floor in below(promised, work.floors):
        missing = [f"{one.operation} {one.name}" for one in promised if one.kind == name and not one.proved]
        listed = "; ".join(missing[:12]) + (f"; and {len(missing) - 12} more" if len(missing) > 12 else "")
        why = f"{share:.0%} of {name}s proved, {floor:.0%} wanted. Not proved: {listed}"
        reasons.append(Reason.of(Code.NEVER_REACHED, operation=work.system, why=f": {why}"))
    if not promised or (doubt is not None and not reasons):
        reasons = [doubt or Reason.of(Code.NEVER_REACHED, operation=work.system, why=": nothing was told of coverage")]
    return Observation(
        check=check,
        outcome=Outcome.BROKEN if reasons else Outcome.PASSED,
        reasons=tuple(reasons),
        started_ms=ended.started_ms,
        ended_ms=ended.ended_ms,
    )


def by_cause(findings: tuple[Finding, ...]) -> tuple[tuple[Finding, ...], ...]:
    """Findings with one reason together, in the order of their first."""
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(finding.cause or finding.id, []).append(finding)
    return tuple(tuple(some) for some in grouped.values())


def _because(some: tuple[Finding, ...]) -> Reason:
    finding = some[0]
    more = f" (and in {len(some) - 1} more ways)" if len(some) > 1 else ""
    more_zh = f"（另有 {len(some) - 1} 种方式）" if len(some) > 1 else ""
    lost_zh = "（再次尝试时未重现）" if finding.again is False else ""
    lost = " (it did not come again when it was tried once more)" if finding.again is False else ""
    return Reason.of(
        Code.FINDING,
        title=finding.title + more + lost,
        title_zh=finding.title_zh + more_zh + lost_zh if finding.title_zh else "",
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
    return status[:1] in {"2", "3"} and any(covers(documented, status) for documented in operation.statuses)


def _last_words(ended: Ended) -> str:
    lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
    return f": {lines[-1][:300]}" if lines else ""
