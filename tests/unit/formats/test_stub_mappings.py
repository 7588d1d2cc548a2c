"""Stub mappings: each WireMock feature is read and right, or refused by name with its line."""

import json
from typing import Any

import pytest

from harness.errors import HarnessError
from harness.formats.stub_mappings import read_stub_mappings
from harness.formats.stub_matchers import Refused
from harness.mocks.engine import compile_mock
from harness.mocks.messages import Request
from harness.model.mock import MockSettings, StubMapping


def no_bodies(name: str) -> bytes:
    raise Refused(f"cannot read `{name}`")


def read(request: dict[str, Any], response: dict[str, Any] | None = None, **more: Any) -> tuple[StubMapping, ...]:
    mapping = {"request": request, "response": response or {"status": 200}, **more}
    return read_stub_mappings(json.dumps(mapping, indent=1).encode(), "m.json", no_bodies)


def answers(request: dict[str, Any], asked: Request) -> bool:
    mock = compile_mock(None, read(request, {"status": 299}), MockSettings())
    return mock.answer(asked).status == 299


def ask(method: str = "GET", target: str = "/p", body: bytes = b"", **headers: str) -> Request:
    path, _, query = target.partition("?")
    return Request(method, path, query, tuple((k.replace("_", "-"), v) for k, v in headers.items()), body)


def body(pattern: dict[str, Any]) -> dict[str, Any]:
    return {"bodyPatterns": [pattern]}


FEATURES = [
    ("url", {"url": "/p?a=1"}, ask(target="/p?a=1"), ask(target="/p?a=2")),
    ("url without query", {"url": "/p"}, ask(), ask(target="/p?a=1")),
    ("urlPath", {"urlPath": "/p"}, ask(target="/p?a=1"), ask(target="/q")),
    ("urlPattern", {"urlPattern": "/p\\?a=[0-9]+"}, ask(target="/p?a=12"), ask(target="/p?a=x")),
    ("urlPathPattern", {"urlPathPattern": "/p/[a-z]+"}, ask(target="/p/abc?x=1"), ask(target="/p/ab1")),
    ("urlPathPattern is the whole path", {"urlPathPattern": "/p"}, ask(), ask(target="/p/more")),
    ("urlPathTemplate", {"urlPathTemplate": "/p/{id}/x"}, ask(target="/p/7/x"), ask(target="/p/7/y")),
    ("pathParameters", {"urlPathTemplate": "/p/{id}", "pathParameters": {"id": {"matches": "[0-9]+"}}},
     ask(target="/p/7"), ask(target="/p/x")),
    ("method", {"method": "POST", "urlPath": "/p"}, ask("POST"), ask("PUT")),
    ("method ANY", {"method": "ANY", "urlPath": "/p"}, ask("DELETE"), ask(target="/q")),
    ("no url", {"method": "GET"}, ask(target="/anything"), ask("POST")),
    ("query", {"queryParameters": {"a": {"equalTo": "1"}}}, ask(target="/p?a=1"), ask(target="/p?a=2")),
    ("query, one of several", {"queryParameters": {"a": {"equalTo": "1"}}}, ask(target="/p?a=2&a=1"), ask()),
    ("query absent", {"queryParameters": {"a": {"absent": True}}}, ask(), ask(target="/p?a=")),
    ("headers", {"headers": {"X-A": {"equalTo": "1"}}}, ask(x_a="1"), ask(x_a="2")),
    ("caseInsensitive", {"headers": {"X-A": {"equalTo": "Ab", "caseInsensitive": True}}}, ask(x_a="aB"), ask(x_a="b")),
    ("header contains", {"headers": {"X-A": {"contains": "b"}}}, ask(x_a="abc"), ask(x_a="a")),
    ("header doesNotMatch", {"headers": {"X-A": {"doesNotMatch": "b+"}}}, ask(x_a="a"), ask(x_a="bb")),
    ("cookies", {"cookies": {"s": {"matches": "[a-f]+"}}}, ask(cookie="x=1; s=abc"), ask(cookie="s=z")),
    ("basicAuth", {"basicAuth": {"username": "u", "password": "p"}}, ask(authorization="Basic dTpw"),
     ask(authorization="Basic dTpx")),
    ("body equalTo", body({"equalTo": "x"}), ask(body=b"x"), ask(body=b"xy")),
    ("body contains", body({"contains": "b"}), ask(body=b"abc"), ask(body=b"a")),
    ("body doesNotContain", body({"doesNotContain": "b"}), ask(body=b"a"), ask(body=b"abc")),
    ("body matches", body({"matches": "a.c"}), ask(body=b"abc"), ask(body=b"abcd")),
    ("body absent", body({"absent": True}), ask(), ask(body=b"x")),
    ("equalToJson", body({"equalToJson": {"a": [1, 2]}}), ask(body=b'{"a":[1, 2.0]}'), ask(body=b'{"a":[2,1]}')),
    ("equalToJson as text", body({"equalToJson": '{"a": 1}'}), ask(body=b'{ "a": 1 }'), ask(body=b"{}")),
    ("ignoreArrayOrder", body({"equalToJson": [1, 2], "ignoreArrayOrder": True}), ask(body=b"[2,1]"), ask(body=b"[2]")),
    ("ignoreExtraElements", body({"equalToJson": {"a": 1}, "ignoreExtraElements": True}), ask(body=b'{"a":1,"b":2}'),
     ask(body=b'{"b":2}')),
    ("placeholders", body({"equalToJson": {"a": "${json-unit.any-number}"}}), ask(body=b'{"a":3}'),
     ask(body=b'{"a":"3"}')),
    ("matchesJsonPath", body({"matchesJsonPath": "$.a"}), ask(body=b'{"a":1}'), ask(body=b'{"b":1}')),
    ("matchesJsonPath on broken JSON", body({"matchesJsonPath": "$.a"}), ask(body=b'{"a":1}'), ask(body=b'{"a":1')),
    ("matchesJsonPath filter", body({"matchesJsonPath": "$.a[?(@.n > 2)]"}), ask(body=b'{"a":[{"n":3}]}'),
     ask(body=b'{"a":[{"n":2}]}')),
    ("matchesJsonPath with", body({"matchesJsonPath": {"expression": "$.a", "equalTo": "x"}}), ask(body=b'{"a":"x"}'),
     ask(body=b'{"a":"y"}')),
    ("matchesJsonPath absent", body({"matchesJsonPath": {"expression": "$.a", "absent": True}}), ask(body=b"{}"),
     ask(body=b'{"a":1}')),
    ("matchesJsonSchema", body({"matchesJsonSchema": {"type": "object", "required": ["a"]}, "schemaVersion": "V7"}),
     ask(body=b'{"a":1}'), ask(body=b"{}")),
    ("binaryEqualTo", body({"binaryEqualTo": "AP8="}), ask(body=b"\x00\xff"), ask(body=b"\x00")),
    ("and", body({"and": [{"contains": "a"}, {"contains": "b"}]}), ask(body=b"ab"), ask(body=b"a")),
    ("or", body({"or": [{"contains": "a"}, {"contains": "b"}]}), ask(body=b"b"), ask(body=b"c")),
    ("not", body({"not": {"contains": "a"}}), ask(body=b"b"), ask(body=b"a")),
    ("invalid UTF-8 matches no text", body({"matches": ".*"}), ask(body=b"a"), ask(body=b"\xff")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "fits", "misses"), [one[1:] for one in FEATURES], ids=[one[0] for one in FEATURES]
)
def test_a_matcher_accepts_what_it_must_and_refuses_the_rest(
    request_: dict[str, Any], fits: Request, misses: Request
) -> None:
    assert answers(request_, fits)
    assert not answers(request_, misses)


def test_a_regex_bomb_is_cut_short() -> None:
    assert not answers(body({"matches": "(?:a+)+(?=b)c"}), ask(body=b"a" * 5000))


REFUSED = [
    ({"request": {"multipartPatterns": []}}, "multipartPatterns", "bodyPatterns"),
    ({"request": {"customMatcher": {}}}, "customMatcher", "bodyPatterns"),
    ({"request": {"host": {}}}, "host", "one address"),
    ({"request": {"bodyPatterns": [{"matchesXPath": 7}]}}, "matchesXPath", None),
    ({"request": {"headers": {"D": {"before": "now"}}}}, "before", "write the date"),
    ({"request": {"queryParameters": {"a": {"hasExactly": []}}}}, "hasExactly", None),
    ({"request": {"queryParameters": {"a": {"equalsTo": "1"}}}}, "equalsTo", "known: "),
    ({"request": {"urlPath": "/p", "urlPattern": "/p"}}, "exclude each other", "keep one"),
    ({"request": {"urlPath": "p"}}, "begins with `/`", None),
    ({"request": {}, "response": {"proxyBaseUrl": "http://x"}}, "proxyBaseUrl", "real dependency"),
    ({"request": {}, "response": {"transformers": ["my-own"]}}, "transformers", "stateful"),
    ({"request": {}, "response": {"chunkedDribbleDelay": {}}}, "chunkedDribbleDelay", None),
    ({"request": {}, "response": {"dribbleDelay": {}}}, "dribbleDelay", "chunkedDribbleDelay"),
    ({"request": {}, "response": {"fault": "MELTDOWN"}}, "MELTDOWN", "EMPTY_RESPONSE"),
    ({"request": {}, "response": {"status": 99}}, "200 to 599", None),
    ({"request": {}, "response": {"body": "a", "jsonBody": 1}}, "exclude each other", "keep one"),
    ({"request": {}, "response": {"headers": {"A": "b\r\nSet-Cookie: x"}}}, "cannot be sent", None),
    ({"request": {}, "response": {"delayDistribution": {"type": "pareto"}}}, "lognormal", None),
    ({"request": {}, "response": {"bodyFileName": "../x"}}, "cannot read", None),
    ({"request": {}, "response": {}, "postServeActions": []}, "postServeActions", "UAT script"),
    ({"request": {}, "response": {}, "requiredScenarioState": "x"}, "scenarioName", "name the scenario"),
    ({"request": {}, "response": {}, "prioritty": 1}, "prioritty", "known: "),
    ({"request": {}}, "`response` must be", None),
]


@pytest.mark.parametrize(("mapping", "named", "hint"), REFUSED, ids=[one[1] for one in REFUSED])
def test_what_is_not_supported_is_refused_by_name_with_its_place(
    mapping: dict[str, Any], named: str, hint: str | None
) -> None:
    whole = mapping if "`response`" in named else {"response": {"status": 200}} | mapping
    with pytest.raises(HarnessError) as caught:
        read_stub_mappings(json.dumps(whole, indent=1).encode(), "m.json", no_bodies)
    problem = next(one for one in caught.value.problems if named in one.message)
    assert problem.place is not None
    assert problem.place.file == "m.json"
    assert hint is None or (problem.hint is not None and hint in problem.hint)


def test_every_problem_of_a_file_comes_at_once_with_its_line() -> None:
    text = b'{"mappings": [\n {"request": {"foo": 1},\n  "response": {"bar": 2}}\n]}'
    with pytest.raises(HarnessError) as caught:
        read_stub_mappings(text, "m.json", no_bodies)
    assert [(one.place and one.place.line) for one in caught.value.problems] == [2, 3]


def test_yaml_of_the_same_shape_reads_the_same() -> None:
    text = b"request:\n  method: POST\n  urlPath: /p\nresponse:\n  status: 201\n  jsonBody: {a: 1}\nname: s\n"
    stub = read_stub_mappings(text, "m.yaml", no_bodies)[0]
    assert (stub.name, stub.request.method, stub.response.status, stub.response.body) == ("s", "POST", 201, b'{"a":1}')
    assert stub.place == "m.yaml:1"


def test_delays_and_faults_are_read() -> None:
    fixed = read({}, {"fixedDelayMilliseconds": 5})[0].response
    tail = read({}, {"delayDistribution": {"type": "lognormal", "median": 80, "sigma": 0.4}})[0].response
    assert (str(fixed.delay), str(tail.delay)) == (
        "FixedDelay(ms=5)",
        "LogNormalDelay(median_ms=80.0, sigma=0.4, max_ms=None)",
    )
    assert read({}, {"fault": "EMPTY_RESPONSE"})[0].response.fault == "EMPTY_RESPONSE"
