"""Finding out how much a system can take: an ordinary run of one load, with another question.

The run has a plan, a record and a verdict like any other, but answers none of the load's own limits: its one check
is `load:<name>/capacity`, so that nobody takes a search for the evidence of a release.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from harness.actions.running import Done, prepare, run
from harness.actions.underway import Narrator
from harness.adapters.host import Host
from harness.errors import AskedWrongly
from harness.model.capacity import Search
from harness.model.plan import Check, Job, LoadWork, Promise
from harness.model.tier import LoadCap, Suite
from harness.rules.capacity import most_steps

_GRACE_S = 30.0


def capacity(
    host: Host,
    root: Path,
    tier: str,
    name: str | None,
    search: Search,
    narrator: Narrator,
    *,
    confirm: Callable[[str], str | None] = lambda _: None,
) -> Done:
    """Search on a tier with the users and limits of a load (the only one where no name is given)."""
    _, settled, plan = prepare(host, root, tier, only=("load",), release=None)
    loads = [job.id for job in plan.jobs if isinstance(job.work, LoadWork)]
    wanted = [f"load:{name}"] if name else loads
    if len(wanted) != 1 or wanted[0] not in loads:
        known = ", ".join(one.removeprefix("load:") for one in loads) or "none"
        raise AskedWrongly(f"which load? {tier} has: {known}", hint=f"harness load capacity {tier} --load NAME")
    cap = settled.policy.load or LoadCap()
    return run(
        host,
        root,
        tier,
        narrator,
        only=(wanted[0],),
        confirm=confirm,
        planned=lambda plan: replace(plan, jobs=tuple(_asked(job, search, cap) for job in plan.jobs)),
    )


def _asked(job: Job, search: Search, cap: LoadCap) -> Job:
    """The job with the search instead of its profile, within everything that the tier's policy says of load."""
    if not isinstance(job.work, LoadWork):
        return job
    bounds = job.work.bounds
    rates = [rate for rate in (bounds.rate_per_s, cap.rate_per_s) if rate is not None]
    if rates and min(rates) < search.from_per_s:
        raise AskedWrongly(
            f"the tier allows {min(rates):g} /s, and the search would begin at {search.from_per_s:g} /s",
            hint="begin lower, with --from",
        )
    bounded = replace(search, to_per_s=min([search.to_per_s, *rates]))
    users = [users for users in (bounds.users, cap.users) if users is not None]
    held_s = search.step_s + job.work.profile.warm_up_s
    if cap.for_s is not None and held_s * most_steps(bounded) > cap.for_s:
        raise AskedWrongly(
            f"the tier bears load for {cap.for_s:g} s, and the search may take {held_s * most_steps(bounded):g} s",
            hint="make it shorter: --step, or --from and --to nearer to each other",
        )
    check = Check(
        id=f"{job.id}/capacity",
        suite=Suite.LOAD,
        promise=Promise.LIMIT,
        title=f"the highest rate up to {bounded.to_per_s:g} /s at which every limit holds",
        place=job.work.spec,
    )
    step_s = held_s + _GRACE_S
    return replace(
        job,
        checks=(check,),
        deadline_s=step_s * most_steps(bounded),
        work=replace(job.work, search=bounded, bounds=replace(bounds, users=min(users, default=None))),
    )
