"""Taking a signature back, and saying that a condition is met: by the person who signed, with their passkey or word."""

import json
import secrets

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse

from harness.formats.canonical import read_signed, write_signed
from harness.formats.dsse import NotTrusted
from harness.formats.ledger import entry_of
from harness.formats.manifest import WITHDRAWAL, challenge_for
from harness.formats.webauthn_assertion import verify_assertion
from harness.model.acceptance import Withdrawal
from harness.model.ledger import MetCondition, Withdrawn
from harness.model.signoff import Grade
from harness.portal import audit, log, passkeys
from harness.portal.asking import Request
from harness.portal.clock import now_ms
from harness.portal.models import Head, Met, Person, Signed, Slot
from harness.portal.packages import Asked, NotYours, asked, standing_signature
from harness.portal.pages import language_of, show
from harness.portal.signatures import LASTS_MS, NotSigned, assertion_of
from harness.portal.standings import signature_at
from harness.portal.views.errors import sorry
from harness.portal.views.sessions import read_json
from harness.portal.words import say


def withdraw(request: Request, code: str, role: str) -> HttpResponse:
    """The page: a reason, then the passkey. The reason is part of what is signed."""
    try:
        item = asked(request, code, role)
    except NotYours:
        return sorry(request, 404)
    person = request.person
    assert person is not None  # the route is for those who are signed in
    signed = standing_signature(item.row, person, role)
    if signed is None:
        return sorry(request, 409, "withdraw.nothing")
    if request.method == "GET":
        return show(request, "withdraw.html", item=item, row=item.row, signed=signed)
    if request.content_type != "application/json":
        return _ask(request, item, signed)
    try:
        _take_back(request, item, signed)
    except (NotSigned, passkeys.Refused, NotTrusted, log.ClockWentBack) as error:
        key = str(error) if str(error).startswith(("passkey.", "withdraw.")) else "passkey.wrong"
        audit.note(request, "withdraw", f"{code} {role}", outcome="refused", why=key)
        return JsonResponse({"error": say(language_of(request), key)}, status=403)
    audit.note(request, "withdraw", f"{code} {role}")
    return JsonResponse({"next": f"/packages/{code}"})


def met(request: Request, code: str, role: str, criterion: str) -> HttpResponse:
    """The one who set a condition saw it met."""
    try:
        item = asked(request, code, role)
    except NotYours:
        return sorry(request, 404)
    person = request.person
    assert person is not None
    signed = standing_signature(item.row, person, role)
    conditions = signature_at(signed.number).statement.conditions if signed is not None else ()
    if signed is None or criterion not in {one.criterion for one in conditions}:
        return sorry(request, 404)
    with transaction.atomic():
        Head.objects.select_for_update().get_or_create(id=1)
        if not Met.objects.filter(signed=signed, criterion=criterion).exists():
            _met(signed, criterion, person)
    audit.note(request, "condition-met", f"{code} {criterion}")
    return HttpResponseRedirect(f"/packages/{code}/{role}/receipt")


def _met(signed: Signed, criterion: str, person: Person) -> None:
    now = now_ms()
    number = log.append_built(
        lambda number, at_ms: entry_of(
            MetCondition(number=number, signature=signed.number, criterion=criterion, by=person.id, at_ms=at_ms)
        )
    )
    Met.objects.create(signed=signed, criterion=criterion, by=person, number=number, at_ms=now)


def _ask(request: Request, item: Asked, signed: Signed) -> HttpResponse:
    person = request.person
    assert person is not None
    reason = request.POST.get("reason", "").strip()[:1000]
    if not reason:
        return show(
            request, "withdraw.html", 400, item=item, row=item.row, signed=signed, trouble="wrong.reason-missing"
        )
    now = now_ms()
    made = Withdrawal(
        statement_sha256=signed.statement_sha256,
        package_sha256=item.row.sha256,
        person=person.id,
        name=person.name,
        reason=reason,
        nonce=secrets.token_hex(16),
        issued_ms=now,
        expires_ms=now + LASTS_MS,
    )
    challenge = passkeys.open_ceremony(
        request, "withdraw", challenge_for(made), document=write_signed(made, WITHDRAWAL), lasts_ms=LASTS_MS
    )
    mine = tuple(person.passkeys.filter(revoked_ms__isnull=True).values_list("credential", flat=True))
    options = json.dumps(passkeys.request_options(challenge, mine))
    return show(request, "withdraw.html", item=item, row=item.row, signed=signed, made=made, options=options)


def _take_back(request: Request, item: Asked, signed: Signed) -> None:
    person = request.person
    assert person is not None
    answer = read_json(request)
    challenge = passkeys.challenge_of(answer)
    ceremony = passkeys.use_ceremony(request, "withdraw", challenge)
    passkey = passkeys.proved(answer, challenge)
    withdrawal = read_signed(Withdrawal, WITHDRAWAL, bytes(ceremony.document or b""), "withdrawal")
    if passkey.person_id != person.id or withdrawal.statement_sha256 != signed.statement_sha256:
        raise passkeys.Refused("passkey.wrong")
    assertion = assertion_of(answer, passkey)
    verify_assertion(assertion, challenge_for(withdrawal))
    with transaction.atomic():
        Head.objects.select_for_update().get_or_create(id=1)
        if not Signed.objects.filter(pk=signed.pk, taken_back__isnull=True).exists():
            raise NotSigned(409, "withdraw.nothing")
        number = log.append_built(
            lambda number, at_ms: entry_of(
                Withdrawn(
                    number=number,
                    withdrawal=withdrawal,
                    grade=Grade.PASSKEY,
                    withdrawn_ms=at_ms,
                    assertion=assertion,
                )
            )
        )
        Signed.objects.filter(pk=signed.pk).update(taken_back=number)
        slot = Slot.objects.get(pk=signed.slot_id)
        Slot.objects.filter(pk=slot.pk).update(round=slot.round + 1)
