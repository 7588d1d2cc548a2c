"""What goes out to machines: the gate's bundle of a release, an acceptance as an archive, the log's checkpoint."""

from django.http import HttpResponse

from harness.errors import HarnessError
from harness.portal import audit
from harness.portal.api.tokens import refused, with_token
from harness.portal.archiving import archive_of
from harness.portal.asking import Request
from harness.portal.bundling import gate_bundle, newest_of
from harness.portal.models import Frozen, Head

# a value of another type, a package or an entry that the log does not bear out
_ALTERED = (HarnessError, ValueError, TypeError)


@with_token("read")
def take(request: Request, release: str) -> HttpResponse:
    """The sign-offs of a release, sealed; `?nonce=` names the declaration.

    Whoever accepts `application/zip` (the gate) gets the whole bundle without evidence files, and checks every
    signature itself.
    """
    assert request.token is not None  # by the decorator
    if "application/zip" in request.headers.get("Accept", ""):
        return _whole(request, release, request.GET.get("nonce", ""))
    try:
        body = gate_bundle(request.token.project, release, request.GET.get("nonce", ""))
    except _ALTERED as error:
        return _altered(request, "bundle", release, error)
    if body is None:
        return refused(404, f"nothing was asked about {release[:120]}")
    audit.note(request, "bundle", release)
    return HttpResponse(body, content_type="application/vnd.dsse.envelope.v1+json")


def _whole(request: Request, release: str, nonce: str) -> HttpResponse:
    assert request.token is not None
    row = newest_of(request.token.project, release, nonce)
    if row is None:
        return refused(404, f"nothing was asked about {release[:120]}")
    return _archive(request, row, "bundle", release, evidence=False)


@with_token("read")
def take_archive(request: Request, code: str) -> HttpResponse:
    """An acceptance, whole, to be checked offline."""
    assert request.token is not None
    row = Frozen.objects.filter(code=code, project=request.token.project).first()
    if row is None:
        return refused(404, "there is no such package")
    return _archive(request, row, "archive", code, evidence=True)


def _archive(request: Request, row: Frozen, what: str, about: str, *, evidence: bool) -> HttpResponse:
    try:
        body = archive_of(row, evidence=evidence)
    except _ALTERED as error:
        return _altered(request, what, about, error)
    audit.note(request, what, about)
    return HttpResponse(body, content_type="application/zip")


def _altered(request: Request, what: str, about: str, error: Exception) -> HttpResponse:
    """Something is not as the log says: it is told, written down, and nothing of it goes out."""
    audit.note(request, what, about, outcome="refused", why=str(error))
    return refused(409, f"what is kept of {about[:120]} is not as it was written: {error}"[:500])


def checkpoint(request: Request) -> HttpResponse:
    """The newest checkpoint: public, so that anybody can keep one."""
    head = Head.objects.filter(id=1).first()
    return HttpResponse(head.checkpoint if head is not None else "", content_type="text/plain; charset=utf-8")
