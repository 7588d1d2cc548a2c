"""One plan on several machines: which jobs a shard does, and how closed shards become one run again.

Jobs are dealt out whole, in the order of the plan; mocks stand wherever they are needed. Each shard names the digest
of all that was promised, so that a shard that is missing, given twice or from another plan is noticed.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from harness.model.evidence import Closed, Code, Fingerprint, Outcome, Record, Seen
from harness.model.plan import Job, Plan, Shard
from harness.model.tier import Suite

T = TypeVar("T")


def shard_of(plan: Plan, index: int, of: int) -> Plan:
    """Shard `index` (from 1) of `of`; ValueError with a sentence where there are not that many jobs to deal out."""
    asked = [job for job in plan.jobs if job.suite is not Suite.MOCK]
    if not 1 <= index <= of:
        raise ValueError(f"there is no shard {index} of {of}")
    if of > len(asked):
        raise ValueError(f"{of} shards are too many: there are {len(asked)} jobs to deal out")
    mine = {job.id for job in asked[index - 1 :: of]}
    jobs = tuple(job for job in plan.jobs if job.suite is Suite.MOCK or job.id in mine)
    return replace(plan, jobs=jobs, shard=Shard(index=index, of=of, whole=_whole(plan.jobs)))


def problems_of(shards: tuple[tuple[Plan, Record | None], ...]) -> tuple[str, ...]:
    """Why these are not the shards of one run, each as a sentence; none where they are."""
    if not shards:
        return ("there are no shards to join",)
    plans = [plan for plan, _ in shards]
    found = [f"{plan.run} is no shard" for plan in plans if plan.shard is None]
    found += [f"{plan.run} was never closed" for plan, record in shards if record is None]
    numbered = [plan for plan in plans if plan.shard is not None]
    found += [
        f"{one.run} is of another plan than {numbered[0].run}" for one in numbered if _key(one) != _key(numbered[0])
    ]
    if found:
        return tuple(found)
    counts = Counter(plan.shard.index for plan in plans if plan.shard)
    of = plans[0].shard.of if plans[0].shard else 0
    found += [f"shard {index} of {of} is missing" for index in range(1, of + 1) if not counts[index]]
    found += [f"shard {index} of {of} is given {times} times" for index, times in sorted(counts.items()) if times > 1]
    if not found and plans[0].shard and _whole(_jobs(plans)) != plans[0].shard.whole:
        found.append("together they do not promise what the whole plan promised")
    return tuple(found)


def joined_plan(plans: tuple[Plan, ...], run: str) -> Plan:
    """The whole plan again, under a run id of its own."""
    ordered = sorted(plans, key=lambda plan: plan.shard.index if plan.shard else 0)
    return replace(ordered[0], run=run, jobs=_jobs(ordered), shard=None, merged=tuple(plan.run for plan in ordered))


def joined_record(records: tuple[Record, ...], run: str, plan_sha256: str) -> Record:
    """Everything that the shards saw, as one record. `records` in the order of the shards."""
    counts: Counter[str] = Counter()
    for record in records:
        counts.update(dict(record.redacted))
    return Record(
        run=run,
        tier=records[0].tier,
        plan_sha256=plan_sha256,
        started_ms=min(record.started_ms for record in records),
        ended_ms=max(record.ended_ms for record in records),
        closed=Closed.COMPLETE if all(one.closed is Closed.COMPLETE for one in records) else Closed.INTERRUPTED,
        jobs=tuple(job for record in records for job in record.jobs),
        seen=_seen(records),
        cells=tuple(cell for record in records for cell in record.cells),
        relied=tuple(relied for record in records for relied in record.relied),
        stood_in=tuple(stood for record in records for stood in record.stood_in),
        fingerprints=_fingerprints(records),
        tools=_once(tool for record in records for tool in record.tools),
        redacted=tuple(sorted(counts.items())),
        problems=_once(problem for record in records for problem in record.problems),
        services=tuple(stood for record in records for stood in record.services),
    )


def _seen(records: tuple[Record, ...]) -> tuple[Seen, ...]:
    """A mock that one shard never called was called by another: only where none did does that stand."""
    every = [seen for record in records for seen in record.seen]
    called = {one.check for one in every if not _never_called(one)}
    return tuple(one for one in every if not (_never_called(one) and one.check in called))


def _never_called(seen: Seen) -> bool:
    codes = {reason.code for reason in seen.reasons}
    return seen.outcome is Outcome.BROKEN and codes == {Code.NEVER_CALLED}


def _fingerprints(records: tuple[Record, ...]) -> tuple[Fingerprint, ...]:
    """What was deployed before the first and after the last; shards that found another build make it differ."""
    versions: dict[str, list[str]] = {}
    for record in records:
        for one in record.fingerprints:
            versions.setdefault(one.system, []).extend((one.before, one.after))
    found = []
    for system, seen in sorted(versions.items()):
        other = next((version for version in seen if version != seen[0]), seen[0])
        found.append(Fingerprint(system=system, before=seen[0], after=other))
    return tuple(found)


def _jobs(plans: Iterable[Plan]) -> tuple[Job, ...]:
    return tuple({job.id: job for plan in plans for job in plan.jobs}.values())


def _whole(jobs: tuple[Job, ...]) -> str:
    names = sorted(check.id for job in jobs for check in job.checks)
    return hashlib.sha256("\n".join(names).encode("utf-8", "surrogatepass")).hexdigest()


def _key(plan: Plan) -> tuple[object, ...]:
    shard = plan.shard
    return (shard and (shard.of, shard.whole), plan.tier, plan.release, plan.digests, plan.policy, plan.only)


def _once(found: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(found))
