"""The signature: what is shown is what is signed, by the person who is there, once.

A statement is made and kept here; its digest is the challenge that the passkey answers. At the moment of signing
everything is looked at again (answers, package, person, role, place), under the log's one lock, and what is
refused leaves a line in the audit and nothing in the log.
"""

import secrets
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from harness.formats.dsse import NotTrusted
from harness.formats.ledger import entry_of
from harness.formats.manifest import challenge_for, read_statement, statement_digest, write_statement
from harness.formats.webauthn_assertion import verify_assertion
from harness.model.acceptance import Auth, Decision, Eligibility, Given, Said, Side, Statement
from harness.model.ledger import Assertion, LedgerEntry, Signature
from harness.model.signoff import Grade
from harness.portal import drafts, log, passkeys
from harness.portal.asking import Request
from harness.portal.clock import now_ms, utc
from harness.portal.models import Answered, Draft, Frozen, Head, Passkey, Person, Signed
from harness.portal.packages import Asked, acts_of, as_signer, digest_of, open_slot, package_of
from harness.portal.settings import PORTAL
from harness.rules.accepting import asked_of, statement_objections, text_of
from harness.rules.signing import eligible, may_sign

LASTS_MS = 10 * 60_000


class NotSigned(ValueError):
    """Why nothing was signed: a status, a key of the words, and the values of its sentence."""

    def __init__(self, status: int, key: str, **values: str) -> None:
        super().__init__(key)
        self.status, self.key, self.values = status, key, values


def prepare(request: Request, asked: Asked) -> tuple[Statement, str]:
    """The statement as it will be signed, kept for this session, and the challenge that stands for it."""
    statement = _statement(request, asked)
    challenge = passkeys.open_ceremony(
        request, "sign", challenge_for(statement), document=write_statement(statement), lasts_ms=LASTS_MS
    )
    return statement, challenge


def sign(request: Request, asked: Asked, answer: dict[str, Any]) -> Signed:
    """Sign; NotSigned with the reason where anything is not as it must be."""
    try:
        challenge = passkeys.challenge_of(answer)
        ceremony = passkeys.use_ceremony(request, "sign", challenge)
        passkey = passkeys.proved(answer, challenge)
    except passkeys.Refused as error:
        raise NotSigned(403, str(error)) from error
    if passkey.person_id != _me(request).id:
        raise NotSigned(403, "passkey.wrong")
    statement = read_statement(bytes(ceremony.document or b""))
    assertion = assertion_of(answer, passkey)
    try:
        verify_assertion(assertion, challenge_for(statement))
    except NotTrusted as error:
        raise NotSigned(403, "passkey.wrong") from error
    with transaction.atomic():
        Head.objects.select_for_update().get_or_create(id=1)
        return _commit(request, asked, statement, assertion, passkey)


def _commit(request: Request, asked: Asked, statement: Statement, assertion: Assertion, passkey: Passkey) -> Signed:
    """Under the lock: look at everything as it is now, then write entry and row, or neither."""
    row = Frozen.objects.get(pk=asked.row.pk)
    person = Person.objects.get(pk=_me(request).pk)
    now = now_ms()
    _unchanged(request, asked, statement, now)
    slot = open_slot(row, asked.role)
    if slot is None:
        raise _taken(row, asked.role)
    table = eligibility(row, person, asked.role, passkey, now)
    if not may_sign(table):
        broken = next(one for one in table if not one.held)
        raise NotSigned(403, f"refused.{broken.rule.value}")
    draft = Draft.objects.get(package=row, person=person, role=asked.role)

    def build(number: int, at_ms: int) -> LedgerEntry:
        return entry_of(
            Signature(
                number=number,
                statement=statement,
                grade=Grade.PASSKEY,
                signed_ms=at_ms,
                zone=zone_at(person.zone, at_ms),
                eligibility=table,
                assertion=assertion,
            )
        )

    number = log.append_built(build)
    return Signed.objects.create(
        slot=slot,
        round=slot.round,
        package=row,
        person=person,
        role=asked.role,
        decision=statement.decision.value,
        statement_sha256=statement_digest(statement),
        number=number,
        signed_ms=now,
        spent_ms=max(0, now - draft.begun_ms),
    )


def eligibility(row: Frozen, person: Person, role: str, passkey: Passkey | None, now: int) -> tuple[Eligibility, ...]:
    """Every rule of who may sign, as it holds at this moment; without a passkey, as if it were used now."""
    first = passkey or person.passkeys.filter(revoked_ms__isnull=True).order_by("enrolled_ms").first()
    auth = Auth(
        grade=Grade.PASSKEY,
        at_ms=now,
        credential_by=first.enrolled_by if first is not None else "",
        credential_ms=first.enrolled_ms if first is not None else 0,
        user_verified=True,
    )
    standing = Signed.objects.filter(package=row, person=person, taken_back__isnull=True)
    return eligible(
        as_signer(person),
        package_of(row),
        role,
        acts_of(row),
        now,
        auth,
        void=row.void_ms is not None,
        signed_as=tuple(standing.values_list("role", flat=True)),
    )


def zone_at(name: str, ms: int) -> str:
    """A zone with its offset at that moment: `Asia/Shanghai +08:00`."""
    try:
        offset = datetime.astimezone(utc(ms), ZoneInfo(name)).strftime("%z")
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC +00:00"
    return f"{name} {offset[:3]}:{offset[3:]}"


def assertion_of(answer: dict[str, Any], passkey: Passkey) -> Assertion:
    """What the passkey said, as it is kept."""
    said = answer["response"]
    return Assertion(
        credential=passkey.credential,
        public_key=passkey.public_key,
        client_data=str(said["clientDataJSON"]).rstrip("="),
        authenticator_data=str(said["authenticatorData"]).rstrip("="),
        signature=str(said["signature"]).rstrip("="),
        rp_id=PORTAL.rp_id,
        origin=PORTAL.url,
    )


def answers_of(row: Frozen, person: Person, role: str) -> tuple[Given, ...]:
    """The answers as they stand, in the package's order."""
    kept = {one.criterion: one for one in Answered.objects.filter(package=row, person=person)}
    return tuple(
        Given(
            criterion=one.id,
            criterion_sha256=one.sha256,
            said=Said(kept[one.id].said),
            words=kept[one.id].words.strip(),
        )
        for one in asked_of(package_of(row), role)
        if one.id in kept
    )


def _statement(request: Request, asked: Asked, *, nonce: str = "", issued_ms: int = 0) -> Statement:
    person = _me(request)
    draft = Draft.objects.filter(package=asked.row, person=person, role=asked.role).first()
    if draft is None or not draft.decision or draft.reviewed_ms is None:
        raise NotSigned(409, "sign.review-first")
    issued = issued_ms or now_ms()
    made = Statement(
        package_sha256=digest_of(asked.row),
        code=asked.package.code,
        person=person.id,
        name=person.name,
        title=person.title,
        role=asked.role,
        side=Side(person.side),
        decision=Decision(draft.decision),
        language=person.language,
        text="",
        nonce=nonce or secrets.token_hex(16),
        issued_ms=issued,
        expires_ms=issued + LASTS_MS,
        answers=answers_of(asked.row, person, asked.role),
        conditions=drafts.conditions_of(draft) if draft.decision == Decision.CONDITIONS else (),
        reason=draft.reason.strip() if draft.decision == Decision.REJECT else "",
    )
    return drafts.with_text(made, text_of(asked.package, made))


def _unchanged(request: Request, asked: Asked, statement: Statement, now: int) -> None:
    """What was shown is what would be shown now, and it may be decided so."""
    again = _statement(request, asked, nonce=statement.nonce, issued_ms=statement.issued_ms)
    if again != statement:
        raise NotSigned(409, "sign.changed")
    if found := statement_objections(asked.package, asked.row.sha256, statement, now):
        raise NotSigned(409, f"wrong.{found[0].wrong.value}", criterion=found[0].criterion)


def _taken(row: Frozen, role: str) -> NotSigned:
    last = Signed.objects.filter(package=row, role=role, taken_back__isnull=True).order_by("-number").first()
    return NotSigned(409, "sign.taken", name=last.person.name if last is not None else "")


def _me(request: Request) -> Person:
    assert request.person is not None  # the route is for those who are signed in
    return request.person
