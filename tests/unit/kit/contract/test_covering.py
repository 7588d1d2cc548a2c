"""Coverage by our own reading of requests: what was sent proves a promise, not what a generator says it tried."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from harness.kit.contract.bounds import MOST_DEPTH, nested_deeper
from harness.kit.contract.covering import Covering
from harness.kit.contract.extras import undeclared_in
from harness.kit.contract.origins import Origins
from harness.mocks.contracts import compile_contract

ITEM = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {"name": {"type": "string", "maxLength": 5}, "price": {"type": "integer", "minimum": 0}},
}
ANSWER = {"type": "object", "properties": {"id": {"type": "integer"}}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/items/{id}": {
            "post": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                    {"name": "dry", "in": "query", "schema": {"type": "boolean"}},
                ],
                "requestBody": {
                    "content": {"application/json": {"schema": ITEM, "examples": {"tea": {"value": {"name": "tea"}}}}}
                },
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": ANSWER}}}},
            }
        }
    },
}
LABEL = "POST /items/{id}"


@dataclass
class Asked:
    """A request in the engine's shape."""

    body: bytes
    uri: str = "http://h/api/items/7"
    method: str = "POST"
    headers: dict[str, list[str]] = field(default_factory=lambda: {"Content-Type": ["application/json"]})


def moved(
    body: bytes, status: int, uri: str = "http://h/api/items/7", answer: bytes = b'{"id": 7}'
) -> list[tuple[str, ...]]:
    covering = Covering(DOCUMENT, "http://h/api")
    return [tuple(one[1:]) for one in covering.take(Asked(body=body, uri=uri), status, "application/json", answer)]


def test_the_promises_of_an_operation() -> None:
    names = {(kind, name) for label, kind, name in Covering(DOCUMENT, "http://h/api").promised() if label == LABEL}
    assert names == {
        ("parameter", "path id"),
        ("parameter", "query dry"),
        ("keyword", "path id type"),
        ("keyword", "query dry type"),
        ("media type", "application/json"),
        ("example", "application/json tea"),
        ("keyword", "body type"),
        ("keyword", "body additionalProperties"),
        ("keyword", "body required name"),
        ("keyword", "body /name type"),
        ("keyword", "body /name maxLength"),
        ("keyword", "body /price type"),
        ("keyword", "body /price minimum"),
        ("answer", "200 application/json"),
    }


def test_a_legal_request_that_was_accepted_proves_what_it_uses() -> None:
    assert moved(b'{"name": "tea"}', 200, "http://h/api/items/7?dry=true") == [
        ("parameter", "path id", "proved"),
        ("parameter", "query dry", "proved"),
        ("media type", "application/json", "proved"),
        ("example", "application/json tea", "proved"),
        ("answer", "200 application/json", "proved"),
    ]


def test_one_broken_keyword_that_was_refused_is_proved_and_one_that_was_accepted_is_not() -> None:
    assert ("keyword", "body /price minimum", "proved") in moved(b'{"name": "a", "price": -1}', 400)
    assert ("keyword", "body /price minimum", "accepted") in moved(b'{"name": "a", "price": -1}', 200)
    assert ("keyword", "body required name", "proved") in moved(b"{}", 422)


@pytest.mark.parametrize("status", [401, 403, 404, 405, 429])
def test_a_refusal_that_has_other_reasons_proves_no_keyword(status: int) -> None:
    bad = b'{"name": "a", "price": -1}'
    assert [one for one in moved(bad, status) if one[0] == "keyword"] == [("keyword", "body /price minimum", "refused")]
    covering = Covering(DOCUMENT, "http://h/api")
    covering.take(Asked(body=bad), status, "", b"")
    assert covering.take(Asked(body=bad), 422, "", b"") == [[LABEL, "keyword", "body /price minimum", "proved"]]


def test_an_answer_that_breaks_its_schema_proves_no_answer_and_a_later_one_that_keeps_it_does() -> None:
    covering = Covering(DOCUMENT, "http://h/api")
    asked = Asked(body=b'{"name": "tea"}')
    proved = [LABEL, "answer", "200 application/json", "proved"]
    for broken in (b'{"id": "seven"}', b"[]", b"not json", b""):
        assert proved not in covering.take(asked, 200, "application/json", broken)
    assert proved in covering.take(asked, 200, "application/json; charset=utf-8", b'{"id": 7}')


def test_what_an_engine_recorded_is_judged_with_its_body() -> None:
    def recorded(body: bytes) -> SimpleNamespace:
        response = SimpleNamespace(status_code=200, headers={"content-type": ["application/json"]}, content=body)
        interaction = SimpleNamespace(request=Asked(body=b'{"name": "tea"}'), response=response)
        return SimpleNamespace(interactions={"c": interaction}, cases={"c": object()})

    covering = Covering(DOCUMENT, "http://h/api")
    assert "answer" not in [one[1] for one in covering.notice(recorded(b"[]"))]
    assert [one[1] for one in covering.notice(recorded(b'{"id": 7}'))] == ["answer"]


def test_two_broken_keywords_prove_neither() -> None:
    assert not [one for one in moved(b'{"name": "too long", "price": -1}', 400) if one[0] == "keyword"]


def test_a_cell_is_told_once_and_again_only_when_it_gets_better() -> None:
    covering = Covering(DOCUMENT, "http://h/api")
    bad = Asked(body=b'{"name": "a", "price": -1}')
    assert covering.take(bad, 200, "", b"") == [[LABEL, "keyword", "body /price minimum", "accepted"]]
    assert covering.take(bad, 200, "", b"") == []
    assert covering.take(bad, 400, "", b"") == [[LABEL, "keyword", "body /price minimum", "proved"]]
    assert covering.take(bad, 200, "", b"") == []


def test_an_id_is_led_back_to_the_request_that_made_it_and_not_to_one_that_had_to_know_it() -> None:
    origins = Origins()
    read = {"method": "GET", "uri": "http://h/items/i7", "body_cut": False}
    make = {"method": "POST", "uri": "http://h/items", "body_cut": False}
    origins.notice(read, 200, b'{"id": "i7"}')
    assert origins.before("http://h/items/i7", "/items/{id}") == []
    origins.notice(make, 201, b'{"id": "i7"}')
    assert origins.before("http://h/items/i7", "/items/{id}") == [{**make, "answer": '{"id": "i7"}'}]
    assert origins.before("http://h/items/other", "/items/{id}") == []


def test_depth_is_counted_outside_texts_only() -> None:
    deep = b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1)
    assert nested_deeper(deep)
    assert not nested_deeper(deep[1:-1])
    assert not nested_deeper(b'["' + b"[" * 5000 + b'"]')
    assert not nested_deeper(b"[" + b"[]," * 5000 + b"[]]")


def _extras(schema: object, body: bytes) -> tuple[str, ...]:
    document = json.loads(json.dumps(DOCUMENT))
    content = document["paths"]["/items/{id}"]["post"]["responses"]["200"]["content"]
    content["application/json"] = {"schema": schema}
    compiled = compile_contract(document)
    (operation,) = compiled.operations.values()
    return undeclared_in(compiled, operation, 200, body)


def test_a_field_that_no_schema_declares_is_named_by_its_place() -> None:
    one = {"type": "object", "properties": {"id": {"type": "string"}}}
    listed = {"type": "object", "properties": {"items": {"type": "array", "items": {"allOf": [one]}}}}
    body = b'{"items": [{"id": "a", "margin": 1}, {"id": "b", "margin": 2}], "more": 1}'
    assert _extras(listed, body) == ("/items/*/margin", "/more")


def test_what_a_schema_leaves_open_in_words_or_does_not_describe_is_no_undeclared_field() -> None:
    for schema in ({"type": "object"}, {"properties": {"id": {}}, "additionalProperties": {"type": "integer"}}, True):
        assert _extras(schema, b'{"id": "a", "margin": 1}') == ()
    assert _extras({"properties": {"id": {}}}, b"not json") == ()


@pytest.mark.parametrize(
    ("responses", "hollow"),
    [
        ({}, True),
        ({"default": {"description": "d"}}, True),
        ({"200": {"content": {"application/json": {"schema": {}}}}}, True),
        ({"200": {"content": {"application/json": {}}}}, True),
        ({"200": {"content": {"application/json": {"schema": {"type": "object"}}}}}, False),
        ({"204": {"description": "gone"}}, False),
        ({"404": {"content": {"application/json": {"schema": {"type": "object"}}}}}, True),
    ],
)
def test_an_operation_of_which_no_answer_could_break_anything_is_hollow(
    responses: dict[str, object], hollow: bool
) -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": responses}}},
    }
    promised = Covering(document, "http://h").promised()
    assert (["GET /a", "answer", "of any kind"] in promised) is hollow
