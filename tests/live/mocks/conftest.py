"""A workspace around the sample's order hub: its ERP a mock on one tier, and the real one on others."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.asked import Asked

REPOSITORY = Path(__file__).parents[3]
HUB = """
[systems.orders]
base-url = "http://127.0.0.1:{port}"
contract = "../contracts/orders.openapi.yaml"
health   = "GET /health"

[systems.orders.auth]
kind          = "oauth2-client-credentials"
token-url     = "/auth/token"
client-id     = "harness"
client-secret = { env = "SAMPLE_CLIENT_SECRET", default = "demo-secret" }

[systems.orders.start]
command = ["python", "-m", "harness.sample", "--port", "{port}"]
env     = { ERP_URL = "{dependencies.erp.url}", SAMPLE_FAULTS = { env = "SAMPLE_FAULTS", default = "" } }
"""
ERP = """
[dependencies.erp]
contract = "../contracts/erp.openapi.yaml"
"""
MOCKED = HUB + ERP + 'mock = "../mocks/erp"\n\n[policy]\nsuites = ["contract", "load"]\nmocks  = "allowed"\n'
REAL = """
health = "GET /stock"
start  = {{ command = ["python", {program}, "--port", "{{port}}"] }}

[policy]
suites = ["contract", "load"]
mocks  = "forbidden"
"""
USERS = '''"""Orders, some cancelled, one too large for the stock."""

from locust import task

from harness.kit.load import ApiUser


class Desk(ApiUser):
    timeout_s = 20.0

    @task
    def place(self) -> None:
        named = {"name": "Load Test Trading", "email": "desk@load.example"}
        customer = self.client.post("/customers", json=named, name="createCustomer").json()["id"]
        for sku, quantity in (("TEA-100", 1), ("TEA-100", 2), ("POT-300", 90)):
            order = {"customerId": customer, "lines": [{"sku": sku, "quantity": quantity}]}
            with self.client.post("/orders", json=order, name="createOrder", catch_response=True) as answer:
                answer.success()
            if quantity == 1:
                self.client.post(f"/orders/{answer.json()['id']}/cancel", name="cancelOrder")
'''
LOAD = """users = "desk.py:Desk"

[profiles.few]
arrivals = "2 /s for 2 s"

[limits]
all = ["p95 < 60 s"]

[tiers]
test = "few"
"""
SOLD_OUT = '''"""The real ERP on a bad day: it never has anything left."""

import sys

from harness.sample.erp import warehouse
from harness.sample.erp.__main__ import main


def none_left(*_: object, **__: object) -> None:
    raise warehouse.NotEnough("Nothing is left.")


warehouse.Warehouse.reserve = none_left
sys.exit(main())
'''


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Tiers: `test` with the mock, `preprod` with the real ERP, `short` with a faulty one, `careful` with a policy."""
    root = tmp_path_factory.mktemp("confirmed")
    for folder in ("contracts", "mocks"):
        shutil.copytree(REPOSITORY / folder, root / folder)
    for folder in ("environments", "load"):
        (root / folder).mkdir()
    (root / "harness.toml").write_text("")
    (root / "sold_out.py").write_text(SOLD_OUT)
    (root / "load" / "desk.py").write_text(USERS)
    (root / "load" / "desk.toml").write_text(LOAD)
    real = HUB + ERP + REAL.format(program='"-m", "harness.sample.erp"')
    careful = 'methods = ["GET"]\noperations = ["reserveStock"]\nconfirm = true\n'
    for order, (name, text) in enumerate(
        {
            "test": MOCKED,
            "preprod": real,
            "short": HUB + ERP + REAL.format(program='"sold_out.py"'),
            "careful": real + careful,
        }.items(),
        start=1,
    ):
        (root / "environments" / f"{name}.toml").write_text(f'order = {order}\npurpose = "{name}"\n{text}')
    yield Asked(root=root)
