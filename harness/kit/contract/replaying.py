"""Each failure once more, by itself, before anybody reads about it: does it come again, and what does it need?

What is sent is the recorded request, after those that had to come first. Where a failure is about the answer
and not about what was sent, everything that it does not need is left out, so that a person sees the cause
and not the example that happened to meet it.
"""

import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.formats.contract_chain import carried, learnt
from harness.formats.contract_parts import bare, parts_of, shown_openly, without
from harness.formats.curl import Request
from harness.kit.contract.bounds import MARK
from harness.kit.contract.telling import Teller, detail_of
from harness.rules.findings import Hit, where
from harness.runners.contract_events import Shown, hit_of, shown_of

_FOR_STATE = frozenset((402, 409, 412))
_QUOTED = re.compile(r"'([^']+)'")
_PLACES = re.compile(r"\{([^{}]+)\}")
_MOST_TRIES = 14
_MOST_EXAMPLES = 3
_ANSWER_ALONE = frozenset(
    ("ServerError", "ContentTypeServerError", "UndefinedStatusCode", "JsonSchemaError", "MissingHeaders")
) | frozenset(("UndefinedContentType", "MissingContentType", "MalformedMediaType", "MalformedJson"))
_VALIDATED = frozenset(("JsonSchemaError", "MalformedJson"))
_BY_STATUS = frozenset(
    (
        "UseAfterFree",
        "EnsureResourceAvailability",
        "RejectedPositiveData",
        "ContentDeserializationError",
        "RecordedStatus",
    )
)
_ACCEPTED = frozenset(("AcceptedNegativeData", "MissingHeaderNotRejected", "UnsupportedMethodResponse", "IgnoredAuth"))
_KNOWN = (
    _ANSWER_ALONE
    | _VALIDATED
    | _ACCEPTED
    | _BY_STATUS
    | frozenset(("UnreadableAnswer", "ServerStopped", "ConnectionDropped"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends requests with our credentials; None where there was no answer."""

    headers: Mapping[str, str]
    timeout_s: float

    def send(self, request: Request) -> Any:
        """The answer of one request."""
        import requests

        try:
            return self.ask(request)
        except (requests.RequestException, ValueError, OSError):
            return None

    def ask(self, request: Request) -> Any:
        """The same; what went wrong is thrown."""
        import requests

        own = {name.lower(): (name, value) for name, value in self.headers.items()}
        named = [own[name.lower()] for name, _ in request.credentials if name.lower() in own]
        return requests.request(
            request.method,
            request.url,
            headers={**request.headers, **dict(named)},
            data=request.body,
            timeout=self.timeout_s,
            allow_redirects=False,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayer:
    """Tries failures again. `schema` is the engine's, to judge answers as it did."""

    schema: Any
    sender: Sender

    def knows(self, hit: Hit) -> bool:
        """Whether we can tell of this kind that it came again: not of a check that the workspace brings."""
        return hit.kind in _KNOWN

    def again(self, hit: Hit, shown: Shown) -> bool:
        """Whether the request, after those before it, ends as it did."""
        values: dict[str, str] = {}
        for request, answer in shown.before:
            given = self.sender.send(carried(request, values))
            if given is not None:
                values |= learnt(answer, given.text)
        return self._same(hit, self.sender.send(carried(shown.request, values)))

    def smaller(self, hit: Hit, request: Request) -> tuple[Request, tuple[str, ...]]:
        """The request without what the failure does not need, and the parts that it does need."""
        if len(parts_of(request)) > 1:
            least = bare(request)
            if self._same(hit, self.sender.send(least)):
                return least, ()
        needed: list[str] = []
        for tries, part in enumerate(parts_of(request), start=1):
            less = without(request, part)
            if tries <= _MOST_TRIES and self._same(hit, self.sender.send(less)):
                request = less
            else:
                needed.append(part)
        return request, tuple(needed)

    def blamed(self, hit: Hit, request: Request) -> tuple[str, ...] | None:
        """The part whose legal limit is refused: the request without it is accepted, or refused for how things stand
        and no longer for what it says. None where no part is shown to be the one.

        `hit.description` names the part (`Object with valid 'note' value`), or the hit its parameter.
        """
        named = {hit.parameter, *_QUOTED.findall(hit.description)} - {""}
        for part in parts_of(request):
            if part.partition(" ")[2].removeprefix("/") not in named:
                continue
            answer = self.sender.send(without(request, part))
            if answer is not None and (
                200 <= answer.status_code < 300 or answer.status_code in _FOR_STATE - {hit.status}
            ):
                return (part,)
        return None

    def openly(self, hit: Hit, request: Request) -> Request:
        """The request without values that would be hidden for their names, where it fails all the same."""
        plain = shown_openly(request)
        return plain if plain != request and self._same(hit, self.sender.send(plain)) else request

    def _same(self, hit: Hit, answer: Any) -> bool:
        if answer is None:
            return hit.status is None
        status = answer.status_code
        if hit.kind in {"ServerError", "ContentTypeServerError"}:
            return bool(status >= 500)
        if hit.kind in _ACCEPTED:
            return bool(200 <= status < 300)
        if hit.kind == "UnreadableAnswer":
            return MARK in answer.headers
        if hit.kind == "RejectedPositiveData":
            return bool(400 <= status < 500)
        if hit.kind in {"UndefinedContentType", "MissingContentType", "MalformedMediaType"}:
            kind = answer.headers.get("content-type", "").partition(";")[0]
            return bool(status == hit.status) and kind == str(hit.detail.get("content_type", "")).partition(";")[0]
        if hit.kind == "MissingHeaders":
            named = hit.detail.get("missing_headers", ())
            missing = (named,) if isinstance(named, str) else named
            return bool(status == hit.status) and not any(name in answer.headers for name in missing)
        if hit.kind in _VALIDATED:
            return status == hit.status and where(hit) in self._wrong(hit.operation, answer, status)
        return bool(status == hit.status)

    def _wrong(self, label: str, answer: Any, status: int) -> set[tuple[str, str]]:
        """The places at which an answer breaks its contract, named as findings name them."""
        from schemathesis.core.failures import Failure, FailureGroup
        from schemathesis.core.transport import Response

        operation = self.schema.find_operation_by_label(label)
        response = Response.from_requests(answer, verify=True)
        try:
            operation.validate_response(response)
        except FailureGroup as group:
            found: Iterable[Any] = group.exceptions
        except Failure as failure:
            found = (failure,)
        except AssertionError:
            return set()
        else:
            return set()
        return {where(_as_hit(label, failure, response, status)) for failure in found}


class Again:
    """Tries each kind of failure once more as soon as it is seen, while what it needs still stands."""

    def __init__(self, replayer: Replayer, teller: Teller, most_s: float) -> None:
        self._replayer = replayer
        self._teller = teller
        self._left_s = most_s
        self._tries: dict[tuple[object, ...], int] = {}

    def take(self, failures: Iterable[dict[str, Any]]) -> None:
        """Failures as they were just told; each kind is tried until one comes again, or often enough."""
        for failure in failures:
            hit, shown = hit_of(failure, failure["source"]), shown_of(failure, {})
            of_limit = (hit.description,) if hit.kind == "RejectedPositiveData" else ()
            kind = (hit.operation, hit.rule, hit.kind, hit.status, hit.mode, *where(hit), *of_limit)
            cut = shown.request.is_cut or any(request.is_cut for request, _ in shown.before)
            if cut or not self._replayer.knows(hit) or self._tries.get(kind, 0) >= _MOST_EXAMPLES or self._left_s <= 0:
                continue
            began = time.monotonic()
            came = _replay(hit, shown, self._replayer, self._teller)
            self._left_s -= time.monotonic() - began
            self._tries[kind] = _MOST_EXAMPLES if came else self._tries.get(kind, 0) + 1


def _replay(hit: Hit, shown: Shown, replayer: Replayer, teller: Teller) -> bool:
    """Whether it came again, first as it was seen, then after what had to come first."""
    alone = replace(shown, before=())
    again = (hit.phase != "stateful" or not shown.before) and replayer.again(hit, alone)
    stood = again or (bool(shown.before) and replayer.again(hit, shown))
    request, needs = shown.request, None
    if again and hit.kind in _ANSWER_ALONE and hit.scenario != "unspecified_http_method":
        request, needs = replayer.smaller(hit, request)
        if not needs and hit.operation in teller.fine:
            # others of its requests end well, so it is the place in the address that this one needs
            needs = tuple(f"path {name}" for name in _PLACES.findall(hit.operation))
        request = replayer.openly(hit, request)
    elif again and hit.kind == "RejectedPositiveData":
        needs = replayer.blamed(hit, request)
    told_request = teller.plain(request) if request != shown.request else None
    teller.tell("replayed", source=hit.source, again=stood, needs=needs, request=told_request)
    return stood


def replay_stored(lines: Iterable[str], base_url: str, replayer: Replayer, teller: Teller) -> None:
    """Try findings of an earlier run again, as they were stored."""
    from harness.formats.contract_replay import read_stored

    for line in lines:
        stored = read_stored(json.loads(line), base_url)
        hit = Hit(
            operation=stored.operation,
            rule=stored.rule,
            kind=stored.kind,
            status=stored.status,
            detail=stored.detail,
        )
        cut = stored.request.is_cut or any(request.is_cut for request, _ in stored.before)
        if replayer.knows(hit) and not cut:  # half a body would prove nothing
            again = replayer.again(hit, Shown(request=stored.request, before=stored.before))
            teller.tell("again", finding=stored.id, again=again)
        teller.requests += 1 + len(stored.before)


def _as_hit(label: str, failure: Any, response: Any, status: int) -> Hit:
    facts = detail_of(failure, response)
    detail = {name: tuple(value) if isinstance(value, list) else str(value) for name, value in facts.items()}
    return replace(Hit(operation=label, rule="", kind=type(failure).__name__, status=status), detail=detail)
