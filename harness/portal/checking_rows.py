"""Every row that pages or rules look at, held against the log: packages, people, roles, met conditions, the head.

The log is right; a row that says other is named, whatever its type has become.
"""

import json
from collections.abc import Iterator, Sequence

from harness.model.ledger import (
    EntryKind,
    FrozenPackage,
    HandsTold,
    Joined,
    LedgerEntry,
    MetCondition,
    RoleEnded,
    RoleGiven,
    VoidPackage,
    WayInReset,
)
from harness.portal.evidence_store import OtherContent, opened
from harness.portal.models import Entry, Evidence, Frozen, Grant, Head, LateHand, Met, Person
from harness.portal.packages import package_of
from harness.rules.merkle import frontier_of, root_of_frontier

_NEAR_MS = 60_000


def rows_against(entries: Sequence[LedgerEntry], told: Sequence[object], leaves: Sequence[bytes]) -> Iterator[str]:
    """A sentence for each row that is not as the log says."""
    yield from _head(leaves)
    columns = Entry.objects.order_by("index").values_list("index", "kind", "at_ms")
    for entry, found in zip(entries, columns, strict=True):
        if found != (entry.index, entry.kind.value, entry.at_ms):
            yield f"the row of entry {entry.index} says other than the entry"
    yield from _packages(told)
    yield from _late_hands(told)
    yield from _evidence()
    yield from _met(told)
    yield from _people(told, _acts(entries))
    yield from _grants(told)


def _head(leaves: Sequence[bytes]) -> Iterator[str]:
    head = Head.objects.filter(id=1).first()
    frontier = frontier_of(leaves)
    wanted = (len(leaves), " ".join(one.hex() for one in frontier), root_of_frontier(frontier).hex())
    if head is None or (head.size, head.frontier, head.root_sha256) != wanted:
        yield "the head is not that of the log"


def _packages(told: Sequence[object]) -> Iterator[str]:
    frozen = {one.package_sha256: one for one in told if isinstance(one, FrozenPackage)}
    void = {one.package_sha256 for one in told if isinstance(one, VoidPackage)}
    for row in Frozen.objects.select_related("project"):
        package, mine = package_of(row), frozen.get(row.sha256)
        said = (row.code, row.release, row.nonce, row.tier, row.phase, row.frozen_ms, row.expires_ms)
        wanted = (
            package.code,
            package.release,
            package.nonce,
            package.tier,
            package.phase,
            package.frozen_ms,
            package.expires_ms,
        )
        hands = (
            [{"kind": one.kind.value, "person": one.person, "about": one.about} for one in mine.acts] if mine else []
        )
        if said != wanted or not _same_json(row.acts, hands) or (row.void_ms is not None) != (row.sha256 in void):
            yield f"the row of package {package.code} says other than what was frozen"


def _late_hands(told: Sequence[object]) -> Iterator[str]:
    """Who was told of after freezing: a row that is gone would let them sign."""
    columns = ("package__sha256", "kind", "person", "about", "number")
    rows = sorted(map(repr, LateHand.objects.values_list(*columns)))
    wanted = [
        (one.package_sha256, act.kind.value, act.person, act.about, one.number)
        for one in told
        if isinstance(one, HandsTold)
        for act in one.acts
    ]
    if rows != sorted(map(repr, wanted)):
        yield "who had a hand in a release is not as the log says"


def _evidence() -> Iterator[str]:
    """Every file that was brought, read again."""
    for sha256 in Evidence.objects.filter(brought_ms__isnull=False).values_list("sha256", flat=True).distinct():
        try:
            opened(sha256).close()
        except OtherContent as error:
            yield f"evidence {sha256[:16]}: {error}"


def _same_json(text: object, wanted: object) -> bool:
    try:
        return isinstance(text, str) and json.loads(text) == wanted
    except ValueError:
        return False


def _met(told: Sequence[object]) -> Iterator[str]:
    met = {one.number: one for one in told if isinstance(one, MetCondition)}
    for row in Met.objects.select_related("signed"):
        mine = met.pop(row.number, None)
        if mine is None or (mine.signature, mine.criterion, mine.by) != (row.signed.number, row.criterion, row.by_id):
            yield f"the row of met condition {row.number} says other than the log"
    for number in met:
        yield f"the row of met condition {number} is gone"


def _acts(entries: Sequence[LedgerEntry]) -> dict[str, dict[str, int]]:
    """When somebody last left, by what the log's plain entries tell."""
    found: dict[str, dict[str, int]] = {"left": {}}
    for entry in entries:
        if entry.kind is EntryKind.ACCOUNT:
            said = json.loads(entry.body)
            if said.get("act") in found:
                found[said["act"]][said.get("person", "")] = entry.at_ms
    return found


def _people(told: Sequence[object], acts: dict[str, dict[str, int]]) -> Iterator[str]:
    joined = {one.person: one for one in told if isinstance(one, Joined)}
    reset = {one.person: one.at_ms for one in told if isinstance(one, WayInReset)}
    for row in Person.objects.all():
        mine = joined.pop(row.id, None)
        if mine is None:
            yield f"person {row.id} never joined by the log"
        elif (mine.name, mine.title, mine.side.value, mine.mail) != (row.name, row.title, row.side, row.email):
            yield f"the row of {mine.name} says other than when they joined"
        elif row.active is (row.id in acts["left"]):
            yield f"whether {mine.name} left is not as the log says"
        elif not _near(row.reset_ms, reset.get(row.id, 0)):
            yield f"when {mine.name} was reset is not as the log says"
    for mine in joined.values():
        yield f"the row of {mine.name} is gone"


def _near(said: object, wanted: int) -> bool:
    return isinstance(said, int) and abs(said - wanted) <= _NEAR_MS


def _grants(told: Sequence[object]) -> Iterator[str]:
    held: dict[tuple[str, str], RoleGiven] = {}
    for one in told:
        if isinstance(one, RoleGiven):
            held[(one.person, one.role)] = one
        if isinstance(one, RoleEnded):
            held.pop((one.person, one.role), None)
    for row in Grant.objects.filter(since_ms__isnull=False, until_ms__isnull=True):
        mine = held.pop((row.person_id, row.role), None)
        if (
            mine is None
            or (mine.by, mine.approved_by) != (row.by, row.approved_by)
            or not _near(row.since_ms, mine.at_ms)
        ):
            yield f"the role {row.role} of {row.person_id} was never given so"
    for mine in held.values():
        yield f"the role {mine.role} of {mine.person} is gone without the log"
