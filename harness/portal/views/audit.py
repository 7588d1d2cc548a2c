"""For the auditor: the timeline, verify now, and how each signature came to be."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.http import HttpResponse

from harness.formats.log_checking import write_log
from harness.model.ledger import Line
from harness.portal import audit as trail
from harness.portal.asking import Request, is_number
from harness.portal.checking import check_log
from harness.portal.models import Answered, Audit, Entry, Frozen, Grant, Head, Person, Signed
from harness.portal.packages import package_of
from harness.portal.pages import show
from harness.portal.settings import PORTAL
from harness.portal.standings import signatures_at, stand_of, stands_of
from harness.portal.views.errors import sorry
from harness.rules.accepting import asked_of

_PAGE, _PACKAGES = 20, 10
_HASTY_MS = 2_000


def audit(request: Request, **more: Any) -> HttpResponse:
    """The page."""
    head = Head.objects.filter(id=1).first()
    before = request.GET.get("before", "")
    lines = Audit.objects.order_by("-pk")
    if is_number(before):
        lines = lines.filter(pk__lt=int(before))
    shown = list(lines[:_PAGE])
    names = dict(Person.objects.filter(pk__in={one.who for one in shown}).values_list("id", "name"))
    number = int(at) if is_number(at := request.GET.get("packages", "")) and len(at) < 6 else 0
    rows = list(Frozen.objects.order_by("-frozen_ms", "-pk")[number * _PACKAGES : (number + 1) * _PACKAGES])
    stands = stands_of(rows)
    entries = Entry.objects.only("index", "kind", "at_ms", "leaf_sha256").order_by("-index")[:_PACKAGES]
    older = shown[-1].pk if len(shown) == _PAGE else None
    return show(
        request,
        "audit.html",
        head=head,
        lines=shown,
        names=names,
        packages=[(row, stands[row.pk].state) for row in rows],
        more=number + 1 if len(rows) == _PACKAGES else None,
        entries=entries,
        older=older,
        witnesses=bool(PORTAL.witnesses or PORTAL.witness_command),
        unwitnessed=head.size - head.witnessed if head is not None else 0,
        **more,
    )


def verify_now(request: Request) -> HttpResponse:
    """Read the whole log again, every hash and signature, and hold every row against it."""
    found = check_log()
    trail.note(
        request, "verify", outcome="done" if not found.troubles else "failed", why="; ".join(found.troubles)[:400]
    )
    return audit(request, checked=found)


def export(request: Request) -> HttpResponse:
    """The whole log as one file, for `harness verify` or the verifier that every bundle holds."""
    trail.note(request, "export")
    head = Head.objects.filter(id=1).first()
    size = head.size if head is not None else 0
    rows = Entry.objects.filter(index__lt=size).order_by("index").values_list("body", "countersignature")
    lines = tuple(Line(body=bytes(body), countersignature=signature) for body, signature in rows)
    body = write_log(lines, head.checkpoint.encode() if head is not None else b"")
    response = HttpResponse(body, content_type="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="ledger.zip"'
    return response


def _asked(row: Frozen, signed: Iterable[Signed]) -> list[dict[str, Any]]:
    """Each place, who was asked for it, whether they opened it, and whether it is signed."""
    taken = {one.slot_id for one in signed if one.taken_back is None}
    held = Grant.objects.filter(Q(until_ms=None) | Q(until_ms__gt=row.frozen_ms), since_ms__isnull=False)
    people: dict[str, set[str]] = {}
    for one in held.filter(role__in=row.slots.values("role"), person__side="business").select_related("person"):
        people.setdefault(one.role, set()).add(one.person.name)
    return [
        {"slot": slot, "people": ", ".join(sorted(people.get(slot.role, ()))), "signed": slot.pk in taken}
        for slot in row.slots.order_by("role", "place")
    ]


def package(request: Request, code: str) -> HttpResponse:
    """One package: who was asked, who opened, who signed, under which rules, in what time."""
    row = Frozen.objects.filter(code=code).first()
    if row is None:
        return sorry(request, 404)
    manifest, stand = package_of(row), stand_of(row)
    signatures = signatures_at([one.number for one in stand.signed])
    signed = [
        {
            "row": one,
            "signature": signatures[one.number],
            "seconds": one.spent_ms // 1000,
            "hasty": one.spent_ms < _HASTY_MS * len(asked_of(manifest, one.role)),
            "asked": len(asked_of(manifest, one.role)),
        }
        for one in stand.signed
    ]
    return show(
        request,
        "audit_package.html",
        row=row,
        package=manifest,
        state=stand.state,
        signed=signed,
        asked=_asked(row, stand.signed),
        names=dict(Person.objects.values_list("id", "name")),
        answers=Answered.objects.filter(package=row).count(),
    )
