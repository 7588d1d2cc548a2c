"""Response templates come out as WireMock 3.13 writes them, bounded, and held against the contract like any answer.

`templates.json` holds templates and what WireMock itself answered to the request below.
"""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from harness.formats.stub_mappings import read_stub_mappings
from harness.mocks.engine import Mock, compile_mock
from harness.mocks.messages import Reply, Request, Source
from harness.mocks.templating.parsing import NotATemplate, parse_template
from harness.model.mock import MockSettings

TABLE = json.loads((Path(__file__).parent / "templates.json").read_text())
BODY = {
    "name": "Ann <b>", "list": ["a", "b"], "obj": {"a": 1, "b": "x"},
    "items": [{"sku": "A", "n": 1}, {"sku": "B", "n": 2}],
    "num": 42, "dec": 1.50, "yes": True, "nil": None, "code": "ABC-123",
}  # fmt: skip
QUERY = "q=find+me&many=1&many=2&html=%3Ca%3E%20%26%20%22x%22%20%27y%27%3D"
HEADERS = (
    ("x-one", "one"), ("x-two", "a"), ("x-two", "b"), ("cookie", "c=crumb"), ("content-type", "application/json"),
)  # fmt: skip


def mock(template: str, contract: dict[str, Any] | None = None, **response: Any) -> Mock:
    answer = {
        "body": template, "transformers": ["response-template"],
        "transformerParameters": {"p": "par", "deep": {"x": 7}}, **response,
    }  # fmt: skip
    written = {"request": {"urlPathTemplate": "/t/{id}/0"}, "response": answer}
    mappings = read_stub_mappings(json.dumps(written).encode(), "m.json", lambda _name: b"")
    return compile_mock(contract, mappings, MockSettings())


def asked(made: Mock, body: bytes | None = None) -> Reply:
    sent = json.dumps(BODY).encode() if body is None else body
    return made.answer(Request("POST", "/t/77/0", QUERY, HEADERS, sent))


def rendered(template: str, body: bytes | None = None) -> str:
    reply = asked(mock(template), body)
    assert reply.status == 200, reply.body
    return reply.body.decode()


@pytest.mark.parametrize(("template", "expected"), TABLE, ids=[row[0][:60] for row in TABLE])
def test_a_template_comes_out_as_wiremock_writes_it(template: str, expected: str) -> None:
    assert rendered(template) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{#eq request.method 'POST'}}post{{/eq}}", "post"),
        ("{{#contains 'abc' 'z'}}x{{else}}y{{/contains}}{{#matches 'a' '[0-9]+'}}x{{else}}y{{/matches}}", "yy"),
        ("{{assign 'v' 'val'}}{{v}}", "val"),
    ],
)
def test_what_wiremock_passes_over_is_carried_out_here(template: str, expected: str) -> None:
    assert rendered(template) == expected


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{{systemValue type='ENVIRONMENT' key='HOME'}}", "`systemValue` is not supported"),
        ("{{#each (xPath request.body '/a')}}{{/each}}", "`xPath` is not supported"),
        ("{{hostname}}", "`hostname` is not supported"),
        ("{{nosuch 'a'}}", "`nosuch` is not a helper"),
        ("{{#if a}}x", "never closed"),
        ("{{#if a}}x{{/unless}}", "closes"),
        ("x{{/if}}", "closes nothing"),
        ("{{> other}}", "partials"),
        ("{{'a''}}", "not understood"),
        ("{{if (eq 1 2}}", "not understood"),
        ("{{#if a}}" * 60 + "{{/if}}" * 60, "too deeply"),
    ],
)
def test_a_template_that_cannot_be_carried_out_is_refused_at_the_start(template: str, told: str) -> None:
    (gap,) = mock(template).gaps
    assert gap.refused
    assert told in gap.message


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{{jsonPath request.query.q '$.a'}}", "jsonPath"),
        ("{{randomInt lower=5 upper=1}}", "randomInt"),
        ("{{parseDate 'yesterday'}}", "parseDate"),
        ("{{date timezone='Asia/Tokyo'}}", "timezone"),
        ("{{regexExtract 'abc' '(a+)+$'}}", "take for ever"),
        ("{{#each (range 1 9999)}}{{#each (range 1 9999)}}x{{/each}}{{/each}}", "steps"),
        ("{{#each (range 1 9000)}}{{ljust 'x' size=5000}}{{/each}}", "characters"),
        ("{{math 1 '/' 0}}", "math"),
    ],
)
def test_a_template_that_fails_is_an_error_that_names_the_stub(template: str, told: str) -> None:
    reply = asked(mock(template))
    assert (reply.status, reply.source, reply.stub) == (500, Source.DRIFT, "m.json")
    assert told in reply.body.decode()


def test_what_a_request_holds_is_never_read_as_a_template() -> None:
    hostile = json.dumps({"a": "{{systemValue key='HOME'}}{{#each (range 1 9)}}x{{/each}}"}).encode()
    assert rendered("{{jsonPath request.body '$.a'}}|{{request.body}}", hostile) == (
        "{{systemValue key='HOME'}}{{#each (range 1 9)}}x{{/each}}|" + hostile.decode()
    )


@pytest.mark.parametrize(
    "template", ["{{replace request.body 'a' request.body}}", "{{join (range 1 9999) request.body}}"]
)
def test_a_body_that_multiplies_itself_is_refused(template: str) -> None:
    reply = asked(mock(template), b"a" * 1_000_000)
    assert (reply.status, b"more than" in reply.body) == (500, True)


def test_a_body_that_provokes_an_expression_costs_little() -> None:
    begun = time.process_time()
    asked(mock("{{regexExtract request.body '([a-z]+)x([a-z]+)y' default='none'}}"), b"x" * 8000)
    asked(mock("{{regexExtract request.body '.*a.*b' default='none'}}"), b"a" * 8000)
    assert time.process_time() - begun < 30


def test_a_header_is_a_template_and_stays_one_line() -> None:
    made = mock("{}", headers={"X-Id": "{{request.path.id}}", "Content-Type": "application/json"})
    assert dict(asked(made).headers)["X-Id"] == "77"
    broken = mock("{}", headers={"X-Body": "{{request.body}}"})
    reply = asked(broken, b"a\r\nSet-Cookie: stolen=1")
    assert (reply.status, b"one printable line" in reply.body) == (500, True)


def test_the_same_session_and_seed_draw_the_same() -> None:
    template = (
        "{{randomValue length=12}} {{randomValue type='UUID'}} {{randomInt lower=1 upper=99}} {{pickRandom 1 2 3}}"
    )
    one, two = mock(template), mock(template)
    first = [asked(one).body for _ in range(3)]
    assert first == [asked(two).body for _ in range(3)]
    assert len(set(first)) == 3


def test_now_is_the_time_that_the_mock_is_given() -> None:
    made = mock("{{now}} {{now format='epoch'}} {{now offset='-1 days' format='yyyy-MM-dd'}}")
    made.now_ms = lambda: 1_772_600_767_000
    assert asked(made).body == b"2026-03-04T05:06:07Z 1772600767000 2026-03-03"


THING = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
CONTRACT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/t/{id}/0": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {}}],
            "post": {
                "operationId": "make",
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": THING}}}},
            },
        }
    },
}


def test_a_templated_answer_is_held_against_the_contract_each_time() -> None:
    made = mock("{\"id\": {{jsonPath request.body '$.n'}}}", CONTRACT)
    assert asked(made, b'{"n": 7}').body == b'{"id": 7}'
    lying = asked(made, b'{"n": "seven"}')
    assert (lying.status, lying.source) == (500, Source.DRIFT)
    assert asked(made, b'{"n": 8}').body == b'{"id": 8}'


def test_without_the_transformer_braces_are_text() -> None:
    written = {"request": {"urlPath": "/a"}, "response": {"body": "{{request.method}}"}}
    mappings = read_stub_mappings(json.dumps(written).encode(), "m.json", lambda _name: b"")
    assert compile_mock(None, mappings, MockSettings()).answer(Request("GET", "/a")).body == b"{{request.method}}"


def test_a_template_is_bounded_in_length() -> None:
    with pytest.raises(NotATemplate, match="at most"):
        parse_template("x" * 2_000_000)
