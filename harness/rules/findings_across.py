"""One cause in many operations: a handler for errors that breaks its schema, a header that nobody checks.

Each operation keeps its finding, because each breaks its own promise; the name given here is the same for all of
them, so that a person reads the reason once. What a crash answers with tells crashes apart only where it says
something.
"""

import hashlib
import re

from harness.rules.findings import EVERYWHERE, Cause

_VARYING = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8}-[0-9a-f-]{27}|\d+|'[^']*'|\"[^\"]*\"", re.IGNORECASE)
_TELLING = 60


def shared_name(cause: Cause) -> str:
    """A short name that is the same for findings with one reason; of its own where nothing speaks for that."""
    hit = cause.hit
    key: tuple[object, ...]
    match hit.kind:
        case "JsonSchemaError":
            wrong = _VARYING.sub("", str(hit.detail.get("wrong", "")))
            field = cause.location.rpartition("/")[2]
            key = (cause.rule, hit.kind, cause.status_class, field, wrong, hit.detail.get("wanted", ""))
        case "UndeclaredField":
            key = (cause.rule, cause.location.rpartition("/")[2])
        case "UndefinedStatusCode" | "MissingHeaders" | "MalformedJson" | "AbsentOperation":
            key = (cause.rule, hit.kind, cause.location)
        case "UndefinedContentType" | "MissingContentType":
            key = (cause.rule, hit.kind, cause.location, hit.status)
        case "UnsupportedMethodResponse" | "AllowHeaderMismatch":
            key = (cause.rule, hit.kind, cause.location, cause.scenario, cause.severity)
        case "ServerError" | "ContentTypeServerError":
            key = _of_crash(cause)
        case "AcceptedNegativeData" | "MissingHeaderNotRejected" | "RejectedPositiveData" if not _in_header(cause):
            key = (cause.operation, cause.rule, hit.kind, cause.severity, hit.within)
        case "AcceptedNegativeData" | "MissingHeaderNotRejected" | "RejectedPositiveData":
            key = (cause.rule, hit.kind, cause.location.lower(), cause.scenario)
        case "IgnoredAuth":
            key = (cause.rule, hit.kind)
        case _:
            key = (cause.id,)
    return hashlib.sha256(repr(key).encode()).hexdigest()[:10]


def _of_crash(cause: Cause) -> tuple[object, ...]:
    said = " ".join(_VARYING.sub("", cause.hit.answer).split())
    if len(said) >= _TELLING:
        return (cause.rule, cause.hit.status, said)
    if _in_header(cause):
        return (cause.rule, cause.hit.status, cause.location.lower())
    if cause.hit.needs:
        return (cause.operation, cause.rule, cause.hit.status, cause.hit.needs)
    return (cause.operation, cause.rule, cause.hit.status, EVERYWHERE if cause.location == EVERYWHERE else cause.id)


def _in_header(cause: Cause) -> bool:
    return cause.location.startswith(("header ", "cookie "))
