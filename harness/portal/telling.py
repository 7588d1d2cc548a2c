"""What the log itself tells of packages: all that was signed, taken back or met, whatever the rows beside it say.

A reader of a bundle sees the entries that are told and of all others a hash alone: what were chosen by a row could be
left out by changing that row. So entries are chosen by what they say, and all of them are looked at.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from threading import Lock

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
    found += [one for one in _of_people(size) if _person(one) in signers]
    return tuple(sorted(found, key=lambda one: one.number))


def keys_of(person: str) -> frozenset[str]:
    """The passkeys that somebody has by the log, whatever their rows say; a reset lets them begin anew."""
    keys: set[str] = set()
    for one in _of_people(Entry.objects.count()):
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
    for one in _of_people(Entry.objects.count()):
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


@dataclass
class _Read:
    """What the log told of people so far: entries are only added, so each is read once.

    `leaf` is that of the newest one read. An entry that is changed later is not followed; another log is read anew.
    """

    size: int = 0
    leaf: str = ""
    told: list[Told] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)


@cache
def _read() -> _Read:
    return _Read()


def _of_people(size: int) -> tuple[Told, ...]:
    read = _read()
    with read.lock:
        ends = Entry.objects.filter(index__in=(read.size - 1, size - 1)).values_list("index", "leaf_sha256")
        leaves = dict(ends)
        if leaves.get(read.size - 1, "") != read.leaf:
            read.size, read.told = 0, []
        if size > read.size:
            read.told += _told(_OF_PEOPLE, size, read.size)
            read.size, read.leaf = size, leaves.get(size - 1, "")
        return tuple(one for one in read.told if one.number < size)


def _person(one: Told) -> str:
    of_people = Joined | RoleGiven | RoleEnded | Enrolled | WayInReset | PasskeyRemoved
    return one.person if isinstance(one, of_people) else ""


def _told(kinds: tuple[EntryKind, ...], size: int, since: int = 0) -> Iterator[Told]:
    """By the entry's own word for its kind: the column beside it is only for pages."""
    ends = tuple(f'"kind":"{kind.value}"}}'.encode() for kind in kinds)
    rows = Entry.objects.filter(index__lt=size, index__gte=since).order_by("index")
    for body in rows.values_list("body", flat=True).iterator():
        line = bytes(body)
        if line.endswith(ends) and (one := told_by(read_entry(line))) is not None:
            yield one
