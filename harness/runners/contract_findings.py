"""Causes as findings that a person can act on: what was promised, what came, and the line that shows it again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.formats.contract_curl import curl_script
from harness.formats.contract_parts import value_of
from harness.formats.contract_replay import Stored
from harness.formats.curl import Request
from harness.model.contract import Operation
from harness.model.evidence import Finding, Severity
from harness.model.plan import Accepted, ContractWork
from harness.rules.findings import EVERYWHERE, Cause, Hit, asked, causes
from harness.rules.findings_across import shared_name
from harness.rules.findings_owner import owner_of
from harness.runners.contract_events import Shown, Told
from harness.runners.contract_titles import title_zh

_MOST = 300
_OF_ANSWER = frozenset(("JsonSchemaError", "MissingHeaders", "UndefinedContentType", "MalformedJson"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding, and what has to be sent to see it again."""

    finding: Finding
    stored: Stored


def findings_in(told: Told, work: ContractWork, today: str = "") -> tuple[Found, ...]:
    """Every finding, the worst first; `operation` is the operation's id. `today` (`2026-12-31`) ends acceptances."""
    by_label = {operation.label: operation for operation in work.operations}
    found = causes(told.hits, by_label.values(), told.legal)
    accepted = {one.finding: one for one in work.accepted if one.expires >= today}
    return tuple(
        Found(
            finding=_finding(cause, by_label, told, work.contract, accepted.get(cause.id)),
            stored=_stored(cause, told.requests[cause.hit.source]),
        )
        for cause in found
        if cause.operation in by_label
    )


def _stored(cause: Cause, shown: Shown) -> Stored:
    hit = cause.hit
    return Stored(
        id=cause.id,
        operation=cause.operation,
        rule=cause.rule,
        kind=hit.kind,
        status=hit.status,
        request=shown.request,
        before=shown.before,
        detail=hit.detail,
    )


def _finding(
    cause: Cause, by_label: Mapping[str, Operation], told: Told, contract: str, accepted: Accepted | None
) -> Finding:
    operation = by_label[cause.operation]
    shown = told.requests[cause.hit.source]
    clean = told.clean.get(cause.operation, {}).get(str(cause.hit.status), 0)
    title, expected, actual = _words(cause, operation, shown.request)
    return Finding(
        id=cause.id,
        operation=operation.id,
        rule=cause.rule,
        severity=cause.severity,
        title=title,
        title_zh=title_zh(cause, operation, shown.request),
        message=_short(cause.hit.message, 2000),
        expected=expected,
        actual=actual,
        location=cause.location,
        scenario=cause.scenario,
        status=cause.hit.status,
        curl=_script(shown),
        place=_place(cause, operation, contract),
        count=cause.count,
        cause=shared_name(cause),
        owner=owner_of(cause, operation, clean),
        accepted=f"until {accepted.expires} by {accepted.owner}: {accepted.reason}" if accepted else "",
        again=cause.hit.again,
    )


def _script(shown: Shown) -> str:
    """One line that can be pasted whole: the requests that have to come first, then the one that shows it."""
    if shown.request.is_cut:
        return "the request body is too large to be shown here"
    return curl_script(shown.before, shown.request)


def _place(cause: Cause, operation: Operation, contract: str) -> str:
    """Where the contract says what was broken: the documented status or the parameter, else the operation."""
    lines = dict(operation.lines)
    status = str(cause.hit.status)
    about = cause.location.split(" /")[0].split(" ")
    wanted = (status, f"{status[:1]}XX", "default") if cause.hit.kind in _OF_ANSWER else (" ".join(about[:2]), about[0])
    line = next((lines[name] for name in wanted if name in lines), operation.line)
    return f"{contract}:{line}" if line else contract


def _words(cause: Cause, operation: Operation, request: Request) -> tuple[str, str, str]:
    """(title, expected, actual) of a cause."""
    hit, label = cause.hit, operation.label
    answered = f"it answered {hit.status}"
    documented = ", ".join(operation.statuses) or "nothing"
    trying = _trying(cause, request)
    match hit.kind:
        case "ServerError" | "ContentTypeServerError":
            return (
                f"{label} fails with {hit.status} on {trying}",
                "an answer that is not a server error",
                _said(hit),
            )
        case "ServerStopped":
            return (f"{label} ends the server: {trying}", "an answer, and a server that goes on", "no answer any more")
        case "ReadOnlyTaken":
            return (f"{label} takes what only the server sets: {cause.location}", "the server's own value", _said(hit))
        case "ConnectionDropped":
            return (
                f"{label} breaks the connection off: {trying}",
                "an answer",
                "the connection was closed without one",
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
            return (
                f"{label} accepts what its contract forbids: {_trying(cause, request)}",
                "a refusal (4xx)",
                answered,
            )
        case "RejectedPositiveData":
            return (
                f"{label} refuses what its contract allows: {_trying(cause, request)}",
                "acceptance (2xx)",
                _said(hit),
            )
        case "UndefinedContentType":
            expected = ", ".join(_many(hit.detail.get("defined_content_types", ())))
            return (
                f"{label} answers {cause.location}, which is not documented",
                expected,
                str(hit.detail["content_type"]),
            )
        case _:
            return _words_on_conduct(cause, operation)


def _words_on_conduct(cause: Cause, operation: Operation) -> tuple[str, str, str]:
    """The same for what an operation does, whatever its answer looks like."""
    hit, label = cause.hit, operation.label
    answered = f"it answered {hit.status}"
    match hit.kind:
        case "UnsupportedMethodResponse":
            method = hit.detail.get("method", "?")
            return (
                f"{operation.path} answers {hit.status} to {method}, which is not documented",
                "405 with Allow",
                answered,
            )
        case "AbsentOperation":
            return (f"{label} is in the contract and not in the system", "an operation", f"only {hit.answer}")
        case "UndeclaredField":
            return (f"{label} answers with a field that no schema declares: {cause.location}", "", cause.location)
        case "RecordedStatus":
            return (f"{label} answers {hit.status} to a recorded request", _short(hit.message), answered)
        case "UseAfterFree":
            return (f"{label} still finds what was deleted", "404 or 410 after the deletion", answered)
        case "EnsureResourceAvailability":
            return (f"{label} does not find what was just created", "the created resource", answered)
        case _:
            return (f"{label}: {hit.title}", "", _said(hit))


def _trying(cause: Cause, request: Request) -> str:
    """What the request tried, in words."""
    hit = cause.hit
    if hit.needs and cause.location == ", ".join(hit.needs):
        return _short(", ".join(_with_value(part, request) for part in hit.needs[:3]), 160)
    if cause.location == EVERYWHERE and hit.needs is None and hit.kind == "ServerError":
        return "requests of several kinds"
    if cause.location == EVERYWHERE or not (hit.scenario or hit.description):
        return cause.location if cause.location == EVERYWHERE else "a request that keeps the contract"
    what = (hit.description or hit.scenario.replace("_", " ")).splitlines()[0]
    place = asked(hit)
    if hit.kind == "ServerError" and hit.mode == "positive" and not hit.scenario:
        return "a request that keeps the contract"
    return _short(f"{place}: {what}" if place and place not in what else what, 160)


def _with_value(part: str, request: Request) -> str:
    value = value_of(request, part)
    return f"{part} = {_short(value, 60)}" if value else part


def _said(hit: Hit) -> str:
    body = " ".join(hit.answer.split())
    return _short(f"{hit.status}: {body}" if body else f"{hit.status} without a body")


def _many(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _short(text: str, most: int = _MOST) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def deciding(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that make an operation fail; opinions are told, accepted ones known, and neither decides."""
    return tuple(one for one in findings if one.severity is not Severity.OPINION and not one.accepted)
