"""A job for each load that has a profile for the tier and keeps within the tier's caps: every limit is a promise."""

from collections.abc import Iterator

from harness.model.load import LoadSpec
from harness.model.plan import (
    Check,
    Job,
    LoadWork,
    Promise,
)
from harness.model.tier import Suite, Tier
from harness.model.workspace import Workspace
from harness.rules.load_bounds import bounds_of, refusal

_LOAD_GRACE_S = 60.0


def load_jobs(workspace: Workspace, tier: Tier, seed: int, left_out: list[tuple[str, str]]) -> Iterator[Job]:
    """A job for each load of the tier; one without a profile, or beyond the caps, goes to `left_out`."""
    for spec in workspace.loads:
        profile = spec.profile_for(tier.name)
        if profile is None:
            left_out.append((f"load:{spec.name}", f"{spec.path} names no profile for {tier.name}"))
            continue
        refused = refusal(profile, tier.policy)
        if refused is not None:
            left_out.append((f"load:{spec.name}", refused))
            continue
        system = next((one for one in tier.systems if one.name == spec.system), tier.systems[0])
        checks = tuple(
            Check(
                id=limit_id(spec, limit.subject, limit.measure),
                suite=Suite.LOAD,
                promise=Promise.LIMIT,
                title=limit.text if limit.subject == "all" else f"{limit.subject}: {limit.text}",
                place=spec.path,
            )
            for limit in spec.limits
        )
        yield Job(
            id=f"load:{spec.name}",
            suite=Suite.LOAD,
            work=LoadWork(
                spec=spec.path,
                system=system.name,
                users_file=spec.users_file,
                users_class=spec.users_class,
                profile=profile,
                limits=spec.limits,
                watches=spec.watches,
                bounds=bounds_of(tier.policy),
                aborts=spec.aborts,
                contract=system.contract or "" if spec.checked_share else "",
                checked_share=spec.checked_share,
                served=spec.served,
            ),
            checks=checks,
            seed=seed,
            deadline_s=profile.duration_s + _LOAD_GRACE_S,
            alone=True,
        )


def limit_id(spec: LoadSpec, subject: str, measure: str) -> str:
    """`load:checkout/p95`, or `load:checkout/createOrder/p95` where the limit is on one operation."""
    middle = "" if subject == "all" else f"{subject}/"
    return f"load:{spec.name}/{middle}{measure}"
