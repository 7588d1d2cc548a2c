"""When it can't be done: a sentence that says why, and the way on. Never a trace."""

from http import HTTPStatus
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse

from harness.portal import audit
from harness.portal.asking import Request
from harness.portal.pages import language_of, show
from harness.portal.words import say


def plain(status: int) -> HttpResponse:
    """A bare answer, where there is no page to show."""
    return HttpResponse(HTTPStatus(status).phrase + "\n", status=status, content_type="text/plain; charset=utf-8")


def sorry(request: HttpRequest, status: int, key: str = "", **values: object) -> HttpResponse:
    """A page that says what is wrong; JSON where a script asked."""
    said = say(language_of(request), key or f"error.{status}", **values)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"error": said}, status=status)
    if not hasattr(request, "person"):
        request.person = None  # type: ignore[attr-defined]
    return show(request, "error.html", status, said=said, code=status)  # type: ignore[arg-type]


def sign_in_first(request: Request) -> HttpResponse:
    """Nobody is signed in."""
    if request.method not in {"GET", "HEAD"} or request.headers.get("Accept", "").startswith("application/json"):
        return sorry(request, 401)
    return HttpResponseRedirect(f"/sign-in?next={quote(request.get_full_path())}")


def not_for_you(request: Request, where: str) -> HttpResponse:
    """Somebody is, who may not."""
    audit.note(request, "page", where, outcome="refused")
    return sorry(request, 403)


def not_from_here(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A change that no page of ours asked for."""
    return sorry(request, 403, "error.forged")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return sorry(request, 400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return sorry(request, 404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return sorry(request, 403)


def broken(request: HttpRequest) -> HttpResponse:
    """500."""
    return sorry(request, 500)
