"""What a mock answers, and why: the contract, stubs over it, and that neither can lie."""

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.mocks.engine import Mock, compile_mock
from harness.mocks.messages import Reply, Request, Source
from harness.model.mock import (
    EqualToJson,
    Fault,
    MatchesJsonPath,
    MockSettings,
    OnDrift,
    RequestPattern,
    StubMapping,
    StubResponse,
    UniformDelay,
    UrlKind,
)

PROBLEM = {
    "type": "object",
    "required": ["title", "status"],
    "properties": {"title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"}},
}
THING = {
    "type": "object",
    "required": ["id", "name"],
    "additionalProperties": False,
    "properties": {"id": {"type": "integer", "minimum": 1}, "name": {"type": "string", "minLength": 1}},
}


def _response(schema: dict[str, Any], example: Any = None, media_type: str = "application/json") -> dict[str, Any]:
    media: dict[str, Any] = {"schema": schema}
    if example is not None:
        media["examples"] = {"first": {"value": example}}
    return {"description": "", "content": {media_type: media}}


def document(**changes: Any) -> dict[str, Any]:
    """A small contract: things to create and to read."""
    paths: dict[str, Any] = {
        "/things": {
            "post": {
                "operationId": "createThing",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {"name": {"type": "string", "minLength": 1}},
                            }
                        }
                    },
                },
                "responses": {
                    "201": _response(THING, {"id": 1, "name": "one"}),
                    "422": _response(PROBLEM, {"title": "no", "status": 422}, "application/problem+json"),
                },
            },
            "get": {
                "operationId": "listThings",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 50}}],
                "responses": {"200": _response({"type": "array", "items": THING, "minItems": 1})},
            },
        },
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {
                "operationId": "getThing",
                "responses": {
                    "200": _response(THING, {"id": 7, "name": "seven"}),
                    "404": _response(PROBLEM, {"title": "none", "status": 404}),
                },
            },
        },
    }
    return {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths | changes}


def mock(*mappings: StubMapping, contract: dict[str, Any] | None = None, **settings: Any) -> Mock:
    return compile_mock(contract or document(), mappings, MockSettings(**settings))


def ask(made: Mock, method: str, target: str, body: Any = None, **headers: str) -> Reply:
    path, _, query = target.partition("?")
    given = [(name.replace("_", "-"), value) for name, value in headers.items()]
    raw = b""
    if body is not None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given.append(("content-type", "application/json"))
    return made.answer(Request(method, path, query, tuple(given), raw))


def stub(url: str, status: int = 200, *, name: str = "s", method: str = "ANY", **more: Any) -> StubMapping:
    response = {key: more.pop(key) for key in ("headers", "body", "delay", "fault") if key in more}
    pattern = {key: more.pop(key) for key in ("query", "cookies") if key in more}
    return StubMapping(
        name=name,
        place="mappings/s.json:1",
        request=RequestPattern(
            method=method, url_kind=UrlKind.PATH, url=url, body=more.pop("match_body", ()), **pattern
        ),
        response=StubResponse(status=status, **response),
        **more,
    )


def test_an_operation_answers_with_its_example() -> None:
    reply = ask(mock(), "GET", "/things/7")
    assert (reply.status, json.loads(reply.body)) == (200, {"id": 7, "name": "seven"})
    assert (reply.source, reply.operation, reply.example) == (Source.EXAMPLE, "getThing", "first")


def test_without_an_example_a_value_is_made_from_the_schema_and_is_the_same_for_the_same_seed() -> None:
    one, other = ask(mock(seed=4), "GET", "/things"), ask(mock(seed=4), "GET", "/things")
    assert one.source is Source.GENERATED
    assert one.body == other.body
    assert ask(mock(seed=5), "GET", "/things").body != one.body


@pytest.mark.parametrize(
    ("method", "target", "body", "where"),
    [
        ("GET", "/things?limit=51", None, "query limit"),
        ("GET", "/things?limit=many", None, "query limit"),
        ("GET", "/things/x", None, "path id"),
        ("POST", "/things", {}, "body"),
        ("POST", "/things", {"name": 3}, "body"),
        ("POST", "/things", b"{", "body"),
        ("POST", "/things", b'{"name": NaN}', "body"),
        ("POST", "/things", b'{"name": "\xff"}', "body"),
        ("POST", "/things", b'{"name": "\\ud800"}', "body"),
        ("POST", "/things", b"[" * 100_000, "body"),
    ],
)
def test_an_illegal_request_is_refused_and_the_violation_named(method: str, target: str, body: Any, where: str) -> None:
    reply = ask(mock(), method, target, body)
    assert 400 <= reply.status < 500
    assert reply.source is Source.REFUSAL
    assert reply.violations[0].where == where
    assert dict(reply.headers)["harness-violation"].startswith(where)


def test_a_refusal_is_the_one_that_the_contract_documents_and_keeps_its_schema() -> None:
    reply = ask(mock(), "POST", "/things", {"name": ""})
    assert reply.status == 422
    assert "name" in json.loads(reply.body)["detail"]


def test_where_the_contract_documents_no_refusal_a_plain_400_names_the_violation() -> None:
    reply = ask(mock(), "GET", "/things?limit=51")
    assert reply.status == 400
    assert json.loads(reply.body)["violations"][0]["rule"] == "maximum"


def test_a_body_of_another_media_type_is_refused() -> None:
    request = Request("POST", "/things", "", (("content-type", "text/plain"),), b'{"name": "x"}')
    assert mock().answer(request).violations[0].where == "media type"


def test_an_unknown_path_is_a_404_and_an_unknown_method_a_405_that_names_the_others() -> None:
    assert ask(mock(), "GET", "/nothing").status == 404
    reply = ask(mock(), "DELETE", "/things")
    assert (reply.status, dict(reply.headers)["allow"]) == (405, "GET, POST")
    assert reply.source is Source.UNMATCHED


def test_head_is_answered_as_get() -> None:
    assert ask(mock(), "HEAD", "/things/7").status == 200


def test_an_example_that_breaks_its_own_schema_is_never_sent_and_is_told() -> None:
    contract = document()
    contract["paths"]["/things/{id}"]["get"]["responses"]["200"] = _response(THING, {"id": "seven"})
    made = mock(contract=contract)
    assert ask(made, "GET", "/things/7").source is Source.GENERATED
    assert "breaks its schema" in made.prepare()[0].message


def test_prefer_asks_for_a_status_an_example_or_another_value() -> None:
    made = mock()
    assert ask(made, "GET", "/things/7", prefer="code=404").status == 404
    assert json.loads(ask(made, "GET", "/things/7", prefer="example=first").body)["id"] == 7
    dynamic = {ask(made, "GET", "/things/7", prefer="dynamic=true").body for _ in range(3)}
    assert len(dynamic) == 3


def test_prefer_cannot_make_the_mock_answer_what_is_not_documented() -> None:
    assert ask(mock(), "GET", "/things/7", prefer="code=418").status == 501


def test_a_stub_goes_before_the_contract() -> None:
    reply = ask(mock(stub("/things/7", body=b'{"id": 7, "name": "stub"}')), "GET", "/things/7")
    assert (reply.source, reply.stub) == (Source.STUB, "s")
    assert json.loads(reply.body)["name"] == "stub"
    assert dict(reply.headers)["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("lie", "where"),
    [
        (stub("/things/7", body=b'{"id": "seven", "name": "x"}'), "body"),
        (stub("/things/7", body=b"not json"), "body"),
        (stub("/things/7", 202, body=b"{}"), "status"),
        (stub("/things/7", headers=(("Content-Type", "text/plain"),), body=b"x"), "media type"),
        (stub("/nowhere", body=b"{}"), "operation"),
    ],
)
def test_a_lying_stub_is_refused_with_stub_operation_and_violation(lie: StubMapping, where: str) -> None:
    reply = ask(mock(lie), "GET", lie.request.url)
    assert (reply.status, reply.source) == (500, Source.DRIFT)
    assert reply.drift[0].where == where
    told = json.loads(reply.body)
    assert (told["stub"], told["place"]) == ("s", "mappings/s.json:1")


def test_on_drift_warn_lets_the_lie_out_and_still_tells_it() -> None:
    reply = ask(mock(stub("/things/7", 202, body=b"{}"), on_drift=OnDrift.WARN), "GET", "/things/7")
    assert reply.status == 202
    assert reply.drift[0].where == "status"


def test_a_stub_does_not_accept_an_illegal_request_for_the_dependency() -> None:
    stubbed = stub("/things", 201, method="POST", body=b'{"id": 1, "name": "x"}')
    assert ask(mock(stubbed), "POST", "/things", {"name": ""}).source is Source.REFUSAL
    refusing = stub("/things", 422, method="POST", body=b'{"title": "no", "status": 422}', name="refuses")
    given = ask(mock(stub("/things", 422, method="POST", headers=(("Content-Type", "application/problem+json"),),
                          body=refusing.response.body)), "POST", "/things", {"name": ""})  # fmt: skip
    assert (given.source, given.status) == (Source.STUB, 422)
    assert given.violations


def test_the_lowest_priority_wins_and_among_equals_the_last_read() -> None:
    def named(name: str, priority: int) -> StubMapping:
        return stub("/things/7", body=json.dumps({"id": 7, "name": name}).encode(), name=name, priority=priority)

    assert ask(mock(named("a", 5), named("b", 1), named("c", 5)), "GET", "/things/7").stub == "b"
    assert ask(mock(named("a", 5), named("c", 5)), "GET", "/things/7").stub == "c"


def test_stubs_match_bodies_by_equality_and_by_path() -> None:
    answer = {"body": b'{"id": 1, "name": "x"}', "method": "POST"}
    equal = stub("/things", 201, match_body=(EqualToJson(expected={"name": "x"}),), name="equal", **answer)
    path = stub("/things", 201, match_body=(MatchesJsonPath(expression="$[?(@ == 'y')]"),), name="path", **answer)
    made = mock(equal, path)
    assert ask(made, "POST", "/things", {"name": "x"}).stub == "equal"
    assert ask(made, "POST", "/things", {"name": "y"}).stub == "path"
    assert ask(made, "POST", "/things", {"name": "z"}).stub is None


def test_a_scenario_moves_from_state_to_state_and_sessions_do_not_see_each_other() -> None:
    def step(name: str, state: str, new: str) -> StubMapping:
        body = json.dumps({"id": 7, "name": name}).encode()
        return stub("/things/7", body=body, name=name, scenario="s", required_state=state, new_state=new)

    made = mock(step("first", "Started", "Seen"), step("second", "Seen", "Seen"))
    assert [ask(made, "GET", "/things/7", harness_session="a").stub for _ in range(3)] == ["first", "second", "second"]
    assert ask(made, "GET", "/things/7", harness_session="b").stub == "first"
    assert ask(made, "GET", "/things/7", baggage="x=1,harness-session=a;p=1").stub == "second"
    assert ask(made, "GET", "/things/7").stub == "first"


def test_same_session_and_requests_give_the_same_bytes_and_delays() -> None:
    slow = stub("/things/7", body=b'{"id": 7, "name": "x"}', delay=UniformDelay(lower_ms=1, upper_ms=500))

    def run() -> list[tuple[bytes, float]]:
        made = mock(slow)
        asked = [ask(made, "GET", "/things", prefer="dynamic=true", harness_session="q") for _ in range(5)]
        return [(one.body, 0.0) for one in asked] + [
            (b"", ask(made, "GET", "/things/7", harness_session="q").delay_ms) for _ in range(5)
        ]

    assert run() == run()
    assert len({delay for _, delay in run()}) > 1


def test_a_fault_is_no_answer_and_so_no_lie() -> None:
    reply = ask(mock(stub("/things/7", fault=Fault.EMPTY_RESPONSE)), "GET", "/things/7")
    assert (reply.fault, reply.drift) == (Fault.EMPTY_RESPONSE, ())


def test_a_base_path_is_taken_off_and_nothing_is_served_outside_it() -> None:
    made = mock(base_path="/erp")
    assert ask(made, "GET", "/erp/things/7").status == 200
    assert ask(made, "GET", "/things/7").status == 404
    assert ask(made, "GET", "/erpthings/7").status == 404


def test_a_credential_that_is_required_must_be_there() -> None:
    contract = document() | {
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    }
    made = mock(contract=contract)
    assert ask(made, "GET", "/things/7").status == 401
    assert ask(made, "GET", "/things/7", authorization="Basic abc").status == 401
    assert ask(made, "GET", "/things/7", authorization="Bearer abc").status == 200


def test_a_stub_that_cannot_be_compiled_is_refused_with_its_place() -> None:
    broken = stub("/things/7", match_body=(MatchesJsonPath(expression="$.["),))
    gap = mock(broken).gaps[0]
    assert gap.refused
    assert gap.place == "mappings/s.json:1"


def test_a_mock_without_a_contract_answers_its_stubs_alone() -> None:
    made = compile_mock(None, (stub("/anything", 299, body=b"x"),), MockSettings())
    assert ask(made, "GET", "/anything").status == 299
    assert ask(made, "GET", "/else").status == 404


def test_read_only_is_not_asked_of_a_request_and_write_only_never_comes_back() -> None:
    schema = {
        "type": "object",
        "required": ["id", "secret"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "secret": {"type": "string", "writeOnly": True},
        },
    }
    contract = document(**{
        "/keys": {
            "post": {
                "operationId": "createKey",
                "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
                "responses": {"201": _response(schema)},
            }
        }
    })  # fmt: skip
    reply = ask(mock(contract=contract), "POST", "/keys", {"secret": "s"})
    assert reply.status == 201
    assert set(json.loads(reply.body)) == {"id"}
    leaking = stub("/keys", 201, method="POST", body=b'{"id": 1, "secret": "s"}')
    assert ask(mock(leaking, contract=contract), "POST", "/keys", {"secret": "s"}).source is Source.DRIFT


def test_nullable_of_openapi_3_0_is_understood() -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "nullable": True}}}
    contract = document(**{"/n": {"get": {"operationId": "n", "responses": {"200": _response(schema, {"a": None})}}}})
    assert ask(mock(contract=contract | {"openapi": "3.0.3"}), "GET", "/n").source is Source.EXAMPLE
    assert ask(mock(contract=contract), "GET", "/n").source is Source.GENERATED


def _broken(*, schema: dict[str, Any]) -> dict[str, Any]:
    contract = document()
    contract["components"] = {"schemas": {"Node": schema}}
    refers = {"$ref": "#/components/schemas/Node"}
    for path, operation in (("/broken", "one"), ("/too", "two")):
        get = {"operationId": operation, "responses": {"200": _response(refers, None)}}
        contract["paths"][path] = {"get": get}
    return contract


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"$ref": "#/components/schemas/None"},
        {"properties": {"self": {"$ref": "#/components/schemas/Node"}, "gone": {"$ref": "#/components/schemas/None"}}},
    ],
)
def test_an_operation_whose_contract_cannot_be_used_promises_nothing_and_says_why(schema: dict[str, Any]) -> None:
    made = mock(contract=_broken(schema=schema))
    for path in ("/broken", "/too", "/broken"):
        reply = ask(made, "GET", path)
        assert (reply.status, reply.source) == (501, Source.UNMATCHED)
        assert b"the contract cannot be used here" in reply.body
    assert len([gap for gap in made.prepare() if gap.message.startswith(("one: ", "two: "))]) == 2
    assert ask(made, "GET", "/things/7").status == 200


def test_an_operation_that_can_be_used_is_answered() -> None:
    made = mock(contract=_broken(schema={"type": "integer"}))
    assert ask(made, "GET", "/broken").status == ask(made, "GET", "/too").status == 200


def test_a_contract_is_compiled_operation_by_operation_as_they_are_asked() -> None:
    made = mock()
    ready = made.compiled.operations
    assert not any(one.is_complete for one in ready.values())
    ask(made, "GET", "/things/7")
    assert [one.path for one in ready.values() if one.is_complete] == ["/things/{id}"]
    made.prepare()
    assert all(one.is_complete for one in ready.values())


def test_two_stubs_of_one_id_are_refused_at_the_start() -> None:
    one, two = (replace(stub(path, body=b"{}"), id="same") for path in ("/things/7", "/things/8"))
    (gap,) = [gap for gap in mock(one, two).prepare() if gap.refused]
    assert "the id same belongs to" in gap.message


def test_a_stub_that_is_replaced_answers_anew_and_one_that_is_removed_not_at_all() -> None:
    made = mock()
    first = made.enter(replace(stub("/things/7", body=b'{"id": 7, "name": "one"}'), id="i"))
    assert b"one" in ask(made, "GET", "/things/7").body
    second = made.enter(replace(stub("/things/7", body=b'{"id": 7, "name": "two"}'), id="i"))
    assert (made.stub("i"), first in made.stubs.all) == (second, False)
    assert b"two" in ask(made, "GET", "/things/7").body
    made.remove(second)
    assert ask(made, "GET", "/things/7").source is not Source.STUB
