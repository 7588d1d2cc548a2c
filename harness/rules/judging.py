"""From what was planned and what was seen to a verdict.

Silence is never consent: a check that was planned and not reported, skipped, or
could not be run leaves the verdict undecided. So does a plan with nothing in it.
A failed attempt stays a failure, whatever a later attempt of the same check said.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import assert_never

from harness.model.evidence import UNKNOWN_VERSION, Closed, Code, Fingerprint, Outcome, Reason, Record, Seen
from harness.model.plan import Check, Plan
from harness.model.verdict import Decision, Ground, Verdict


def judge(plan: Plan, record: Record | None, plan_sha256: str) -> Verdict:
    """The verdict on one run. `plan_sha256` is the digest of the sealed plan as found; no record = never closed."""
    if record is None:
        failures: tuple[Ground, ...] = ()
        doubts: tuple[Ground, ...] = (_about_run(Code.NOT_CLOSED),)
    else:
        attempts = _attempts_by_check(record)
        uneasy = tuple(check for check in plan.checks if not _passed_at_once(attempts.get(check.id, ())))
        failures = tuple(_failures(uneasy, attempts))
        doubts = (*_doubts_about_run(plan, record, plan_sha256), *_doubts_about_checks(uneasy, attempts))
    if failures:
        return Verdict(decision=Decision.FAIL, failures=failures, doubts=doubts)
    if doubts:
        return Verdict(decision=Decision.UNDECIDED, doubts=doubts)
    return Verdict(decision=Decision.PASS)


def _attempts_by_check(record: Record) -> Mapping[str, tuple[Seen, ...]]:
    attempts: defaultdict[str, tuple[Seen, ...]] = defaultdict(tuple)
    for seen in record.seen:
        attempts[seen.check] += (seen,)
    return attempts


def _passed_at_once(seen: tuple[Seen, ...]) -> bool:
    """One attempt, passed: nothing more is to be said of it."""
    return len(seen) == 1 and seen[0].outcome is Outcome.PASSED


def _failures(checks: tuple[Check, ...], attempts: Mapping[str, tuple[Seen, ...]]) -> Iterator[Ground]:
    for check in checks:
        seen = attempts.get(check.id, ())
        failed = tuple(attempt for attempt in seen if attempt.outcome is Outcome.FAILED)
        for attempt in failed[:1]:
            for reason in attempt.reasons or (Reason.of(Code.FAILED_ATTEMPT, failed=len(failed), times=len(seen)),):
                yield Ground(check=check.id, reason=reason)
        if failed and len(failed) < len(seen):
            reason = Reason.of(Code.FAILED_ATTEMPT, failed=len(failed), times=len(seen))
            yield Ground(check=check.id, reason=reason)


def _doubts_about_run(plan: Plan, record: Record, plan_sha256: str) -> Iterator[Ground]:
    if not plan.checks:
        yield _about_run(Code.NOTHING_PLANNED, tier=plan.tier)
    if record.plan_sha256 != plan_sha256 or record.run != plan.run or record.tier != plan.tier:
        yield _about_run(Code.PLAN_DIFFERS, sealed=plan_sha256[:12], found=record.plan_sha256[:12])
    if record.closed is Closed.INTERRUPTED:
        yield _about_run(Code.INTERRUPTED)
    for fingerprint in record.fingerprints:
        yield from _doubts_about_deployed(fingerprint, record)
    for problem in record.problems:
        yield Ground(check=None, reason=problem)
    planned = {check.id for check in plan.checks}
    for unplanned in sorted({seen.check for seen in record.seen} - planned):
        yield Ground(check=unplanned, reason=Reason.of(Code.NOT_PLANNED))


def _doubts_about_deployed(fingerprint: Fingerprint, record: Record) -> Iterator[Ground]:
    """A tier that asks its systems for their version wants to know what it proves something about."""
    system, before, after = fingerprint.system, fingerprint.before, fingerprint.after
    if UNKNOWN_VERSION in {before, after}:
        if not any(_died(problem, system) for problem in record.problems):
            when, when_zh = ("began", "开始") if before == UNKNOWN_VERSION else ("ended", "结束")
            yield _about_run(Code.VERSION_UNKNOWN, system=system, when=when, when_zh=when_zh, tier=record.tier)
    elif before != after:
        yield _about_run(Code.DEPLOYMENT_CHANGED, system=system, before=before, after=after)


def _died(problem: Reason, system: str) -> bool:
    """Whether the run says of itself that the system, or all traffic to it, ended: then its version is no news."""
    about = dict(problem.values).get("system", system)
    return problem.code in {Code.SYSTEM_DIED, Code.GUARD_STOPPED} and about == system


def _doubts_about_checks(checks: tuple[Check, ...], attempts: Mapping[str, tuple[Seen, ...]]) -> Iterator[Ground]:
    for check in checks:
        for reason in _doubts_about(attempts.get(check.id, ())):
            yield Ground(check=check.id, reason=reason)


def _doubts_about(seen: tuple[Seen, ...]) -> tuple[Reason, ...]:
    if not seen:
        return (Reason.of(Code.NOT_REPORTED),)
    doubts: list[Reason] = []
    for attempt in seen:
        match attempt.outcome:
            case Outcome.PASSED | Outcome.FAILED:
                pass
            case Outcome.BROKEN:
                doubts.extend(attempt.reasons or (Reason.of(Code.NOT_REPORTED),))
            case Outcome.SKIPPED:
                doubts.extend(attempt.reasons or (Reason.of(Code.WAS_SKIPPED, why=""),))
            case _ as unreachable:
                assert_never(unreachable)
    return tuple(dict.fromkeys(doubts))


def _about_run(code: Code, **values: object) -> Ground:
    return Ground(check=None, reason=Reason.of(code, **values))
