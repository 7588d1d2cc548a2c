"""A request as the portal's views see it, and who may ask for what.

Each route names who it is for; there is no route without. The list of routes is the list of permissions.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from harness.portal.clock import now_ms

if TYPE_CHECKING:
    from harness.portal.models import ApiToken, Person


class Request(HttpRequest):
    """With who asks (None: nobody we know) and the address it came from."""

    person: "Person | None"
    token: "ApiToken | None"
    address: str


class Who(StrEnum):
    """Who a route is for."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    BUSINESS = "business"
    QA = "qa"
    STAFF = "staff"
    OFFICE = "office"
    AUDITOR = "auditor"
    ADMIN = "admin"
    TOKEN = "token"  # noqa: S105 - a kind of asker


_ROLES: dict[Who, frozenset[str]] = {
    Who.QA: frozenset({"qa"}),
    Who.STAFF: frozenset({"qa", "release-manager", "auditor"}),
    Who.OFFICE: frozenset({"qa", "release-manager", "auditor", "admin"}),
    Who.AUDITOR: frozenset({"auditor"}),
    Who.ADMIN: frozenset({"admin"}),
}
PORTAL_ROLES = ("qa", "release-manager", "auditor", "admin")
View = Callable[..., HttpResponseBase]


def roles_of(person: "Person | None") -> frozenset[str]:
    """The roles that a person holds now."""
    if person is None or not person.active:
        return frozenset()
    now = now_ms()
    held = person.grants.filter(Q(until_ms__isnull=True) | Q(until_ms__gt=now), since_ms__lte=now)
    return frozenset(held.values_list("role", flat=True))


def may(person: "Person | None", who: Who) -> bool:
    """Whether this person may ask for what is for `who`."""
    match who:
        case Who.ANYONE | Who.TOKEN:
            return True
        case Who.SIGNED_IN:
            return person is not None
        case Who.BUSINESS:
            return person is not None and person.side == "business"
        case _:
            return bool(_ROLES[who] & roles_of(person))


def page(where: str, view: View, who: Who, name: str, *, methods: tuple[str, ...] = ("GET",)) -> URLPattern:
    """A route, whom it is for and which methods it knows."""
    # here: views need what this module defines
    from harness.portal.views import errors

    @wraps(view)
    def guarded(request: Any, **named: Any) -> HttpResponseBase:
        if request.method not in (*methods, *(("HEAD",) if "GET" in methods else ())):
            return errors.sorry(request, 405)
        if not may(request.person, who):
            return errors.sign_in_first(request) if request.person is None else errors.not_for_you(request, where)
        return view(request, **named)

    guarded.who = who  # type: ignore[attr-defined]  # read by the test of the matrix
    guarded.methods = methods  # type: ignore[attr-defined]
    if who is Who.TOKEN:
        guarded.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie counts there
    return path(where, guarded, name=name)


def is_number(text: str) -> bool:
    """Whether this is a row's number as a page would send it: `²` is a digit too, and no number."""
    return text.isascii() and text.isdigit() and len(text) < 19
