"""Reading what the contract engine told: lines of JSON, of which the last may have been cut off."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness.formats.curl import Request
from harness.rules.findings import Hit

EVENTS = "events.ndjson"
_GONE = "server_unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The request that shows a failure, and those that had to come first, each with what it was answered."""

    request: Request
    before: tuple[tuple[Request, str], ...] = ()


@dataclass(slots=True, kw_only=True)
class Told:
    """Everything that was told, added up. Operations go by their label, `GET /orders`."""

    engine: str = "Schemathesis"
    seen: dict[str, dict[str, int]] = field(default_factory=dict)
    clean: dict[str, dict[str, int]] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    legal: dict[str, tuple[int, int]] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)
    requests: list[Shown] = field(default_factory=list)
    extras: list[tuple[Hit, Shown]] = field(default_factory=list)
    promised: list[tuple[str, str, str]] = field(default_factory=list)
    states: dict[tuple[str, str, str], str] = field(default_factory=dict)
    good: dict[str, dict[str, str]] = field(default_factory=dict)
    again: dict[str, bool] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)
    unreachable: str | None = None
    unusable: str | None = None
    stopping: str | None = None
    locked_out: str | None = None
    outages: list[str | None] = field(default_factory=list)
    gone_after: list[str] = field(default_factory=list)
    boundaries: tuple[int, int] | None = None
    without_list: tuple[str, ...] = ()
    watchers_failed: list[str] = field(default_factory=list)
    finished: str | None = None
    done: bool = False
    unreadable: str | None = None
    lines: int = 0

    @property
    def answered(self) -> int:
        """How many answers there were at all."""
        return sum(sum(counts.values()) for counts in self.seen.values())


def read_events(body: bytes, schemes: Mapping[str, str]) -> Told:
    """Add the events up. `schemes` says how each credential header begins, by its lower-case name."""
    told = Told()
    for number, line in enumerate(body.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            _take(told, json.loads(line), schemes)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            told.unreadable = f"line {number}: {error}"
        told.lines += 1
    for hit, shown in told.extras:  # last, so that the numbers of failures stay as they were told
        told.hits.append(replace(hit, source=len(told.requests)))
        told.requests.append(shown)
    return told


def _extra(event: dict[str, Any]) -> Hit:
    title = f"{event['place']} is in the answer, and no schema declares it"
    return Hit(
        operation=event["operation"],
        rule="undeclared_field",
        kind="UndeclaredField",
        status=event["status"],
        title=title,
        message=title,
        location=event["place"],
    )


def _take(told: Told, event: dict[str, Any], schemes: Mapping[str, str]) -> None:
    match event["event"]:
        case "problem":
            _problem(told, event)
        case "scenario":
            _scenario(told, event, schemes)
        case "left-out":
            _left_out(told, event)
        case "replayed":
            _replayed(told, event, schemes)
        case "promised":
            told.promised += [(label, kind, name) for label, kind, name in event["cells"]]
        case "extra":
            told.extras.append((_extra(event), Shown(request=_request(event["request"], schemes))))
        case "again":
            told.again[event["finding"]] = event["again"]
        case _:
            _how_it_went(told, event)


def _how_it_went(told: Told, event: dict[str, Any]) -> None:
    match event["event"]:
        case "started":
            told.engine = event["engine"]
        case "unreachable":
            told.unreachable = event["why"]
        case "unusable" | "fatal":
            told.unusable = event["why"]
        case "stopping" | "left":
            told.stopping = told.stopping or event["why"]
        case "finished":
            told.finished = told.finished if told.finished in {_GONE, "max_time"} else event["why"]
        case "locked-out":
            told.locked_out = event["after"]
        case "done":
            told.done = True
        case _:
            _beside_the_engine(told, event)


def _beside_the_engine(told: Told, event: dict[str, Any]) -> None:
    match event["event"]:
        case "outage":
            told.outages.append(event["culprit"])
            if event["culprit"] is None and event.get("after"):
                told.gone_after.append(event["after"])
        case "boundaries":
            told.boundaries = (event["requests"], event["parameters"])
            told.without_list = tuple(event.get("without", ()))
        case "watcher-failed":
            told.watchers_failed.append(f"{event['watcher']}: {event['why']}")
        case "recovered":
            told.finished = None


def _problem(told: Told, event: dict[str, Any]) -> None:
    text = f"{event['title']}: {event['message']}".strip(": ").split("\n\n")[0].replace("\n", " ")
    if event["of_operation"]:
        told.problems.setdefault(event["operation"], text)
    elif text not in told.general:
        told.general.append(text)


def _scenario(told: Told, event: dict[str, Any], schemes: Mapping[str, str]) -> None:
    for label, counts in event["seen"].items():
        for status, (number, clean) in counts.items():
            _count(told.seen, label, status, number)
            _count(told.clean, label, status, clean)
    for label, number in event["lost"].items():
        told.lost[label] = told.lost.get(label, 0) + number
    for label, (sent, accepted) in event["legal"].items():
        before = told.legal.get(label, (0, 0))
        told.legal[label] = (before[0] + sent, before[1] + accepted)
    for label, one in event.get("good", {}).items():
        told.good.setdefault(label, {name: str(one[name]) for name in ("method", "path", "status")})
    for label, kind, name, state in event.get("cells", ()):
        told.states[(label, kind, name)] = state
    for failure in event["failures"]:
        told.requests.append(shown_of(failure, schemes))
        told.hits.append(hit_of(failure, len(told.requests) - 1))


def _replayed(told: Told, event: dict[str, Any], schemes: Mapping[str, str]) -> None:
    """A failure was tried once more: whether it came again, on which smaller request, and what that needs."""
    number = event["source"]
    hit, shown = told.hits[number], told.requests[number]
    smaller = _request(event["request"], schemes) if event["request"] else shown.request
    told.requests[number] = replace(shown, request=smaller)
    needs = None if event["needs"] is None else tuple(event["needs"])
    told.hits[number] = replace(hit, again=event["again"], needs=needs)


def _left_out(told: Told, event: dict[str, Any]) -> None:
    if event["status"] is None:
        return
    label, status = event["operation"], event["status"]
    _count(told.seen, label, str(status), 1)
    _count(told.clean, label, str(status), int(event["clean"]))
    if 200 <= status < 300 and not any(hit.kind == "IgnoredAuth" and hit.operation == label for hit in told.hits):
        told.requests.append(Shown(request=_request(event["request"], {})))
        told.hits.append(
            Hit(
                operation=label,
                rule="ignored_auth",
                kind="IgnoredAuth",
                status=status,
                title="API accepts requests without authentication",
                answer=event["body"],
                source=len(told.requests) - 1,
            )
        )


def shown_of(failure: dict[str, Any], schemes: Mapping[str, str]) -> Shown:
    """The requests of one failure as it was told."""
    chain = tuple((_request(each, schemes), str(each.get("answer", ""))) for each in failure["before"])
    return Shown(request=_request(failure["request"], schemes), before=chain)


def hit_of(failure: dict[str, Any], source: int) -> Hit:
    """One failure as it was told, `source` being its number in the run."""
    about, answer = failure["about"], failure["answer"]
    return Hit(
        operation=failure["operation"],
        rule=failure["check"],
        kind=failure["type"],
        status=failure["status"],
        phase=failure["phase"],
        scenario=about["scenario"],
        location=about["location"],
        parameter=about["parameter"],
        within=about["in"],
        mode=about["mode"],
        description=about["description"],
        title=failure["title"],
        message=failure["message"],
        detail={
            name: tuple(value) if isinstance(value, list) else str(value) for name, value in failure["detail"].items()
        },
        answer=answer.get("body", ""),
        answer_size=answer.get("size", 0),
        weight=failure["size"],
        count=failure["count"],
        empty=_sent_empty(about, failure["request"].get("headers", {})),
        source=source,
    )


def _sent_empty(about: dict[str, Any], headers: Mapping[str, str]) -> bool:
    """The request tried an empty header, which most servers rightly take for none."""
    if about["in"] not in {"header", ""} or about["mode"] != "negative":
        return False
    return any(value == "" and about["parameter"].lower() in {"", name.lower()} for name, value in headers.items())


def _request(data: dict[str, Any], schemes: Mapping[str, str]) -> Request:
    body = data.get("body")
    return Request(
        method=data.get("method", "GET"),
        url=data.get("uri", ""),
        headers=data.get("headers", {}),
        credentials=tuple((name, schemes.get(name.lower(), "")) for name in data.get("credentials", ())),
        body=None if body is None else base64.b64decode(body),
        is_cut=bool(data.get("body_cut")),
    )


def _count(into: dict[str, dict[str, int]], label: str, status: str, number: int) -> None:
    counts = into.setdefault(label, {})
    counts[status] = counts.get(status, 0) + number
