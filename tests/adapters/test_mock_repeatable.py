"""The same mock gives the same bytes at every start, and many clients at once lose nothing."""

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.adapters.mock_server.limits import Limits
from harness.kit.mocks import InProcessMock
from tests.adapters.test_mock_server import Running

ERP = Path(__file__).parents[2] / "contracts" / "erp.openapi.yaml"
ASKED = """
import hashlib, json, sys
from harness.kit.mocks import InProcessMock
mock = InProcessMock(sys.argv[1])
digest = hashlib.sha256()
typed = (("content-type", "application/json"), ("prefer", "dynamic=true"))
for index in range(500):
    sku = ("TEA-100", "CUP-200", "bad")[index % 3]
    body = {"reference": f"ord-{index:012d}", "lines": [{"sku": sku, "quantity": index % 40}]}
    for method, path, sent in (
        ("GET", f"/stock/{sku}", b""), ("POST", "/reservations", json.dumps(body).encode()), ("GET", "/stock", b""),
    ):
        reply = mock.ask(method, path, typed, sent)
        digest.update(reply.wire)
print(digest.hexdigest())
"""


def folder(tmp_path: Path) -> Path:
    made = tmp_path / "mock"
    made.mkdir()
    (tmp_path / "erp.yaml").write_text(ERP.read_text())
    (made / "mock.toml").write_text('contract = "../erp.yaml"\nstateful = true\nseed = 11\n')
    return made


def test_three_starts_with_other_hash_seeds_give_the_same_bytes(tmp_path: Path) -> None:
    made = folder(tmp_path)
    digests = {
        subprocess.run(
            [sys.executable, "-c", ASKED, str(made)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == len(hashlib.sha256().hexdigest())


def test_thirty_two_clients_at_once_neither_lose_nor_double_a_reservation(tmp_path: Path) -> None:
    made = InProcessMock(folder(tmp_path)).loaded.mock
    server = Running(tmp_path / "journal", Limits())
    server.server.mock = made
    try:

        def client(number: int) -> list[str]:
            names = []
            for index in range(20):
                body = {"reference": f"ord-{number:06d}{index:06d}", "lines": [{"sku": "TEA-100", "quantity": 1}]}
                status, _, answer = server.ask("POST", "/reservations", json.dumps(body).encode())
                assert status == 201
                names.append(json.loads(answer)["id"])
            return names

        with ThreadPoolExecutor(32) as pool:
            names = [name for listed in pool.map(client, range(32)) for name in listed]
        assert len(set(names)) == len(names) == 640
        with ThreadPoolExecutor(32) as pool:
            first = list(pool.map(lambda name: server.ask("DELETE", f"/reservations/{name}")[0], names))
            again = list(pool.map(lambda name: server.ask("DELETE", f"/reservations/{name}")[0], names))
        assert set(first) == {204}
        assert set(again) == {404}
    finally:
        server.end()
    told = [json.loads(line) for line in (tmp_path / "journal").read_text().splitlines()]
    assert sum(one["kind"] == "interaction" for one in told) == 640 * 3
