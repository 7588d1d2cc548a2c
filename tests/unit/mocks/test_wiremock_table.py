"""WireMock's documented features, one row each: loaded and right, or refused by name with the nearest supported way.

Each row of the first table is a stub with a request that must match and one that must not; each row of the second
is what we do not carry out, and must not pretend to. The names are those of WireMock's own documentation.
"""

import base64
import json
from typing import Any

import pytest

from harness.errors import AskedWrongly
from harness.formats.stub_mappings import read_stub_mappings
from harness.mocks.engine import Mock, compile_mock
from harness.mocks.messages import Request, Source
from harness.model.mock import Dribble, Fault, MockSettings

BASIC = "Basic " + base64.b64encode(b"ann:pw").decode()
XYZ = base64.b64encode(b"xyz").decode()
SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}


def loaded(*mappings: dict[str, Any], read: bytes = b"from a file") -> Mock:
    body = json.dumps({"mappings": list(mappings)}).encode()
    return compile_mock(None, read_stub_mappings(body, "m.json", lambda _name: read), MockSettings())


def get(target: str = "/a", *headers: tuple[str, str], method: str = "GET", body: str = "") -> Request:
    path, _, query = target.partition("?")
    return Request(method, path, query, headers, body.encode())


def post(body: Any, target: str = "/a") -> Request:
    text = body if isinstance(body, str) else json.dumps(body)
    return get(target, ("content-type", "application/json"), method="POST", body=text)


def body(**matcher: Any) -> dict[str, Any]:
    return {"method": "POST", "urlPath": "/a", "bodyPatterns": [matcher]}


def header(**matcher: Any) -> dict[str, Any]:
    return {"urlPath": "/a", "headers": {"X-A": matcher}}


def query(**matcher: Any) -> dict[str, Any]:
    return {"urlPath": "/a", "queryParameters": {"q": matcher}}


def xml(document: str) -> Request:
    return Request("POST", "/a", "", (), document.encode())


XPATHS = (
    ("/a/b", "<a><b/></a>", "<a><c><b/></c></a>"),
    ("//b", "<a><c><b/></c></a>", "<a><c/></a>"),
    ("/a/*", "<a><c/></a>", "<a>text</a>"),
    ("/a/b[2]", "<a><b/><b/></a>", "<a><b/></a>"),
    ("/a/b[last()]/c", "<a><b/><b><c/></b></a>", "<a><b><c/></b><b/></a>"),
    ("/a/@x", "<a x='1'/>", "<a y='1'/>"),
    ("/a[@x='1']", "<a x='1'/>", "<a x='2'/>"),
    ("/a[b='1' and c]", "<a><b>1</b><c/></a>", "<a><b>1</b></a>"),
    ("/a[b='1' or c]", "<a><c/></a>", "<a><b>2</b></a>"),
    ("//b[text()='x']", "<a><b>x</b></a>", "<a><b>y</b></a>"),
    ("//b[contains(text(), 'x')]", "<a><b>axa</b></a>", "<a><b>y</b></a>"),
    ("//b[starts-with(@n, 'x')]", "<a><b n='xy'/></a>", "<a><b n='yx'/></a>"),
    ("//b[not(@n)]", "<a><b/></a>", "<a><b n='1'/></a>"),
    ("//b[@n > 3]", "<a><b n='4'/></a>", "<a><b n='3'/></a>"),
    ("//*[local-name()='b']", "<a xmlns='u'><b/></a>", "<a xmlns='u'><c/></a>"),
    ("/a[count(b) = 2]", "<a><b/><b/></a>", "<a><b/></a>"),
    ("/a/b[c/@d='1']/e", "<a><b><c d='1'/><e/></b></a>", "<a><b><c d='2'/><e/></b></a>"),
)


RIGHT: tuple[tuple[str, dict[str, Any], Request, Request], ...] = (
    ("url", {"url": "/a?x=1"}, get("/a?x=1"), get("/a?x=2")),
    ("url without a query", {"url": "/a"}, get("/a"), get("/a?x=1")),
    ("urlPath", {"urlPath": "/a"}, get("/a?x=1"), get("/a/b")),
    ("urlPattern", {"urlPattern": "/a\\?x=[0-9]+"}, get("/a?x=12"), get("/a?x=b")),
    ("urlPathPattern", {"urlPathPattern": "/a/[0-9]+"}, get("/a/7?x=1"), get("/a/b")),
    ("urlPathTemplate", {"urlPathTemplate": "/a/{id}"}, get("/a/7"), get("/a/7/b")),
    ("pathParameters", {"urlPathTemplate": "/a/{id}", "pathParameters": {"id": {"equalTo": "7"}}}, get("/a/7"),
     get("/a/8")),
    ("method", {"method": "PUT", "urlPath": "/a"}, get(method="PUT"), get()),
    ("method ANY", {"method": "ANY", "urlPath": "/a"}, get(method="PATCH"), get("/b")),
    ("header equalTo", header(equalTo="b"), get("/a", ("x-a", "b")), get("/a", ("x-a", "B"))),
    ("caseInsensitive", header(equalTo="b", caseInsensitive=True), get("/a", ("x-a", "B")), get("/a", ("x-a", "c"))),
    ("header contains", header(contains="b"), get("/a", ("x-a", "abc")), get("/a", ("x-a", "ac"))),
    ("header doesNotContain", header(doesNotContain="b"), get("/a", ("x-a", "ac")), get("/a", ("x-a", "abc"))),
    ("header matches", header(matches="[a-c]+"), get("/a", ("x-a", "abc")), get("/a", ("x-a", "abcd"))),
    ("header doesNotMatch", header(doesNotMatch="[a-c]+"), get("/a", ("x-a", "d")), get("/a", ("x-a", "a"))),
    ("header absent", header(absent=True), get("/a"), get("/a", ("x-a", "b"))),
    ("several values, any of them", header(equalTo="b"), get("/a", ("x-a", "a"), ("x-a", "b")),
     get("/a", ("x-a", "a"))),
    ("query equalTo", query(equalTo="1 2"), get("/a?q=1+2"), get("/a?q=12")),
    ("query absent", query(absent=True), get("/a?p=1"), get("/a?q=1")),
    ("query matches", query(matches="^[0-9]{2}$"), get("/a?q=12"), get("/a?q=123")),
    ("cookies", {"urlPath": "/a", "cookies": {"s": {"equalTo": "1"}}}, get("/a", ("cookie", "t=2; s=1")),
     get("/a", ("cookie", "s=2"))),
    ("basicAuthCredentials", {"urlPath": "/a", "basicAuthCredentials": {"username": "ann", "password": "pw"}},
     get("/a", ("authorization", BASIC)), get("/a", ("authorization", BASIC[:-1]))),
    ("body equalTo", body(equalTo="hi"), post("hi"), post("hi ")),
    ("body contains", body(contains="i"), post("hi"), post("ho")),
    ("body matches", body(matches="h.*"), post("hi"), post("ih")),
    ("body binaryEqualTo", body(binaryEqualTo=XYZ), post("xyz"), post("xy")),
    ("equalToJson", body(equalToJson={"a": [1, 2]}), post('{ "a": [1, 2.0] }'), post({"a": [2, 1]})),
    ("equalToJson as text", body(equalToJson='{"a": 1}'), post({"a": 1}), post({"a": 1, "b": 2})),
    ("ignoreArrayOrder", body(equalToJson=[1, 2], ignoreArrayOrder=True), post([2, 1]), post([2, 2])),
    ("ignoreExtraElements", body(equalToJson={"a": 1}, ignoreExtraElements=True), post({"a": 1, "b": 2}),
     post({"b": 2})),
    ("placeholder any-string", body(equalToJson={"a": "${json-unit.any-string}"}), post({"a": "x"}), post({"a": 1})),
    ("placeholder any-number", body(equalToJson={"a": "${json-unit.any-number}"}), post({"a": 1.5}), post({"a": "1"})),
    ("placeholder any-boolean", body(equalToJson={"a": "${json-unit.any-boolean}"}), post({"a": True}), post({"a": 1})),
    ("placeholder ignore", body(equalToJson={"a": "${json-unit.ignore}"}), post({"a": [1]}), post({"b": 1})),
    ("placeholder regex", body(equalToJson={"a": "${json-unit.regex}[A-Z]+"}), post({"a": "AB"}), post({"a": "ab"})),
    ("matchesJsonPath", body(matchesJsonPath="$.a.b"), post({"a": {"b": 1}}), post({"a": {"c": 1}})),
    ("matchesJsonPath, filter", body(matchesJsonPath="$.l[?(@.n > 3)]"), post({"l": [{"n": 4}]}),
     post({"l": [{"n": 3}]})),
    ("matchesJsonPath, sub-matcher", body(matchesJsonPath={"expression": "$.a", "contains": "x"}),
     post({"a": "axb"}), post({"a": "ab"})),
    ("matchesJsonPath absent", body(matchesJsonPath={"expression": "$.a", "absent": True}), post({"b": 1}),
     post({"a": 1})),
    ("matchesJsonSchema", body(matchesJsonSchema=SCHEMA), post({"n": 1}), post({"n": "1"})),
    ("matchesJsonSchema, schemaVersion", body(matchesJsonSchema=json.dumps(SCHEMA), schemaVersion="V7"),
     post({"n": 1}), post({})),
    ("and", header(**{"and": [{"contains": "a"}, {"contains": "b"}]}), get("/a", ("x-a", "ba")),
     get("/a", ("x-a", "a"))),
    ("equalToNumber", header(equalToNumber=7), get("/a", ("x-a", "7.0")), get("/a", ("x-a", "8"))),
    ("greaterThanNumber", header(greaterThanNumber=7), get("/a", ("x-a", "7.1")), get("/a", ("x-a", "7"))),
    ("greaterThanEqualNumber", header(greaterThanEqualNumber=7), get("/a", ("x-a", "7")), get("/a", ("x-a", "6"))),
    ("lessThanNumber", header(lessThanNumber=7), get("/a", ("x-a", "-8")), get("/a", ("x-a", "7"))),
    ("lessThanEqualNumber", header(lessThanEqualNumber=7), get("/a", ("x-a", "7")), get("/a", ("x-a", "many"))),
    ("before", header(before="2026-03-04T00:00:00Z"), get("/a", ("x-a", "2026-03-03T23:59:59Z")),
     get("/a", ("x-a", "2026-03-04T00:00:00Z"))),
    ("after", header(after="2026-03-04T00:00:00Z"), get("/a", ("x-a", "2026-03-04T02:00:00+01:00")),
     get("/a", ("x-a", "2026-03-04T00:30:00+01:00"))),
    ("after, of an HTTP date", header(after="2026-03-03T00:00:00Z"),
     get("/a", ("x-a", "Wed, 04 Mar 2026 05:06:07 GMT")), get("/a", ("x-a", "Mon, 02 Mar 2026 05:06:07 GMT"))),
    ("equalToDateTime", header(equalToDateTime="2026-03-04T00:00:00Z"), get("/a", ("x-a", "2026-03-04T00:00:00Z")),
     get("/a", ("x-a", "2026-03-04T00:00:01Z"))),
    ("actualFormat", header(equalToDateTime="2026-03-04T00:00:00Z", actualFormat="dd/MM/yyyy"),
     get("/a", ("x-a", "04/03/2026")), get("/a", ("x-a", "03/04/2026"))),
    ("truncateActual", header(equalToDateTime="2026-03-01T00:00:00Z", truncateActual="first day of month"),
     get("/a", ("x-a", "2026-03-14T05:06:07Z")), get("/a", ("x-a", "2026-04-14T05:06:07Z"))),
    ("hasExactly", header(hasExactly=[{"equalTo": "1"}, {"contains": "2"}]), get("/a", ("x-a", "22"), ("x-a", "1")),
     get("/a", ("x-a", "22"), ("x-a", "1"), ("x-a", "3"))),
    ("includes", header(includes=[{"equalTo": "1"}]), get("/a", ("x-a", "3"), ("x-a", "1")), get("/a", ("x-a", "3"))),
    ("formParameters", {"urlPath": "/a", "formParameters": {"f": {"equalTo": "a b"}}},
     Request("POST", "/a", "", (), b"e=1&f=a+b"), Request("POST", "/a", "", (), b"e=1&f=a")),
    ("equalToXml", body(equalToXml="<a x='1' y='2'><b>1</b><c/></a>"),
     Request("POST", "/a", "", (), b'<?xml version="1.0"?><a y="2" x="1"> <c></c> <!-- x --><b> 1 </b></a>'),
     Request("POST", "/a", "", (), b'<a y="2" x="1"><c/><b>2</b></a>')),
    ("equalToXml, namespaces", body(equalToXml="<n:a xmlns:n='u'/>"),
     Request("POST", "/a", "", (), b'<m:a xmlns:m="u"/>'), Request("POST", "/a", "", (), b'<m:a xmlns:m="v"/>')),
    ("enablePlaceholders", body(equalToXml="<a><b>${xmlunit.ignore}</b><c>${xmlunit.isNumber}</c></a>",
                                enablePlaceholders=True),
     Request("POST", "/a", "", (), b"<a><b>any</b><c>7</c></a>"),
     Request("POST", "/a", "", (), b"<a><b>any</b><c>x</c></a>")),
    *((f"matchesXPath {expression}", body(matchesXPath=expression), xml(fits), xml(misses))
      for expression, fits, misses in XPATHS),
    ("matchesXPath, then", body(matchesXPath={"expression": "//b/text()", "contains": "x"}), xml("<a><b>xy</b></a>"),
     xml("<a><b>y</b></a>")),
    ("xPathNamespaces", body(matchesXPath="/s:a/s:b", xPathNamespaces={"s": "u"}), xml("<a xmlns='u'><b/></a>"),
     xml("<a><b/></a>")),
    ("or", header(**{"or": [{"equalTo": "a"}, {"absent": True}]}), get("/a"), get("/a", ("x-a", "b"))),
    ("not", header(**{"not": {"equalTo": "a"}}), get("/a", ("x-a", "b")), get("/a", ("x-a", "a"))),
)  # fmt: skip


@pytest.mark.parametrize(("asked", "good", "bad"), [row[1:] for row in RIGHT], ids=[row[0] for row in RIGHT])
def test_a_request_matcher_takes_what_it_must_and_nothing_else(
    asked: dict[str, Any], good: Request, bad: Request
) -> None:
    mock = loaded({"request": asked, "response": {"status": 200}})
    assert (mock.answer(good).source, mock.answer(bad).source) == (Source.STUB, Source.UNMATCHED)


REQUEST_KEYS = ("multipartPatterns", "customMatcher", "host", "port", "scheme", "clientIp")
RESPONSE_KEYS: dict[str, Any] = {
    "statusMessage": "Fine",
    "proxyBaseUrl": "http://127.0.0.1:1",
    "proxyUrlPrefixToRemove": "/a",
    "additionalProxyRequestHeaders": {},
    "transformers": ["my-own"],
}
MAPPING_KEYS = ("postServeActions", "serveEventListeners")
REFUSED = [
    *((key, {"request": {"urlPath": "/a", key: {"a": 1}}, "response": {}}) for key in REQUEST_KEYS),
    *((key, {"request": {"urlPath": "/a"}, "response": {key: value}}) for key, value in RESPONSE_KEYS.items()),
    *((key, {"request": {"urlPath": "/a"}, "response": {}, key: []}) for key in MAPPING_KEYS),
    ("nonsense", {"request": {"urlPath": "/a", "nonsense": 1}, "response": {}}),
]


@pytest.mark.parametrize(("name", "mapping"), REFUSED, ids=[name for name, _ in REFUSED])
def test_what_is_not_carried_out_is_refused_by_name_with_a_place_and_a_way(name: str, mapping: dict[str, Any]) -> None:
    with pytest.raises(AskedWrongly) as refused:
        loaded(mapping)
    problem = refused.value.problems[0]
    assert name in problem.message
    assert problem.hint
    assert problem.place is not None
    assert (problem.place.file, bool(problem.place.line)) == ("m.json", True)


ANSWERS: tuple[tuple[str, dict[str, Any], int, bytes], ...] = (
    ("status and body", {"status": 418, "body": "hi"}, 418, b"hi"),
    ("jsonBody", {"jsonBody": {"a": ["é"]}}, 200, '{"a":["é"]}'.encode()),
    ("base64Body", {"base64Body": XYZ}, 200, b"xyz"),
    ("bodyFileName", {"bodyFileName": "a.txt"}, 200, b"from a file"),
)


@pytest.mark.parametrize(("response", "status", "sent"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_a_response_is_sent_as_written(response: dict[str, Any], status: int, sent: bytes) -> None:
    reply = loaded({"request": {"urlPath": "/a"}, "response": response}).answer(get())
    assert (reply.status, reply.body) == (status, sent)


def test_a_header_with_several_values_is_several_lines() -> None:
    response = {"headers": {"X-B": ["1", "2"], "X-C": "3"}}
    reply = loaded({"request": {"urlPath": "/a"}, "response": response}).answer(get())
    assert reply.headers == (("X-B", "1"), ("X-B", "2"), ("X-C", "3"))


@pytest.mark.parametrize(
    ("response", "least", "most"),
    [
        ({"fixedDelayMilliseconds": 30}, 30, 30),
        ({"delayDistribution": {"type": "fixed", "milliseconds": 30}}, 30, 30),
        ({"delayDistribution": {"type": "uniform", "lower": 10, "upper": 20}}, 10, 20),
        ({"delayDistribution": {"type": "lognormal", "median": 50, "sigma": 0.1, "maxValue": 60}}, 1, 60),
    ],
)
def test_a_delay_is_kept_within_what_is_written(response: dict[str, Any], least: float, most: float) -> None:
    mock = loaded({"request": {"urlPath": "/a"}, "response": response})
    assert all(least <= mock.answer(get()).delay_ms <= most for _ in range(50))


@pytest.mark.parametrize("fault", Fault)
def test_each_fault_is_played(fault: Fault) -> None:
    assert loaded({"request": {"urlPath": "/a"}, "response": {"fault": fault.value}}).answer(get()).fault is fault


def test_the_smaller_priority_answers_and_among_equals_the_last_one() -> None:
    def one(status: int, **more: Any) -> dict[str, Any]:
        return {"request": {"urlPath": "/a"}, "response": {"status": status}, **more}

    assert loaded(one(201, priority=1), one(202)).answer(get()).status == 201
    assert loaded(one(201), one(202)).answer(get()).status == 202


def test_a_scenario_goes_from_state_to_state_in_its_own_session() -> None:
    def one(state: str, then: str, status: int) -> dict[str, Any]:
        asked = {"scenarioName": "s", "requiredScenarioState": state, "newScenarioState": then}
        return {"request": {"urlPath": "/a"}, "response": {"status": status}, **asked}

    mock = loaded(one("Started", "second", 201), one("second", "third", 202), one("third", "third", 203))
    apart = ("harness-session", "other")
    assert [mock.answer(get()).status for _ in range(4)] == [201, 202, 203, 203]
    assert mock.answer(get("/a", apart)).status == 201


def test_a_mapping_may_stand_alone_in_a_list_or_below_mappings() -> None:
    one = {"request": {"urlPath": "/a"}, "response": {"status": 201}}
    for written in (one, [one], {"mappings": [one], "meta": {"total": 1}}):
        found = read_stub_mappings(json.dumps(written).encode(), "m.json", lambda _name: b"")
        assert [stub.response.status for stub in found] == [201]


@pytest.mark.parametrize(
    "written",
    [
        header(equalToNumber="7"), header(before="yesterday"), header(before="now"), header(after="now +3 days"),
        header(after="2026-01-01T00:00:00Z", truncateActual="first minute of year"), header(hasExactly=[]),
        header(includes={"equalTo": "1"}), body(hasExactly=[{"equalTo": "1"}]), body(equalToXml="<a>"),
        body(matchesXPath="//a["), body(matchesXPath="/a/parent::b"),
        body(matchesXPath="substring(//a, 1)"), body(matchesXPath="/s:a"),
        body(matchesXPath="/a[/a/b]"), body(matchesXPath=""),
        body(equalToXml="<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
        header(**{"not": {"includes": [{"equalTo": "1"}]}}),
    ],
)  # fmt: skip
def test_a_matcher_that_cannot_be_what_is_written_is_refused_at_the_start(written: dict[str, Any]) -> None:
    try:
        mock = loaded({"request": written, "response": {}})
    except AskedWrongly as refused:
        assert refused.problems[0].place
    else:
        assert [gap for gap in mock.gaps if gap.refused]


HOSTILE_XML = (
    b"<!DOCTYPE a [<!ENTITY b 'cccccccccc'><!ENTITY d '&b;&b;&b;&b;'>]><a>&d;&d;</a>",
    b"<!DOCTYPE a SYSTEM 'file:///etc/hostname'><a/>",
    b"<a>" * 5000 + b"</a>" * 5000,
    b"<a>" + b"x<!---->" * 20_000 + b"</a>",
    b"<a>" + b"<b><c/><c/><c/></b>" * 5000 + b"</a>",
    b"<a",
    b"\xff\xfe",
    b"",
)


@pytest.mark.parametrize("sent", HOSTILE_XML, ids=range(len(HOSTILE_XML)))
def test_hostile_xml_matches_nothing_and_costs_little(sent: bytes) -> None:
    many = "<a>" + "<b><c/><c/><d/></b>" * 3000 + "</a>"
    for expected in ("<a><b/></a>", many):
        mock = loaded({"request": body(equalToXml=expected), "response": {}})
        assert mock.answer(Request("POST", "/a", "", (), sent)).source is Source.UNMATCHED
    for expression in ("//x//x//x//x", "//*[.//*[.//*]]/nowhere"):
        mock = loaded({"request": body(matchesXPath=expression), "response": {}})
        assert mock.answer(Request("POST", "/a", "", (), sent)).source is Source.UNMATCHED


def test_a_dribble_is_understood_and_a_wrong_one_refused() -> None:
    written = {"request": {"urlPath": "/a"}, "response": {"body": "abc", "chunkedDribbleDelay": {}}}
    with pytest.raises(AskedWrongly, match="numberOfChunks"):
        loaded(written)
    written["response"]["chunkedDribbleDelay"] = {"numberOfChunks": 3, "totalDuration": 90}  # type: ignore[index]
    assert loaded(written).answer(get()).dribble == Dribble(pieces=3, total_ms=90)
