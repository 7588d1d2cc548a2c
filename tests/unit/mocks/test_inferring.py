"""A document inferred from recordings: everything recorded keeps it, and it reads like one that a person began."""

import json
from typing import Any

import jsonschema_rs
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.openapi import read_contract
from harness.mocks.contracts import compile_contract
from harness.mocks.drifting import answer_violations
from harness.mocks.inferring import inferred, schema_of
from harness.model.uses import Use

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6) | st.sampled_from(("2026-01-01", "2026-01-01T00:00:00Z", "a@b.example", "http://a.example")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("a", "b", "c")), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(VALUES, min_size=1, max_size=5))
def test_every_sample_keeps_the_schema_that_was_made_of_it(samples: list[Any]) -> None:
    validator = jsonschema_rs.validator_for(schema_of(samples))
    assert all(validator.is_valid(one) for one in samples)


def use(method: str, path: str, status: int, answer: Any = None, asked: Any = None, query: str = "") -> Use:
    return Use(
        operation="", method=method, path=path, query=query, status=status, source="recorded",
        body="" if asked is None else json.dumps(asked),
        answer_headers=(("content-type", "application/json"),) if answer is not None else (),
        answer_body="" if answer is None else json.dumps(answer),
    )  # fmt: skip


USES = (
    use("GET", "/orders/4711", 200, {"id": 4711, "at": "2026-01-01T00:00:00Z", "note": "x"}),
    use("GET", "/orders/4712", 200, {"id": 4712, "at": "2026-01-02T00:00:00Z", "note": None}),
    use("GET", "/orders/9", 404, {"title": "none"}),
    use("GET", "/orders", 200, [{"id": 1}], query="page=1&q=a"),
    use("GET", "/orders", 200, [], query="page=2"),
    use("POST", "/orders", 201, {"id": 1}, asked={"sku": "a"}),
    use("POST", "/orders", 400, {"title": "no"}, asked={"sku": 7}),
    use("DELETE", "/orders/4711/lines/ln-01", 204),
)


def test_the_document_is_read_and_every_recorded_answer_keeps_it() -> None:
    document = inferred(USES, "orders")
    contract = read_contract("o.json", lambda _: json.dumps(document).encode())
    assert len(contract.operations) == 4
    compiled = compile_contract(contract.document)
    for one in USES:
        routed = compiled.router.find(one.method, one.path)
        assert routed is not None and routed.target is not None
        if one.status != 404:
            wrong = answer_violations(routed.target, one.status, one.answer_headers, one.answer_body.encode())
            assert wrong == (), one


def test_ids_become_parameters_and_members_are_required_where_all_have_them() -> None:
    paths = inferred(USES, "orders")["paths"]
    assert set(paths) == {"/orders", "/orders/{orderId}", "/orders/{orderId}/lines/{lineId}"}
    got = paths["/orders/{orderId}"]["get"]
    assert got["parameters"][0]["schema"] == {"type": "integer"}
    schema = got["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["at", "id", "note"]
    assert schema["properties"]["at"] == {"type": "string", "format": "date-time"}
    assert schema["properties"]["note"] == {"type": ["string", "null"]}
    listed = {one["name"]: one["required"] for one in paths["/orders"]["get"]["parameters"]}
    assert listed == {"page": True, "q": False}


def test_a_refused_body_says_nothing_of_what_is_accepted() -> None:
    body = inferred(USES, "orders")["paths"]["/orders"]["post"]["requestBody"]
    assert body["content"]["application/json"]["schema"]["properties"] == {"sku": {"type": "string"}}
