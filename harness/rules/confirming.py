"""Which interactions of a contract of use may be asked of the real dependency; what is not sent is named, and why.

What the tier's policy keeps away is left out, as everywhere. Whatever else cannot be sent (it was not kept whole, a
credential is wanting, it needs what is not sent) was promised all the same, and stays open.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from harness.model.contract import Operation
from harness.model.tier import Policy
from harness.model.uses import ContractOfUse, Use

HIDDEN = "[redacted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """What may be sent, renumbered; checks that the policy leaves out; labels that stay open. Each with the reason."""

    uses: tuple[Use, ...]
    left_out: tuple[tuple[str, str], ...]
    unasked: tuple[tuple[str, str], ...]


def permitted(used: ContractOfUse, operations: Iterable[Operation], policy: Policy, *, signed_in: bool) -> Permitted:
    """Everything that a run relied on, in one of the three. `signed_in`: the tier says how to sign in there."""
    known = {one.id: one for one in operations}
    kept: dict[int, Use] = {}
    by_policy: set[int] = set()
    left_out: Counter[tuple[str, str]] = Counter()
    unasked: Counter[tuple[str, str]] = Counter()
    for number, use in enumerate(used.uses):
        operation = known.get(use.operation)
        why, told = _refused(use, operation, policy), left_out
        if why is None:
            why, told = _impossible(use, operation, signed_in=signed_in), unasked
        away = [link.by for link in use.links if link.by not in kept]
        if why is None and away:
            why = "it needs what another one gives out, which is not sent"
            told = left_out if by_policy.issuperset(away) else unasked
        if why is None:
            kept[number] = use
            continue
        told[use.label, why] += 1
        if told is left_out:
            by_policy.add(number)
    order = {old: new for new, old in enumerate(kept)}
    prefix = f"mock:{used.dependency}/confirm"
    return Permitted(
        uses=tuple(
            replace(one, links=tuple(replace(link, by=order[link.by]) for link in one.links)) for one in kept.values()
        ),
        left_out=tuple((f"{prefix}/{label}", why) for label, why in _counted(left_out)),
        unasked=(*_counted(unasked), *_never_kept(used)),
    )


def _counted(told: Counter[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for (label, why), count in told.items():
        yield label, f"{why} ({count} x)"


def _impossible(use: Use, operation: Operation | None, *, signed_in: bool) -> str | None:
    if use.withheld:
        return use.withheld
    if HIDDEN in "".join((use.path, use.query, use.body, *(value for _, value in use.headers))):
        return "a part of it was hidden when it was kept"
    if operation is None:
        return "the contract has no such operation any more"
    if operation.secured and not signed_in:
        return "it needs a credential, and the dependency has no `auth` on this tier"
    return None


def _refused(use: Use, operation: Operation | None, policy: Policy) -> str | None:
    if operation is None:
        return None
    if policy.methods and operation.safe is False:
        return "the contract calls it unsafe, and the tier limits methods"
    if policy.methods and operation.method not in policy.methods and operation.id not in policy.operations:
        return f"the tier's policy does not allow {operation.method}"
    if len(use.body.encode()) > policy.body_bytes:
        return f"its body is larger than the tier allows ({policy.body_bytes} bytes)"
    return None


def _never_kept(used: ContractOfUse) -> Iterator[tuple[str, str]]:
    kept = {use.label for use in used.uses}
    for label, count in used.kinds:
        if label not in kept:
            yield label, f"none of its {count} interactions was kept whole"
