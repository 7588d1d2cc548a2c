"""People, on a page of our own: invite, switch off, propose a role, agree to one. No page sets another's password."""

from django.http import HttpResponse, HttpResponseRedirect

from harness.portal import audit
from harness.portal import people as accounts
from harness.portal.asking import Request, roles_of
from harness.portal.models import Grant, Person
from harness.portal.notices import tell
from harness.portal.pages import show
from harness.portal.views.errors import sorry


def people(request: Request, **more: object) -> HttpResponse:
    """The page."""
    known = Person.objects.prefetch_related("grants", "passkeys").order_by("name")[:500]
    rows = [
        {
            "one": one,
            "grants": [grant for grant in one.grants.all() if grant.until_ms is None],
            "passkeys": sum(1 for key in one.passkeys.all() if key.revoked_ms is None),
        }
        for one in known
    ]
    waiting = Grant.objects.select_related("person").filter(since_ms=None, until_ms=None)
    status = 400 if more.get("trouble") else 200
    names = dict(Person.objects.values_list("id", "name"))
    return show(request, "people.html", status, rows=rows, waiting=waiting, names=names, **more)


def add(request: Request) -> HttpResponse:
    """Somebody new; the link goes to their own mail, nobody here sees it."""
    sent = request.POST
    try:
        made = accounts.add(
            sent.get("email", ""), sent.get("name", ""), sent.get("title", ""), sent.get("side", ""), by=_by(request)
        )
    except accounts.NotSo as error:
        return people(request, trouble=str(error))
    audit.note(request, "person", made.email)
    tell(made, "invitation", link=accounts.invite(made, by=_by(request)))
    return HttpResponseRedirect("/people")


def invite(request: Request, person: str) -> HttpResponse:
    """A new link for somebody: for whoever has a way in already that is a reset, and it leaves its mark."""
    found = Person.objects.filter(pk=person, active=True).first()
    if found is None:
        return sorry(request, 404)
    known = bool(found.password) or found.passkeys.exists()
    audit.note(request, "reset" if known else "invite", found.email)
    link = accounts.invite(found, by=_by(request))
    tell(found, "reset" if known else "invitation", link=link, by=request.person.name if request.person else "")
    return HttpResponseRedirect("/people")


def switch_off(request: Request, person: str) -> HttpResponse:
    """Somebody left."""
    found = Person.objects.filter(pk=person, active=True).first()
    if found is None or found == request.person:
        return sorry(request, 404)
    accounts.switch_off(found, by=_by(request))
    audit.note(request, "switch-off", found.email)
    return HttpResponseRedirect("/people")


def ask_role(request: Request, person: str) -> HttpResponse:
    """Propose a role."""
    found = Person.objects.filter(pk=person, active=True).first()
    if found is None:
        return sorry(request, 404)
    try:
        accounts.ask_grant(found, request.POST.get("role", ""), by=_by(request))
    except accounts.NotSo as error:
        audit.note(request, "role", found.email, outcome="refused", why=str(error))
        return people(request, trouble=str(error))
    audit.note(request, "role", f"{found.email} {request.POST.get('role', '')}")
    return HttpResponseRedirect("/people")


def agree(request: Request, grant: int) -> HttpResponse:
    """Agree to a role that somebody else proposed for a third."""
    found = Grant.objects.filter(pk=grant, until_ms=None).first()
    if found is None:
        return sorry(request, 404)
    try:
        accounts.approve_grant(found, by=_by(request))
    except accounts.NotSo as error:
        audit.note(request, "role", str(grant), outcome="refused", why=str(error))
        return people(request, trouble=str(error))
    audit.note(request, "role-agreed", f"{found.person.email} {found.role}")
    return HttpResponseRedirect("/people")


def end(request: Request, grant: int) -> HttpResponse:
    """Take a role away."""
    found = Grant.objects.filter(pk=grant, until_ms=None).first()
    if found is None:
        return sorry(request, 404)
    accounts.end_grant(found, by=_by(request))
    audit.note(request, "role-ended", f"{found.person.email} {found.role}")
    return HttpResponseRedirect("/people")


def _by(request: Request) -> str:
    assert request.person is not None  # the route is for those who are signed in
    assert roles_of(request.person)
    return request.person.id
