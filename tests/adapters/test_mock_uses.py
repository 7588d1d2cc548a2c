"""What a mock keeps whole: a few of each kind, whatever can be asked again, and nothing that speaks of a secret."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.adapters.mock_server.uses import Uses
from harness.mocks.contracts import Compiled, compile_contract
from harness.mocks.messages import Reply, Request, Source, Violation
from harness.model.mock import Fault

HEADERS = [
    {"name": "X-Tenant", "in": "header", "schema": {"type": "string"}},
    {"name": "X-Api-Key", "in": "header", "schema": {"type": "string"}},
]
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {"/things": {"post": {"operationId": "create", "parameters": HEADERS, "responses": {}}}},
}


@pytest.fixture
def compiled() -> Compiled:
    return compile_contract(DOCUMENT)


def reply(**changes: Any) -> Reply:
    values: dict[str, Any] = {"status": 201, "operation": "create", "source": Source.EXAMPLE, "body": b"{}"}
    return Reply(**values | changes)


def request(body: bytes = b'{"name": "a"}', query: str = "") -> Request:
    headers = (("content-type", "application/json"), ("x-tenant", "t"), ("x-api-key", "k1"), ("authorization", "b"))
    return Request("POST", "/things", query, headers, body)


def written(tmp_path: Path, compiled: Compiled, *pairs: tuple[Request, Reply]) -> list[dict[str, Any]]:
    uses = Uses(tmp_path / "uses.ndjson", compiled)
    for asked, answer in pairs:
        uses.note(asked, answer, "")
    uses.close()
    return [json.loads(line) for line in (tmp_path / "uses.ndjson").read_text().splitlines()]


def test_an_interaction_is_kept_whole_without_its_credentials(tmp_path: Path, compiled: Compiled) -> None:
    (one,) = written(tmp_path, compiled, (request(), reply()))
    assert (one["body"], one["answer_body"], one["status"]) == ('{"name": "a"}', "{}", 201)
    assert one["headers"] == [["content-type", "application/json"], ["x-tenant", "t"]]
    assert (tmp_path / "uses.ndjson").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (request(b'{"deep": [{"password": "hunter2"}]}'), reply()),
        (request(b"grant_type=x&client_secret=hunter2"), reply()),
        (request(query="api_key=hunter2"), reply()),
        (request(), reply(body=b'{"access_token": "hunter2"}')),
    ],
)
def test_what_speaks_of_a_secret_is_named_and_not_kept(
    tmp_path: Path, compiled: Compiled, asked: Request, answer: Reply
) -> None:
    (one,) = written(tmp_path, compiled, (asked, answer))
    assert "secret" in one["withheld"]
    assert "hunter2" not in (tmp_path / "uses.ndjson").read_text()


def test_binary_long_and_broken_ones_are_named_and_not_kept(tmp_path: Path, compiled: Compiled) -> None:
    long, binary = request(b'"' + b"x" * 70_000 + b'"'), request(b"\xff\xfe")
    broke = reply(status=0, fault=Fault.EMPTY_RESPONSE)
    found = written(tmp_path, compiled, (long, reply()), (binary, reply()), (request(), broke))
    assert [bool(one["withheld"]) for one in found] == [True, True, True]


def test_refusals_drift_and_strangers_are_not_relied_on(tmp_path: Path, compiled: Compiled) -> None:
    wrong = (Violation(where="body", message="no"),)
    answers = (
        reply(source=Source.REFUSAL), reply(source=Source.UNMATCHED, operation=None), reply(drift=wrong),
        reply(violations=wrong),
    )  # fmt: skip
    assert written(tmp_path, compiled, *((request(), one) for one in answers)) == []


def test_of_each_kind_only_the_first_are_kept_whatever_the_load(tmp_path: Path, compiled: Compiled) -> None:
    found = written(tmp_path, compiled, *[(request(), reply())] * 500, (request(), reply(stub="one")))
    assert [one["stub"] for one in found] == [""] * 60 + ["one"]


def test_no_credential_of_the_system_is_kept_by_whatever_name_the_contract_gives_it(tmp_path: Path) -> None:
    names = ("X-Session", "X-Auth", "X-Signature", "X-Tenant")
    documented = [{"name": name, "in": "header", "schema": {"type": "string"}} for name in names]
    operation = {"operationId": "create", "parameters": documented, "responses": {}}
    compiled = compile_contract({"openapi": "3.1.0", "paths": {"/things": {"post": operation}}})
    sent = (*((name.lower(), f"live {name}") for name in names), ("cookie", "sid=live"))
    answer = reply(headers=(("Set-Cookie", "sid=live"), ("X-Session-Key", "live"), ("ETag", '"a"')))
    one, signed = written(
        tmp_path,
        compiled,
        (Request("POST", "/things", "", sent, b"{}"), answer),
        (Request("POST", "/things", "sig=live", (), b"{}"), reply()),
    )
    assert one["headers"] == [["x-tenant", "live X-Tenant"]]
    assert one["answer_headers"] == [["etag", '"a"']]
    assert signed["query"] == ""
    assert "withheld" in signed
