"""What can be kept: the certificate, every signature as JSON and CSV, and the file that is checked offline."""

import csv
import io
import json

from django.http import HttpResponse, JsonResponse

from harness.formats.shape import to_json
from harness.portal import audit
from harness.portal.archiving import archive_of
from harness.portal.asking import Request
from harness.portal.clock import utc
from harness.portal.models import Frozen, Signed
from harness.portal.packages import NotYours, package_of, visible
from harness.portal.pages import show
from harness.portal.settings import PORTAL
from harness.portal.standings import signature_at, state_of
from harness.portal.views.errors import sorry
from harness.portal.views.improvements import escaped
from harness.portal.words import LANGUAGES, say

_COLUMNS = (
    "name",
    "title",
    "role",
    "decision",
    "meaning",
    "signed_utc",
    "zone",
    "statement_sha256",
    "number",
    "taken_back",
)


def certificate(request: Request, code: str) -> HttpResponse:
    """The certificate as a page that prints on one sheet."""
    try:
        row = visible(request, code)
    except NotYours:
        return sorry(request, 404)
    signed = [
        {"row": one, "signature": signature_at(one.number), "utc": f"{utc(one.signed_ms):%Y-%m-%d %H:%M:%S} UTC"}
        for one in Signed.objects.filter(package=row).order_by("number")
    ]
    return show(
        request,
        "certificate.html",
        row=row,
        package=package_of(row),
        state=state_of(row),
        signed=signed,
        url=PORTAL.url,
    )


def bundle(request: Request, code: str) -> HttpResponse:
    """Everything in one file."""
    try:
        row = visible(request, code)
    except NotYours:
        return sorry(request, 404)
    audit.note(request, "archive", code)
    response = HttpResponse(archive_of(row), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="acceptance-{row.code}.zip"'
    return response


def signatures_json(request: Request, code: str) -> HttpResponse:
    """Every signature with all that it says."""
    try:
        row = visible(request, code)
    except NotYours:
        return sorry(request, 404)
    return JsonResponse(
        {"package": row.sha256, "code": row.code, "signatures": _rows(row)}, json_dumps_params={"indent": 1}
    )


def signatures_csv(request: Request, code: str) -> HttpResponse:
    """The same as a table; nothing in it runs as a formula."""
    try:
        row = visible(request, code)
    except NotYours:
        return sorry(request, 404)
    out = io.StringIO()
    sheet = csv.DictWriter(out, _COLUMNS, extrasaction="ignore")
    sheet.writeheader()
    for one in _rows(row):
        sheet.writerow({name: escaped(str(one[name])) for name in _COLUMNS})
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="signatures-{row.code}.csv"'
    return response


def _rows(row: Frozen) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for one in Signed.objects.filter(package=row).order_by("number"):
        signature = signature_at(one.number)
        statement = signature.statement
        found.append(
            {
                "name": statement.name,
                "title": statement.title,
                "role": statement.role,
                "decision": statement.decision.value,
                "decision_words": {language: say(language, f"decision.{one.decision}") for language in LANGUAGES},
                "meaning": statement.text,
                "signed_utc": f"{utc(signature.signed_ms):%Y-%m-%dT%H:%M:%SZ}",
                "zone": signature.zone,
                "statement_sha256": one.statement_sha256,
                "number": one.number,
                "taken_back": "" if one.taken_back is None else one.taken_back,
                "whole": json.loads(json.dumps(to_json(signature))),
            }
        )
    return found
