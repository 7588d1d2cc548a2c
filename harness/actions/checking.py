"""Looking for every problem in a workspace, in all its tiers, with nothing started."""

from dataclasses import dataclass
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.workspace_files import find_root, load_tier, load_workspace, tier_names
from harness.errors import AskedWrongly, HarnessError, Place, Problem
from harness.model.tier import Tier
from harness.rules.permitting import refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a workspace without problems holds."""

    tiers: tuple[str, ...]
    operations: int
    criteria: int
    loads: int


def check(host: Host, start: Path) -> Checked:
    """What there is; HarnessError with every problem of every file."""
    root = find_root(start)
    names = tier_names(root)
    if not names:
        raise AskedWrongly(
            "there is no tier", place=Place(file="environments"), hint="harness init makes the first one"
        )
    problems: list[Problem] = []
    tiers: list[Tier] = []
    for name in names:
        try:
            tier = load_tier(root, name, host.environ)
        except HarnessError as error:
            problems += error.problems
            continue
        problems += refusals(tier)
        tiers.append(tier)
    try:
        workspace = load_workspace(root, tuple(tiers))
    except HarnessError as error:
        raise HarnessError.of(dict.fromkeys((*problems, *error.problems))) from error
    if problems:
        raise HarnessError.of(dict.fromkeys(problems))
    return Checked(
        tiers=names,
        operations=sum(len(contract.operations) for contract in workspace.contracts.values()),
        criteria=len(workspace.criteria),
        loads=len(workspace.loads),
    )
