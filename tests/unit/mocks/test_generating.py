"""A value made for a schema validates against it, whatever the schema; and is the same for the same seed."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.mocks.generating import CannotMake, generate
from harness.mocks.schemas import Book, Direction

NAMES = st.sampled_from(["id", "name", "size", "when", "tags", "next"])
PATTERNS = ["^[A-Z]{3}-[0-9]{4}$", r"^\d{2,5}$", "^(a|b)+c?$", "x[0-9a-f]{4}", r"^\+[0-9]{7,15}$", "^[^a-z]{3}$"]
FORMATS = ["uuid", "date", "date-time", "time", "email", "uri", "ipv4", "ipv6", "hostname", "duration", "json-pointer"]


def texts() -> st.SearchStrategy[dict[str, Any]]:
    lengths = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(
        lambda n: {"type": "string", "minLength": n[0], "maxLength": n[0] + n[1]}
    )
    patterns = st.sampled_from(PATTERNS).map(lambda p: {"type": "string", "pattern": p})
    formats = st.sampled_from(FORMATS).map(lambda f: {"type": "string", "format": f})
    return st.one_of(lengths, patterns, formats, st.just({"type": "string"}))


def numbers() -> st.SearchStrategy[dict[str, Any]]:
    bounds = st.tuples(st.integers(-1000, 1000), st.integers(2, 5000)).map(
        lambda n: {"type": "integer", "minimum": n[0], "maximum": n[0] + n[1]}
    )
    steps = st.sampled_from([2, 5, 7]).map(lambda n: {"type": "integer", "multipleOf": n, "minimum": 3})
    exclusive = st.integers(-50, 50).map(lambda n: {"type": "number", "exclusiveMinimum": n, "exclusiveMaximum": n + 1})
    cents = st.just({"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 10})
    sized = st.sampled_from(["int32", "int64"]).map(lambda f: {"type": "integer", "format": f})
    return st.one_of(bounds, steps, exclusive, cents, sized)


def leaves() -> st.SearchStrategy[Any]:
    chosen = st.lists(st.one_of(st.integers(), st.text(max_size=5), st.none()), min_size=1, max_size=4).map(
        lambda values: {"enum": values}
    )
    return st.one_of(
        texts(), numbers(), chosen, st.just({"type": "boolean"}), st.just(True), st.just({}),
        st.integers().map(lambda n: {"const": n}),
        st.just({"type": ["string", "null"], "maxLength": 4}),
    )  # fmt: skip


def arrays(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(inner, st.integers(0, 3), st.integers(0, 2)).map(
        lambda n: {"type": "array", "items": n[0], "minItems": n[1], "maxItems": n[1] + n[2]}
    )


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    def built(parts: tuple[dict[str, Any], int, bool]) -> dict[str, Any]:
        properties, required, closed = parts
        schema: dict[str, Any] = {
            "type": "object",
            "properties": properties,
            "required": list(properties)[:required],
        }
        return schema | ({"additionalProperties": False} if closed else {})

    return st.tuples(st.dictionaries(NAMES, inner, max_size=4), st.integers(0, 4), st.booleans()).map(built)


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    tagged = st.lists(inner, min_size=2, max_size=3).map(
        lambda many: {
            "oneOf": [
                {"type": "object", "required": ["kind", "it"], "properties": {"kind": {"const": index}, "it": one}}
                for index, one in enumerate(many)
            ]
        }
    )
    together = st.tuples(inner, inner).map(
        lambda two: {
            "allOf": [
                {"type": "object", "required": ["left"], "properties": {"left": two[0]}},
                {"type": "object", "required": ["right"], "properties": {"right": two[1]}},
            ]
        }
    )
    some = st.lists(inner, min_size=1, max_size=3).map(lambda many: {"anyOf": many})
    return st.one_of(tagged, together, some)


SCHEMAS = st.recursive(leaves(), lambda inner: st.one_of(arrays(inner), objects(inner), combined(inner)), max_leaves=12)


def made(schema: Any, *, document: dict[str, Any] | None = None, seed: int = 0, old: bool = False) -> Any:
    book = Book(document or {}, direction=Direction.RESPONSE, old=old)
    entry = book.add(schema)
    value = generate(book, entry, seed)
    assert book.validator(entry).is_valid(value)
    return value


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SCHEMAS, st.integers(0, 3))
def test_a_made_value_validates(schema: Any, seed: int) -> None:
    assert made(schema, seed=seed) == made(schema, seed=seed)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^[a-z]+$", "minLength": 12, "maxLength": 14},
        {"type": "string", "pattern": "^(?:[A-Z]{2}|[0-9]{3})-\\w+$"},
        {"type": "string", "pattern": "[0-9]$", "minLength": 20},
        {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 9}, "uniqueItems": True, "minItems": 5},
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False, "minItems": 2},
        {"type": "array", "contains": {"const": 4}, "items": {"type": "integer"}},
        {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 3},
        {"type": "object", "patternProperties": {"^x-": {"type": "integer"}}, "minProperties": 1},
        {"type": "object", "propertyNames": {"pattern": "^[a-z]{4}$"}, "minProperties": 2},
        {"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "required": ["a"], "maxProperties": 1},
        {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"], "dependentRequired": {"a": ["b"]}},
        {"not": {"type": "string"}},
        {"type": "string", "not": {"enum": ["amber"]}},
        {"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"required": ["b"]}, "type": "object"},
        {"anyOf": [{"type": "string", "maxLength": 0}, {"type": "integer"}], "type": "integer"},
        {"allOf": [{"type": "number", "minimum": 3}, {"type": "integer", "maximum": 3}]},
        {"allOf": [{"type": "string", "minLength": 3}, {"type": "string", "maxLength": 3}]},
    ],
)
def test_what_people_write_can_be_made(schema: Any) -> None:
    made(schema)


def test_a_schema_that_contains_itself_ends() -> None:
    node = {
        "type": "object",
        "required": ["value", "children"],
        "properties": {
            "value": {"type": "integer"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
            "parent": {"anyOf": [{"$ref": "#/components/schemas/Node"}, {"type": "null"}]},
        },
    }
    document = {"components": {"schemas": {"Node": node}}}
    value = made({"$ref": "#/components/schemas/Node"}, document=document)
    assert len(json.dumps(value)) < 10_000


def test_a_written_example_is_preferred_where_it_holds() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer", "example": 41}}, "required": ["a"]}
    assert made(schema) == {"a": 41}
    assert made({"type": "integer", "example": "no number"}) != "no number"


@pytest.mark.parametrize(
    "schema", [False, {"type": "integer", "minimum": 3, "maximum": 2}, {"allOf": [{"const": 1}, {"const": 2}]}]
)
def test_a_schema_that_nothing_satisfies_says_so(schema: Any) -> None:
    with pytest.raises(CannotMake):
        made(schema)


def test_openapi_3_0_bounds_are_translated() -> None:
    schema = {"type": "integer", "minimum": 4, "exclusiveMinimum": True, "maximum": 6, "exclusiveMaximum": True}
    assert made(schema, old=True) == 5
