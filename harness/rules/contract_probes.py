"""What the contract suite may do where no generator runs: recorded requests, as they were sealed, and nothing else.

An operation is safe to probe where the tier's policy allows its method, or names it, and the contract does not
call it unsafe. A list that was changed after it was sealed, or written for another contract, is not sent at all.
"""

from collections.abc import Iterator

from harness.model.contract import Contract, Operation
from harness.model.plan import Accepted, Check, ContractWork, Job, Promise
from harness.model.probes import Probe, Probes
from harness.model.tier import Policy, Suite, System, Tier
from harness.model.workspace import Workspace

_READING = frozenset(("GET", "HEAD"))


def accepted_on(workspace: Workspace, contract: str, tier: Tier) -> tuple[Accepted, ...]:
    """The accepted findings of a contract that hold on a tier."""
    return tuple(one for one in workspace.accepted.get(contract, ()) if not one.tiers or tier.name in one.tiers)


def may_be_probed(operation: Operation, policy: Policy) -> bool:
    """Whether an operation reads only, by its method or by the owner's word, and the policy lets it through."""
    if operation.safe is False or operation.method not in _READING:
        return False
    return not policy.methods or operation.method in policy.methods or operation.id in policy.operations


def refusal_of(probes: Probes, contract: Contract, policy: Policy) -> str | None:
    """Why a list may not be sent; None where it may."""
    if not probes.sha256:
        return "its list is a proposal that nobody has sealed yet: read it and run harness contract seal"
    if probes.sha256 != probes.sealed:
        return "its list was changed after it was sealed: read it and run harness contract seal"
    if probes.contract_sha256 != contract.sha256:
        return "it was written for another version of the contract: harness contract probes writes it anew"
    known = {operation.id: operation for operation in contract.operations}
    for probe in probes.probes:
        operation = known.get(probe.operation)
        if operation is None or operation.method != probe.method:
            return f"`{probe.operation}` is no {probe.method} operation of the contract"
        if not may_be_probed(operation, policy):
            return f"`{probe.operation}` is not safe to ask on this tier"
        if not _is_below(probe, operation):
            return f"`{probe.method} {probe.path}` is not a request for `{probe.operation}`"
    return None


def probe_jobs(
    workspace: Workspace, tier: Tier, seed: int, left_out: list[tuple[str, str]], without: str
) -> Iterator[Job]:
    """A job for each system that has a list; `without` says why there is none for the others."""
    if not any(system.contract in workspace.probes for system in tier.systems):
        left_out.append(("contract", without))
        return
    for system in tier.systems:
        contract = workspace.contracts.get(system.contract or "")
        listed = workspace.probes.get(system.contract or "")
        if contract is None or listed is None:
            left_out.append((f"contract:{system.name}", without))
            continue
        refused = refusal_of(listed, contract, tier.policy)
        if refused is not None:
            left_out.append((f"contract:{system.name}", f"the recorded requests are not sent: {refused}"))
            continue
        asked = {probe.operation for probe in listed.probes}
        left_out += [
            (f"contract:{system.name}/{one.id}", "no request is recorded for it")
            for one in contract.operations
            if one.id not in asked
        ]
        yield _job(workspace, system, contract, listed, tier, seed)


def _job(workspace: Workspace, system: System, contract: Contract, listed: Probes, tier: Tier, seed: int) -> Job:
    asked = {probe.operation for probe in listed.probes}
    operations = tuple(one for one in contract.operations if one.id in asked)
    return Job(
        id=f"contract:{system.name}",
        suite=Suite.CONTRACT,
        work=ContractWork(
            system=system.name,
            contract=contract.path,
            operations=operations,
            required=(),
            max_examples=1,
            accepted=accepted_on(workspace, contract.path, tier),
            probes=listed.written,
        ),
        checks=tuple(
            Check(
                id=f"contract:{system.name}/{one.id}",
                suite=Suite.CONTRACT,
                promise=Promise.OPERATION,
                title=f"{one.label} keeps its contract, as far as recorded requests tell",
                place=f"{contract.path}:{one.line}" if one.line else contract.path,
            )
            for one in operations
        ),
        seed=seed,
        deadline_s=tier.policy.contract_deadline_s,
    )


def _is_below(probe: Probe, operation: Operation) -> bool:
    """Whether a path is one of an operation: the same steps, its parameters filled in."""
    given, wanted = probe.path.partition("?")[0].split("/"), operation.path.split("/")
    if len(given) != len(wanted) or ".." in given:
        return False
    return all(
        bool(step) and "%2f" not in step.lower() if "{" in part else step == part
        for step, part in zip(given, wanted, strict=True)
    )
