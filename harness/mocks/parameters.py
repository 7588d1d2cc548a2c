"""Parameters as OpenAPI writes them into a request: found, read by `style` and `explode`, and checked.

A text on the wire has no type; it is read as each type that the schema allows, strictly (JSON's own
grammar for numbers), and is right when one reading is valid.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from harness.mocks.messages import MISSING, Request, Unreadable, Violation, read_json
from harness.mocks.schemas import Book, is_private, violations_of

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,400})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,400})(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?")
_SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|", "label": ".", "matrix": ","}
_DEFAULT_STYLE = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_ALL = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Which JSON types a schema allows, for its items and properties too: how a text may be read."""

    kinds: frozenset[str]
    items: "Shape | None" = None
    properties: tuple[tuple[str, "Shape"], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of an operation. `as_json` where its value is a JSON text (`content`)."""

    name: str
    where: str
    required: bool
    style: str
    explode: bool
    shape: Shape
    validator: jsonschema_rs.Validator
    entry: str
    as_json: bool = False
    allow_empty: bool = False

    @property
    def label(self) -> str:
        """How violations name it: `query limit`."""
        return f"{self.where} {self.name}"


def parameter_from(document_node: Mapping[str, Any], book: Book, entry: str, *, as_json: bool) -> Parameter:
    """A parameter of the document, with the validator of its schema's entry in the book."""
    where = str(document_node.get("in"))
    style = str(document_node.get("style") or _DEFAULT_STYLE.get(where, "form"))
    explode = document_node.get("explode")
    name = str(document_node.get("name"))
    return Parameter(
        name=name.lower() if where == "header" else name,
        where=where,
        required=bool(document_node.get("required")) or where == "path",
        style=style,
        explode=explode if isinstance(explode, bool) else style == "form",
        shape=shape_of(book, book.entries[entry]),
        validator=book.validator(entry),
        entry=entry,
        as_json=as_json,
        allow_empty=document_node.get("allowEmptyValue") is True,
    )


def shape_of(book: Book, schema: Any, depth: int = 0) -> Shape:
    """The shape of a schema of the book."""
    if not isinstance(schema, Mapping) or depth > 6:
        return Shape(kinds=_ALL)
    if "$ref" in schema:
        return shape_of(book, book.entries[str(schema["$ref"]).rpartition("/")[2]], depth + 1)
    kinds = _kinds(schema)
    shapes = [shape_of(book, one, depth + 1) for key in ("anyOf", "oneOf") for one in schema.get(key, ())]
    if shapes:
        kinds &= frozenset().union(*(shape.kinds for shape in shapes))
    parts = [shape_of(book, one, depth + 1) for one in schema.get("allOf", ())]
    for part in parts:
        kinds &= part.kinds
    items = shape_of(book, schema["items"], depth + 1) if "items" in schema else None
    named = {name: shape_of(book, one, depth + 1) for name, one in schema.get("properties", {}).items()}
    for other in (*shapes, *parts):
        items = items or other.items
        named = dict(other.properties) | named
    return Shape(kinds=kinds, items=items, properties=tuple(named.items()))


def _kinds(schema: Mapping[str, Any]) -> frozenset[str]:
    kind = schema.get("type")
    if isinstance(kind, str):
        return frozenset({kind})
    if isinstance(kind, list):
        return frozenset(kind)
    values = schema["enum"] if isinstance(schema.get("enum"), list) else [schema["const"]] if "const" in schema else ()
    return frozenset(kind_of(value) for value in values) or _ALL


def kind_of(value: object) -> str:
    """What JSON Schema calls the type of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def check(parameter: Parameter, request: Request, in_path: Mapping[str, str]) -> tuple[Violation, ...]:
    """What this parameter breaks in a request; empty where it is right or rightly absent."""
    try:
        raw = _found(parameter, request, in_path)
    except Unreadable as error:
        return (Violation(where=parameter.label, message=str(error), rule="json"),)
    if raw is MISSING:
        if parameter.required:
            return (Violation(where=parameter.label, message="is required and was not sent", rule="required"),)
        return ()
    if parameter.as_json:
        return violations_of(parameter.validator, raw, parameter.label)
    if parameter.allow_empty and raw == "":
        return ()
    first: tuple[Violation, ...] = ()
    for value in readings(raw, parameter.shape):
        found = violations_of(parameter.validator, value, parameter.label)
        if not found:
            return ()
        first = first or found
    if is_private(parameter.name):
        return tuple(
            Violation(where=one.where, message=f"does not satisfy `{one.rule}`", rule=one.rule) for one in first
        )
    return first or (Violation(where=parameter.label, message=_unread(raw, parameter), rule="type"),)


def _unread(raw: object, parameter: Parameter) -> str:
    shown = "the value" if is_private(parameter.name) else repr(raw)[:120]
    return f"{shown} cannot be read as {' or '.join(sorted(parameter.shape.kinds))}"


def readings(raw: Any, shape: Shape) -> list[Any]:
    """Every value that a text (or a list or mapping of texts) can stand for, in the order of preference."""
    if isinstance(raw, list):
        item = shape.items or Shape(kinds=_ALL)
        return [[_first(one, item) for one in raw]]
    if isinstance(raw, dict):
        known = dict(shape.properties)
        return [{name: _first(one, known.get(name, Shape(kinds=_ALL))) for name, one in raw.items()}]
    found: list[Any] = []
    if "integer" in shape.kinds and _INTEGER.fullmatch(raw):
        found.append(int(raw))
    if "number" in shape.kinds and _NUMBER.fullmatch(raw):
        found.append(int(raw) if _INTEGER.fullmatch(raw) else float(raw))
    if "boolean" in shape.kinds and raw in {"true", "false"}:
        found.append(raw == "true")
    if "null" in shape.kinds and raw in {"", "null"}:
        found.append(None)
    if "string" in shape.kinds:
        found.append(raw)
    return found


def _first(raw: Any, shape: Shape) -> Any:
    found = readings(raw, shape)
    return found[0] if found else raw


def _found(parameter: Parameter, request: Request, in_path: Mapping[str, str]) -> Any:
    """The raw value: a text, or a list or mapping of texts where the style makes one; `MISSING` where not sent."""
    match parameter.where:
        case "path":
            text = in_path.get(parameter.name)
            return MISSING if text is None else _split_path(parameter, text)
        case "query":
            return _from_query(parameter, request)
        case "header":
            text = request.header(parameter.name)
        case "cookie":
            text = request.cookies().get(parameter.name)
        case _:
            return MISSING
    if text is None:
        return MISSING
    return read_json(text.encode("utf-8", "surrogateescape")) if parameter.as_json else _split(parameter, text)


def _is_array(parameter: Parameter) -> bool:
    return "array" in parameter.shape.kinds and "string" not in parameter.shape.kinds


def _is_object(parameter: Parameter) -> bool:
    return "object" in parameter.shape.kinds and "string" not in parameter.shape.kinds and not _is_array(parameter)


def _from_query(parameter: Parameter, request: Request) -> Any:
    name = parameter.name
    if parameter.style == "deepObject":
        prefix = f"{name}["
        nested = {key[len(prefix) : -1]: v for key, v in request.pairs if key.startswith(prefix) and key[-1] == "]"}
        return nested or MISSING
    values = [value for key, value in request.pairs if key == name]
    if parameter.as_json:
        return read_json(values[0].encode("utf-8", "surrogateescape")) if values else MISSING
    if _is_array(parameter):
        if not values:
            return MISSING
        return values if parameter.explode else _split(parameter, values[0])
    if _is_object(parameter) and parameter.explode:
        known = {key for key, _ in parameter.shape.properties}
        return {key: value for key, value in request.pairs if key in known} or MISSING
    return _split(parameter, values[0]) if values else MISSING


def _split_path(parameter: Parameter, text: str) -> Any:
    """A path segment (still percent-encoded) by its style: `3,4`, `.3.4`, `;id=3,4`."""
    if parameter.style == "label":
        text = text.removeprefix(".")
    elif parameter.style == "matrix":
        text = text.removeprefix(f";{parameter.name}=")
    return _split(parameter, text, encoded=True)


def _split(parameter: Parameter, text: str, *, encoded: bool = False) -> Any:
    def decoded(part: str) -> str:
        return unquote(part, errors="surrogateescape") if encoded else part

    separator = _SEPARATORS.get(parameter.style, ",")
    if _is_array(parameter):
        if parameter.style == "matrix" and parameter.explode:
            separator = f";{parameter.name}="
        return [decoded(part.strip() if parameter.where == "header" else part) for part in text.split(separator)]
    if _is_object(parameter):
        parts = text.split(separator)
        if parameter.explode:
            return {decoded(k): decoded(v) for k, _, v in (part.partition("=") for part in parts)}
        return {decoded(k): decoded(v) for k, v in zip(parts[::2], parts[1::2], strict=False)}
    return decoded(text)
