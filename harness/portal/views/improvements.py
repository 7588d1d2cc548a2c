"""The improvement list: what did not work, what was wished, what acceptance depends on, and whether it is done."""

import csv
import io
from dataclasses import dataclass

from django.http import HttpResponse

from harness.model.acceptance import Said
from harness.portal.asking import Request, Who, may, roles_of
from harness.portal.clock import now_ms
from harness.portal.models import Frozen, Met, Signed
from harness.portal.packages import package_of, signature_at, slot_roles
from harness.portal.pages import show

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to improve."""

    row: Frozen
    criterion: str
    title: object
    priority: str
    said: str
    words: str
    condition: str
    owner: str
    due_ms: int
    met: bool
    late: bool
    who: str


def improvements(request: Request) -> HttpResponse:
    """The page."""
    return show(request, "improvements.html", items=_items(request))


def improvements_csv(request: Request) -> HttpResponse:
    """The same as a table for a spreadsheet; nothing in it runs as a formula."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(
        ("package", "release", "tier", "criterion", "priority", "said", "words", "condition", "owner", "met")
    )
    for one in _items(request):
        row = one.row
        cells = (
            row.code,
            row.release,
            row.tier,
            one.criterion,
            one.priority,
            one.said,
            one.words,
            one.condition,
            one.owner,
        )
        sheet.writerow([*(escaped(cell) for cell in cells), "yes" if one.met else "no"])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="improvements.csv"'
    return response


def escaped(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) or cell.startswith(_FORMULA) else cell


def _items(request: Request) -> list[Item]:
    rows = Signed.objects.select_related("package", "person").filter(taken_back=None).order_by("-number")[:300]
    if not may(request.person, Who.STAFF):
        mine = roles_of(request.person)
        rows = [one for one in rows if slot_roles(one.package) & mine]  # type: ignore[assignment]
    return [item for one in rows for item in _of(one)]


def _of(signed: Signed) -> list[Item]:
    statement = signature_at(signed.number).statement
    criteria = {one.id: one for one in package_of(signed.package).criteria}
    conditions = {one.criterion: one for one in statement.conditions}
    met = set(Met.objects.filter(signed=signed).values_list("criterion", flat=True))
    said = {one.criterion: one for one in statement.answers}
    found = []
    for criterion in sorted({*conditions, *(one for one in said if said[one].said is not Said.YES)}):
        condition, answer = conditions.get(criterion), said.get(criterion)
        found.append(
            Item(
                row=signed.package,
                criterion=criterion,
                title=criteria[criterion].title,
                priority=criteria[criterion].priority.value,
                said=answer.said.value if answer is not None else "none",
                words=answer.words if answer is not None else "",
                condition=condition.text if condition is not None else "",
                owner=condition.owner if condition is not None else "",
                due_ms=condition.due_ms if condition is not None else 0,
                met=criterion in met,
                late=condition is not None and criterion not in met and condition.due_ms < now_ms(),
                who=signed.person.name,
            )
        )
    return found
