"""`PUT /api/v1/evidence/<sha256>`: the bytes of a file that a run names. Anything else is refused before it is read."""

from django.http import HttpResponse, JsonResponse

from harness.portal import audit, evidence_store
from harness.portal.api.tokens import refused, with_token
from harness.portal.asking import Request
from harness.portal.clock import now_ms
from harness.portal.models import Evidence


@with_token("publish")
def bring(request: Request, sha256: str) -> HttpResponse:
    """Keep a file; its content must be what its name says."""
    assert request.token is not None  # by the decorator
    wanted = Evidence.objects.filter(project=request.token.project, sha256=sha256).first()
    if wanted is None:
        return refused(404, "no run of this project names that file")
    if wanted.brought_ms is not None:
        return JsonResponse({"kept": sha256})
    if request.META.get("CONTENT_LENGTH") != str(wanted.size):
        return refused(400, f"the file has {wanted.size} bytes, and Content-Length must say so")
    try:
        evidence_store.keep(request, sha256, wanted.size)
    except evidence_store.OtherContent as error:
        audit.note(request, "evidence", sha256, outcome="refused", why=str(error))
        return refused(400, str(error))
    Evidence.objects.filter(pk=wanted.pk).update(brought_ms=now_ms())
    return JsonResponse({"kept": sha256}, status=201)
