"""The improvement list: what did not work, what was wished, what acceptance depends on, and whether it is done."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse

from harness.model.acceptance import Decision, Said, Statement
from harness.portal.asking import Request, Who, is_number, may, roles_of
from harness.portal.clock import now_ms
from harness.portal.models import Answered, Frozen, Met, Signed, Slot
from harness.portal.packages import NotAsFrozen, package_of
from harness.portal.pages import show
from harness.portal.standings import signatures_at

_PAGE = 20
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
    """The page; `?before=` goes on."""
    rows = list(_rows(request, request.GET.get("before", ""))[:_PAGE])
    older = rows[-1].number if len(rows) == _PAGE else None
    return show(request, "improvements.html", items=list(_items(rows)), older=older)


def improvements_csv(request: Request) -> HttpResponse:
    """The same as a table for a spreadsheet; nothing in it runs as a formula."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(
        ("package", "release", "tier", "criterion", "priority", "said", "words", "condition", "owner", "met")
    )
    rows = list(_rows(request))
    for one in _items(rows):
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


def _rows(request: Request, before: str = "") -> QuerySet[Signed]:
    """The signatures that leave something to improve, newest first, as far as this person may see them."""
    wished = Answered.objects.filter(said__in=[one for one in Said if one is not Said.YES]).values("package")
    rows = Signed.objects.select_related("package", "person").filter(taken_back=None)
    rows = rows.filter(~Q(decision=Decision.ACCEPT) | Q(package__in=wished)).order_by("-number")
    if not may(request.person, Who.STAFF):
        mine = Slot.objects.filter(package=OuterRef("package"), role__in=roles_of(request.person))
        rows = rows.filter(Exists(mine))
    return rows.filter(number__lt=int(before)) if is_number(before) else rows


def _items(rows: Sequence[Signed]) -> Iterator[Item]:
    """What they leave, read from the log; a package that was altered tells nothing."""
    signatures = signatures_at([one.number for one in rows])
    met = set(Met.objects.filter(signed__in=rows).values_list("signed_id", "criterion"))
    for one in rows:
        with suppress(NotAsFrozen):
            yield from _of(one, signatures[one.number].statement, met)


def _of(signed: Signed, statement: Statement, met: set[tuple[int, str]]) -> Iterator[Item]:
    criteria = {one.id: one for one in package_of(signed.package).criteria}
    conditions = {one.criterion: one for one in statement.conditions}
    said = {one.criterion: one for one in statement.answers}
    for criterion in sorted({*conditions, *(one for one in said if said[one].said is not Said.YES)}):
        condition, answer = conditions.get(criterion), said.get(criterion)
        done = (signed.pk, criterion) in met
        yield Item(
            row=signed.package,
            criterion=criterion,
            title=criteria[criterion].title,
            priority=criteria[criterion].priority.value,
            said=answer.said.value if answer is not None else "none",
            words=answer.words if answer is not None else "",
            condition=condition.text if condition is not None else "",
            owner=condition.owner if condition is not None else "",
            due_ms=condition.due_ms if condition is not None else 0,
            met=done,
            late=condition is not None and not done and condition.due_ms < now_ms(),
            who=signed.person.name,
        )
