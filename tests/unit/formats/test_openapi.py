"""Contracts from OpenAPI documents of every dialect, flat, and refused with the place where they can't be read."""

import json

import pytest

from harness.errors import AskedWrongly, Problem
from harness.formats.openapi import flat_bytes, read_contract
from harness.model.contract import Contract, Dialect

HEAD = 'openapi: 3.1.0\ninfo: {title: Shop, version: "2"}\n'


def read(files: dict[str, str] | str, *, strict: bool = True, path: str = "contracts/a.yaml") -> Contract:
    given = {path: files} if isinstance(files, str) else files
    return read_contract(path, lambda name: given[name].encode() if name in given else _missing(name), strict=strict)


def _missing(name: str) -> bytes:
    raise FileNotFoundError(name)


def problems(files: dict[str, str] | str, **more: str) -> list[Problem]:
    with pytest.raises(AskedWrongly) as caught:
        read(files, **more)  # type: ignore[arg-type]
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("version", "dialect"),
    [
        ('swagger: "2.0"', Dialect.OPENAPI_2),
        ("openapi: 3.0.3", Dialect.OPENAPI_30),
        ("openapi: 3.1.0", Dialect.OPENAPI_31),
        ("openapi: 3.2.0", Dialect.OPENAPI_32),
    ],
)
def test_the_dialect_is_the_documents_own_word(version: str, dialect: Dialect) -> None:
    contract = read(f"{version}\ninfo: {{title: Shop, version: '1'}}\npaths: {{/a: {{get: {{responses: {{}}}}}}}}\n")
    assert contract.dialect is dialect
    assert contract.title == "Shop"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "contracts/a.yaml is empty"),
        ("<!doctype html><html></html>", "contracts/a.yaml is an HTML page, not an OpenAPI document"),
        ("<definitions/>", "contracts/a.yaml is XML, not an OpenAPI document"),
        ("just text", "contracts/a.yaml is not an OpenAPI document: it holds only text"),
        ("[1]", "contracts/a.yaml is not an OpenAPI document: it holds a list"),
        ("# nothing", "contracts/a.yaml is not an OpenAPI document: it holds nothing"),
        ("a: 1", "contracts/a.yaml is not an OpenAPI document: it has neither an `openapi` nor a `swagger` key"),
        (
            "asyncapi: 3.0.0",
            "contracts/a.yaml is not an OpenAPI document: it is an AsyncAPI document (messages, not HTTP operations)",
        ),
        ("openapi: 4.0.0", "openapi version `4.0.0` is not read here"),
        (HEAD, "contracts/a.yaml (OpenAPI 3.1) describes no operation: its `paths` is missing"),
        (HEAD + "paths: {}", "contracts/a.yaml (OpenAPI 3.1) describes no operation: its `paths` is empty"),
    ],
)
def test_what_is_no_contract_is_told_apart(text: str, sentence: str) -> None:
    assert [problem.message for problem in problems(text)] == [sentence]


FULL = (
    HEAD
    + """\
security: [{key: []}]
servers: [{url: "https://{stage}.shop.example/v2", variables: {stage: {default: test}}}]
paths:
  /orders:
    get:
      operationId: listOrders
      tags: [orders]
      summary: All of them
      responses: {"200": {description: ok}, 4XX: {description: no}, default: {description: else}, x-note: 1}
    post:
      security: []
      deprecated: true
      responses: {"201": {description: made}}
  /health:
    get:
      operationId: "bad\\nid"
      security: [{}, {key: []}]
      responses: {"200": {description: ok}}
"""
)


def test_operations_know_what_planning_needs() -> None:
    contract = read(FULL)
    listing, making, health = contract.operations
    assert (listing.id, listing.label, listing.line, listing.tags) == ("listOrders", "GET /orders", 7, ("orders",))
    assert listing.statuses == ("200", "4XX", "default")
    assert [operation.secured for operation in contract.operations] == [True, False, False]
    assert (making.id, making.deprecated, making.line) == ("POST /orders", True, 12)
    assert health.id == "GET /health", "an id over two lines can't stand in a check's name"
    assert contract.servers == ("https://test.shop.example/v2",)


def test_servers_of_swagger_2_are_schemes_host_and_base_path() -> None:
    text = 'swagger: "2.0"\nhost: shop.example\nbasePath: /v1\nschemes: [http]\npaths: {/a: {get: {responses: {}}}}\n'
    assert read(text).servers == ("http://shop.example/v1",)
    assert read(text.replace("host: shop.example\n", "")).servers == ("/v1",)


def test_an_id_that_two_operations_share_is_a_problem_and_quarantine_gives_the_second_its_label() -> None:
    text = (
        HEAD
        + "paths:\n  /a:\n    get: {operationId: x, responses: {}}\n  /b:\n    get: {operationId: x, responses: {}}\n"
    )
    found = problems(text)
    assert [problem.message for problem in found] == ["operationId `x` is used by GET /a and by GET /b"]
    assert found[0].place is not None
    assert found[0].place.line == 7
    assert [operation.id for operation in read(text, strict=False).operations] == ["x", "GET /b"]


def test_engines_get_nothing_that_names_another_host() -> None:
    text = HEAD + (
        "servers: [{url: 'https://evil.example'}]\n"
        "paths:\n  /a:\n    servers: [{url: 'https://evil.example'}]\n    get:\n      responses:\n        '200':\n"
        "          description: x\n          content:\n            application/json:\n"
        "              schema: {type: object, properties: {servers: {type: array}}}\n"
        "              examples:\n                e: {externalValue: 'https://evil.example/x'}\n"
        "                f: {value: {servers: [mine]}}\n"
    )
    flat = flat_bytes(read(text))
    assert b"evil" not in flat
    media = json.loads(flat)["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"]
    assert "servers" in media["schema"]["properties"]
    assert media["examples"]["f"]["value"] == {"servers": ["mine"]}
