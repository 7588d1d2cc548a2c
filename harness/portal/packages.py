"""Packages as they are read: the manifest, who must sign, and whose question it is.

What counts is the manifest and the entries of the ledger; rows only say where they are.
"""

import base64
import json
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature

from harness.errors import HarnessError
from harness.formats.ledger import countersigned, read_entry, told_in
from harness.formats.manifest import manifest_digest, read_package
from harness.model import acceptance
from harness.model.acceptance import Act, ActKind, Granted, Package, Side
from harness.model.ledger import FrozenPackage
from harness.portal.asking import Request, may, roles_of
from harness.portal.asking import Who as For
from harness.portal.clock import now_ms
from harness.portal.keys import portal_key
from harness.portal.models import Entry, Frozen, Grant, Person, Signed, Slot


class NotYours(LookupError):
    """No such package, or not this person's to see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A package and the role in which somebody is asked."""

    row: Frozen
    package: Package
    role: str


class NotAsFrozen(HarnessError):
    """A manifest that the log does not bear out: nobody may look at it, answer it or sign it."""


@lru_cache(maxsize=256)
def _as_frozen(manifest: bytes, number: int) -> tuple[Package, str]:
    """Package and digest, read once: what the log's own key said of these very bytes does not change."""
    package, entry = read_package(manifest), Entry.objects.filter(index=number).first()
    try:
        if entry is None:
            raise NotAsFrozen("no entry")
        told = told_in(FrozenPackage, found := read_entry(bytes(entry.body)))
        portal_key().public_key().verify(base64.b64decode(entry.countersignature), countersigned(found))
    except (HarnessError, InvalidSignature, ValueError, TypeError) as error:
        raise NotAsFrozen(f"package {package.code} has no entry in the log that can be believed") from error
    if told.package_sha256 != manifest_digest(manifest):
        raise NotAsFrozen(f"package {package.code} is not the one that was frozen")
    return package, told.package_sha256


def package_of(row: Frozen) -> Package:
    """The manifest as values; NotAsFrozen where it is not the one that the log tells of."""
    return _as_frozen(bytes(row.manifest), row.number)[0]


def digest_of(row: Frozen) -> str:
    """The digest of that very manifest, whatever the row says."""
    return _as_frozen(bytes(row.manifest), row.number)[1]


def visible(request: Request, code: str) -> Frozen:
    """A package that this person may look at: one they are asked about, or any for those who prepare and audit."""
    row = Frozen.objects.select_related("project").filter(code=code).first()
    if row is None:
        raise NotYours
    if may(request.person, For.STAFF) or set(roles_of(request.person)) & slot_roles(row):
        return row
    raise NotYours


def asked(request: Request, code: str, role: str) -> Asked:
    """A package in a role that this person holds and that is asked; NotYours otherwise."""
    row = Frozen.objects.select_related("project").filter(code=code).first()
    if row is None or role not in roles_of(request.person) or role not in slot_roles(row):
        raise NotYours
    return Asked(row=row, package=package_of(row), role=role)


def slot_roles(row: Frozen) -> set[str]:
    """The roles that are asked."""
    return {slot.role for slot in package_of(row).slots}


def standing_signature(row: Frozen, person: Person, role: str) -> Signed | None:
    """The signature of a person in a role that stands."""
    return Signed.objects.filter(package=row, person=person, role=role, taken_back__isnull=True).first()


def open_slot(row: Frozen, role: str) -> Slot | None:
    """A place in a role that nobody's signature holds."""
    for slot in Slot.objects.filter(package=row, role=role).order_by("place"):
        if not Signed.objects.filter(slot=slot, round=slot.round).exists():
            return slot
    return None


def as_signer(person: Person) -> acceptance.Person:
    """A person as the rules of signing look at them, now."""
    now = now_ms()
    grants = Grant.objects.filter(person=person, since_ms__lte=now)
    held = [one for one in grants if one.until_ms is None or one.until_ms > now]
    roles = tuple(Granted(role=one.role, by=one.approved_by or one.by, since_ms=one.since_ms or 0) for one in held)
    return acceptance.Person(
        id=person.id,
        name=person.name,
        title=person.title,
        side=Side(person.side),
        roles=roles,
        active=person.active,
        reset_ms=person.reset_ms,
    )


def told_acts(row: Frozen) -> tuple[Act, ...]:
    """What people did for this release, as it was told by mail or id: at freezing, and since."""
    kept = [(one["kind"], one["person"], one["about"]) for one in json.loads(row.acts)]
    kept += row.late_hands.order_by("pk").values_list("kind", "person", "about")
    return tuple(Act(kind=ActKind(kind), person=person, about=about) for kind, person, about in kept)


def acts_of(row: Frozen) -> tuple[Act, ...]:
    """The same by the ids of people, with everybody who was an administrator here since it was frozen."""
    kept = told_acts(row)
    ids = dict(Person.objects.filter(email__in=[one.person for one in kept]).values_list("email", "id"))
    told = [Act(kind=one.kind, person=ids.get(one.person, one.person), about=one.about) for one in kept]
    admins = Grant.objects.filter(role="admin", since_ms__isnull=False)
    told += [
        Act(kind=ActKind.ADMINISTRATOR, person=one.person_id, about="portal")
        for one in admins
        if one.until_ms is None or one.until_ms >= row.frozen_ms
    ]
    return tuple(told)
