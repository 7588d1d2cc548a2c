"""Looking for every problem in a workspace, in all its tiers, with nothing started."""

from dataclasses import dataclass
from pathlib import Path

from harness.actions.belonging import strangers
from harness.actions.mock_matrix import matrix_problems
from harness.adapters.host import Host
from harness.adapters.mock_server.loading import load_mock
from harness.adapters.workspace_files import find_root, load_tier, load_workspace, tier_names
from harness.errors import AskedWrongly, HarnessError, Place, Problem
from harness.formats.gate_toml import POLICY_FILE, read_gate
from harness.formats.load_script import script_problems
from harness.model.tier import Tier
from harness.model.workspace import Workspace
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
    for tier in tiers if len(tiers) == len(names) else ():
        problems += strangers(host, root, tier)
    try:
        workspace = load_workspace(root, tuple(tiers))
    except HarnessError as error:
        raise HarnessError.of(dict.fromkeys((*problems, *error.problems))) from error
    problems += _problems_of_users(root, workspace)
    problems += _problems_of_mocks(root, tiers)
    problems += matrix_problems(root, tiers, workspace)
    problems += _problems_of_gate(root, names)
    if problems:
        raise HarnessError.of(dict.fromkeys(problems))
    return Checked(
        tiers=names,
        operations=sum(len(contract.operations) for contract in workspace.contracts.values()),
        criteria=len(workspace.criteria),
        loads=len(workspace.loads),
    )


def _problems_of_users(root: Path, workspace: Workspace) -> list[Problem]:
    """Load scripts that are no Python, or lack the class that their profile names."""
    return [
        problem
        for spec in workspace.loads
        if spec.users_file
        for problem in script_problems((root / spec.users_file).read_bytes(), spec.users_file, spec.users_class)
    ]


def _problems_of_gate(root: Path, tiers: tuple[str, ...]) -> list[Problem]:
    """A policy that the gate would refuse, where there is one."""
    file = root / POLICY_FILE
    if not file.is_file():
        return []
    try:
        read_gate(file.read_bytes(), tiers)
    except HarnessError as error:
        return list(error.problems)
    return []


def _problems_of_mocks(root: Path, tiers: list[Tier]) -> list[Problem]:
    """Mocks that would not stand: each is compiled as it would be for a run."""
    problems: list[Problem] = []
    for folder, contract in dict.fromkeys((one.mock, one.contract) for tier in tiers for one in tier.dependencies):
        if folder is not None:
            try:
                load_mock(root / folder, contract=root / contract if contract else None)
            except HarnessError as error:
                problems += error.problems
    return problems
