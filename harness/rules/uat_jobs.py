"""A job for each file of demonstrations: every criterion, and every script that belongs to none, is a promise."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from harness.model.criteria import Criterion, Judged, Priority
from harness.model.plan import (
    Check,
    Job,
    Promise,
    UatWork,
)
from harness.model.tier import Suite, Tier
from harness.model.workspace import Workspace

_UAT_START_S = 60.0
_UAT_EACH_S = 90.0
_NOT_MEANT_FOR = "the policy of {tier} limits methods: only criteria that name {tier} in `tiers` run there"


def uat_jobs(workspace: Workspace, tier: Tier, seed: int, left_out: list[tuple[str, str]]) -> Iterator[Job]:
    """A job for each file; criteria that are not tried on this tier go to `left_out`, each with the reason."""
    by_file: dict[str, list[Criterion]] = {}
    for criterion in workspace.criteria:
        why = _why_not(criterion, tier)
        if why:
            left_out.append((f"uat:{criterion.id}", why))
        elif criterion.demonstration:
            by_file.setdefault(criterion.demonstration.partition("::")[0], []).append(criterion)
    named = {c.demonstration.partition("[")[0] for c in workspace.criteria if c.demonstration}
    scripts = {file: tuple(n for n in nodes if n not in named) for file, nodes in workspace.scripts.items()}
    if tier.policy.methods:
        left_out += [
            (f"uat:{node}", _NOT_MEANT_FOR.format(tier=tier.name)) for some in scripts.values() for node in some
        ]
        scripts = {}
    for file in sorted({*by_file, *(file for file, nodes in scripts.items() if nodes)}):
        yield _uat_job(file, tuple(by_file.get(file, ())), scripts.get(file, ()), seed)


def _why_not(criterion: Criterion, tier: Tier) -> str | None:
    if criterion.priority is Priority.WONT:
        return "its priority is `wont`"
    if criterion.tiers and tier.name not in criterion.tiers:
        return f"it is for {', '.join(criterion.tiers)}"
    if tier.policy.methods and not criterion.tiers:
        return _NOT_MEANT_FOR.format(tier=tier.name)
    if criterion.demonstration is None and criterion.judged is not Judged.AUTOMATIC:
        return f"it is judged {criterion.judged} by {criterion.owner or 'its owner'}, without a script"
    return None


def _uat_job(file: str, criteria: tuple[Criterion, ...], scripts: tuple[str, ...], seed: int) -> Job:
    stem = PurePosixPath(file).stem.removeprefix("test_")
    checks = (
        *(
            Check(
                id=f"uat:{stem}/{criterion.id}",
                suite=Suite.UAT,
                promise=Promise.CRITERION,
                title=criterion.title.en,
                place=f"uat/{file}",
            )
            for criterion in criteria
        ),
        *(
            Check(
                id=f"uat:{stem}/{script.partition('::')[2].replace('::', '.')}",
                suite=Suite.UAT,
                promise=Promise.SCRIPT,
                title=script,
                place=f"uat/{file}",
            )
            for script in scripts
        ),
    )
    return Job(
        id=f"uat:{stem}",
        suite=Suite.UAT,
        work=UatWork(folder="uat", criteria=criteria, scripts=scripts),
        checks=checks,
        seed=seed,
        deadline_s=_UAT_START_S + _UAT_EACH_S * len(checks),
    )
