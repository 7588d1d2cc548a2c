"""Which of our two hosts was asked, and whether a change was asked for from our own pages.

Evidence lives on a host of its own that has no cookies, no forms and one path. A request that changes something
must come from the portal's own origin by the browser's word (Sec-Fetch-Site, else Origin); with neither it is refused.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from harness.portal.settings import PORTAL
from harness.portal.views import errors

_SAFE = frozenset({"GET", "HEAD"})
API = "/api/v1/"


class Origins:
    """Refuses what comes from elsewhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Send evidence requests their way, and let changes pass that our own pages ask for."""
        host = request.META.get("HTTP_HOST", "")
        if host == PORTAL.evidence_origin.netloc:
            request.urlconf = "harness.portal.evidence_urls"  # Django's own way to say so
            if request.method not in _SAFE:
                return errors.plain(405)
        elif host != PORTAL.origin.netloc:
            return errors.plain(421)
        elif not request.path.startswith(API) and request.method not in _SAFE and not came_from_here(request):
            return errors.not_from_here(request)
        return self.get_response(request)


def came_from_here(request: HttpRequest) -> bool:
    """By what the browser says and no page can forge."""
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    origin = request.META.get("HTTP_ORIGIN")
    if site is not None:
        return site == "same-origin" and origin in {None, PORTAL.url}
    return origin == PORTAL.url
