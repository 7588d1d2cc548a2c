"""A stateful mock behaves: created things can be read, listed, changed and deleted, and are gone afterwards."""

import json
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from harness.mocks.engine import Mock, compile_mock
from harness.mocks.messages import Reply, Request, Source
from harness.model.mock import MockSettings

ORDER = {
    "type": "object",
    "required": ["id", "sku", "status"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^ord-[0-9]{4}$"},
        "sku": {"type": "string"},
        "note": {"type": ["string", "null"]},
        "status": {"enum": ["open", "cancelled"]},
        "version": {"type": "integer"},
        "customer_id": {"type": "string"},
    },
}
INPUT = {
    "type": "object",
    "required": ["sku"],
    "additionalProperties": False,
    "properties": {"sku": {"type": "string"}, "note": {"type": ["string", "null"]}, "customer_id": {"type": "string"}},
}
PROBLEM = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}


def _json(schema: dict[str, Any], example: Any = None, headers: dict[str, Any] | None = None) -> dict[str, Any]:
    media = {"schema": schema} | ({"example": example} if example is not None else {})
    return {"description": "", "content": {"application/json": media}} | ({"headers": headers} if headers else {})


def contract(*, conditional: bool = False) -> dict[str, Any]:
    ref = {"$ref": "#/components/schemas/Order"}
    example = {"id": "ord-0001", "sku": "TEA", "status": "open", "version": 1}
    tag = {"ETag": {"required": True, "schema": {"type": "string", "pattern": '^"[0-9a-f]{4}"$'}}}
    item: dict[str, Any] = {
        "parameters": [{"name": "orderId", "in": "path", "required": True, "schema": {"type": "string"}}],
        "get": {"operationId": "get", "responses": {"200": _json(ref, example, tag), "404": _json(PROBLEM)}},
        "put": {
            "operationId": "put",
            "parameters": [{"name": "If-Match", "in": "header", "schema": {"type": "string"}}] if conditional else [],
            "requestBody": {"required": True, "content": {"application/json": {"schema": INPUT}}},
            "responses": {"200": _json(ref, example, tag), "404": _json(PROBLEM)}
            | ({"412": _json(PROBLEM), "428": _json(PROBLEM)} if conditional else {}),
        },
        "patch": {
            "operationId": "patch",
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
            "responses": {"200": _json(ref, example)},
        },
        "delete": {"operationId": "delete", "responses": {"204": {"description": ""}, "404": _json(PROBLEM)}},
    }
    page = {
        "type": "object",
        "required": ["items", "total"],
        "properties": {"items": {"type": "array", "items": ref}, "total": {"type": "integer"}},
    }
    query = [{"name": name, "in": "query", "schema": {}} for name in ("status", "limit", "offset", "sort", "q")]
    paths = {
        "/orders": {
            "post": {
                "operationId": "create",
                "parameters": [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": INPUT}}},
                "responses": {"201": _json(ref, example, {"Location": {"schema": {"type": "string"}}}),
                              "409": _json(PROBLEM)},
            },
            "get": {"operationId": "list", "parameters": query, "responses": {"200": _json(page)}},
        },
        "/orders/{orderId}": item,
        "/orders/{orderId}/cancel": {
            "post": {
                "operationId": "cancel",
                "responses": {"200": _json(ref, example | {"status": "cancelled"}), "404": _json(PROBLEM)},
            }
        },
        "/orders/{orderId}/notes": {
            "get": {"operationId": "notes", "responses": {"200": _json({"type": "array", "items": PROBLEM_REF})}},
            "post": {
                "operationId": "addNote",
                "requestBody": {"required": True, "content": {"application/json": {"schema": PROBLEM}}},
                "responses": {"201": _json(PROBLEM_REF)},
            },
        },
    }  # fmt: skip
    return {"openapi": "3.1.0", "paths": paths, "components": {"schemas": {"Order": ORDER, "Problem": PROBLEM}}}


PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}


def made(*, conditional: bool = False, **settings_: Any) -> Mock:
    return compile_mock(contract(conditional=conditional), (), MockSettings(stateful=True, **settings_))


def ask(mock: Mock, method: str, target: str, body: Any = None, **headers: str) -> Reply:
    path, _, query = target.partition("?")
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    if body is not None:
        given = (*given, ("content-type", "application/json"))
    reply = mock.answer(Request(method, path, query, given, b"" if body is None else json.dumps(body).encode()))
    assert reply.drift == ()
    return reply


def create(mock: Mock, **body: Any) -> dict[str, Any]:
    reply = ask(mock, "POST", "/orders", {"sku": "TEA", **body})
    assert reply.status == 201
    value: dict[str, Any] = json.loads(reply.body)
    return value


def test_what_was_created_can_be_read_and_carries_what_was_sent() -> None:
    mock = made()
    order = create(mock, sku="POT", note="ring twice")
    assert (order["sku"], order["note"], order["version"]) == ("POT", "ring twice", 1)
    reply = ask(mock, "GET", f"/orders/{order['id']}")
    assert json.loads(reply.body) == order
    assert reply.source is Source.STATE


def test_an_optional_thing_that_was_not_sent_is_not_invented() -> None:
    assert create(made()).get("note") is None


def test_location_leads_to_the_new_item_below_the_base_path() -> None:
    mock = made(base_path="/erp")
    reply = ask(mock, "POST", "/erp/orders", {"sku": "x"})
    assert ask(mock, "GET", dict(reply.headers)["location"]).status == 200


def test_names_look_as_the_contract_wants_and_are_never_given_twice() -> None:
    mock = made()
    names = {create(mock)["id"] for _ in range(200)}
    assert len(names) == 200


def test_a_list_shows_filters_orders_and_pages() -> None:
    mock = made(seeds=(("/orders", ()),))
    for sku in ("c", "a", "b"):
        create(mock, sku=sku)
    first = create(mock, sku="d")
    ask(mock, "POST", f"/orders/{first['id']}/cancel")

    def listed(query: str) -> tuple[list[str], int]:
        body = json.loads(ask(mock, "GET", f"/orders?{query}").body)
        return [one["sku"] for one in body["items"]], body["total"]

    assert listed("") == (["c", "a", "b", "d"], 4)
    assert listed("status=cancelled") == (["d"], 1)
    assert listed("sort=sku") == (["a", "b", "c", "d"], 4)
    assert listed("sort=-sku&limit=2&offset=1") == (["c", "b"], 4)
    assert listed("q=b") == (["b"], 1)


def test_a_replaced_item_keeps_what_only_the_server_sets() -> None:
    mock = made()
    order = create(mock, note="old")
    changed = json.loads(ask(mock, "PUT", f"/orders/{order['id']}", {"sku": "NEW"}).body)
    assert changed == {**{k: v for k, v in order.items() if k != "note"}, "sku": "NEW", "version": 2}


def test_a_changed_item_keeps_the_rest() -> None:
    mock = made()
    order = create(mock, note="old")
    assert json.loads(ask(mock, "PATCH", f"/orders/{order['id']}", {"note": "new"}).body)["sku"] == order["sku"]


def test_an_action_takes_over_the_state_that_the_contract_shows() -> None:
    mock = made()
    order = create(mock, sku="POT")
    ask(mock, "POST", f"/orders/{order['id']}/cancel")
    after = json.loads(ask(mock, "GET", f"/orders/{order['id']}").body)
    assert (after["status"], after["sku"]) == ("cancelled", "POT")


@pytest.mark.parametrize(
    ("method", "below"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/notes")]
)
def test_what_was_deleted_is_gone_for_every_operation(method: str, below: str) -> None:
    mock = made()
    order = create(mock)
    assert ask(mock, "DELETE", f"/orders/{order['id']}").status == 204
    body = {"sku": "x"} if method == "PUT" else None
    assert ask(mock, method, f"/orders/{order['id']}{below}", body).status == 404


def test_a_collection_below_an_item_is_its_own_and_goes_with_it() -> None:
    mock = made()
    one, other = create(mock), create(mock)
    ask(mock, "POST", f"/orders/{one['id']}/notes", {"title": "hello"})
    assert json.loads(ask(mock, "GET", f"/orders/{one['id']}/notes").body) == [{"title": "hello"}]
    assert json.loads(ask(mock, "GET", f"/orders/{other['id']}/notes").body) == []


def test_a_stale_tag_is_refused_and_a_missing_one_asked_for() -> None:
    mock = made(conditional=True)
    order = create(mock)
    path = f"/orders/{order['id']}"
    tag = dict(ask(mock, "GET", path).headers)["etag"]
    assert ask(mock, "PUT", path, {"sku": "x"}).status == 428
    assert ask(mock, "PUT", path, {"sku": "x"}, if_match=tag).status == 200
    assert ask(mock, "PUT", path, {"sku": "y"}, if_match=tag).status == 412
    assert json.loads(ask(mock, "GET", path).body)["sku"] == "x"


def test_the_same_idempotency_key_creates_once_and_another_body_is_a_conflict() -> None:
    mock = made(seeds=(("/orders", ()),))
    first = ask(mock, "POST", "/orders", {"sku": "x"}, idempotency_key="k1")
    again = ask(mock, "POST", "/orders", {"sku": "x"}, idempotency_key="k1")
    assert again.body == first.body
    assert ask(mock, "POST", "/orders", {"sku": "y"}, idempotency_key="k1").status == 409
    assert json.loads(ask(mock, "GET", "/orders").body)["total"] == 1


def test_seeds_are_there_at_the_start_of_every_session() -> None:
    seed = {"id": "ord-0042", "sku": "SEED", "status": "open"}
    mock = made(seeds=(("/orders", (seed,)),))
    ask(mock, "DELETE", "/orders/ord-0042", harness_session="a")
    assert ask(mock, "GET", "/orders/ord-0042", harness_session="a").status == 404
    assert ask(mock, "GET", "/orders/ord-0042", harness_session="b").status == 200
    assert ask(mock, "GET", "/orders/ord-0042").status == 200


def test_the_same_requests_give_the_same_bytes_in_every_session() -> None:
    mock = made()

    def run(session: str) -> list[bytes]:
        replies = [ask(mock, "POST", "/orders", {"sku": str(n)}, harness_session=session) for n in range(5)]
        return [*(one.body for one in replies), ask(mock, "GET", "/orders", harness_session=session).body]

    assert run("a") == run("b")


class Shop(RuleBasedStateMachine):
    """The mock against a plain dictionary."""

    names = Bundle("names")

    def __init__(self) -> None:
        super().__init__()
        self.mock = made(seeds=(("/orders", ()),))
        self.known: dict[str, str] = {}

    @rule(target=names, sku=st.text(max_size=5).filter(lambda s: not any(0xD800 <= ord(c) < 0xE000 for c in s)))
    def create(self, sku: str) -> str:
        name: str = create(self.mock, sku=sku)["id"]
        assert name not in self.known
        self.known[name] = sku
        return name

    @rule(name=names, sku=st.sampled_from(["x", "y"]))
    def replace(self, name: str, sku: str) -> None:
        status = ask(self.mock, "PUT", f"/orders/{name}", {"sku": sku}).status
        assert status == (200 if name in self.known else 404)
        if name in self.known:
            self.known[name] = sku

    @rule(name=consumes(names))
    def delete(self, name: str) -> None:
        assert ask(self.mock, "DELETE", f"/orders/{name}").status == (
            204 if self.known.pop(name, None) is not None else 404
        )

    @invariant()
    def the_list_is_what_is_known(self) -> None:
        body = json.loads(ask(self.mock, "GET", "/orders").body)
        assert {one["id"]: one["sku"] for one in body["items"]} == self.known


Shop.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestShop = Shop.TestCase
