"""Whether a request keeps the contract, and which documented answer refuses it when it does not.

Checked in the order a server would: security, parameters, body.
"""

import re
from collections.abc import Mapping

from harness.mocks.contracts import CompiledOperation, Documented, Media, Scheme
from harness.mocks.forms import MULTIPART, URLENCODED, multipart, urlencoded
from harness.mocks.messages import Request, Unreadable, Violation
from harness.mocks.parameters import check, shape_of
from harness.mocks.schemas import Book, violations_of
from harness.mocks.xml_text import is_xml

_SECURITY = "security"
_MEDIA_TYPE = "media type"
_SYNTAX = "syntax"
_REFUSALS = {
    _SECURITY: ("401", "403", "4XX", "400", "default"),
    _MEDIA_TYPE: ("415", "400", "422", "4XX", "default"),
    _SYNTAX: ("400", "422", "4XX", "default"),
    "path": ("400", "422", "404", "4XX", "default"),
}
_CONCRETE = {_SECURITY: 401, _MEDIA_TYPE: 415}
_FORMS = {URLENCODED: urlencoded, MULTIPART: multipart}
_BASIC = re.compile(r"[A-Za-z0-9+/]+={0,2}")


def request_violations(
    operation: CompiledOperation, request: Request, in_path: Mapping[str, str], book: Book | None = None
) -> tuple[Violation, ...]:
    """All that a request breaks; empty for a legal one."""
    if operation.security:
        missing = _insecure(operation, request)
        if missing:
            return missing
    found: tuple[Violation, ...] = ()
    for parameter in operation.parameters:
        found += check(parameter, request, in_path)
    if operation.body:
        found += _body(operation, request, book)
    return found


def refusal(operation: CompiledOperation, violations: tuple[Violation, ...]) -> tuple[int, Documented | None]:
    """The status that refuses, and what is documented for it; None where the contract documents no refusal."""
    kind = _kind(violations[0])
    for key in _REFUSALS[kind]:
        documented = operation.responses.get(key)
        if documented is not None:
            return (int(key) if key.isdigit() else _CONCRETE.get(kind, 400)), documented
    others = sorted(key for key in operation.responses if key.startswith("4"))
    if kind != _SECURITY and "422" in others:
        return 422, operation.responses["422"]
    return _CONCRETE.get(kind, 400), None


def _kind(violation: Violation) -> str:
    if violation.where in {_SECURITY, _MEDIA_TYPE}:
        return violation.where
    return "path" if violation.where.startswith("path ") else _SYNTAX


def _insecure(operation: CompiledOperation, request: Request) -> tuple[Violation, ...]:
    for group in operation.security:
        if all(_carries(scheme, request) for scheme in group):
            return ()
    needed = " or ".join(" and ".join(scheme.name for scheme in group) for group in operation.security)
    return (Violation(where=_SECURITY, message=f"no credential for {needed}", rule="security"),)


def _carries(scheme: Scheme, request: Request) -> bool:
    match scheme.where:
        case "header":
            value = request.header(scheme.key)
        case "query":
            value = dict(request.pairs).get(scheme.key)
        case _:
            value = request.cookies().get(scheme.key)
    if value is None:
        return False
    if scheme.prefix and not value.lower().startswith(scheme.prefix):
        return False
    credential = value[len(scheme.prefix) :].strip()
    return bool(_BASIC.fullmatch(credential)) if scheme.prefix == "basic " else bool(credential)


def _body(operation: CompiledOperation, request: Request, book: Book | None) -> tuple[Violation, ...]:
    media_type = request.media_type
    media = _fitting(operation, media_type)
    if not request.body:
        if not operation.body_required:
            return ()
        if media is None or media.is_json:
            return (Violation(where="body", message="is required and was not sent", rule="required"),)
    if media is None:
        known = ", ".join(one.media_type for one in operation.body)
        told = f"`{media_type[:80]}` is not documented" if media_type else "no Content-Type was sent"
        return (Violation(where=_MEDIA_TYPE, message=f"{told}; documented: {known}", rule="media-type"),)
    if media.validator is None:
        return ()
    if media.is_json:
        try:
            value = request.json()
        except Unreadable as error:
            return (Violation(where="body", message=str(error), rule="json"),)
        return violations_of(media.validator, value, "body")
    read = _FORMS.get(media_type)
    if read is not None and book is not None and media.entry is not None:
        try:
            form = read(request, shape_of(book, book.entries[media.entry]))
        except Unreadable as error:
            return (Violation(where="body", message=str(error), rule="form"),)
        return violations_of(media.validator, form, "body")
    if media_type.startswith("text/") and not is_xml(media_type):
        return violations_of(media.validator, request.body.decode("utf-8", "surrogateescape"), "body")
    return ()


def _fitting(operation: CompiledOperation, media_type: str) -> Media | None:
    """The documented body of a media type: itself, else a range (`application/*`, `*/*`)."""
    for media in operation.body:
        if media.media_type == media_type:
            return media
    return next((one for one in operation.body if media_type and _in_range(one.media_type, media_type)), None)


def _in_range(written: str, media_type: str) -> bool:
    return written == "*/*" or (written.endswith("/*") and media_type.startswith(written[:-1]))
