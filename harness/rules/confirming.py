"""Which interactions of a contract of use may be asked of the real dependency; what is not sent is named, and why.

The tier's policy holds as for a system; what was not kept whole, or needs what is not sent, cannot be asked.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from harness.model.contract import Operation
from harness.model.tier import Policy
from harness.model.uses import ContractOfUse, Use

HIDDEN = "[redacted"


def permitted(
    used: ContractOfUse, operations: Iterable[Operation], policy: Policy, *, signed_in: bool
) -> tuple[tuple[Use, ...], tuple[tuple[str, str], ...]]:
    """What may be sent, renumbered, and what is left out. `signed_in`: the tier says how to sign in there."""
    known = {one.id: one for one in operations}
    kept: dict[int, Use] = {}
    told: dict[tuple[str, str], int] = {}
    for number, use in enumerate(used.uses):
        why = _refused(use, known.get(use.operation), policy, signed_in=signed_in)
        if why is None and any(link.by not in kept for link in use.links):
            why = "it needs what another one gives out, which is not sent"
        if why is None:
            kept[number] = use
        else:
            told[use.label, why] = told.get((use.label, why), 0) + 1
    prefix = f"mock:{used.dependency}/confirm"
    left_out = [(f"{prefix}/{label}", f"{why} ({count} x)") for (label, why), count in told.items()]
    order = {old: new for new, old in enumerate(kept)}
    uses = tuple(
        replace(one, links=tuple(replace(link, by=order[link.by]) for link in one.links)) for one in kept.values()
    )
    return uses, (*left_out, *((f"{prefix}/{label}", why) for label, why in _never_kept(used)))


def _refused(use: Use, operation: Operation | None, policy: Policy, *, signed_in: bool) -> str | None:
    if use.withheld:
        return use.withheld
    if HIDDEN in "".join((use.path, use.query, use.body, *(value for _, value in use.headers))):
        return "a part of it was hidden when it was kept"
    if operation is None:
        return "the contract has no such operation any more"
    if policy.methods and operation.safe is False:
        return "the contract calls it unsafe, and the tier limits methods"
    if policy.methods and operation.method not in policy.methods and operation.id not in policy.operations:
        return f"the tier's policy does not allow {operation.method}"
    if len(use.body.encode()) > policy.body_bytes:
        return f"its body is larger than the tier allows ({policy.body_bytes} bytes)"
    if operation.secured and not signed_in:
        return "it needs a credential, and the dependency has no `auth` on this tier"
    return None


def _never_kept(used: ContractOfUse) -> Iterator[tuple[str, str]]:
    kept = {use.label for use in used.uses}
    for label, count in used.kinds:
        if label not in kept:
            yield label, f"none of its {count} interactions was kept whole"
