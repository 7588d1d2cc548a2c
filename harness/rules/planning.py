"""From a workspace and a tier to a plan: every promise by name, before anything starts.

A plan is the same for the same workspace, tier, seed and selection. What policy or
`--only` keeps away is named in `left_out`; nothing is dropped in silence.
"""

from collections.abc import Iterator

from harness.model.plan import (
    Job,
    Plan,
    Release,
)
from harness.model.tier import Suite, Tier
from harness.model.workspace import Workspace
from harness.rules.contract_jobs import contract_jobs
from harness.rules.contract_probes import probe_jobs
from harness.rules.guarding import kept_back
from harness.rules.load_jobs import load_jobs
from harness.rules.mock_jobs import mock_jobs
from harness.rules.narrowing import narrowed
from harness.rules.uat_jobs import uat_jobs


def plan_for(
    workspace: Workspace,
    tier: Tier,
    *,
    run: str,
    seed: int,
    release: Release | None = None,
    only: tuple[str, ...] = (),
) -> Plan:
    """The plan of one run. `only` keeps jobs and checks whose id equals or starts with one of its words."""
    left_out: list[tuple[str, str]] = []
    jobs = [job for job in _jobs(workspace, tier, seed, left_out) if job.checks]
    if only:
        left_out += [
            (word, "--only names nothing here") for word in only if not any(narrowed(j, (word,)) for j in jobs)
        ]
        jobs = [kept for job in jobs if (kept := narrowed(job, only))]
        left_out.append(("everything else", "--only " + " ".join(only)))
    return Plan(
        run=run,
        tier=tier.name,
        release=release,
        seed=seed,
        jobs=tuple(jobs),
        policy=tier.policy,
        digests=(("tier", tier.sha256), *sorted(workspace.digests.items())),
        left_out=tuple(left_out),
        only=only,
    )


def _jobs(workspace: Workspace, tier: Tier, seed: int, left_out: list[tuple[str, str]]) -> Iterator[Job]:
    suites = tier.policy.suites
    back = kept_back(tier)
    if Suite.CONTRACT in suites and Suite.CONTRACT in back:
        yield from probe_jobs(workspace, tier, seed, left_out, back[Suite.CONTRACT])
    elif Suite.CONTRACT in suites:
        yield from contract_jobs(workspace, tier, seed, left_out)
    else:
        left_out.append(("contract", f"the policy of {tier.name} does not name this suite"))
    if Suite.UAT in suites:
        yield from uat_jobs(workspace, tier, seed, left_out)
    else:
        left_out.append(("uat", f"the policy of {tier.name} does not name this suite"))
    if Suite.LOAD in suites:
        yield from load_jobs(workspace, tier, seed, left_out)
    else:
        left_out.append(("load", f"the policy of {tier.name} does not name this suite"))
    yield from mock_jobs(tier, seed)
