"""From thousands of hits to one finding per cause.

An engine reports every example that hit something. What a person has to read is the
cause: the promise of the contract that was broken, at which place, for which kind of
answer. Consequences of a cause (the undocumented 500 of a crash, a broken answer to a
request that should have been refused) are folded into it. What is a matter of taste is
an opinion: told, never deciding.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from harness.model.contract import Operation
from harness.model.evidence import Severity

_OK, _REDIRECT, _CLIENT_ERROR, _SERVER_ERROR = 200, 300, 400, 500
_TURNED_OFF = frozenset((501, 503))
_OF_READING = frozenset(("MalformedJson", "ContentDeserializationError", "JsonSchemaError", "MissingContentType"))
_MOST_PLACES = 4
EVERYWHERE = "any request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One failure of one request, as the engine told it: `within`, `location` and `scenario` say what it tried.

    `again`: it came again when it was tried by itself, `needs` naming the parts of the request without which it
    does not; None where that was not tried.
    """

    operation: str
    rule: str
    kind: str
    status: int | None
    phase: str = ""
    scenario: str = ""
    location: str = ""
    parameter: str = ""
    within: str = ""
    mode: str = ""
    description: str = ""
    title: str = ""
    message: str = ""
    detail: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    answer: str = ""
    answer_size: int = 0
    weight: int = 0
    count: int = 1
    empty: bool = False
    source: int = 0
    again: bool | None = None
    needs: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why hits are the same finding, and the lightest hit to show for it; its `source` leads back to the request."""

    operation: str
    rule: str
    location: str
    scenario: str
    status_class: str
    severity: Severity
    hit: Hit
    count: int

    @property
    def id(self) -> str:
        """Operation + rule + location + scenario + status class: the same from run to run."""
        return " | ".join((self.operation, self.rule, self.location, self.scenario, self.status_class))


def causes(
    hits: Iterable[Hit], operations: Iterable[Operation], legal: Mapping[str, tuple[int, int]]
) -> tuple[Cause, ...]:
    """One cause per finding, the worst first. `legal` counts (sent, accepted) requests that keep the contract."""
    by_label = {operation.label: operation for operation in operations}

    def bad(hit: Hit) -> bool:
        return severity(hit, by_label.get(hit.operation), legal) is not Severity.OPINION

    kept = _without_consequences(_settled(tuple(hits)), bad)
    grouped: dict[tuple[str, ...], list[Hit]] = {}
    for hit in kept:
        location, scenario = where(hit)
        key = (hit.operation, hit.rule, location, scenario, status_class(hit.status))
        grouped.setdefault(key, []).append(hit)
    found = [
        Cause(
            operation=key[0],
            rule=key[1],
            location=key[2],
            scenario=key[3],
            status_class=key[4],
            severity=min((severity(hit, by_label.get(hit.operation), legal) for hit in same), key=_badness),
            hit=min(same, key=_showing),
            count=sum(hit.count for hit in same),
        )
        for key, same in grouped.items()
    ]
    return tuple(sorted(_collapsed(found), key=lambda cause: (_badness(cause.severity), cause.id)))


def short_name(finding: str) -> str:
    """Eight signs for a finding's id, for people to type: the same from run to run, as the id is."""
    return hashlib.sha256(finding.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def status_class(status: int | None) -> str:
    """`5xx` for 503; nothing where there was no answer."""
    return f"{status // 100}xx" if status else ""


def where(hit: Hit) -> tuple[str, str]:
    """The place a hit is about (in the answer, or in the request) and the scenario that led there."""
    match hit.kind:
        case "ServerError" | "ContentTypeServerError" if hit.needs is not None:
            return _where_needed(hit)
        case "JsonSchemaError":
            place = "header " + str(hit.detail["header"]) if "header" in hit.detail else _instance(hit)
            return f"{place} {_keyword(hit)}".strip(), ""
        case "UndeclaredField":
            return hit.location, ""
        case "AbsentOperation":
            return "", ""
        case "UndefinedStatusCode":
            return f"status {hit.status}", ""
        case "MissingHeaders":
            return "headers " + ", ".join(_many(hit, "missing_headers")), ""
        case "UndefinedContentType" | "MissingContentType" | "MalformedMediaType":
            return "content type " + str(hit.detail.get("content_type", "")).split(";")[0], ""
        case (
            "UnreadableAnswer"
            | "ContentDeserializationError"
            | "MalformedJson"
            | "DiscriminatorMismatch"
            | "IgnoredAuth"
        ):
            return "", ""
        case "UnsupportedMethodResponse" | "AllowHeaderMismatch":
            return f"method {hit.detail.get('method', '')}".strip(), str(hit.detail.get("failure_reason", ""))
        case "RejectedPositiveData" if not _at_a_limit(hit):
            return "", ""
        case "UseAfterFree" | "EnsureResourceAvailability":
            return "", ""
        case _:
            return asked(hit), hit.scenario


def _where_needed(hit: Hit) -> tuple[str, str]:
    """The place that a crash was proved to need: the one that was tried, where it is among them."""
    needs = hit.needs or ()
    if not needs:
        return EVERYWHERE, ""
    tried = asked(hit)
    for need in needs:
        if tried == need or tried.startswith((need + "/", need + " ")):
            return tried, hit.scenario
    return ", ".join(needs), ""


def asked(hit: Hit) -> str:
    """The part of the request that a hit was about: `body /lines/*/quantity minimum`, `query page`."""
    if hit.within == "body":
        return f"body {_readable(hit.location)}".strip()
    return " ".join(part for part in (hit.within, hit.parameter) if part)


def severity(hit: Hit, operation: Operation | None, legal: Mapping[str, tuple[int, int]]) -> Severity:
    """How bad a hit is; see the module's docstring for what an opinion is."""
    status = hit.status or 0
    match hit.kind:
        case "ServerError" | "ContentTypeServerError":
            documented = operation is not None and str(status) in operation.statuses
            off = status in _TURNED_OFF and (documented or hit.scenario == "unspecified_http_method")
            return Severity.OPINION if off else Severity.CRASH
        case "ServerStopped":
            return Severity.CRASH
        case "ConnectionDropped":
            return Severity.OPINION if hit.within in {"header", "cookie"} else Severity.CRASH
        case "IgnoredAuth":
            return Severity.SECURITY if status < _CLIENT_ERROR else Severity.OPINION
        case "AcceptedNegativeData" | "MissingHeaderNotRejected" | "UnsupportedMethodResponse":
            return Severity.BREACH if _OK <= status < _REDIRECT and not hit.empty else Severity.OPINION
        case "RejectedPositiveData":
            sent, accepted = legal.get(hit.operation, (0, 0))
            shown = bool(hit.needs) or 2 * accepted >= sent > 0
            return Severity.BREACH if _at_a_limit(hit) and shown else Severity.OPINION
        case "AllowHeaderMismatch" | "ResponseTimeExceeded" | "UndeclaredField":
            return Severity.OPINION
        case "MissingContentType":
            return Severity.BREACH if hit.answer_size else Severity.OPINION
        case "UndefinedStatusCode":
            return Severity.OPINION if status == 429 else Severity.BREACH
        case _:
            return Severity.BREACH


def _settled(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """What was learnt by trying one hit again holds for all that tried the same in the same way."""
    needs = {_tried(hit): hit.needs for hit in hits if hit.needs is not None}
    return tuple(
        replace(hit, needs=needs[_tried(hit)]) if hit.needs is None and _tried(hit) in needs else hit for hit in hits
    )


def _tried(hit: Hit) -> tuple[object, ...]:
    return (hit.operation, hit.rule, hit.kind, status_class(hit.status), asked(hit), hit.scenario)


def _without_consequences(hits: tuple[Hit, ...], bad: Callable[[Hit], bool]) -> tuple[Hit, ...]:
    """Leave out what another hit already tells; what is `bad` is no mere opinion, and only that tells for others."""
    crashes = [hit for hit in hits if hit.kind in {"ServerError", "ContentTypeServerError"} and bad(hit)]
    crashed = {(hit.operation, hit.status) for hit in crashes}
    taken = {_attempt(hit) for hit in hits if hit.kind == "AcceptedNegativeData" and bad(hit)}
    unreadable = {(hit.operation, hit.status) for hit in hits if hit.kind == "UnreadableAnswer"}
    absent = {hit.operation for hit in hits if hit.kind == "AbsentOperation"}
    open_doors = {hit.operation for hit in hits if hit.kind == "IgnoredAuth"}

    def follows(hit: Hit) -> bool:
        if hit.operation in absent:
            return hit.kind != "AbsentOperation"
        if hit.kind in {"ServerError", "ContentTypeServerError", "AcceptedNegativeData", "IgnoredAuth"}:
            return False
        if hit.kind == "MissingHeaderNotRejected":
            own_rule = hit.operation in open_doors and hit.parameter.lower() == "authorization"
            return own_rule or _attempt(hit) in taken
        if (hit.operation, hit.status) in crashed:
            return True
        if hit.kind in _OF_READING and (hit.operation, hit.status) in unreadable:
            return True
        return hit.mode == "negative" and bool(hit.scenario) and _attempt(hit) in taken

    return tuple(hit for hit in hits if not follows(hit))


def _attempt(hit: Hit) -> tuple[str, ...]:
    return (hit.operation, hit.scenario, hit.within, hit.parameter)


def _collapsed(found: list[Cause]) -> list[Cause]:
    """One cause where an operation crashes in the same way whatever it is asked; one opinion instead of many alike.

    Nothing else is put together: what is accepted today must not hide what breaks tomorrow beside it.
    """
    alike: dict[tuple[str, ...], list[Cause]] = {}
    for cause in found:
        alike.setdefault((cause.operation, cause.rule, cause.hit.kind, cause.status_class, cause.severity), []).append(
            cause
        )
    made: list[Cause] = []
    for same in alike.values():
        general = [cause for cause in same if cause.location == EVERYWHERE]
        many = same[0].severity is Severity.OPINION and len(same) > _MOST_PLACES
        kept = general or (same if many or (len(same) > 1 and _is_general(same)) else [])
        if not kept:
            made.extend(same)
            continue
        lightest = min(kept, key=lambda cause: _showing(cause.hit))
        total = sum(cause.count for cause in same)
        made.append(replace(lightest, location=EVERYWHERE, scenario="", count=total))
    return made


def _is_general(same: list[Cause]) -> bool:
    """A crash that some request which tries nothing in particular meets too, and nobody proved to need anything."""
    return same[0].hit.kind == "ServerError" and any(
        cause.hit.mode == "positive" and cause.hit.scenario in {"", "default_positive_test"} and cause.hit.needs is None
        for cause in same
    )


def _badness(found: Severity) -> int:
    return (Severity.CRASH, Severity.SECURITY, Severity.BREACH, Severity.OPINION).index(found)


def _showing(hit: Hit) -> tuple[bool, bool, int, int]:
    """What to show for a cause: a request that was seen to fail again, that stands alone, and is small."""
    return (not hit.again, hit.phase == "stateful", hit.weight, hit.source)


def _at_a_limit(hit: Hit) -> bool:
    """The request kept the contract and went to a limit that the contract itself names."""
    words = f"{hit.scenario} {hit.description}".lower().replace("_", " ")
    return hit.phase == "coverage" and any(
        word in words for word in ("boundary", "maximum", "minimum", "enum value", "const value")
    )


def _instance(hit: Hit) -> str:
    steps = str(hit.detail.get("instance_path", "")).split("/")
    return "/" + "/".join("*" if step.isdigit() else step for step in steps) if steps != [""] else "answer"


def _keyword(hit: Hit) -> str:
    keyword = str(hit.detail.get("schema_path", "")).rpartition("/")[2]
    if keyword in {"required", "additionalProperties", "unevaluatedProperties"}:
        quoted = str(hit.detail.get("wrong", "")).replace("'", '"').split('"')
        return f"{keyword} {quoted[1]}" if len(quoted) > 2 else keyword
    return keyword


def _readable(pointer: str) -> str:
    """`/properties/lines/items/properties/quantity/minimum` as `/lines/*/quantity minimum`."""
    made: list[str] = []
    steps = iter(pointer.strip("/").split("/"))
    for step in steps:
        if step == "properties":
            made.append("/" + next(steps, ""))
        elif step == "items":
            made.append("/*")
        elif step:
            made.append(" " + step)
    return "".join(made).strip()


def _many(hit: Hit, name: str) -> tuple[str, ...]:
    value = hit.detail.get(name, ())
    return (value,) if isinstance(value, str) else value
