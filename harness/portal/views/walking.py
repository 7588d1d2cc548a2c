"""Try it with us: a signer takes the link of a walkthrough that waits, and is told where it leads."""

from django.http import HttpResponse

from harness.portal import audit, walks
from harness.portal.addresses import host_of
from harness.portal.asking import Request
from harness.portal.packages import NotYours, asked
from harness.portal.pages import show
from harness.portal.views.errors import sorry
from harness.rules.accepting import asked_of


def walk(request: Request, code: str, role: str, criterion: str) -> HttpResponse:
    """One link for one person; whoever comes too late is told so."""
    try:
        item = asked(request, code, role)
        one = next(found for found in asked_of(item.package, role) if found.id == criterion)
    except (NotYours, StopIteration):
        return sorry(request, 404)
    link = walks.take(item.row.code, criterion) if item.row.void_ms is None else ""
    if link and request.person is not None:
        link = walks.named(link, request.person.name)
    audit.note(request, "walk", f"{item.row.code} {criterion}", outcome="done" if link else "refused")
    here = f"/packages/{item.row.code}/{role}/try/{criterion}"
    return show(
        request, "walk.html", 200 if link else 404, item=item, one=one, link=link, host=host_of(link), back=here
    )
