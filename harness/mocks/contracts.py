"""A contract compiled for answering: each operation with its parameters, bodies, security and documented answers.

What cannot be used (a broken reference, a schema that no validator takes) is left out by itself and told as
a gap; the rest goes on.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jsonschema_rs

from harness.mocks.parameters import Parameter, parameter_from
from harness.mocks.routing import Router
from harness.mocks.schemas import Book, Broken, Direction, resolved
from harness.mocks.swagger2 import as_openapi_3

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A body of one media type. `entry` names its schema in the direction's book; None = anything goes."""

    media_type: str
    entry: str | None
    validator: jsonschema_rs.Validator | None
    examples: tuple[tuple[str, Any], ...] = ()

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON: `application/json`, `application/problem+json`, …"""
        return is_json(self.media_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderRule:
    """A documented header of an answer."""

    name: str
    required: bool
    parameter: Parameter
    entry: str
    example: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Documented:
    """A documented answer; `key` as written: `201`, `4XX`, `default`."""

    key: str
    media: tuple[Media, ...] = ()
    headers: tuple[HeaderRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One security scheme: where its credential travels. `where`: header, query, cookie; `prefix` as in `Bearer `."""

    name: str
    where: str
    key: str
    prefix: str = ""


class CompiledOperation:
    """One operation, ready to be asked. `security` = alternatives, each a group needed together; empty = none.

    Its parts are compiled when first looked at; `Broken` where they cannot be.
    """

    __slots__ = ("_make", "body", "body_required", "id", "method", "parameters", "path", "responses", "security")

    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: tuple[Media, ...]
    body_required: bool
    security: tuple[tuple[Scheme, ...], ...]
    responses: Mapping[str, Documented]

    def __init__(self, *, identity: str, method: str, path: str, make: "Callable[[CompiledOperation], None]") -> None:
        self.id = identity
        self.method = method
        self.path = path
        self._make: Callable[[CompiledOperation], None] | None = make

    def __getattr__(self, name: str) -> Any:
        """Called only for a part that is not there yet."""
        if name.startswith("_") or name not in self.__slots__:
            raise AttributeError(name)
        self.complete()
        return object.__getattribute__(self, name)

    @property
    def is_complete(self) -> bool:
        """Whether every part is there."""
        return self._make is None

    def complete(self) -> None:
        """Every part compiled; `Broken` where one cannot be."""
        if self._make is not None:
            self._make(self)
            self._make = None

    def documented(self, status: int) -> Documented | None:
        """What is documented for a status: itself, its class (`4XX`), `default`, or nothing."""
        responses = self.responses
        return responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default")


@dataclass(slots=True)
class Compiled:
    """A whole contract. `gaps` are sentences on what could not be used."""

    router: Router[CompiledOperation] = field(default_factory=Router)
    operations: dict[str, CompiledOperation] = field(default_factory=dict)
    book: Book | None = None
    asked: Book | None = None
    gaps: list[str] = field(default_factory=list)

    def usable(self, operation: CompiledOperation) -> bool:
        """Whether an operation can be compiled; where not, a gap says why."""
        try:
            operation.complete()
        except Broken as error:
            gap = f"{operation.id}: {error}"
            if gap not in self.gaps:
                self.gaps.append(gap)
            return False
        return True


def is_json(media_type: str) -> bool:
    """Whether a media type's bodies are JSON."""
    return media_type == "application/json" or media_type.endswith("+json") or media_type == "text/json"


def compile_contract(document: Mapping[str, Any], *, lazily: bool = False) -> Compiled:
    """Every operation of an OpenAPI 2.0, 3.0, 3.1 or 3.2 document, in the order it is written.

    `lazily`: an operation is compiled when it is first looked at, and may then turn out to be `Broken`.
    """
    document = as_openapi_3(document)
    old = str(document.get("openapi", "")).startswith("3.0")
    books = {direction: Book(document, direction=direction, old=old) for direction in Direction}
    compiled = Compiled(book=books[Direction.RESPONSE], asked=books[Direction.REQUEST])
    for path, item, method, node in _operations(document):
        identity = str(node.get("operationId") or f"{method.upper()} {path}")
        make = partial(_completed, document, books, item, node)
        operation = CompiledOperation(identity=identity, method=method.upper(), path=path, make=make)
        if not lazily and not compiled.usable(operation):
            continue
        compiled.operations.setdefault(identity, operation)
        compiled.router.add(operation.method, path, operation)
    return compiled


def _completed(
    document: Mapping[str, Any],
    books: Mapping[Direction, Book],
    item: Mapping[str, Any],
    node: Mapping[str, Any],
    operation: CompiledOperation,
) -> None:
    _Draft(document, books, item, node).complete(operation)


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], str, Mapping[str, Any]]]:
    paths = document.get("paths")
    for path, written in paths.items() if isinstance(paths, Mapping) else ():
        item = resolved(document, written)
        if not (isinstance(item, Mapping) and isinstance(path, str) and path.startswith("/")):
            continue
        more = item.get("additionalOperations")
        methods = {key: item[key] for key in METHODS if key in item} | (dict(more) if isinstance(more, Mapping) else {})
        for method, node in methods.items():
            if isinstance(node, Mapping):
                yield path, item, method, node


class _Draft:
    """An operation on its way: schemas entered into the books, nothing compiled."""

    def __init__(
        self,
        document: Mapping[str, Any],
        books: Mapping[Direction, Book],
        item: Mapping[str, Any],
        node: Mapping[str, Any],
    ) -> None:
        self._document = document
        self._asked = books[Direction.REQUEST]
        self._answered = books[Direction.RESPONSE]
        self._parameters = [self._entered(one) for one in self._merged(item, node)]
        body = resolved(document, node.get("requestBody"))
        self._body = self._media(body, self._asked) if isinstance(body, Mapping) else ()
        self._body_required = isinstance(body, Mapping) and body.get("required") is True
        self._security = tuple(_schemes(document, node))
        responses = node.get("responses")
        self._responses = {
            _key(key): self._response(resolved(document, one))
            for key, one in (responses.items() if isinstance(responses, Mapping) else ())
            if not str(key).startswith("x-")
        }

    def complete(self, operation: CompiledOperation) -> None:
        """Fill in the parts of the operation, with every validator compiled."""
        parameters = tuple(
            parameter_from(node, self._asked, entry, as_json=as_json) for node, entry, as_json in self._parameters
        )
        body = tuple(_compiled(media, self._asked) for media in self._body)
        operation.responses = {key: self._finished(key, *parts) for key, parts in self._responses.items()}
        operation.parameters, operation.body = parameters, body
        operation.body_required, operation.security = self._body_required, self._security

    def _finished(self, key: str, media: tuple[Media, ...], headers: list[tuple[str, Any, str]]) -> Documented:
        rules = []
        for name, node, entry in headers:
            parameter = parameter_from({**node, "name": name, "in": "header"}, self._answered, entry, as_json=False)
            rules.append(
                HeaderRule(name=name, required=node.get("required") is True, parameter=parameter, entry=entry,
                           example=_one_example(node, self._document))
            )  # fmt: skip
        return Documented(key=key, media=tuple(_compiled(one, self._answered) for one in media), headers=tuple(rules))

    def _merged(self, item: Mapping[str, Any], node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        found: dict[tuple[object, object], Mapping[str, Any]] = {}
        for holder in (item, node):
            for written in holder.get("parameters") or ():
                one = resolved(self._document, written)
                if isinstance(one, Mapping) and one.get("in") in {"path", "query", "header", "cookie"}:
                    found[(one["in"], one.get("name"))] = one
        ignored = {"accept", "content-type", "authorization"}
        return [one for (where, name), one in found.items() if where != "header" or str(name).lower() not in ignored]

    def _entered(self, node: Mapping[str, Any]) -> tuple[Mapping[str, Any], str, bool]:
        content = node.get("content")
        if isinstance(content, Mapping) and content:
            media = next(iter(content.values()))
            return node, self._asked.add(media.get("schema", True) if isinstance(media, Mapping) else True), True
        return node, self._asked.add(node.get("schema", True)), False

    def _response(self, node: Any) -> tuple[tuple[Media, ...], list[tuple[str, Any, str]]]:
        if not isinstance(node, Mapping):
            return (), []
        headers = []
        written = node.get("headers")
        for name, value in written.items() if isinstance(written, Mapping) else ():
            header = resolved(self._document, value)
            if isinstance(header, Mapping) and str(name).lower() != "content-type":
                headers.append((str(name), header, self._answered.add(header.get("schema", True))))
        return self._media(node, self._answered), headers

    def _media(self, node: Mapping[str, Any], book: Book) -> tuple[Media, ...]:
        content = node.get("content")
        found = []
        for media_type, value in content.items() if isinstance(content, Mapping) else ():
            media = resolved(self._document, value)
            if isinstance(media, Mapping):
                entry = book.add(media["schema"]) if "schema" in media else None
                name = str(media_type).partition(";")[0].strip().lower()
                examples = tuple(_examples(media, self._document))
                found.append(Media(media_type=name, entry=entry, validator=None, examples=examples))
        return tuple(found)


def _compiled(media: Media, book: Book) -> Media:
    return Media(
        media_type=media.media_type,
        entry=media.entry,
        validator=book.validator(media.entry) if media.entry is not None else None,
        examples=media.examples,
    )


def _examples(media: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Named examples first, then the single one, then those that stand on the schema itself."""
    named = media.get("examples")
    for name, written in named.items() if isinstance(named, Mapping) else ():
        one = resolved(document, written)
        if isinstance(one, Mapping):
            for key in ("value", "dataValue"):
                if key in one:
                    yield str(name), one[key]
                    break
    if "example" in media:
        yield "example", media["example"]
    schema = resolved(document, media.get("schema"))
    if isinstance(schema, Mapping):
        if isinstance(schema.get("examples"), list):
            for index, value in enumerate(schema["examples"]):
                yield f"schema-{index}", value
        if "example" in schema:
            yield "schema", schema["example"]


def _one_example(node: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    return next((value for _, value in _examples(node, document)), None)


def _key(key: object) -> str:
    text = str(key)
    return text.upper() if len(text) == 3 and text[1:].upper() == "XX" else text


def _schemes(document: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[tuple[Scheme, ...]]:
    required = node.get("security", document.get("security"))
    known = resolved(document, (document.get("components") or {}).get("securitySchemes") or {})
    alternatives = []
    for group in required if isinstance(required, list) else ():
        schemes = [_scheme(str(name), resolved(document, known.get(name))) for name in group]
        alternatives.append(tuple(one for one in schemes if one is not None))
    if any(not group for group in alternatives):
        return
    yield from alternatives


def _scheme(name: str, node: Any) -> Scheme | None:
    """The scheme as we can see it in a request; None for what does not show there (mutual TLS)."""
    if not isinstance(node, Mapping):
        raise Broken(f"the security scheme {name} is not defined")
    kind = node.get("type")
    if kind == "apiKey":
        where, key = str(node.get("in")), str(node.get("name"))
        return Scheme(name=name, where=where, key=key.lower() if where == "header" else key)
    if kind == "http":
        return Scheme(name=name, where="header", key="authorization", prefix=f"{str(node.get('scheme')).lower()} ")
    if kind in {"oauth2", "openIdConnect"}:
        return Scheme(name=name, where="header", key="authorization", prefix="bearer ")
    return None
