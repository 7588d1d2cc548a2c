"""Parameters by `style` and `explode`: what is read from a request, and what is refused."""

from typing import Any

import pytest

from harness.mocks.accepting import request_violations
from harness.mocks.contracts import compile_contract
from harness.mocks.messages import Request

INTEGERS = {"type": "array", "items": {"type": "integer"}, "maxItems": 3}
POINT = {
    "type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}, "required": ["x"],
    "additionalProperties": False,
}  # fmt: skip


def violations(parameter: dict[str, Any], target: str, **headers: str) -> tuple[str, ...]:
    path, _, query = target.partition("?")
    template = "/p/{v}" if parameter["in"] == "path" else "/p"
    compiled = compile_contract(
        {
            "openapi": "3.1.0",
            "paths": {template: {"get": {"operationId": "o", "parameters": [parameter], "responses": {}}}},
        }
    )
    routed = compiled.router.find("GET", path)
    assert routed is not None
    assert routed.target is not None
    request = Request("GET", path, query, tuple((name.lower(), value) for name, value in headers.items()))
    return tuple(str(one) for one in request_violations(routed.target, request, routed.parameters))


def parameter(where: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "v", "in": where, "schema": schema, "required": True} | more


@pytest.mark.parametrize(
    ("given", "target"),
    [
        (parameter("query", {"type": "integer"}), "/p?v=3"),
        (parameter("query", {"type": "number"}), "/p?v=-3.5e1"),
        (parameter("query", {"type": "boolean"}), "/p?v=true"),
        (parameter("query", {"type": "string"}), "/p?v=3"),
        (parameter("query", {"type": "string"}), "/p?v="),
        (parameter("query", {"type": ["integer", "null"]}), "/p?v=null"),
        (parameter("query", {"enum": ["a b", 3]}), "/p?v=a+b"),
        (parameter("query", {"enum": ["a b", 3]}), "/p?v=3"),
        (parameter("query", {"anyOf": [{"type": "integer"}, {"const": "all"}]}), "/p?v=all"),
        (parameter("query", INTEGERS), "/p?v=1&v=2"),
        (parameter("query", INTEGERS, explode=False), "/p?v=1,2,3"),
        (parameter("query", INTEGERS, style="pipeDelimited", explode=False), "/p?v=1|2"),
        (parameter("query", INTEGERS, style="spaceDelimited", explode=False), "/p?v=1%202"),
        (parameter("query", POINT), "/p?x=1&y=2"),
        (parameter("query", POINT, explode=False), "/p?v=x,1,y,2"),
        (parameter("query", POINT, style="deepObject"), "/p?v[x]=1&v[y]=2"),
        ({"name": "v", "in": "query", "required": True, "content": {"application/json": {"schema": POINT}}},
         "/p?v=%7B%22x%22%3A1%7D"),
        (parameter("path", {"type": "integer"}), "/p/3"),
        (parameter("path", {"type": "string"}), "/p/a%2Fb"),
        (parameter("path", INTEGERS), "/p/1,2"),
        (parameter("path", INTEGERS, style="label"), "/p/.1.2"),
        (parameter("path", INTEGERS, style="matrix"), "/p/;v=1,2"),
        (parameter("path", INTEGERS, style="matrix", explode=True), "/p/;v=1;v=2"),
        (parameter("path", POINT, explode=True), "/p/x=1,y=2"),
    ],
)  # fmt: skip
def test_a_right_parameter_is_accepted(given: dict[str, Any], target: str) -> None:
    assert violations(given, target) == ()


@pytest.mark.parametrize(
    ("given", "target"),
    [
        (parameter("query", {"type": "integer"}), "/p"),
        (parameter("query", {"type": "integer"}), "/p?v="),
        (parameter("query", {"type": "integer"}), "/p?v=1.5"),
        (parameter("query", {"type": "integer"}), "/p?v=01"),
        (parameter("query", {"type": "integer"}), "/p?v=1_000"),
        (parameter("query", {"type": "integer"}), "/p?v=%D9%A3"),
        (parameter("query", {"type": "number"}), "/p?v=NaN"),
        (parameter("query", {"type": "boolean"}), "/p?v=True"),
        (parameter("query", {"type": "string", "minLength": 1}), "/p?v="),
        (parameter("query", {"type": "string"}), "/p?v=%FF"),
        (parameter("query", INTEGERS), "/p?v=1&v=x"),
        (parameter("query", INTEGERS), "/p?v=1&v=2&v=3&v=4"),
        (parameter("query", POINT, style="deepObject"), "/p?v[y]=2"),
        ({"name": "v", "in": "query", "required": True, "content": {"application/json": {"schema": POINT}}},
         "/p?v=%7B"),
        (parameter("path", {"type": "integer"}), "/p/x"),
        (parameter("path", {"type": "string", "maxLength": 2}), "/p/abc"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named(given: dict[str, Any], target: str) -> None:
    found = violations(given, target)
    assert found
    assert found[0].startswith(f"{given['in']} v")


def test_header_and_cookie_are_read() -> None:
    header = {"name": "X-Count", "in": "header", "required": True, "schema": {"type": "integer"}}
    assert violations(header, "/p", **{"x-count": "3"}) == ()
    assert violations(header, "/p") == ("header x-count: is required and was not sent",)
    cookie = parameter("cookie", {"type": "integer"})
    assert violations(cookie, "/p", cookie="a=1; v=2") == ()
    assert violations(cookie, "/p", cookie="v=x")


def test_the_value_of_what_sounds_like_a_secret_is_never_repeated() -> None:
    secret = {"name": "api_key", "in": "query", "required": True, "schema": {"type": "string", "maxLength": 3}}
    assert "hunter2" not in violations(secret, "/p?api_key=hunter2")[0]
