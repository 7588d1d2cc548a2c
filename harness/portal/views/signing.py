"""Sign: the exact words, the code, one button; and the receipt."""

import json

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse

from harness.formats.manifest import statement_digest
from harness.portal import audit, passkeys
from harness.portal.asking import Request
from harness.portal.clock import now_ms
from harness.portal.log import ClockWentBack
from harness.portal.models import Entry, Head, Person, Signed
from harness.portal.notices import tell
from harness.portal.packages import Asked, NotYours, asked, standing_signature
from harness.portal.pages import language_of, show
from harness.portal.signatures import NotSigned, eligibility, prepare
from harness.portal.signatures import sign as sign_it
from harness.portal.standings import signature_at, stand_of
from harness.portal.views.errors import sorry
from harness.portal.views.sessions import read_json
from harness.portal.words import say


def sign(request: Request, code: str, role: str) -> HttpResponse:
    """The page; and the signature itself."""
    try:
        item = asked(request, code, role)
    except NotYours:
        audit.note(request, "sign", f"{code} {role}", outcome="refused", why="not asked")
        return sorry(request, 404)
    if request.method == "POST":
        return _signed(request, item)
    person = request.person
    assert person is not None  # the route is for those who are signed in
    if standing_signature(item.row, person, role) is not None:
        return HttpResponseRedirect(f"/packages/{code}/{role}/receipt")
    try:
        statement, challenge = prepare(request, item)
    except NotSigned:
        return HttpResponseRedirect(f"/packages/{code}/{role}/check")
    mine = tuple(person.passkeys.filter(revoked_ms__isnull=True).values_list("credential", flat=True))
    table = eligibility(item.row, person, role, None, now_ms())
    return show(
        request,
        "sign.html",
        item=item,
        row=item.row,
        statement=statement,
        digest=statement_digest(statement),
        options=json.dumps(passkeys.request_options(challenge, mine)),
        has_passkey=bool(mine),
        refused=[one for one in table if not one.held],
    )


def _signed(request: Request, item: Asked) -> HttpResponse:
    about = f"{item.row.code} {item.role}"
    try:
        signed = sign_it(request, item, read_json(request))
    except (NotSigned, passkeys.Refused, ClockWentBack) as error:
        failed = error if isinstance(error, NotSigned) else NotSigned(403, _key(error))
        audit.note(request, "sign", about, outcome="refused", why=failed.key)
        said = say(language_of(request), failed.key, **failed.values)
        return JsonResponse({"error": said, "code": failed.key}, status=failed.status)
    audit.note(request, "sign", about)
    _receipt_mail(signed, item)
    return JsonResponse({"next": f"/packages/{item.row.code}/{item.role}/receipt", "number": signed.number})


def receipt(request: Request, code: str, role: str) -> HttpResponse:
    """What was signed, where it stands, what happens next."""
    try:
        item = asked(request, code, role)
    except NotYours:
        return sorry(request, 404)
    person = request.person
    assert person is not None
    signed = standing_signature(item.row, person, role)
    if signed is None:
        return HttpResponseRedirect(f"/packages/{code}")
    signature, stand = signature_at(signed.number), stand_of(item.row)
    return show(
        request,
        "receipt.html",
        item=item,
        row=item.row,
        signed=signed,
        signature=signature,
        entry=Entry.objects.get(index=signed.number),
        places=stand.places,
        state=stand.state,
        met=set(signed.met_set.values_list("criterion", flat=True)),
    )


def _receipt_mail(signed: Signed, item: Asked) -> None:
    """The signer keeps a checkpoint: an outside copy of the log's state that nobody here can take back."""
    person = Person.objects.get(pk=signed.person_id)
    head = Head.objects.get(id=1)
    body = {"code": item.row.code, "number": signed.number, "statement_sha256": signed.statement_sha256}
    attached = json.dumps(body | {"checkpoint": head.checkpoint}, indent=1).encode()
    tell(
        person,
        "receipt",
        (f"receipt-{item.row.code}.json", attached),
        code=item.row.code,
        role=item.role,
        decision=say(person.language, f"decision.{signed.decision}"),
        number=signed.number,
        link=f"/packages/{item.row.code}/{item.role}/receipt",
    )


def _key(error: Exception) -> str:
    return "sign.clock" if isinstance(error, ClockWentBack) else str(error)
