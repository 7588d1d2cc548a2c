"""Requests are read strictly, and what is refused is told where and why."""

import pytest

from tests.sample.conftest import EXAMPLE, Desk

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"name": NaN}',
        b'{"name": "a", "email": "a@b.example", "phone": "\\ud800"}',
        b'{"name": "\\u0000", "email": "a@b.example"}',
        b'{"name": "a", "email": "a@b.example", "extra": 1}',
        b'{"name": "a", "email": ' + b"9" * 5000 + b"}",
        b"[" * 30000,
    ],
)
def test_a_body_that_is_not_what_the_contract_asks_for_is_a_bad_request(desk: Desk, raw: bytes) -> None:
    refused = desk.ask("POST", "/customers", content=raw, headers=JSON)
    assert refused.status_code == 400
    assert refused.headers["content-type"] == "application/problem+json"


def test_a_refusal_names_the_place(desk: Desk) -> None:
    body = {"customerId": EXAMPLE, "lines": [{"sku": "TEA-100", "quantity": 0}]}
    errors = desk.ask("POST", "/orders", json=body).json()["errors"]
    assert errors == [{"where": "body/lines/0/quantity", "what": "0 is less than the minimum of 1"}]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", ""])
def test_another_content_type_is_unsupported(desk: Desk, kind: str) -> None:
    assert desk.ask("POST", "/customers", content=b"{}", headers={"Content-Type": kind}).status_code == 415


def test_a_charset_beside_the_content_type_is_fine(desk: Desk) -> None:
    body = b'{"name": "Tea", "email": "a@b.example"}'
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert desk.ask("POST", "/customers", content=body, headers=headers).status_code == 201


def test_a_body_that_is_too_large_is_not_read(desk: Desk) -> None:
    assert desk.ask("POST", "/customers", content=b" " * 70_000, headers=JSON).status_code == 413


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=x",
        "page=+1",
        "page=01",
        "page=1.5",
        "page=",
        "limit=101",
        "status=open",
        "unknown=1",
        "page=1&page=1",
    ],
)
def test_a_query_that_the_contract_does_not_know_is_a_bad_request(desk: Desk, query: str) -> None:
    assert desk.ask("GET", f"/orders?{query}").status_code == 400


def test_a_path_that_is_none_is_not_found_and_an_id_that_is_none_is_bad(desk: Desk) -> None:
    assert desk.ask("GET", "/nothing").status_code == 404
    assert desk.ask("GET", "/orders/").status_code == 404
    assert desk.ask("GET", "/orders/12").status_code == 400
    assert desk.ask("GET", "/orders/ord-%2e%2e%2f%00").status_code == 400
    assert desk.ask("GET", "/orders/ord-aaaaaaaaaaaa").status_code == 404


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PATCH", "DELETE", "QUERY"])
def test_another_method_is_told_which_ones_there_are(desk: Desk, method: str) -> None:
    refused = desk.ask(method, "/orders", who=None)
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, POST")


def test_a_crash_answers_a_problem_and_no_cause(desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("the inside of the hub")

    monkeypatch.setattr(desk.hub.store, "order", crash)
    failed = desk.ask("GET", "/orders/ord-000000000001")
    assert failed.status_code == 500
    assert "inside" not in failed.text
    assert "the inside of the hub" in caplog.text


def test_the_stock_that_the_erp_reported_last_is_shown(desk: Desk) -> None:
    def report(available: int, sequence: int) -> None:
        body = {"sku": "TEA-100", "available": available, "sequence": sequence}
        assert desk.ask("POST", "/webhooks/erp/stock", json=body).status_code == 204

    def shown() -> object:
        return {item["sku"]: item["available"] for item in desk.ask("GET", "/products").json()["items"]}["TEA-100"]

    assert shown() is None
    report(40, 2)
    report(50, 1)
    assert shown() == 40


def test_health_and_version_need_no_token(open_hub) -> None:
    desk = open_hub(SAMPLE_VERSION="2.3.4")
    health = desk.ask("GET", "/health", who=None).json()
    assert health["status"] == "ok"
    assert health["memoryBytes"] > 0
    assert desk.ask("GET", "/version", who=None).json() == {"version": "2.3.4"}
