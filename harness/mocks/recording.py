"""From interactions with a real system to stub mappings: no secrets, loose where values are volatile, repeats merged.

The same request with the same answer is one mapping. Where its answer changed from one time to the next, the answers
become a scenario and come in that order.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from harness.mocks.relying import json_or_none, text_or_none
from harness.mocks.schemas import is_private
from harness.mocks.value_kinds import ValueKind, value_kind
from harness.model.uses import Use

HIDDEN = "hidden"
_FORM = "application/x-www-form-urlencoded"
_ANY_TEXT, _ANY_NUMBER, _ANY_FLAG = "${json-unit.any-string}", "${json-unit.any-number}", "${json-unit.any-boolean}"
_VOLATILE = frozenset((ValueKind.UUID, ValueKind.DATE_TIME, ValueKind.LOCAL_TIME))
_NOT_KEPT = frozenset(
    ("connection", "content-encoding", "content-length", "date", "keep-alive", "server", "set-cookie",
     "transfer-encoding", "via", "x-request-id", "x-correlation-id", "x-trace-id", "traceparent", "x-runtime",
     "x-response-time", "strict-transport-security", "x-powered-by", "alt-svc")
)  # fmt: skip
_LONGEST = 1024 * 1024


def kept(
    method: str,
    path: str,
    query: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    status: int,
    answer_headers: Iterable[tuple[str, str]],
    answer: bytes,
) -> Use:
    """An interaction as it may be written down: what is named like a secret is `hidden`, no credential is left."""
    asked, said = text_or_none(body, _LONGEST), text_or_none(answer, _LONGEST)
    media = {name.lower(): value for name, value in headers}.get("content-type", "")
    use = {"operation": "", "method": method, "path": path, "status": status, "source": "recorded"}
    if asked is None or said is None:
        return Use(**use, query=_hidden_pairs(query), withheld="a body is binary, or longer than 1 MiB")  # type: ignore[arg-type]
    return Use(
        **use,  # type: ignore[arg-type]
        query=_hidden_pairs(query),
        headers=(("content-type", media),) if media else (),
        body=_hidden(asked, media),
        answer_headers=tuple(
            (name.lower(), value)
            for name, value in answer_headers
            if name.lower() not in _NOT_KEPT and not is_private(name)
        ),
        answer_body=_hidden(said, ""),
    )


def mappings_from(uses: Iterable[Use]) -> dict[str, Any]:
    """Stub mappings in WireMock's format. What could not be kept whole makes none."""
    requests: dict[str, dict[str, Any]] = {}
    answers: dict[str, list[dict[str, Any]]] = {}
    for use in uses:
        if use.withheld:
            continue
        request = _request(use)
        key = json.dumps(request, sort_keys=True)
        requests[key] = request
        listed = answers.setdefault(key, [])
        answer = _answer(use)
        if not listed or _essence(listed[-1]) != _essence(answer):
            listed.append(answer)
    names: dict[str, int] = {}
    return {"mappings": [one for key in requests for one in _mappings(requests[key], answers[key], names)]}


def _mappings(request: Mapping[str, Any], answers: list[dict[str, Any]], names: dict[str, int]) -> list[dict[str, Any]]:
    said = f"{request['method']} {request['urlPath']}"
    names[said] = names.get(said, 0) + 1
    name = said if names[said] == 1 else f"{said} ({names[said]})"
    if len(answers) == 1:
        return [{"name": name, "request": request, "response": answers[0]}]
    made = []
    for number, answer in enumerate(answers, start=1):
        one: dict[str, Any] = {
            "name": f"{name}, time {number}",
            "scenarioName": name,
            "requiredScenarioState": "Started" if number == 1 else str(number),
            "request": request,
            "response": answer,
        }
        if number < len(answers):
            one["newScenarioState"] = str(number + 1)
        made.append(one)
    return made


def _request(use: Use) -> dict[str, Any]:
    request: dict[str, Any] = {"method": use.method, "urlPath": use.path}
    pairs = parse_qsl(use.query, keep_blank_values=True)
    if pairs:
        request["queryParameters"] = {name: _loosely(value) for name, value in pairs}
    if use.body:
        value = json_or_none(use.body)
        if value is not None:
            request["bodyPatterns"] = [{"equalToJson": _loose_json(value)}]
        elif HIDDEN not in use.body:
            request["bodyPatterns"] = [{"equalTo": use.body}]
    return request


def _loosely(value: str) -> dict[str, Any]:
    return {"matches": ".*"} if value == HIDDEN or value_kind(value) in _VOLATILE else {"equalTo": value}


def _loose_json(value: Any) -> Any:
    match value:
        case dict():
            return {name: _of_member(name, inner) for name, inner in value.items()}
        case list():
            return [_loose_json(inner) for inner in value]
        case str() if value_kind(value) in _VOLATILE or value.startswith("${"):
            return _ANY_TEXT
        case _:
            return value


def _of_member(name: str, value: Any) -> Any:
    if not is_private(name):
        return _loose_json(value)
    match value:
        case bool():
            return _ANY_FLAG
        case int() | float():
            return _ANY_NUMBER
        case str():
            return _ANY_TEXT
        case _:
            return _loose_json(value)


def _answer(use: Use) -> dict[str, Any]:
    answer: dict[str, Any] = {"status": use.status}
    if use.answer_headers:
        answer["headers"] = dict(use.answer_headers)
    value = json_or_none(use.answer_body)
    if value is not None:
        answer["jsonBody"] = value
    elif use.answer_body:
        answer["body"] = use.answer_body
    return answer


def _essence(answer: Mapping[str, Any]) -> str:
    """An answer without what changes by itself: two with the same essence are one."""
    return json.dumps([answer["status"], _loose_json(answer.get("jsonBody")), answer.get("body")], sort_keys=True)


# --- what must not be written down ---


def _hidden_pairs(text: str) -> str:
    if not is_private(text):
        return text
    pairs = parse_qsl(text, keep_blank_values=True)
    return urlencode([(name, HIDDEN if is_private(name) else value) for name, value in pairs], quote_via=quote)


def _hidden(text: str, media: str) -> str:
    """A body with the values of members named like secrets replaced; what is no JSON and speaks of one is left out."""
    value = json_or_none(text)
    if value is not None:
        return json.dumps(_without_secrets(value), ensure_ascii=False)
    if media.partition(";")[0].strip().lower() == _FORM:
        return _hidden_pairs(text)
    return HIDDEN if is_private(text) else text


def _without_secrets(value: Any) -> Any:
    match value:
        case dict():
            return {
                name: _replaced(inner) if is_private(str(name)) else _without_secrets(inner)
                for name, inner in value.items()
            }
        case list():
            return [_without_secrets(inner) for inner in value]
        case _:
            return value


def _replaced(value: Any) -> Any:
    """Something of the same type that is no secret."""
    match value:
        case None | bool():
            return value
        case int() | float():
            return 0
        case str():
            return HIDDEN
        case list():
            return [_replaced(inner) for inner in value]
        case _:
            return {name: _replaced(inner) for name, inner in value.items()}
