"""Whether the person of a signature was who it says, by the log alone: side, name, role, and no hand in the release.

The portal's tables can be changed by whoever administers its machine, for a moment even; its log can't. So what
the server found at signing is looked at again here, against entries that were written before.
"""

from collections.abc import Sequence

from harness.formats.dsse import NotTrusted
from harness.model.acceptance import Act, Side
from harness.model.ledger import (
    FrozenPackage,
    HandsTold,
    Joined,
    PasskeyRemoved,
    RoleEnded,
    RoleGiven,
    Signature,
    WayInReset,
    Withdrawn,
)
from harness.rules.signing import COOLING_MS

_ADMIN = "admin"


def check_person(signature: Signature, frozen: FrozenPackage, told: Sequence[object]) -> None:
    """NotTrusted where the log before this signature does not bear it out."""
    where, said = f"signature {signature.number}", signature.statement
    joined = [one for one in told if isinstance(one, Joined) and one.person == said.person]
    if len(joined) != 1 or joined[0].number >= signature.number:
        raise NotTrusted(f"{where} is by somebody who never joined")
    me = joined[0]
    if me.side is not Side.BUSINESS or (me.name, me.title, me.side) != (said.name, said.title, said.side):
        raise NotTrusted(f"{where}: {said.name} joined as {me.name}, {me.title}, of the {me.side.value} side")
    held = _held(told, said.person, said.role, signature.number)
    if not any(len({"", said.person, one.by, one.approved_by}) == 4 for one in held):
        raise NotTrusted(f"{where}: {said.name} did not hold the role {said.role}, given by two others")
    if any(act.person in {said.person, me.mail} for act in (*frozen.acts, *_told_before(signature, told))):
        raise NotTrusted(f"{where}: {said.name} had a hand in the release")
    if _administered(told, said.person, frozen.number, signature.number):
        raise NotTrusted(f"{where}: {said.name} administers the portal")
    resets = [one for one in told if isinstance(one, WayInReset) and one.person == said.person]
    if any(one.number < signature.number and signature.signed_ms - one.at_ms < COOLING_MS for one in resets):
        raise NotTrusted(f"{where}: {said.name} was given a new way in less than a day before")


def check_kept(where: str, one: Signature | Withdrawn, told: Sequence[object]) -> None:
    """NotTrusted where the passkey had been taken off before: what revives its row does not revive it."""
    person = one.statement.person if isinstance(one, Signature) else one.withdrawal.person
    gone = [each for each in told if isinstance(each, PasskeyRemoved) and each.number < one.number]
    removed = {each.credential for each in gone if each.person == person}
    if one.assertion is not None and one.assertion.credential in removed:
        raise NotTrusted(f"{where} is by a passkey that was removed before")


def _told_before(signature: Signature, told: Sequence[object]) -> tuple[Act, ...]:
    """Whoever was told of after the package was frozen and before this was signed."""
    mine = signature.statement.package_sha256
    later = [one for one in told if isinstance(one, HandsTold) and one.package_sha256 == mine]
    return tuple(act for one in later if one.number < signature.number for act in one.acts)


def _administered(told: Sequence[object], person: str, since: int, until: int) -> bool:
    """Whether they held the portal's administration at any moment between these two entries."""
    between = [one.number for one in told if isinstance(one, RoleGiven | RoleEnded) and since <= one.number < until]
    return any(_held(told, person, _ADMIN, moment) for moment in (since, *(one + 1 for one in between), until))


def _held(told: Sequence[object], person: str, role: str, number: int) -> tuple[RoleGiven, ...]:
    """The grants of a role that stood just before that entry."""
    mine = [
        one
        for one in told
        if isinstance(one, RoleGiven | RoleEnded) and (one.person, one.role) == (person, role) and one.number < number
    ]
    ended = max((one.number for one in mine if isinstance(one, RoleEnded)), default=-1)
    return tuple(one for one in mine if isinstance(one, RoleGiven) and one.number > ended)
