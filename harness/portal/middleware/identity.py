"""Who is asking: the person of the session, as they stand now.

A session counts while its person is active and their stamp is the one it began with, so that a password change, a
reset or a leaving ends every session at once, on the server.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from harness.portal.asking import Request
from harness.portal.middleware.origins import API
from harness.portal.models import Person
from harness.portal.settings import PORTAL


class Identity:
    """Puts `person` on the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        """Look at the session; the API and the evidence host know none."""
        request.person = None
        request.address = _address(request)
        if not request.path.startswith(API) and request.META.get("HTTP_HOST") == PORTAL.origin.netloc:
            request.person = _person(request)
        return self.get_response(request)


def _person(request: Request) -> Person | None:
    known = request.session.get("person")
    if known is None:
        return None
    person = Person.objects.filter(pk=known, active=True).first()
    if person is None or person.stamp != request.session.get("stamp"):
        request.session.flush()
        return None
    return person


def _address(request: HttpRequest) -> str:
    """Where it came from: the connection's own address, or what the last trusted proxy saw."""
    direct = str(request.META.get("REMOTE_ADDR", ""))[:64]
    if not PORTAL.proxies:
        return direct
    told = [one.strip() for one in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if one.strip()]
    return told[-PORTAL.proxies][:64] if len(told) >= PORTAL.proxies else direct
