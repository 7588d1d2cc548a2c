"""A job for each system with a contract: every operation, required status and floor is a promise by name."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from harness.model.contract import Contract, Operation
from harness.model.plan import (
    Check,
    ContractWork,
    Job,
    Promise,
)
from harness.model.tier import Suite, System, Tier
from harness.model.workspace import Workspace
from harness.rules.contract_probes import accepted_on


def contract_jobs(workspace: Workspace, tier: Tier, seed: int, left_out: list[tuple[str, str]]) -> Iterator[Job]:
    """A job for each system; a system without a contract goes to `left_out`."""
    for system in tier.systems:
        if system.contract is None:
            left_out.append((f"contract:{system.name}", "no `contract` is named for it"))
            continue
        contract = workspace.contracts[system.contract]
        required = tuple(
            (operation.id, status)
            for operation in contract.operations
            for status in required_statuses(operation, tier.policy.statuses, has_credentials=system.auth is not None)
        )
        checks = tuple(_checks(system, contract, required, tier.policy.floors))
        yield Job(
            id=f"contract:{system.name}",
            suite=Suite.CONTRACT,
            work=ContractWork(
                system=system.name,
                contract=system.contract,
                operations=contract.operations,
                required=required,
                max_examples=tier.policy.max_examples,
                hooks=_hooks(workspace, system.contract),
                accepted=accepted_on(workspace, system.contract, tier),
                floors=tier.policy.floors,
            ),
            checks=checks,
            seed=seed,
            deadline_s=tier.policy.contract_deadline_s,
        )


def _checks(
    system: System, contract: Contract, required: tuple[tuple[str, str], ...], floors: tuple[tuple[str, float], ...]
) -> Iterator[Check]:
    if floors:
        wanted = ", ".join(f"{floor:.0%} of {kind}s" for kind, floor in floors)
        yield Check(
            id=f"contract:{system.name}/coverage",
            suite=Suite.CONTRACT,
            promise=Promise.STATUS,
            title=f"enough of the contract is proved: {wanted}",
            place=contract.path,
        )
    statuses: dict[str, list[str]] = {}
    for name, status in required:
        statuses.setdefault(name, []).append(status)
    for operation in contract.operations:
        place = f"{contract.path}:{operation.line}" if operation.line else contract.path
        stem = f"contract:{system.name}/{operation.id}"
        title = f"{operation.label} keeps its contract"
        yield Check(id=stem, suite=Suite.CONTRACT, promise=Promise.OPERATION, title=title, place=place)
        for status in statuses.get(operation.id, ()):
            yield Check(
                id=f"{stem}@{status}",
                suite=Suite.CONTRACT,
                promise=Promise.STATUS,
                title=f"{operation.label} answers {status}",
                place=place,
            )


def required_statuses(operation: Operation, wanted: tuple[str, ...], *, has_credentials: bool) -> tuple[str, ...]:
    """Which documented statuses a tier demands to see.

    `success` stands for the operation's documented 2xx, or for any of them (`2XX`) where there are several;
    `401` for the refusal without credentials (403 where only that is documented), demanded only where there are
    credentials to leave out; any other status for itself where the operation documents it; `operation@status` for
    exactly that.
    """
    statuses: list[str] = []
    for want in wanted:
        if want == "success":
            accepted = [status for status in operation.statuses if status[:1] == "2"]
            statuses += accepted if len(accepted) < 2 else ["2XX"]
        elif want == "401":
            refusals = [status for status in ("401", "403") if status in operation.statuses]
            statuses += refusals[:1] if operation.secured and has_credentials else []
        elif "@" in want:
            name, _, status = want.rpartition("@")
            statuses += [status] if name == operation.id else []
        elif want in operation.statuses:
            statuses.append(want)
    return tuple(dict.fromkeys(statuses))


def _hooks(workspace: Workspace, contract: str) -> str | None:
    stem = PurePosixPath(contract).name.partition(".")[0]
    path = f"contracts/{stem}_hooks.py"
    return path if path in workspace.digests else None
