"""What the log itself tells of packages: all that was signed, taken back or met, whatever the rows beside it say.

A reader of a bundle sees the entries that are told and of all others a hash alone: what were chosen by a row could be
left out by changing that row. So entries are chosen by what they say, and all of them are looked at.
"""

from collections.abc import Collection, Iterator

from harness.formats.ledger import Told, read_entry, told_by
from harness.model.ledger import (
    Enrolled,
    EntryKind,
    FrozenPackage,
    HandsTold,
    Joined,
    MetCondition,
    PasskeyRemoved,
    RoleEnded,
    RoleGiven,
    Signature,
    VoidPackage,
    WayInReset,
    Withdrawn,
)
from harness.portal.models import Entry

_OF_PACKAGES = (
    EntryKind.PACKAGE_FROZEN,
    EntryKind.PACKAGE_VOID,
    EntryKind.SIGNATURE,
    EntryKind.WITHDRAWAL,
    EntryKind.CONDITION_MET,
    EntryKind.RELEASE,
)
_OF_PEOPLE = (EntryKind.ACCOUNT, EntryKind.ROLE, EntryKind.CREDENTIAL)


def told_of(packages: Collection[str], size: int) -> tuple[Told, ...]:
    """What the first `size` entries say of packages, by digest, and of those who signed them; in the log's order."""
    found = list(_of_packages(packages, size))
    signed = tuple(one for one in found if isinstance(one, Signature))
    signers = frozenset(one.statement.person for one in signed)
    found += [one for one in _told(_OF_PEOPLE, size) if _person(one) in signers]
    return tuple(sorted(found, key=lambda one: one.number))


def keys_of(person: str) -> frozenset[str]:
    """The passkeys that somebody has by the log, whatever their rows say; a reset lets them begin anew."""
    keys: set[str] = set()
    for one in _told(_OF_PEOPLE, Entry.objects.count()):
        match one:
            case Enrolled(person=whose, credential=credential) if whose == person:
                keys.add(credential)
            case PasskeyRemoved(person=whose, credential=credential) if whose == person:
                keys.discard(credential)
            case WayInReset(person=whose) if whose == person:
                keys.clear()
            case _:
                pass
    return frozenset(keys)


def roles_held() -> frozenset[str]:
    """The roles that somebody has by the log."""
    held: set[tuple[str, str]] = set()
    for one in _told(_OF_PEOPLE, Entry.objects.count()):
        match one:
            case RoleGiven():
                held.add((one.person, one.role))
            case RoleEnded():
                held.discard((one.person, one.role))
            case _:
                pass
    return frozenset(role for _, role in held)


def _of_packages(packages: Collection[str], size: int) -> Iterator[Told]:
    signed: set[int] = set()
    for one in _told(_OF_PACKAGES, size):
        match one:
            case Signature(statement=statement) if statement.package_sha256 in packages:
                signed.add(one.number)
                yield one
            case Withdrawn(withdrawal=withdrawal) if withdrawal.package_sha256 in packages:
                yield one
            case FrozenPackage(package_sha256=sha256) | VoidPackage(package_sha256=sha256) if sha256 in packages:
                yield one
            case HandsTold(package_sha256=sha256) if sha256 in packages:
                yield one
            case MetCondition(signature=signature) if signature in signed:
                yield one
            case _:
                pass


def _person(one: Told) -> str:
    of_people = Joined | RoleGiven | RoleEnded | Enrolled | WayInReset | PasskeyRemoved
    return one.person if isinstance(one, of_people) else ""


def _told(kinds: tuple[EntryKind, ...], size: int) -> Iterator[Told]:
    """By the entry's own word for its kind: the column beside it is only for pages."""
    ends = tuple(f'"kind":"{kind.value}"}}'.encode() for kind in kinds)
    for body in Entry.objects.filter(index__lt=size).order_by("index").values_list("body", flat=True).iterator():
        line = bytes(body)
        if line.endswith(ends) and (one := told_by(read_entry(line))) is not None:
            yield one
