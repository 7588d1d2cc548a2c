"""People and what they may do: made, invited, switched off; roles given by two.

Who is invited alone learns the link: it goes to their mail. Whoever resets somebody's way in leaves a mark that the
rules of signing see for a day, and the person is told.
"""

import hashlib
import secrets

from harness.formats.ledger import entry_of
from harness.model.acceptance import Side
from harness.model.ledger import EntryKind, Joined, RoleEnded, RoleGiven, WayInReset
from harness.portal import log, signing_in
from harness.portal.asking import PORTAL_ROLES
from harness.portal.clock import now_ms
from harness.portal.models import Entry, Grant, Invitation, Person
from harness.portal.settings import PORTAL

SIDES = ("business", "it", "vendor", "qa")
_INVITATION_MS = 3 * 86_400_000


class NotSo(ValueError):
    """Something that can't be done; the text is a key of the words."""


def add(email: str, name: str, title: str, side: str, *, by: str) -> Person:
    """A new person; NotSo where the name is not usable or taken."""
    email = email.strip().lower()
    if "@" not in email or len(email) > 200 or not name.strip() or not title.strip() or side not in SIDES:
        raise NotSo("people.incomplete")
    if not (email + name + title).isprintable():
        raise NotSo("people.unprintable")
    if Person.objects.filter(email=email).exists() or _looks_like_another(name):
        raise NotSo("people.taken")
    person = Person.objects.create(email=email, name=name.strip()[:120], title=title.strip()[:120], side=side)
    log.append_built(
        lambda number, at_ms: entry_of(
            Joined(
                number=number,
                person=person.id,
                mail=person.email,
                name=person.name,
                title=person.title,
                side=Side(side),
                by=by,
                at_ms=at_ms,
            )
        )
    )
    return person


def invite(person: Person, *, by: str) -> str:
    """A one-time link for a person to set their password. Where they already have a way in, that is a reset."""
    token = secrets.token_urlsafe(32)
    known = bool(person.password) or person.passkeys.exists()
    if known:
        _reset(person, by)
    else:
        log.append(EntryKind.ACCOUNT, {"act": "invited", "person": person.id, "by": by})
    Invitation.objects.filter(person=person, used_ms__isnull=True).update(used_ms=now_ms())
    Invitation.objects.create(person=person, token_sha256=_sha256(token), made_by=by)
    return f"{PORTAL.url}/invitation/{token}"


def _reset(person: Person, by: str) -> None:
    """Take every way in but passkeys, and keep the log's own time for it: a verifier counts the day from there."""
    number = log.append_built(
        lambda number, at_ms: entry_of(WayInReset(number=number, person=person.id, by=by, at_ms=at_ms))
    )
    at_ms = Entry.objects.get(index=number).at_ms
    person.password, person.stamp, person.reset_ms = "", secrets.token_hex(16), at_ms
    person.save(update_fields=("password", "stamp", "reset_ms"))
    signing_in.end_all(person)


def invited(token: str) -> Invitation | None:
    """The invitation that a link is for, while it lasts."""
    since = now_ms() - _INVITATION_MS
    return (
        Invitation.objects.select_related("person")
        .filter(token_sha256=_sha256(token), used_ms__isnull=True, made_ms__gt=since, person__active=True)
        .first()
    )


def switch_off(person: Person, *, by: str) -> None:
    """Somebody left: no session, no signing. What they signed stays theirs and stays good."""
    person.active, person.stamp = False, secrets.token_hex(16)
    person.save(update_fields=("active", "stamp"))
    signing_in.end_all(person)
    log.append(EntryKind.ACCOUNT, {"act": "left", "person": person.id, "by": by})


def ask_grant(person: Person, role: str, *, by: str) -> Grant:
    """Propose a role for somebody; it is held when a second person agrees."""
    role = role.strip().lower()[:60]
    if not role or not role.replace("-", "").isalnum() or by == person.id:
        raise NotSo("people.role")
    if role not in PORTAL_ROLES and person.side != "business":
        raise NotSo("people.business-only")
    if role in PORTAL_ROLES and person.side == "business" and role != "auditor":
        raise NotSo("people.not-business")
    if Grant.objects.filter(person=person, role=role, until_ms__isnull=True).exists():
        raise NotSo("people.held")
    return Grant.objects.create(person=person, role=role, by=by)


def approve_grant(grant: Grant, *, by: str) -> None:
    """Agree: neither who proposed it nor who gets it may."""
    if by in {grant.by, grant.person_id}:
        raise NotSo("people.two")
    since = now_ms()
    if not Grant.objects.filter(pk=grant.pk, since_ms__isnull=True, until_ms__isnull=True).update(
        approved_by=by, since_ms=since
    ):
        raise NotSo("people.held")
    tell_grant(grant, by)


def end_grant(grant: Grant, *, by: str) -> None:
    """Take a role away, or a proposal."""
    Grant.objects.filter(pk=grant.pk, until_ms__isnull=True).update(until_ms=now_ms())
    log.append_built(
        lambda number, at_ms: entry_of(
            RoleEnded(number=number, person=grant.person_id, role=grant.role, by=by, at_ms=at_ms)
        )
    )


def tell_grant(grant: Grant, approved_by: str) -> None:
    """Tell the log that somebody holds a role now."""
    log.append_built(
        lambda number, at_ms: entry_of(
            RoleGiven(
                number=number,
                person=grant.person_id,
                role=grant.role,
                by=grant.by,
                approved_by=approved_by,
                at_ms=at_ms,
            )
        )
    )


def _looks_like_another(name: str) -> bool:
    """A name that reads like somebody else's: same letters once accents, case and look-alikes are taken away."""
    return any(_skeleton(name) == _skeleton(one) for one in Person.objects.values_list("name", flat=True))


def _skeleton(name: str) -> str:
    # here: only naming needs it
    import unicodedata

    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(one for one in plain if not unicodedata.combining(one) and one.isalnum())
    return letters.translate(_LOOK_ALIKE)


# Cyrillic and Greek letters, and digits, that read as Latin ones
_LOOK_ALIKE = str.maketrans("аеорсухіјѕԁһоαονρτυχικ01", "aeopcyxijsdhoaovptyxikol"[:24])


def _sha256(token: str) -> str:
    return hashlib.sha256(b"harness-invitation:" + token.encode()).hexdigest()
