"""A contract's operations are answered where the contract says that they live."""

from typing import Any

import pytest

from harness.mocks.base_paths import base_path_of
from harness.mocks.engine import compile_mock
from harness.mocks.messages import Request, Source
from harness.model.mock import MockSettings, RequestPattern, StubMapping, StubResponse, UrlKind

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {"/orders": {"get": {"operationId": "list", "responses": {"200": {"description": ""}}}}},
}


@pytest.mark.parametrize(
    ("servers", "base"),
    [
        ((), ""),
        (("https://api.example/v1/",), "/v1"),
        (("https://api.example",), ""),
        (("/",), ""),
        (("/erp/v2", "https://other.example/v3"), "/erp/v2"),
        (("https://api.example/{version}",), ""),
        (("https://[broken/v1",), ""),
        (("/../v1",), ""),
        (("/a b",), ""),
    ],
)
def test_the_base_path_is_that_of_the_first_server(servers: tuple[str, ...], base: str) -> None:
    assert base_path_of(servers) == base


def stub(kind: UrlKind, url: str) -> StubMapping:
    return StubMapping(
        name=url,
        place="m:1",
        request=RequestPattern(url_kind=kind, url=url),
        response=StubResponse(headers=(("x-stub", "yes"),)),
    )


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        (UrlKind.PATH, "/v1/orders"),
        (UrlKind.PATH, "/orders"),
        (UrlKind.URL, "/v1/orders"),
        (UrlKind.PATTERN, "/v1/ord.*"),
        (UrlKind.PATH_TEMPLATE, "/v1/{what}"),
    ],
)
def test_a_stub_may_be_written_in_full_or_below_the_base_path(kind: UrlKind, url: str) -> None:
    made = compile_mock(DOCUMENT, (stub(kind, url),), MockSettings(base_path="/v1"))
    reply = made.answer(Request("GET", "/v1/orders"))
    assert (reply.source, reply.operation, reply.stub) == (Source.STUB, "list", url)


def test_a_stub_of_another_path_that_begins_alike_stays_what_it_is() -> None:
    made = compile_mock(DOCUMENT, (stub(UrlKind.PATH, "/v1beta/orders"),), MockSettings(base_path="/v1"))
    assert made.answer(Request("GET", "/v1/v1beta/orders")).stub == "/v1beta/orders"
