"""Mocks in a test's own process: `requests` and httpx get what the network would give, faults included."""

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import requests

from harness.kit.mocks import InProcessMock, MockBroken, mocked, transport

ERP = Path(__file__).parents[2] / "mocks" / "erp"
BASE = "http://erp.example"
RESERVATION = {"reference": "ord-000000000001", "lines": [{"sku": "TEA-100", "quantity": 1}]}


def folder(tmp_path: Path, response: dict[str, object], settings: str = "") -> Path:
    made = tmp_path / "mock"
    (made / "mappings").mkdir(parents=True)
    contract = ERP.parents[1] / "contracts" / "erp.openapi.yaml"
    (tmp_path / "erp.yaml").write_text(contract.read_text())
    (made / "mock.toml").write_text(f'contract = "../erp.yaml"\n{settings}')
    mapping = {"name": "made", "request": {"urlPath": "/stock/CUP-200"}, "response": response}
    (made / "mappings" / "one.json").write_text(json.dumps(mapping))
    return made


def test_requests_is_answered_from_the_contract_and_the_calls_are_counted() -> None:
    with mocked(ERP, BASE) as erp:
        answer = requests.get(f"{BASE}/stock/TEA-100", timeout=5)
    assert (answer.status_code, answer.json()) == (200, {"sku": "TEA-100", "available": 120})
    assert (erp.calls("getStock"), erp.calls("listStock")) == (1, 0)
    assert len(erp.unused_stubs()) == 2


def test_an_illegal_request_is_refused_and_leaving_says_so() -> None:
    with pytest.raises(MockBroken, match="body /lines/0/quantity"), mocked(ERP, BASE):
        wrong = {**RESERVATION, "lines": [{"sku": "TEA-100", "quantity": "1"}]}
        assert requests.post(f"{BASE}/reservations", json=wrong, timeout=5).status_code == 400


def test_a_request_that_nothing_answers_is_told() -> None:
    with pytest.raises(MockBroken, match="GET /nothing: nothing answers"), mocked(ERP, BASE):
        requests.get(f"{BASE}/nothing", timeout=5)


def test_a_lying_stub_is_told(tmp_path: Path) -> None:
    lie = folder(tmp_path, {"status": 200, "jsonBody": {"sku": "CUP-200", "available": "many"}})
    with pytest.raises(MockBroken, match="stub `made` lied"), mocked(lie, BASE):
        assert requests.get(f"{BASE}/stock/CUP-200", timeout=5).status_code == 500


def test_other_hosts_are_not_reached() -> None:
    with mocked(ERP, BASE), pytest.raises(requests.ConnectionError):
        requests.get("http://erp.example.evil/stock", timeout=5)


@pytest.mark.parametrize(
    ("fault", "raised", "raised_by_httpx"),
    [
        ("EMPTY_RESPONSE", requests.ConnectionError, httpx.RemoteProtocolError),
        ("CONNECTION_RESET_BY_PEER", requests.ConnectionError, httpx.ReadError),
        ("MALFORMED_RESPONSE_CHUNK", requests.exceptions.ChunkedEncodingError, httpx.RemoteProtocolError),
        ("RANDOM_DATA_THEN_CLOSE", requests.ConnectionError, httpx.RemoteProtocolError),
    ],
)
def test_faults_arrive_as_the_library_knows_them(
    tmp_path: Path, fault: str, raised: type[Exception], raised_by_httpx: type[Exception]
) -> None:
    broken = InProcessMock(folder(tmp_path, {"fault": fault}))
    with mocked(broken, BASE), pytest.raises(raised):
        requests.get(f"{BASE}/stock/CUP-200", timeout=5)
    with httpx.Client(transport=transport(broken, BASE)) as client, pytest.raises(raised_by_httpx):
        client.get(f"{BASE}/stock/CUP-200")


def test_a_delay_beyond_the_timeout_is_a_timeout_at_once(tmp_path: Path) -> None:
    body = {"sku": "CUP-200", "available": 1}
    slow = InProcessMock(folder(tmp_path, {"fixedDelayMilliseconds": 60_000, "jsonBody": body}))
    with mocked(slow, BASE), pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{BASE}/stock/CUP-200", timeout=5)
    with httpx.Client(transport=transport(slow, BASE), timeout=5) as client, pytest.raises(httpx.ReadTimeout):
        client.get(f"{BASE}/stock/CUP-200")


def test_httpx_is_answered_sync_and_async() -> None:
    erp = InProcessMock(ERP)
    with httpx.Client(transport=transport(erp, BASE), base_url=BASE) as client:
        assert client.post("/reservations", json=RESERVATION).status_code == 201

    async def ask() -> int:
        async with httpx.AsyncClient(transport=transport(erp, BASE), base_url=BASE) as client:
            return (await client.get("/stock")).status_code

    assert asyncio.run(ask()) == 200
    erp.verify()
    with httpx.Client(transport=transport(erp, BASE)) as client, pytest.raises(httpx.ConnectError):
        client.get("http://elsewhere.example/stock")


def test_a_base_path_belongs_to_the_address(tmp_path: Path) -> None:
    made = folder(tmp_path, {"jsonBody": {"sku": "CUP-200", "available": 1}}, 'base-path = "/api"\n')
    with mocked(made, f"{BASE}/api"):
        assert requests.get(f"{BASE}/api/stock/CUP-200", timeout=5).status_code == 200


def test_state_is_kept_and_reset(tmp_path: Path) -> None:
    made = InProcessMock(folder(tmp_path, {"status": 404}, "stateful = true\n"))
    with mocked(made, BASE, verify=False):
        name = requests.post(f"{BASE}/reservations", json=RESERVATION, timeout=5).json()["id"]
        assert requests.delete(f"{BASE}/reservations/{name}", timeout=5).status_code == 204
        assert requests.delete(f"{BASE}/reservations/{name}", timeout=5).status_code == 404
        made.reset()
        assert made.interactions == []


def _requests(seed: int) -> Iterator[tuple[str, str, bytes]]:
    draws = random.Random(seed)
    for _ in range(150):
        sku = draws.choice(["TEA-100", "CUP-200", "bad", "%C3%A4", "POT-300"])
        quantity = draws.choice([1, 26, 1000, "1", None, -1])
        body = {"reference": draws.choice(["ord-000000000001", "x"]), "lines": [{"sku": sku, "quantity": quantity}]}
        yield draws.choice(
            [
                ("GET", f"/stock/{sku}", b""),
                ("GET", "/stock?x=1", b""),
                ("POST", "/reservations", json.dumps(body).encode()),
                ("POST", "/reservations", b"{"),
                ("DELETE", "/reservations/res-000000000001", b""),
                ("PATCH", "/stock", b""),
                ("GET", "/nothing", b""),
            ]
        )


@pytest.mark.parametrize("seed", range(3))
def test_in_process_and_network_answers_are_the_same_bytes(seed: int, tmp_path: Path) -> None:
    from tests.adapters.test_mock_server import Running

    folder(tmp_path, {"status": 200, "jsonBody": {"sku": "CUP-200", "available": 3}}, "stateful = true\n")
    server = Running(None)
    inside = InProcessMock(tmp_path / "mock")
    server.server.mock = InProcessMock(tmp_path / "mock").loaded.mock
    try:
        for method, target, body in _requests(seed):
            status, headers, content = server.ask(method, target, body or None)
            reply = inside.ask(method, target, (("Content-Type", "application/json"),), body)
            assert (status, content) == (reply.status, reply.body)
            assert {k: v for k, v in headers.items() if k != "content-length"} == dict(reply.headers)
    finally:
        server.end()
