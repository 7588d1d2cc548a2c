"""Swagger 2.0: the same promises, answered and checked as in 3.0."""

import json
from typing import Any

import pytest

from harness.mocks.engine import Mock, compile_mock
from harness.mocks.messages import Request, Source
from harness.model.mock import MockSettings

DOCUMENT: dict[str, Any] = {
    "swagger": "2.0",
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    "definitions": {
        "Pet": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        }
    },
    "parameters": {"Tags": {"name": "tags", "in": "query", "type": "array", "items": {"type": "integer"}}},
    "paths": {
        "/pets": {
            "post": {
                "operationId": "create",
                "security": [{"key": []}],
                "parameters": [
                    {"name": "pet", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}}
                ],
                "responses": {
                    "201": {"description": "", "schema": {"$ref": "#/definitions/Pet"}},
                    "400": {"description": "", "schema": {"type": "object"}},
                },
            },
            "get": {
                "operationId": "list",
                "parameters": [{"$ref": "#/parameters/Tags"}],
                "responses": {
                    "200": {
                        "description": "",
                        "schema": {"type": "array", "items": {"$ref": "#/definitions/Pet"}},
                        "examples": {"application/json": [{"name": "Rex"}]},
                    }
                },
            },
        },
        "/form": {
            "post": {
                "operationId": "form",
                "consumes": ["application/x-www-form-urlencoded"],
                "parameters": [{"name": "n", "in": "formData", "type": "integer", "required": True}],
                "responses": {"204": {"description": ""}},
            }
        },
    },
}


@pytest.fixture
def mock() -> Mock:
    return compile_mock(DOCUMENT, (), MockSettings())


def ask(mock: Mock, method: str, target: str, body: bytes = b"", **headers: str) -> Any:
    path, _, query = target.partition("?")
    return mock.answer(Request(method, path, query, tuple((k.replace("_", "-"), v) for k, v in headers.items()), body))


def test_an_example_by_media_type_is_the_answer(mock: Mock) -> None:
    reply = ask(mock, "GET", "/pets?tags=1,2")
    assert (reply.source, json.loads(reply.body)) == (Source.EXAMPLE, [{"name": "Rex"}])
    assert mock.gaps == ()


def test_a_schema_of_the_definitions_makes_and_checks_bodies(mock: Mock) -> None:
    typed = {"content_type": "application/json", "x_key": "k"}
    assert "name" in json.loads(ask(mock, "POST", "/pets", b'{"name": "Rex"}', **typed).body)
    assert ask(mock, "POST", "/pets", b'{"age": 1}', **typed).status == 400
    assert (
        ask(mock, "POST", "/pets", b'{"name": "Rex"}', content_type="application/json").violations[0].where
        == "security"
    )


def test_parameters_and_forms_are_checked(mock: Mock) -> None:
    assert ask(mock, "GET", "/pets?tags=1,x").violations[0].where == "query tags"
    form = "application/x-www-form-urlencoded"
    assert ask(mock, "POST", "/form", b"n=3", content_type=form).status == 204
    assert ask(mock, "POST", "/form", b"n=x", content_type=form).violations[0].pointer == "/n"
