"""A server of production in the file, or the shell, of another tier: refused before the first byte is sent.

R17 of the field's list. Control: where no tier protects the same server, the same run knocks at it.
"""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.asked import Asked, ended

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
CONTRACT = """openapi: 3.1.0
info: { title: Shop, version: "1" }
servers: [{ url: "http://localhost:PORT" }]
paths:
  /orders:
    get: { operationId: listOrders, responses: { "200": { description: all } } }
"""
SYSTEM = '[systems.shop]\nbase-url = "{url}"\ncontract = "../contracts/shop.openapi.yaml"\nhealth = "GET /orders"\n'
PROD = "order = 2\n" + SYSTEM + '[policy]\nsuites = ["contract"]\nmethods = ["GET"]\nconfirm = true\n'
TEST = "order = 1\n" + SYSTEM + '[policy]\nsuites = ["contract"]\n'


class Production:
    """Counts whoever as much as connects."""

    def __init__(self) -> None:
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            while True:
                one, _ = self._socket.accept()
                self.connections += 1
                one.close()
        except OSError:
            return

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def production() -> Iterator[Production]:
    made = Production()
    yield made
    made.close()


def workspace(root: Path, port: int, url: str) -> Asked:
    """Two tiers: production by its name, and a test tier at `url`."""
    for name in ("environments", "contracts"):
        (root / name).mkdir()
    (root / "contracts" / "shop.openapi.yaml").write_text(CONTRACT.replace("PORT", str(port)))
    (root / "environments" / "prod.toml").write_text(PROD.format(url=f"http://localhost:{port}"))
    (root / "environments" / "test.toml").write_text(TEST.format(url=url))
    return Asked(root=root)


@pytest.mark.parametrize("url", ["http://localhost:{}", "http://127.0.0.1:{}", "http://LOCALHOST.:{}/"])
def test_a_file_that_names_production_by_name_or_address_sends_nothing(
    tmp_path: Path, production: Production, url: str
) -> None:
    said = workspace(tmp_path, production.port, url.format(production.port)).run()
    assert said.exit == 2, said.all
    assert "prod" in said.err
    assert production.connections == 0


def test_a_shell_that_names_production_sends_nothing(tmp_path: Path, production: Production) -> None:
    asked = workspace(tmp_path, production.port, "http://127.0.0.1:9")
    said = asked.run(HARNESS_SYSTEMS_SHOP_BASE_URL=f"http://127.0.0.1:{production.port}")
    assert said.exit == 2, said.all
    assert production.connections == 0


def test_a_contract_that_names_production_as_its_server_sends_nothing_there(
    tmp_path: Path, production: Production
) -> None:
    said = workspace(tmp_path, production.port, "http://127.0.0.1:9").run()
    assert said.exit == 3, said.all  # nobody is where the tier's own file points
    assert production.connections == 0


def test_control_where_no_tier_protects_it_the_same_run_knocks(tmp_path: Path, production: Production) -> None:
    asked = workspace(tmp_path, production.port, f"http://127.0.0.1:{production.port}")
    (tmp_path / "environments" / "prod.toml").unlink()
    process = asked.begin("run", "test", "--no-report")
    end = time.monotonic() + 60
    while not production.connections and process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    process.kill()
    ended(process)
    assert production.connections > 0
