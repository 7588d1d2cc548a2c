"""A small fixed list on every parameter of every operation: what breaks servers that a generator meets only by luck.

Numbers beyond every integer, letters where a number stands, a NUL, quotes, a way up the folders, a very long text.
Only a server error is held against the system here: what a value is refused with is judged elsewhere. Then fields
that the contract says only the server sets are sent all the same: an answer that shows our value took it.
"""

import base64
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from harness.formats.curl import Request
from harness.formats.openapi_walk import resolve
from harness.kit.contract.noticing import noticed
from harness.kit.contract.outages import Outages, Suspect
from harness.kit.contract.replaying import Sender
from harness.kit.contract.telling import Teller
from harness.runners.contract_events import shown_of

VALUES: tuple[tuple[str, str], ...] = (
    ("0", "zero"),
    ("-1", "below zero"),
    ("9223372036854775808", "beyond 64 bits"),
    ("1" + "0" * 400, "beyond every number"),
    ("abc", "letters"),
    ("NaN", "not a number"),
    ("\0", "a NUL"),
    ("'", "a quote"),
    ('"', "a double quote"),
    ("../../x", "a way up"),
    ("a" * 3000, "a very long text"),
    ("\U0001f4a9\u202e", "signs beyond the basic plane"),
)
_SERVER_ERROR = 500
_OFF = frozenset((501, 503))
_TEXT, _NUMBER = "set-by-the-client", 987654321
_DEEPEST = 8
_BREAKING = frozenset(("ServerError", "ConnectionDropped", "ServerStopped"))
_OTHER_METHOD = "unspecified_http_method"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A request of an operation that was accepted, as it was told; `template` is the operation's path."""

    label: str
    template: str
    request: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Boundaries:
    """Goes through the list for at most `most_s` seconds; `labels` may be asked, what may end access is not."""

    document: Mapping[str, Any]
    labels: frozenset[str]
    sender: Sender
    outages: Outages
    most_s: float
    _lost: bool = False
    _samples: dict[str, Sample] = field(default_factory=dict)
    _broken: set[tuple[str, str]] = field(default_factory=set)
    _sent: int = 0
    _parameters: int = 0

    def notice(self, recorder: Any, teller: Teller) -> None:
        """Keep one accepted request of each operation."""
        for case_id, interaction in recorder.interactions.items():
            node = recorder.cases.get(case_id)
            if node is None or interaction.response is None or not 200 <= interaction.response.status_code < 300:
                continue
            operation = node.value.operation
            same = interaction.request.method.upper() == operation.method.upper()
            if same and operation.label in self.labels and operation.label not in self._samples:
                asked = teller.request(interaction.request)
                if not asked["body_cut"]:
                    sample = Sample(label=operation.label, template=operation.path, request=asked)
                    self._samples[operation.label] = sample

    def take(self, failures: Iterable[Mapping[str, Any]]) -> None:
        """What breaks already is not broken again, only to be told a second time."""
        for one in failures:
            about = one["about"]
            off = one["status"] in _OFF or about["scenario"] == _OTHER_METHOD
            if one["type"] in _BREAKING and about["parameter"] and not off:
                self._broken.add((one["operation"], about["parameter"]))

    def go(self, teller: Teller) -> None:
        """Send the list: every operation's first value, then every operation's second, until time is over."""
        until = time.monotonic() + self.most_s
        places = [(sample, place) for sample in self._samples.values() for place in self._declared(sample.label)]
        self._parameters = len(places)
        for value in VALUES:
            for sample, place in places:
                if time.monotonic() > until or self._lost:
                    break
                if (sample.label, place[1]) not in self._broken:
                    self._try(sample, place, value, teller)
        for sample in self._samples.values():
            if time.monotonic() <= until and not self._lost:
                self._set_read_only(sample, teller)
        without = sorted(label for label in self.labels - set(self._samples) if any(self._declared(label)))
        teller.tell("boundaries", requests=self._sent, parameters=self._parameters, without=without)

    def _declared(self, label: str) -> Iterator[tuple[str, str]]:
        """Every parameter in path and query that the contract declares."""
        method, _, path = label.partition(" ")
        item = self.document.get("paths", {}).get(path, {})
        declared = (*item.get("parameters", ()), *item.get(method.lower(), {}).get("parameters", ()))
        for one in declared:
            parameter = self._resolved(one)
            if parameter.get("in") in {"path", "query"} and isinstance(parameter.get("name"), str):
                yield parameter["in"], parameter["name"]

    def _resolved(self, at: Any) -> Mapping[str, Any]:
        for _ in range(_DEEPEST):
            if not isinstance(at, Mapping):
                return {}
            if not isinstance(at.get("$ref"), str):
                return at
            try:
                at = resolve(self.document, at["$ref"])
            except LookupError:
                return {}
        return {}

    def _try(self, sample: Sample, place: tuple[str, str], value: tuple[str, str], teller: Teller) -> None:
        """Send a value; where it ends in a server error, twice, or in no answer at all, that is told."""
        within, parameter = place
        plain = shown_of({"before": [], "request": sample.request}, {}).request
        url = (_in_path if within == "path" else _in_query)(plain.url, sample.template, parameter, value[0])
        if url is None:
            return
        asked = replace(plain, url=url)
        tried = {"in": within, "parameter": parameter, "scenario": "boundary_list", "description": value[1]}
        answer = self._ask(asked, teller)
        if answer is None:
            self._unanswered(sample, asked, tried, teller)
            return
        if not _is_error(answer):
            return
        again = self._ask(asked, teller)
        if again is None:
            self._unanswered(sample, asked, tried, teller)
        elif _is_error(again):
            self._tell(sample, "not_a_server_error", "ServerError", asked, again, tried, teller)
            self._broken.add((sample.label, parameter))

    def _unanswered(self, sample: Sample, asked: Request, tried: dict[str, str], teller: Teller) -> None:
        """Who breaks connections off, or ends the server, is looked for; where it stays away nothing more is sent."""
        suspect = Suspect(
            label=sample.label,
            request=_as_told(sample, asked),
            about={"location": "", "mode": "", **tried},
            answered=False,
            place=f"{tried['parameter']}: {tried['description']}" if tried["description"] else tried["parameter"],
        )
        self._lost = not self.outages.unanswered(suspect, teller)
        if suspect.named in self.outages.found:
            self._broken.add((sample.label, tried["parameter"]))

    def _set_read_only(self, sample: Sample, teller: Teller) -> None:
        """Whether what only the server sets can be set by who asks."""
        plain = shown_of({"before": [], "request": sample.request}, {}).request
        try:
            body = json.loads(plain.body or b"")
        except ValueError:
            return
        added = {
            name: value for name, value in self._read_only(sample.label) if isinstance(body, dict) and name not in body
        }
        if not added:
            return
        asked = replace(plain, body=json.dumps({**body, **added}).encode())
        answer = self._ask(asked, teller)
        tried = {"in": "body", "scenario": "read_only", "description": ""}
        if answer is None:
            self._unanswered(sample, asked, {**tried, "parameter": ", ".join(added)}, teller)
            return
        taken = [name for name, value in added.items() if _shows(answer, name, value)]
        if taken:
            tried |= {"parameter": ", ".join(taken), "location": f"/properties/{taken[0]}"}
            self._tell(sample, "read_only_is_kept", "ReadOnlyTaken", asked, answer, tried, teller)

    def _read_only(self, label: str) -> Iterator[tuple[str, str | int]]:
        method, _, path = label.partition(" ")
        operation = self.document.get("paths", {}).get(path, {}).get(method.lower(), {})
        content = self._resolved(operation.get("requestBody")).get("content", {})
        schema = next((one.get("schema") for kind, one in content.items() if "json" in kind), None)
        for name, one in self._properties(schema, 0):
            kind = one.get("type")
            if one.get("readOnly") is True and kind in {"string", "integer"} and not {"enum", "format"} & set(one):
                yield name, _TEXT if kind == "string" else _NUMBER

    def _properties(self, schema: Any, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
        known = self._resolved(schema)
        for name, one in known.get("properties", {}).items():
            yield name, self._resolved(one)
        for part in known.get("allOf", ()) if depth < _DEEPEST else ():
            yield from self._properties(part, depth + 1)

    def _ask(self, request: Request, teller: Teller) -> Any:
        self._sent += 1
        teller.requests += 1
        return self.sender.send(request)

    def _tell(
        self,
        sample: Sample,
        check: str,
        kind: str,
        asked: Request,
        answer: Any,
        tried: dict[str, str],
        teller: Teller,
    ) -> None:
        failure = noticed(
            check,
            kind,
            sample.label,
            title="Server error" if kind == "ServerError" else "What only the server sets was taken",
            message=f"answered {answer.status_code}",
            phase="boundary",
            request=_as_told(sample, asked),
            about=tried,
            answer=answer,
        )
        (told,) = teller.found([failure])
        needs = [f"{tried['in']} {tried['parameter']}"] if kind == "ServerError" else None
        teller.tell("replayed", source=told["source"], again=True, needs=needs, request=None)


def _as_told(sample: Sample, asked: Request) -> dict[str, Any]:
    body = None if asked.body is None else base64.b64encode(asked.body).decode()
    return {**sample.request, "uri": asked.url, "body": body}


def _is_error(answer: Any) -> bool:
    return answer is not None and answer.status_code >= _SERVER_ERROR and answer.status_code not in _OFF


def _in_path(url: str, template: str, parameter: str, value: str) -> str | None:
    bare, mark, query = url.partition("?")
    steps, wanted = bare.split("/"), template.split("/")
    at = len(steps) - len(wanted)
    for number, part in enumerate(wanted):
        if part == "{" + parameter + "}" and at >= 0:
            steps[at + number] = quote(value, safe="")
            return "/".join(steps) + mark + query
    return None


def _in_query(url: str, _: str, parameter: str, value: str) -> str:
    bare, _mark, query = url.partition("?")
    others = [(name, one) for name, one in parse_qsl(query, keep_blank_values=True) if name != parameter]
    return f"{bare}?{urlencode([*others, (parameter, value)])}"


def _shows(answer: Any, name: str, value: str | int) -> bool:
    try:
        body = json.loads(answer.content or b"")
    except ValueError:
        return False
    return 200 <= answer.status_code < 300 and isinstance(body, dict) and body.get(name) == value
