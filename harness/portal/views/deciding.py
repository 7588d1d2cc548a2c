"""Check your answers, decide, and for a conditional acceptance: what must be done, by whom, by when.

Nothing is preselected, and refusing takes as little as accepting. What can't be decided so is said before it is signed.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect

from harness.model.acceptance import Condition, Decision, Said
from harness.model.criteria import Priority
from harness.portal import audit
from harness.portal.asking import Request
from harness.portal.clock import now_ms
from harness.portal.drafts import conditions_of, draft_of, keep_conditions
from harness.portal.models import Answered, Draft
from harness.portal.packages import Asked, NotYours, asked, standing_signature
from harness.portal.pages import show
from harness.portal.signatures import answers_of
from harness.portal.views.errors import sorry
from harness.rules.accepting import asked_of, objections

_MOST = 1000


def check(request: Request, code: str, role: str) -> HttpResponse:
    """All answers on one page, and the decision."""
    try:
        item = asked(request, code, role)
    except NotYours:
        return sorry(request, 404)
    person = request.person
    assert person is not None  # the route is for those who are signed in
    if standing_signature(item.row, person, role) is not None:
        return HttpResponseRedirect(f"/packages/{code}/{role}/receipt")
    draft = draft_of(item, person)
    if request.method == "POST":
        return _decided(request, item, draft)
    return _check_page(request, item, draft)


def conditions(request: Request, code: str, role: str) -> HttpResponse:
    """The conditions, one for each thing that is accepted although it does not work yet."""
    try:
        item = asked(request, code, role)
    except NotYours:
        return sorry(request, 404)
    person = request.person
    assert person is not None
    if standing_signature(item.row, person, role) is not None:
        return HttpResponseRedirect(f"/packages/{code}/{role}/receipt")
    draft = draft_of(item, person)
    if request.method != "POST":
        return _conditions_page(request, item, draft)
    keep_conditions(draft, tuple(_conditions(request, item)))
    draft.decision = Decision.CONDITIONS.value
    draft.reviewed_ms = None
    draft.save()
    return _to_sign(request, item, draft, conditions=True)


def _decided(request: Request, item: Asked, draft: Draft) -> HttpResponse:
    decision = request.POST.get("decision", "")
    if decision not in set(Decision):
        return _check_page(request, item, draft, nothing_chosen=True)
    draft.decision = decision
    draft.reason = request.POST.get("reason", "").strip()[:_MOST]
    draft.reviewed_ms = None
    draft.save()
    audit.note(request, "decide", f"{item.row.code} {decision}")
    if decision == Decision.CONDITIONS:
        return HttpResponseRedirect(f"/packages/{item.row.code}/{item.role}/conditions")
    return _to_sign(request, item, draft)


def _to_sign(request: Request, item: Asked, draft: Draft, *, conditions: bool = False) -> HttpResponse:
    found = _objections(item, draft)
    if found:
        page = _conditions_page if conditions else _check_page
        return page(request, item, draft, objections=found)
    draft.reviewed_ms = now_ms()
    draft.save(update_fields=("reviewed_ms",))
    return HttpResponseRedirect(f"/packages/{item.row.code}/{item.role}/sign")


def _objections(item: Asked, draft: Draft) -> list[dict[str, str]]:
    decision = Decision(draft.decision)
    found = objections(
        item.package,
        item.role,
        decision,
        answers_of(item.row, draft.person, item.role),
        conditions_of(draft) if decision is Decision.CONDITIONS else (),
        draft.reason if decision is Decision.REJECT else "",
        now_ms(),
    )
    return [{"key": f"wrong.{one.wrong.value}", "criterion": one.criterion} for one in found]


def _check_page(request: Request, item: Asked, draft: Draft, **more: Any) -> HttpResponse:
    kept = {one.criterion: one for one in Answered.objects.filter(package=item.row, person=draft.person)}
    listed = asked_of(item.package, item.role)
    return show(
        request,
        "check.html",
        400 if more else 200,
        item=item,
        row=item.row,
        rows=[(one, kept.get(one.id)) for one in listed],
        missing=[one for one in listed if one.id not in kept and one.priority is not Priority.COULD],
        draft=draft,
        **more,
    )


def _conditions_page(request: Request, item: Asked, draft: Draft, **more: Any) -> HttpResponse:
    given = {one.criterion: one for one in conditions_of(draft)}
    kept = {one.criterion: one for one in Answered.objects.filter(package=item.row, person=draft.person)}
    rows = []
    for one in asked_of(item.package, item.role):
        answer, condition = kept.get(one.id), given.get(one.id)
        troubled = answer is not None and answer.said != Said.YES
        due = datetime.fromtimestamp(condition.due_ms / 1000, tz=UTC).strftime("%Y-%m-%d") if condition else ""
        rows.append({"one": one, "answer": answer, "condition": condition, "due": due, "wanted": troubled})
    rows.sort(key=lambda row: not row["wanted"])
    soon = datetime.fromtimestamp(now_ms() / 1000, tz=UTC) + timedelta(days=1)
    return show(
        request,
        "conditions.html",
        400 if more else 200,
        item=item,
        row=item.row,
        rows=rows,
        soonest=soon.strftime("%Y-%m-%d"),
        draft=draft,
        **more,
    )


def _conditions(request: Request, item: Asked) -> list[Condition]:
    """Those that were written; an empty row is none."""
    found = []
    for one in asked_of(item.package, item.role):
        text = request.POST.get(f"text:{one.id}", "").strip()[:_MOST]
        owner = request.POST.get(f"owner:{one.id}", "").strip()[:120]
        due = request.POST.get(f"due:{one.id}", "").strip()
        if text or owner or due:
            before = request.POST.get(f"before:{one.id}", "").strip()[:60]
            found.append(
                Condition(criterion=one.id, text=text, owner=owner, due_ms=end_of_day(due), before_tier=before)
            )
    return found


def end_of_day(text: str) -> int:
    """The last moment of a day (UTC) that was typed as 2026-11-30; 0 where it is none."""
    try:
        return int((datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)).timestamp()) * 1000 - 1
    except ValueError:
        return 0
