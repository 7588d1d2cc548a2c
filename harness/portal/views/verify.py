"""Look a code up: whether there is such an acceptance and how it stands now. For anybody who holds a certificate."""

from django.http import HttpResponse

from harness.portal.asking import Request
from harness.portal.models import Frozen, Signed
from harness.portal.pages import show
from harness.portal.standings import state_of


def verify(request: Request) -> HttpResponse:
    """By code and the first 16 digits of the package's digest: both are on the certificate."""
    code = request.GET.get("code", "").strip().upper()[:12]
    digest = request.GET.get("digest", "").strip().lower()[:64]
    asked = bool(code or digest)
    row = Frozen.objects.select_related("project").filter(code=code).first() if len(digest) >= 16 else None
    if row is not None and not row.sha256.startswith(digest):
        row = None
    signed = Signed.objects.filter(package=row, taken_back=None).count() if row is not None else 0
    state = state_of(row) if row is not None else ""
    return show(request, "verify.html", asked=asked, row=row, state=state, signed=signed, code=code, digest=digest)
