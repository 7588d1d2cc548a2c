"""What each job of a run came to, counted once for everyone who shows it.

A check that was tried more than once counts as the worst of its attempts; one that was planned and never
seen counts as not reported. The counts are for reading: the verdict is drawn in `harness.rules.judging`.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from harness.model.evidence import Outcome, Record, Seen
from harness.model.plan import Job, Plan

_WORST_FIRST = (Outcome.FAILED, Outcome.BROKEN, Outcome.SKIPPED, Outcome.PASSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSum:
    """One job's checks by what they came to. `seconds` None = it never ran to an end."""

    job: Job
    outcomes: Mapping[Outcome, int]
    unreported: int
    seconds: float | None
    notes: tuple[str, ...] = ()


def job_sums(plan: Plan, record: Record | None) -> tuple[JobSum, ...]:
    """Every planned job in the order of the plan."""
    attempts = attempts_by_check(record)
    ends = {end.job: end for end in record.jobs} if record else {}
    return tuple(
        JobSum(
            job=job,
            outcomes=Counter(worst(attempts[check.id]) for check in job.checks if check.id in attempts),
            unreported=sum(check.id not in attempts for check in job.checks),
            seconds=(ends[job.id].ended_ms - ends[job.id].started_ms) / 1000 if job.id in ends else None,
            notes=ends[job.id].notes if job.id in ends else (),
        )
        for job in plan.jobs
    )


def attempts_by_check(record: Record | None) -> Mapping[str, tuple[Seen, ...]]:
    """Every attempt at each check that was seen."""
    attempts: defaultdict[str, tuple[Seen, ...]] = defaultdict(tuple)
    for seen in record.seen if record else ():
        attempts[seen.check] += (seen,)
    return dict(attempts)


def worst(attempts: tuple[Seen, ...]) -> Outcome:
    """What several attempts at one check come to: a retry hides nothing."""
    seen = {attempt.outcome for attempt in attempts}
    return next(outcome for outcome in _WORST_FIRST if outcome in seen)
