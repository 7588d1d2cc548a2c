"""Forms are read as their schemas say, and a body that is none is refused instead of guessed at."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.mocks.engine import compile_mock
from harness.mocks.messages import Reply, Request, Source
from harness.model.mock import MockSettings

SCHEMA = {
    "type": "object",
    "required": ["name", "count"],
    "properties": {
        "name": {"type": "string", "maxLength": 5},
        "count": {"type": "integer", "minimum": 1},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}},
        "more": {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}}},
        "file": {"type": "string", "format": "binary"},
    },
}


def document(media: str) -> dict[str, Any]:
    return {
        "openapi": "3.0.3",
        "paths": {
            "/f": {
                "post": {
                    "requestBody": {"required": True, "content": {media: {"schema": SCHEMA}}},
                    "responses": {"204": {"description": ""}, "400": {"description": ""}},
                }
            }
        },
    }


MOCK = compile_mock(document("multipart/form-data"), (), MockSettings())


def post(*parts: tuple[str, bytes], end: bytes = b"--", boundary: str = "zz") -> Reply:
    marked = b"".join(b"--zz\r\nContent-Disposition: form-data; " + name.encode() + b"\r\n\r\n" + body + b"\r\n"
                      for name, body in parts)  # fmt: skip
    typed = (("content-type", f"multipart/form-data; boundary={boundary}"),)
    return MOCK.answer(Request("POST", "/f", "", typed, marked + b"--zz" + end + b"\r\n"))


NAME, COUNT = ('name="name"', b"tea"), ('name="count"', b"2")


@pytest.mark.parametrize(
    "parts",
    [
        (NAME, COUNT),
        (NAME, COUNT, ('name="tags"', b"a"), ('name="tags"', b"b")),
        (NAME, COUNT, ('name="more"\r\nContent-Type: application/json', b'{"x": 1}')),
        (NAME, COUNT, ('name="file"; filename="a.bin"', bytes(range(256)))),
        (("name=name", b"tea"), COUNT),
    ],
)
def test_a_multipart_form_that_keeps_its_schema_is_taken(parts: tuple[tuple[str, bytes], ...]) -> None:
    assert post(*parts).status == 204


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((NAME,), "count"),
        ((NAME, ('name="count"', b"0")), "/count"),
        ((NAME, ('name="count"', b"two")), "/count"),
        ((("name=name", b"too long"), COUNT), "/name"),
        ((NAME, COUNT, ('name="tags"', b"c")), "/tags/0"),
        ((NAME, COUNT, ('name="more"', b'{"x": "1"}')), "/more/x"),
        ((NAME, COUNT, ("", b"x")), "no name"),
    ],
)
def test_one_that_breaks_it_is_refused_and_the_field_named(parts: tuple[tuple[str, bytes], ...], said: str) -> None:
    reply = post(*parts)
    assert (reply.status, reply.source) == (400, Source.REFUSAL)
    assert said in str(reply.violations[0])


@pytest.mark.parametrize(("end", "boundary"), [(b"", "zz"), (b"--", "other"), (b"--", "")])
def test_a_body_without_boundary_or_end_is_refused(end: bytes, boundary: str) -> None:
    assert post(NAME, COUNT, end=end, boundary=boundary).status == 400


@given(st.binary(max_size=200))
def test_no_bytes_harm_the_reader(body: bytes) -> None:
    typed = (("content-type", "multipart/form-data; boundary=zz"),)
    assert MOCK.answer(Request("POST", "/f", "", typed, b"--zz" + body)).status in {204, 400}
