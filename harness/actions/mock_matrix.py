"""`harness mock matrix DEPENDENCY --tier TIER`: every failure of a dependency played by its mock, and the system asked.

An ordinary run with another question, alone on its stage: plan, record, verdict and evidence are those of any run. What
has no sense (a body that is malformed where there is none) is left out by name; what nothing leads to stays open.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from harness.actions.running import Done, run
from harness.actions.underway import Narrator
from harness.adapters.host import Host
from harness.adapters.workspace_files import load_tier, load_workspace
from harness.errors import AskedWrongly, HarnessError, Place, Problem
from harness.formats.matrix_toml import FILE, read_matrix
from harness.mocks.matrix import Trials, job_for, trials_for
from harness.mocks.matrix_steps import CannotLead
from harness.model.contract import Contract
from harness.model.matrix import Matrix
from harness.model.plan import Plan
from harness.model.tier import Dependency, System, Tier
from harness.model.workspace import Workspace
from harness.rules.asking import must_run_suites


def matrix(
    host: Host,
    root: Path,
    name: str,
    tier_name: str,
    narrator: Narrator,
    *,
    seed: int | None = None,
    confirm: Callable[[str], str | None] = lambda _: None,
) -> Done:
    """Carry out every trial of the dependency's matrix on a tier where its mock stands in."""
    tier = load_tier(root, tier_name, host.environ)
    workspace = load_workspace(root, (tier,))
    must_run_suites(tier)
    made = trials_on(root, tier, workspace, name)
    _must_be_allowed(tier, made.ours, {step.operation for trial in made.laid.trials for step in trial.steps})

    def planned(plan: Plan) -> Plan:
        job = job_for(name, made.folder, made.system.name, made.ours.path, made.wanted, made.laid, plan.seed)
        prefix = f"mock:{name}/survives"
        apart = tuple((f"{prefix}/{what}", why) for what, why in made.laid.left_out)
        return replace(plan, jobs=(job,) if job.checks else (), left_out=apart, only=(prefix,))

    def staged(one: Tier) -> Tier:
        changed = tuple(replace(each, faults=each.name == name) for each in one.dependencies)
        return replace(one, dependencies=changed)

    return run(host, root, tier_name, narrator, seed=seed, confirm=confirm, planned=planned, staged=staged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The trials of one dependency on one tier, and who is asked."""

    folder: str
    system: System
    ours: Contract
    wanted: Matrix
    laid: Trials


def trials_on(root: Path, tier: Tier, workspace: Workspace, name: str) -> Made:
    """What a matrix comes to; AskedWrongly with whatever is wrong in it."""
    dependency, wanted, file = _wanted(root, tier, name)
    system, ours = _system(tier, workspace, wanted, file)
    theirs = workspace.contracts.get(dependency.contract or "")
    if theirs is None:
        raise AskedWrongly(f"`{name}` has no contract on {tier.name}", hint=f"give [dependencies.{name}] a `contract`")
    try:
        laid = trials_for(wanted, theirs, ours)
    except (CannotLead, LookupError) as error:
        raise AskedWrongly(str(error.args[0]), place=Place(file=file)) from error
    folder = dependency.mock or ""
    return Made(folder=folder, system=system, ours=ours, wanted=wanted, laid=laid)


def matrix_problems(root: Path, tiers: Iterable[Tier], workspace: Workspace) -> list[Problem]:
    """Everything that is wrong in any matrix, with nothing started."""
    problems: list[Problem] = []
    for tier in tiers:
        for one in tier.dependencies:
            if one.mock is not None and (root / one.mock / FILE).is_file():
                try:
                    trials_on(root, tier, workspace, one.name)
                except HarnessError as error:
                    problems += error.problems
    return problems


def _wanted(root: Path, tier: Tier, name: str) -> tuple[Dependency, Matrix, str]:
    known = {one.name: one for one in tier.dependencies}
    found = known.get(name)
    if found is None:
        raise AskedWrongly(f"{tier.name} has no dependency `{name}`", hint=f"it has: {', '.join(known) or 'none'}")
    if found.mock is None:
        raise AskedWrongly(f"no mock stands in for `{name}` on {tier.name}: only a mock plays failures")
    file = f"{found.mock}/{FILE}"
    if not (root / file).is_file():
        raise AskedWrongly(f"there is no {file}", hint="harness help mocks shows one")
    return found, read_matrix((root / file).read_bytes(), file), file


def _system(tier: Tier, workspace: Workspace, wanted: Matrix, file: str) -> tuple[System, Contract]:
    """The system whose contract has every step."""
    steps = {step for lead in wanted.leads for step in lead.steps}
    for system in tier.systems:
        contract = workspace.contracts.get(system.contract or "")
        if contract is not None and steps <= {one.id for one in contract.operations}:
            return system, contract
    raise AskedWrongly(
        f"no system of {tier.name} has all of {', '.join(sorted(steps))} in its contract", place=Place(file=file)
    )


def _must_be_allowed(tier: Tier, contract: Contract, steps: set[str]) -> None:
    policy = tier.policy
    refused = [
        one.id
        for one in contract.operations
        if one.id in steps and policy.methods and one.method not in policy.methods and one.id not in policy.operations
    ]
    if refused:
        raise AskedWrongly(
            f"the policy of {tier.name} does not allow {', '.join(sorted(refused))}",
            hint="try the failures on a tier that allows them",
        )
