"""What goes out to machines: the gate's bundle of a release, an acceptance as an archive, the log's checkpoint."""

from django.http import HttpResponse

from harness.portal import audit
from harness.portal.api.tokens import refused, with_token
from harness.portal.archiving import archive_of
from harness.portal.asking import Request
from harness.portal.bundling import gate_bundle, newest_of
from harness.portal.models import Frozen, Head


@with_token("read")
def take(request: Request, release: str) -> HttpResponse:
    """The sign-offs of a release, sealed; `?nonce=` names the declaration.

    Whoever accepts `application/zip` (the gate) gets the whole bundle without evidence files, and checks every
    signature itself.
    """
    assert request.token is not None  # by the decorator
    if "application/zip" in request.headers.get("Accept", ""):
        return _whole(request, release, request.GET.get("nonce", ""))
    body = gate_bundle(request.token.project, release, request.GET.get("nonce", ""))
    if body is None:
        return refused(404, f"nothing was asked about {release[:120]}")
    audit.note(request, "bundle", release)
    return HttpResponse(body, content_type="application/vnd.dsse.envelope.v1+json")


def _whole(request: Request, release: str, nonce: str) -> HttpResponse:
    assert request.token is not None
    row = newest_of(request.token.project, release, nonce)
    if row is None:
        return refused(404, f"nothing was asked about {release[:120]}")
    audit.note(request, "bundle", release)
    return HttpResponse(archive_of(row, evidence=False), content_type="application/zip")


@with_token("read")
def take_archive(request: Request, code: str) -> HttpResponse:
    """An acceptance, whole, to be checked offline."""
    assert request.token is not None
    row = Frozen.objects.filter(code=code, project=request.token.project).first()
    if row is None:
        return refused(404, "there is no such package")
    audit.note(request, "archive", code)
    return HttpResponse(archive_of(row), content_type="application/zip")


def checkpoint(request: Request) -> HttpResponse:
    """The newest checkpoint: public, so that anybody can keep one."""
    head = Head.objects.filter(id=1).first()
    return HttpResponse(head.checkpoint if head is not None else "", content_type="text/plain; charset=utf-8")
