"""Which promises of a contract the requests of a run really exercised, judged by our own reading of the contract.

What a generator says it tried is not believed: each request that was sent is held against the contract. A legal
one that was accepted proves its parameters, its media type and its example; one that broke a single keyword and
was refused for it proves that keyword; an answer counts that keeps its schema. What is told is told once, as soon as
it is known.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from harness.kit.contract.extras import undeclared_in
from harness.mocks.accepting import request_violations
from harness.mocks.contracts import Compiled, CompiledOperation, compile_contract
from harness.mocks.drifting import answer_violations
from harness.mocks.messages import Request, Violation
from harness.mocks.parameters import Parameter
from harness.mocks.schemas import Book
from harness.rules.contract_coverage import HOLLOW

_MOST = 300
_DEEPEST = 5
_KEYWORDS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
    *("pattern", "format", "enum", "const", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
)
_OPEN = {"minLength": 0, "minItems": 0, "minProperties": 0, "uniqueItems": False}
_REQUIRED = re.compile(r'"([^"]*)" is a required')
_OTHER_REASONS = frozenset({401, 403, 404, 405, 429})  # a server may say these before it looks at what is wrong
_WORTH = {"proved": 3, "accepted": 2, "refused": 1}

_EMPTY = frozenset(("204", "205"))
Cell = tuple[str, str, str]


class Covering:
    """Holds what was proved so far. Cells are (label, kind, name); the state of one only ever gets better."""

    def __init__(self, document: Mapping[str, Any], base_url: str) -> None:
        self._compiled = compile_contract(document)
        self._base = urlsplit(base_url).path.rstrip("/")
        self._best: dict[Cell, int] = {}

    def extras(self, recorder: Any) -> list[tuple[str, int, str, Any]]:
        """(label, status, place, request) of fields that no schema declares, each told once."""
        found: list[tuple[str, int, str, Any]] = []
        for case_id, interaction in recorder.interactions.items():
            response, node = interaction.response, recorder.cases.get(case_id)
            if node is None or response is None or not 200 <= response.status_code < 300:
                continue
            asked = as_request(interaction.request, self._base)
            routed = self._compiled.router.find(asked.method, asked.path)
            if routed is None or routed.target is None:
                continue
            operation = routed.target
            for place in undeclared_in(self._compiled, operation, response.status_code, response.content or b""):
                label = f"{operation.method} {operation.path}"
                if self._is_news((label, "extra", f"{response.status_code} {place}"), 1):
                    found.append((label, response.status_code, place, interaction.request))
        return found

    def promised(self) -> list[list[str]]:
        """Every cell that the contract has, statuses aside."""
        return [list(cell) for one in self._compiled.operations.values() for cell in _cells(one, self._compiled)]

    def notice(self, recorder: Any) -> list[list[str]]:
        """The cells that a scenario moved, as (label, kind, name, state)."""
        moved: list[list[str]] = []
        for case_id, interaction in recorder.interactions.items():
            node = recorder.cases.get(case_id)
            if node is not None and interaction.response is not None:
                content = (interaction.response.headers.get("content-type") or [""])[0]
                body = interaction.response.content or b""
                moved += self.take(interaction.request, interaction.response.status_code, content, body)
        return moved

    def take(self, asked: Any, status: int, content_type: str, body: bytes) -> list[list[str]]:
        """One request of the engine's shape and how it was answered."""
        request = as_request(asked, self._base)
        routed = self._compiled.router.find(request.method, request.path)
        if routed is None or routed.target is None:
            return []
        operation = routed.target
        label = f"{operation.method} {operation.path}"
        violations = request_violations(operation, request, routed.parameters, self._compiled.asked)
        if any(one.where == "security" for one in violations):
            return []
        found: list[tuple[str, str, str]] = []
        if not violations:
            state = "proved" if 200 <= status < 400 else "refused"
            found += [(kind, name, state) for kind, name in _exercised(operation, request, routed.parameters)]
        elif len(violations) == 1:
            found.append(("keyword", _named(violations[0]), _refused(status)))
        if content_type and (request.method == "HEAD" or _keeps(operation, status, content_type, body)):
            found.append(("answer", f"{status} {content_type.partition(';')[0].strip().lower()}", "proved"))
        return [[label, *one] for one in found if self._is_news((label, *one[:2]), _WORTH[one[2]])]

    def _is_news(self, cell: Cell, worth: int) -> bool:
        if self._best.get(cell, 0) >= worth:
            return False
        self._best[cell] = worth
        return True


def as_request(asked: Any, base: str) -> Request:
    """An engine's request in our words, its path below the base."""
    parts = urlsplit(asked.uri)
    path = parts.path.removeprefix(base) or "/"
    headers = tuple((name.lower(), value) for name, values in asked.headers.items() for value in _many(values))
    return Request(asked.method.upper(), path, parts.query, headers, asked.body or b"")


def _refused(status: int) -> str:
    """What the answer to a request that broke one keyword says about the keyword."""
    if status in _OTHER_REASONS:
        return "refused"
    return "proved" if 400 <= status < 500 else "accepted"


def _keeps(operation: CompiledOperation, status: int, content_type: str, body: bytes) -> bool:
    broken = answer_violations(operation, status, (("content-type", content_type),), body)
    return not any(one.where == "body" for one in broken)


def _many(values: Any) -> Iterator[str]:
    for value in values if isinstance(values, list) else [values]:
        yield value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _exercised(operation: CompiledOperation, request: Request, in_path: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What a legal request uses of its operation."""
    names = {"query": {name.partition("[")[0] for name, _ in request.pairs}, "path": set(in_path)}
    names |= {"header": {name for name, _ in request.headers}, "cookie": set(request.cookies())}
    for parameter in operation.parameters:
        sent = names.get(parameter.where, set())
        if parameter.name in sent or (parameter.where == "query" and _is_exploded(parameter, sent)):
            yield "parameter", parameter.label
    if not request.body:
        return
    for media in operation.body:
        if media.media_type != request.media_type:
            continue
        yield "media type", media.media_type
        for name, value in media.examples:
            if _is(request, value):
                yield "example", f"{media.media_type} {name}"


def _is_exploded(parameter: Parameter, sent: set[str]) -> bool:
    return (
        parameter.style == "form" and parameter.explode and any(name in sent for name, _ in parameter.shape.properties)
    )


def _is(request: Request, value: Any) -> bool:
    try:
        return bool(request.json() == value)
    except ValueError:
        return False


def _named(violation: Violation) -> str:
    pointer = "".join("/*" if step.isdigit() else f"/{step}" for step in violation.pointer.split("/")[1:])
    named = _REQUIRED.search(violation.message) if violation.rule == "required" else None
    rule = f"required {named[1]}" if named and violation.where == "body" else violation.rule
    return f"{violation.where}{' ' + pointer if pointer else ''} {rule}"


def _cells(operation: CompiledOperation, compiled: Compiled) -> Iterator[Cell]:
    label = f"{operation.method} {operation.path}"
    made: dict[Cell, None] = {}
    for parameter in operation.parameters:
        made[(label, "parameter", parameter.label)] = None
        for keyword in _of_parameter(parameter, compiled):
            made[(label, "keyword", keyword)] = None
    for media in operation.body:
        made[(label, "media type", media.media_type)] = None
        for name, _ in media.examples:
            made[(label, "example", f"{media.media_type} {name}")] = None
        if media.is_json and media.entry is not None and compiled.asked is not None:
            for keyword in _walk(compiled.asked, compiled.asked.entries[media.entry], "body", "", 0, frozenset()):
                made[(label, "keyword", keyword)] = None
    for key, documented in operation.responses.items():
        for media in documented.media:
            if key.isdigit() and "*" not in media.media_type:
                made[(label, "answer", f"{key} {media.media_type}")] = None
    if _is_hollow(operation, compiled):
        made[(label, "answer", HOLLOW)] = None
    yield from list(made)[:_MOST]


def _is_hollow(operation: CompiledOperation, compiled: Compiled) -> bool:
    """Whether no success of an operation says anything that an answer could break."""
    successes = {key: one for key, one in operation.responses.items() if key[:1] == "2" or key == "default"}
    if not successes or set(successes) <= _EMPTY:
        return not successes
    return not any(
        media.entry is not None
        and compiled.book is not None
        and next(_walk(compiled.book, compiled.book.entries[media.entry], "", "", 0, frozenset()), None) is not None
        for documented in successes.values()
        for media in documented.media
    )


def _of_parameter(parameter: Parameter, compiled: Compiled) -> Iterator[str]:
    if parameter.required and parameter.where != "path":
        yield f"{parameter.label} required"
    if compiled.asked is None:
        return
    for keyword in _walk(compiled.asked, compiled.asked.entries[parameter.entry], parameter.label, "", 0, frozenset()):
        if keyword.endswith(" type") and "string" in parameter.shape.kinds:
            continue
        if not (parameter.where == "path" and keyword.endswith((" minLength", "minItems"))):
            yield keyword


def _walk(book: Book, schema: Any, where: str, pointer: str, depth: int, inside: frozenset[str]) -> Iterator[str]:
    """The keywords that a request can break one at a time; what is inside `anyOf` and the like can't be."""
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return
    if isinstance(schema.get("$ref"), str):
        name = schema["$ref"].rpartition("/")[2]
        if name not in inside and name in book.entries:
            yield from _walk(book, book.entries[name], where, pointer, depth, inside | {name})
    here = f"{where}{' ' + pointer if pointer else ''}"
    if "type" in schema:
        yield f"{here} type"
    for keyword in _KEYWORDS:
        if keyword in schema and schema[keyword] != _OPEN.get(keyword, object()):
            yield f"{here} {keyword}"
    if schema.get("additionalProperties") is False:
        yield f"{here} additionalProperties"
    for name in schema.get("required", ()):
        yield f"{here} required {name}"
    for part in schema.get("allOf", ()):
        yield from _walk(book, part, where, pointer, depth + 1, inside)
    for name, one in schema.get("properties", {}).items():
        yield from _walk(book, one, where, f"{pointer}/{name}", depth + 1, inside)
    if isinstance(schema.get("items"), Mapping):
        yield from _walk(book, schema["items"], where, f"{pointer}/*", depth + 1, inside)
