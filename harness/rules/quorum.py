"""How a package stands: enough people in every role, and nobody who refuses.

A person's newest signature in a role counts, by its number in the log; what was withdrawn counts no more.
"""

from harness.model.acceptance import Decision, Package, SlotStanding, Standing, State
from harness.model.ledger import Signature


def quorum(
    package: Package, package_sha256: str, signatures: tuple[Signature, ...], withdrawn: frozenset[int], now_ms: int
) -> Standing:
    """Where a package stands. `withdrawn` are the numbers of signatures that were taken back.

    Signatures of other packages are left out. With no slot at all a package stays open for ever.
    """
    standing = standing_signatures(package_sha256, signatures, withdrawn)
    slots = tuple(_slot(slot.role, slot.least, standing) for slot in package.slots)
    return Standing(state=_state(package, slots, standing, now_ms), slots=slots)


def standing_signatures(
    package_sha256: str, signatures: tuple[Signature, ...], withdrawn: frozenset[int]
) -> tuple[Signature, ...]:
    """The signatures of a package that count: of each person in each role the newest, unless it was withdrawn."""
    newest: dict[tuple[str, str], Signature] = {}
    for one in sorted(signatures, key=lambda one: one.number):
        if one.statement.package_sha256 == package_sha256:
            newest[(one.statement.person, one.statement.role)] = one
    return tuple(one for one in newest.values() if one.number not in withdrawn)


def _slot(role: str, least: int, standing: tuple[Signature, ...]) -> SlotStanding:
    mine = [one.statement for one in standing if one.statement.role == role]
    rejected = sum(one.decision is Decision.REJECT for one in mine)
    return SlotStanding(role=role, least=least, accepted=len(mine) - rejected, rejected=rejected)


def _state(package: Package, slots: tuple[SlotStanding, ...], standing: tuple[Signature, ...], now_ms: int) -> State:
    roles = {slot.role for slot in slots}
    if any(slot.rejected for slot in slots):
        return State.REJECTED
    if not slots or any(slot.accepted < max(1, slot.least) for slot in slots):
        return State.EXPIRED if now_ms >= package.expires_ms else State.OPEN
    conditional = any(one.statement.decision is Decision.CONDITIONS and one.statement.role in roles for one in standing)
    return State.CONDITIONAL if conditional else State.ACCEPTED
