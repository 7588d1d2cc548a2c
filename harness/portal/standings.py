"""How packages stand, as many as a list shows: with as many questions to the database for fifty as for one.

What counts is read from the ledger's entries; the rows beside them only say where those are.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from harness.errors import HarnessError
from harness.formats.ledger import read_entry, told_in
from harness.model.acceptance import Package, Standing
from harness.model.ledger import Signature
from harness.portal.clock import now_ms
from harness.portal.models import Entry, Frozen, Signed, Slot
from harness.portal.packages import package_of
from harness.rules.quorum import quorum

ALTERED, VOID = "altered", "void"
Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A package in a list. `places`: each role that is asked, who signed and what they decided, empty where nobody."""

    state: str
    package: Package | None
    places: tuple[Place, ...]
    signed: tuple[Signed, ...]


def stands_of(rows: Sequence[Frozen]) -> dict[int, Stand]:
    """How each of these stands, by its key."""
    signed: dict[int, list[Signed]] = defaultdict(list)
    for one in Signed.objects.select_related("person").filter(package__in=rows).order_by("number"):
        signed[one.package_id].append(one)
    slots: dict[int, list[Slot]] = defaultdict(list)
    for slot in Slot.objects.filter(package__in=rows).order_by("role", "place"):
        slots[slot.package_id].append(slot)
    bodies = _bodies([one.number for mine in signed.values() for one in mine])
    return {row.pk: _stand(row, signed[row.pk], slots[row.pk], bodies) for row in rows}


def stand_of(row: Frozen) -> Stand:
    """How one stands."""
    return stands_of([row])[row.pk]


def state_of(row: Frozen) -> str:
    """The same in one word; a package that was replaced, or altered, says so."""
    return stand_of(row).state


def standing_of(row: Frozen) -> Standing:
    """How a package stands now, role by role; HarnessError where it is not the one that was frozen."""
    signed = list(Signed.objects.filter(package=row).order_by("number"))
    return _standing(row, signed, _bodies([one.number for one in signed]))


def signatures_of(row: Frozen) -> tuple[Signature, ...]:
    """Every signature of a package, from the ledger."""
    numbers = list(Signed.objects.filter(package=row).order_by("number").values_list("number", flat=True))
    bodies = _bodies(numbers)
    return tuple(_signature(number, bodies) for number in numbers)


def signatures_at(numbers: Sequence[int]) -> dict[int, Signature]:
    """The signatures that these entries hold, by number."""
    bodies = _bodies(numbers)
    return {number: _signature(number, bodies) for number in numbers}


def signature_at(number: int) -> Signature:
    """The signature that an entry holds."""
    return signatures_at([number])[number]


def _stand(row: Frozen, signed: list[Signed], slots: list[Slot], bodies: dict[int, bytes]) -> Stand:
    held = {(one.slot_id, one.round): one for one in signed}
    here = [(slot.role, held.get((slot.pk, slot.round))) for slot in slots]
    places = tuple((role, one.person.name, one.decision) if one else (role, "", "") for role, one in here)
    try:
        package, standing = package_of(row), _standing(row, signed, bodies)
    except HarnessError:
        return Stand(state=ALTERED, package=None, places=(), signed=tuple(signed))
    state = VOID if row.void_ms is not None else standing.state.value
    return Stand(state=state, package=package, places=places, signed=tuple(signed))


def _standing(row: Frozen, signed: list[Signed], bodies: dict[int, bytes]) -> Standing:
    undone = frozenset(one.number for one in signed if one.taken_back is not None)
    signatures = tuple(_signature(one.number, bodies) for one in signed)
    return quorum(package_of(row), row.sha256, signatures, undone, now_ms())


def _bodies(numbers: Sequence[int]) -> dict[int, bytes]:
    found = Entry.objects.filter(index__in=numbers).values_list("index", "body") if numbers else ()
    return {index: bytes(body) for index, body in found}


def _signature(number: int, bodies: dict[int, bytes]) -> Signature:
    if number not in bodies:
        raise HarnessError(f"entry {number} is gone")
    return _read(number, bodies[number])


@lru_cache(maxsize=1024)
def _read(number: int, body: bytes) -> Signature:
    """Read once: the same bytes say the same."""
    return told_in(Signature, read_entry(body, f"entry {number}"))
