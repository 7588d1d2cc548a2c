"""Evidence on an origin of its own: no cookies, no scripts, in a sandbox, and only by an address that a page gave out.

What is shown in place is plain text and pictures, these by their own bytes and not by their name, and none of gigantic
size; everything else is a download. The address holds for an hour, for one file. What is shown was hashed just before:
a file that became another is not shown.
"""

from os import SEEK_END

from django.core import signing
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase

from harness.portal.asking import Request
from harness.portal.evidence_store import OtherContent, opened
from harness.portal.pictures import shown_as
from harness.portal.settings import PORTAL
from harness.portal.views.errors import plain

_SALT = "harness.evidence"
_LASTS_S = 3600
_TEXTS = frozenset({"text/plain", "application/yaml", "text/yaml", "application/json", "text/vnd.yaml"})
_SHOWN_BYTES = 4 * 1024**2


def address_of(sha256: str, media_type: str) -> str:
    """Where a page may point for a file, from now for an hour."""
    kind = "text" if media_type.split(";")[0].strip().lower() in _TEXTS else "file"
    return f"{PORTAL.evidence_url}/e/{sha256}?c={signing.dumps([sha256, kind], salt=_SALT)}"


def evidence(request: Request, sha256: str) -> HttpResponseBase:
    """A file."""
    try:
        allowed, kind = signing.loads(request.GET.get("c", ""), salt=_SALT, max_age=_LASTS_S)
        if allowed != sha256:
            return plain(404)
        file = opened(sha256)
    except (signing.BadSignature, ValueError, OtherContent):
        return plain(404)
    picture, size = shown_as(file), file.seek(0, SEEK_END)
    file.seek(0)
    shown = picture or ("text/plain; charset=utf-8" if kind == "text" and size <= _SHOWN_BYTES else "")
    response = FileResponse(file, content_type=shown or "application/octet-stream")
    way = "inline" if shown else "attachment"
    response.headers["Content-Disposition"] = f'{way}; filename="{sha256[:16]}"'
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def nothing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Whatever is wrong there."""
    return plain(404)
