"""Values as XML: what any XML reader reads back, named as the contract says."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.mocks.engine import compile_mock
from harness.mocks.messages import Request
from harness.mocks.schemas import Book, Direction
from harness.mocks.xml_text import as_xml
from harness.model.mock import MockSettings, RequestPattern, StubMapping, StubResponse

ORDER = {
    "type": "object",
    "xml": {"name": "order"},
    "properties": {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "lines": {"type": "array", "xml": {"name": "lines", "wrapped": True},
                  "items": {"type": "string", "xml": {"name": "line"}}},
        "tag": {"type": "array", "items": {"type": "string"}},
        "open": {"type": "boolean"},
    },
}  # fmt: skip
VALUES = st.recursive(
    st.text() | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def book() -> Book:
    return Book({}, direction=Direction.RESPONSE, old=True)


def test_names_attributes_and_wrapped_lists_are_as_documented() -> None:
    text = as_xml(book(), ORDER, {"id": 7, "lines": ["a & b"], "tag": ["x", "y"], "open": True})
    root = ET.fromstring(text)
    assert (root.tag, root.attrib) == ("order", {"id": "7"})
    assert [(one.tag, one.text) for one in root] == [("lines", None), ("tag", "x"), ("tag", "y"), ("open", "true")]
    assert [(one.tag, one.text) for one in root[0]] == [("line", "a & b")]


@given(VALUES)
def test_whatever_the_value_a_reader_takes_it(value: Any) -> None:
    ET.fromstring(as_xml(book(), {}, value).encode("utf-8", "replace"))


@pytest.mark.parametrize("media_type", ["application/xml", "text/xml", "application/soap+xml"])
def test_an_operation_that_answers_xml_does(media_type: str) -> None:
    content = {media_type: {"schema": ORDER}}
    document = {"openapi": "3.0.3", "paths": {"/o": {"get": {"responses": {"200": {"content": content}}}}}}
    reply = compile_mock(document, (), MockSettings()).answer(Request("GET", "/o"))
    assert reply.status == 200
    assert dict(reply.headers)["content-type"].startswith(media_type)
    assert ET.fromstring(reply.body).tag == "order"


@pytest.mark.parametrize(
    ("body", "status"), [(b"<order id='1'/>", 200), (b"<!DOCTYPE order><order/>", 200), (b"<order", 500), (b"", 500)]
)
def test_a_stub_that_answers_what_is_no_xml_lies(body: bytes, status: int) -> None:
    content = {"text/xml": {"schema": ORDER}}
    document = {"openapi": "3.0.3", "paths": {"/o": {"get": {"responses": {"200": {"content": content}}}}}}
    answer = StubResponse(headers=(("content-type", "text/xml"),), body=body)
    stub = StubMapping(name="s", place="m.json:1", request=RequestPattern(), response=answer)
    assert compile_mock(document, (stub,), MockSettings()).answer(Request("GET", "/o")).status == status


def test_a_request_in_xml_is_taken_as_xml() -> None:
    asked = {"requestBody": {"content": {"text/xml": {"schema": ORDER}}}, "responses": {"204": {"description": ""}}}
    document = {"openapi": "3.0.3", "paths": {"/o": {"post": asked}}}
    request = Request("POST", "/o", "", (("content-type", "text/xml"),), b"<order id='1'/>")
    assert compile_mock(document, (), MockSettings()).answer(request).status == 204


@pytest.mark.parametrize(
    "media", [{"schema": {}}, {"schema": {"type": "string"}}, {"example": "<a/>"}, {"example": "b"}]
)
def test_even_a_plain_text_goes_out_as_xml_where_xml_is_documented(media: dict[str, Any]) -> None:
    content = {"text/xml": {"schema": {}, **media}}
    document = {"openapi": "3.0.3", "paths": {"/o": {"get": {"responses": {"200": {"content": content}}}}}}
    reply = compile_mock(document, (), MockSettings()).answer(Request("GET", "/o"))
    assert reply.status == 200
    assert ET.fromstring(reply.body).tag in {"root", "a"}
