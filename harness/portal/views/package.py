"""What a package is about, and one criterion at a time: look, try, say whether it works."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect

from harness.model.acceptance import Asked as Criterion
from harness.model.acceptance import Change, Said
from harness.model.criteria import Priority
from harness.portal import audit, walks
from harness.portal.addresses import host_of
from harness.portal.asking import Request, roles_of
from harness.portal.clock import now_ms
from harness.portal.drafts import answer, draft_of
from harness.portal.models import Answered, Frozen, Slot
from harness.portal.packages import NotYours, asked, package_of, standing_signature, visible
from harness.portal.pages import show
from harness.portal.standings import stand_of
from harness.portal.views.errors import sorry
from harness.portal.views.evidence import address_of
from harness.rules.accepting import asked_of

_ORDER = tuple(Priority)


def about(request: Request, code: str) -> HttpResponse:
    """What this is about and what changed."""
    try:
        row = visible(request, code)
    except NotYours:
        return sorry(request, 404)
    package = package_of(row)
    person = request.person
    assert person is not None  # the route is for those who are signed in
    mine = sorted({slot.role for slot in package.slots} & roles_of(person)) if person.side == "business" else []
    cards = []
    for role in mine:
        item = asked(request, code, role)
        if standing_signature(row, person, role) is None:
            draft_of(item, person)
            Slot.objects.filter(package=row, role=role, opened_ms=None).update(opened_ms=now_ms())
        cards.append(_role(row, role, person))
    stand = stand_of(row)
    return show(
        request,
        "about.html",
        row=row,
        package=package,
        state=stand.state,
        mine=cards,
        places=stand.places,
        changed=[
            one for one in package.criteria if one.change is not Change.SAME and one.priority is not Priority.WONT
        ],
        same=[one for one in package.criteria if one.change is Change.SAME],
        wont=[one for one in package.criteria if one.priority is Priority.WONT],
        apart=", ".join(sorted({role for pair in package.apart for role in pair})),
        groups=_by_priority(package.criteria),
        checks={
            "passed": sum(run.passed for run in package.runs),
            "all": sum(run.passed + run.failed + run.broken + run.skipped for run in package.runs),
        },
    )


def attempt(request: Request, code: str, role: str, criterion: str) -> HttpResponse:
    """One criterion: its statement, what was seen, and the question."""
    try:
        item = asked(request, code, role)
        listed = asked_of(item.package, role)
        place = next(index for index, one in enumerate(listed) if one.id == criterion)
    except (NotYours, StopIteration):
        return sorry(request, 404)
    person = request.person
    assert person is not None  # the route is for those who are signed in
    if request.method == "POST":
        return _answered(request, item, listed, place)
    draft_of(item, person)
    one = listed[place]
    kept = Answered.objects.filter(package=item.row, person=person, criterion=criterion).first()
    return show(
        request,
        "try.html",
        item=item,
        row=item.row,
        one=one,
        kept=kept,
        wrong=request.GET.get("words") == "1",
        place=place + 1,
        count=len(listed),
        before=listed[place - 1].id if place else "",
        evidence=[(file, address_of(file.sha256, file.media_type)) for file in one.evidence],
        findings=[found for found in item.package.findings if found.criterion == one.id],
        signed=standing_signature(item.row, person, role),
        walk=walks.is_offered(item.row.code, criterion),
        try_host=host_of(item.package.try_at),
    )


def _answered(request: Request, item: Any, listed: tuple[Criterion, ...], place: int) -> HttpResponse:
    person, one = request.person, listed[place]
    assert person is not None
    here = f"/packages/{item.row.code}/{item.role}"
    said = request.POST.get("said", "")
    if standing_signature(item.row, person, item.role) is not None or item.row.void_ms is not None:
        return sorry(request, 409, "try.signed-already")
    if said not in set(Said):
        return HttpResponseRedirect(f"{here}/try/{one.id}")
    words = request.POST.get("words", "")
    answer(item, person, one.id, Said(said), words)
    audit.note(request, "answer", f"{item.row.code} {one.id} {said}")
    if said == Said.NO and not words.strip() and request.POST.get("asked") != "1":
        return HttpResponseRedirect(f"{here}/try/{one.id}?words=1")
    known = set(Answered.objects.filter(package=item.row, person=person).values_list("criterion", flat=True))
    later = [other.id for other in (*listed[place + 1 :], *listed[:place]) if other.id not in known]
    return HttpResponseRedirect(f"{here}/try/{later[0]}" if later else f"{here}/check")


def _role(row: Frozen, role: str, person: Any) -> dict[str, object]:
    listed = asked_of(package_of(row), role)
    known = dict(Answered.objects.filter(package=row, person=person).values_list("criterion", "said"))
    left = [one for one in listed if one.id not in known]
    return {
        "role": role,
        "asked": listed,
        "answered": len(listed) - len(left),
        "next": left[0].id if left else "",
        "signed": standing_signature(row, person, role),
    }


def _by_priority(criteria: tuple[Criterion, ...]) -> list[tuple[str, list[Criterion]]]:
    groups = [(one.value, [criterion for criterion in criteria if criterion.priority is one]) for one in _ORDER]
    return [group for group in groups if group[1]]
