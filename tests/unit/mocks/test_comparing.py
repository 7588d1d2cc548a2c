"""A real answer against a mock's: what differs from system to system is let go, what a caller acts upon is not."""

import json
from typing import Any

import pytest

from harness.mocks.comparing import differences
from harness.mocks.contracts import compile_contract
from harness.model.uses import Use

ORDER: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "status": {"$ref": "#/components/schemas/Status"},
        "paid": {"type": "boolean"},
        "at": {"type": "string"},
        "name": {"type": "string"},
        "total": {"type": ["number", "null"]},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"kind": {"enum": ["tea", "cup"]}}}},
    },
}
JSON = "application/json"
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/orders": {
            "post": {
                "operationId": "create",
                "responses": {
                    "201": {"description": "", "content": {JSON: {"schema": {"allOf": [ORDER]}}}},
                    "409": {"description": ""},
                },
            }
        }
    },
    "components": {"schemas": {"Status": {"enum": ["open", "closed"]}}},
}
BODY: dict[str, Any] = {
    "id": "so-1",
    "status": "open",
    "paid": False,
    "at": "2026-01-02T03:04:05Z",
    "name": "Ada",
    "total": 9,
    "lines": [{"kind": "tea"}],
}
HEADERS = (("content-type", JSON), ("etag", '"a1"'), ("location", "/orders/so-1"))


def told(real: Any, *, status: int = 201, headers: tuple[tuple[str, str], ...] = HEADERS) -> tuple[str, ...]:
    use = Use(
        operation="create",
        method="POST",
        path="/orders",
        status=201,
        source="stub",
        answer_headers=HEADERS,
        answer_body=json.dumps(BODY),
    )
    body = real if isinstance(real, bytes) else json.dumps(real).encode()
    return differences(use, status, headers, body, compile_contract(DOCUMENT), DOCUMENT)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"id": "4711-x"},
        {"at": "2030-12-31T23:59:59+01:00"},
        {"name": "Grace Hopper"},
        {"total": 12.5},
        {"more": 1},
        {"lines": [{"kind": "tea"}, {"kind": "tea"}]},
    ],
)
def test_what_differs_from_system_to_system_is_no_difference(change: dict[str, Any]) -> None:
    assert told(BODY | change, headers=(("Content-Type", JSON), ("ETag", '"zz"'), ("Location", "/orders/9"))) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": "closed"}, "`/status` is 'closed', the mock gave 'open'"),
        ({"paid": True}, "`/paid` is True, the mock gave False"),
        ({"at": "02.01.2026 03:04"}, "`/at` is a text, the mock gave a date and time with its zone"),
        ({"at": "2026-01-02T03:04:05"}, "`/at` is a date and time without a zone, the mock gave"),
        ({"name": ""}, "`/name` is an empty text, the mock gave a text"),
        ({"total": None}, "`/total` is null, the mock gave a number"),
        ({"lines": []}, "`/lines` is empty, the mock gave 1 entries"),
        ({"lines": [{"kind": "cup"}]}, "`/lines/0/kind` is 'cup', the mock gave 'tea'"),
        ({"id": 7}, "it breaks the contract: body /id"),
    ],
)
def test_what_a_caller_acts_upon_is_named(change: dict[str, Any], said: str) -> None:
    assert any(one.startswith(said) for one in told(BODY | change)), told(BODY | change)


def test_a_member_that_the_real_one_lacks_is_named_though_the_contract_allows_that() -> None:
    assert told({key: value for key, value in BODY.items() if key != "name"}) == (
        "`/` has no member `name`, the mock gave one",
    )


def test_status_media_type_and_headers_are_compared() -> None:
    assert told(b"", status=409) == ("status 409, the mock answered 201",)
    assert any(
        one.startswith("media type `text/html`") for one in told(b"hm", headers=(("content-type", "text/html"),))
    )
    assert told(BODY, headers=(("content-type", JSON), ("location", "/orders/1"))) == (
        "no header `etag`, the mock gave one",
    )
    assert "no body, the mock gave one" in told(b"")


def of_media(mocked: str, real: bytes, media: str = "text/plain", schema: Any = None) -> tuple[str, ...]:
    content = {media: {} if schema is None else {"schema": schema}}
    document = {
        "openapi": "3.1.0",
        "paths": {"/t": {"get": {"operationId": "t", "responses": {"200": {"description": "", "content": content}}}}},
    }
    headers = (("content-type", media),)
    use = Use(
        operation="t", method="GET", path="/t", status=200, source="stub", answer_headers=headers, answer_body=mocked
    )
    return differences(use, 200, headers, real, compile_contract(document), document)


def test_a_body_that_only_calls_itself_json_is_a_difference_even_without_a_schema() -> None:
    (said,) = of_media('{"id": 1}', b"<html>busy</html>", JSON)
    assert said.startswith("the body cannot be read as JSON: not JSON at line 1")
    (said,) = of_media("busy", b'{"id": 1}', JSON)
    assert said.startswith("the mock's body cannot be read as JSON")
    assert of_media('{"id": 1}', b'{"id": 2}', JSON) == ()


@pytest.mark.parametrize(
    ("mocked", "real", "said"),
    [
        ("2026-01-02", b"soon", "the body is a text, the mock gave a date"),
        ("ready", b"  ", "the body is an empty text, the mock gave a text"),
        ("12", b"none", "the body is a text, the mock gave a number written as text"),
    ],
)
def test_plain_texts_are_compared(mocked: str, real: bytes, said: str) -> None:
    assert of_media(mocked, real) == (said,)


def test_plain_texts_of_one_kind_are_the_same_unless_the_contract_gives_a_choice() -> None:
    assert of_media("Good morning", b"Good evening") == ()
    assert of_media("gut", "schön".encode("latin-1"), "text/plain; charset=latin-1") == ()
    choice = {"type": "string", "enum": ["ready", "busy"]}
    assert of_media("ready", b"busy", schema=choice) == ("the body is 'busy', the mock gave 'ready'",)
    assert of_media("ready", b"ready", schema=choice) == ()
