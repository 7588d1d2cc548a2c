"""Causes as findings that a person can act on: what was promised, what came, and the line that shows it again."""

from collections.abc import Iterable, Mapping

from harness.formats.curl import Request, curl_line
from harness.model.contract import Operation
from harness.model.evidence import Finding, Severity
from harness.rules.findings import Cause, Hit, asked, causes
from harness.runners.contract_events import Told

_MOST = 300


def findings_in(told: Told, operations: Iterable[Operation], contract: str) -> tuple[Finding, ...]:
    """Every finding, the worst first; `operation` is the operation's id."""
    by_label = {operation.label: operation for operation in operations}
    found = causes(told.hits, by_label.values(), told.legal)
    return tuple(_finding(cause, by_label, told, contract) for cause in found if cause.operation in by_label)


def _finding(cause: Cause, by_label: Mapping[str, Operation], told: Told, contract: str) -> Finding:
    operation = by_label[cause.operation]
    request, before = told.requests[cause.hit.source]
    title, expected, actual = _words(cause, operation)
    return Finding(
        id=cause.id,
        operation=operation.id,
        rule=cause.rule,
        severity=cause.severity,
        title=title,
        message=_short(cause.hit.message, 2000),
        expected=expected,
        actual=actual,
        location=cause.location,
        scenario=cause.scenario,
        status=cause.hit.status,
        curl=_script(request, before),
        place=f"{contract}:{operation.line}" if operation.line else contract,
        count=cause.count,
    )


def _script(request: Request, before: tuple[Request, ...]) -> str:
    """One line that can be pasted whole: the requests that have to come first, then the one that shows it."""
    if request.is_cut:
        return "the request body is too large to be shown here"
    return "; ".join(curl_line(each) for each in (*before, request))


def _words(cause: Cause, operation: Operation) -> tuple[str, str, str]:
    """(title, expected, actual) of a cause."""
    hit, label = cause.hit, operation.label
    answered = f"it answered {hit.status}"
    documented = ", ".join(operation.statuses) or "nothing"
    match hit.kind:
        case "ServerError" | "ContentTypeServerError":
            return (
                f"{label} fails with {hit.status} on {_trying(cause)}",
                "an answer that is not a server error",
                _said(hit),
            )
        case "IgnoredAuth":
            return (f"{label} does not ask for credentials", "401 or 403 without credentials", answered)
        case "UndefinedStatusCode":
            return (f"{label} answers {hit.status}, which the contract does not document", documented, answered)
        case "JsonSchemaError":
            about = (
                f"its header {hit.detail['header']}" if "header" in hit.detail else f"{cause.location.split(' ')[0]}"
            )
            wrong = _short(str(hit.detail.get("wrong", hit.title)), 160)
            expected, actual = str(hit.detail.get("wanted", "")), str(hit.detail.get("instance", ""))
            return (f"{label} breaks its schema on {hit.status}: {about}: {wrong}", _short(expected), _short(actual))
        case "MissingHeaders":
            return (f"{label} lacks {cause.location} on {hit.status}", cause.location, "not sent")
        case "AcceptedNegativeData" | "MissingHeaderNotRejected":
            return (f"{label} accepts what its contract forbids: {_trying(cause)}", "a refusal (4xx)", answered)
        case "RejectedPositiveData":
            return (f"{label} refuses what its contract allows: {_trying(cause)}", "acceptance (2xx)", _said(hit))
        case "UnsupportedMethodResponse":
            method = hit.detail.get("method", "?")
            return (
                f"{operation.path} answers {hit.status} to {method}, which is not documented",
                "405 with Allow",
                answered,
            )
        case "UndefinedContentType":
            expected = ", ".join(_many(hit.detail.get("defined_content_types", ())))
            return (
                f"{label} answers {cause.location}, which is not documented",
                expected,
                str(hit.detail["content_type"]),
            )
        case "UseAfterFree":
            return (f"{label} still finds what was deleted", "404 or 410 after the deletion", answered)
        case "EnsureResourceAvailability":
            return (f"{label} does not find what was just created", "the created resource", answered)
        case _:
            return (f"{label}: {hit.title}", "", _said(hit))


def _trying(cause: Cause) -> str:
    """What the request tried, in words."""
    hit = cause.hit
    if cause.location == "any request" or not (hit.scenario or hit.description):
        return cause.location if cause.location == "any request" else "a request that keeps the contract"
    what = (hit.description or hit.scenario.replace("_", " ")).splitlines()[0]
    place = asked(hit)
    if hit.kind == "ServerError" and hit.mode == "positive" and not hit.scenario:
        return "a request that keeps the contract"
    return _short(f"{place}: {what}" if place and place not in what else what, 160)


def _said(hit: Hit) -> str:
    body = " ".join(hit.answer.split())
    return _short(f"{hit.status}: {body}" if body else f"{hit.status} without a body")


def _many(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _short(text: str, most: int = _MOST) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def deciding(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that make an operation fail; opinions are told and never decide."""
    return tuple(finding for finding in findings if finding.severity is not Severity.OPINION)
