"""The hub without a network: an ASGI client in a loop of its own, and an ERP that does as it is told."""

import asyncio
import json
import os
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import pytest

from harness.sample.app import Application
from harness.sample.erp.app import erp_application
from harness.sample.erp.warehouse import Warehouse
from harness.sample.faults import Fault
from harness.sample.hub import Hub, build_hub
from harness.sample.payment.app import payment_application
from harness.sample.payment.till import Till
from harness.sample.settings import read_settings
from harness.sample.terminal import listen, server_for

SECRET = "secret-of-the-tests"
EXAMPLE = "cus-000000000001"
EXAMPLE_ORDERS = 3  # that the contract's examples name


@dataclass(kw_only=True)
class Desk:
    """A hub, and a way to ask it something as somebody."""

    hub: Hub
    runner: asyncio.Runner
    application: Application = field(init=False)
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.application = Application(self.hub)
        transport = httpx.ASGITransport(app=self.application, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://hub.example")

    def ask(self, method: str, path: str, *, who: str | None = "harness", **more: Any) -> httpx.Response:
        """One request; `who` is a client's id, None sends no token."""
        headers = dict(more.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {self.token(who)}"
        return self.run(self.client.request(method, path, headers=headers, **more))

    def token(self, who: str) -> str:
        """A token for this client."""
        client = self.hub.tokens.client(who, SECRET)
        assert client is not None
        return self.hub.tokens.issue(client)

    def order(self, *, who: str = "harness", customer: str = EXAMPLE, quantity: int = 2, **more: Any) -> httpx.Response:
        """Place an order for some tea."""
        body = {"customerId": customer, "lines": [{"sku": "TEA-100", "quantity": quantity}]}
        return self.ask("POST", "/orders", who=who, json=body, **more)

    def customer(self, name: str = "Tea House", **more: Any) -> httpx.Response:
        """Take over a customer."""
        return self.ask("POST", "/customers", json={"name": name, "email": "a@b.example", **more})

    def run(self, work: Awaitable[Any]) -> Any:
        """Run something in this desk's loop."""

        async def waited() -> Any:
            return await work

        return self.runner.run(waited())


Open = Callable[..., Desk]


@pytest.fixture
def open_hub() -> Iterator[Open]:
    """Opens hubs with the faults named; closes them at the end."""
    with ExitStack() as stack:

        def opened(*faults: Fault, erp: str | None = None, **environ: str) -> Desk:
            given = {"SAMPLE_FAULTS": ",".join(faults), "SAMPLE_CLIENT_SECRET": SECRET, **_database(), **environ}
            hub = build_hub(read_settings("127.0.0.1", {**given, **({"ERP_URL": erp} if erp else {})}))
            desk = Desk(hub=hub, runner=stack.enter_context(asyncio.Runner()))
            stack.callback(hub.store.database.close)
            stack.callback(lambda: desk.run(_closed(desk)))
            return desk

        yield opened


@pytest.fixture
def desk(open_hub: Open) -> Desk:
    """A hub without faults and without an ERP."""
    return open_hub()


def _database() -> dict[str, str]:
    """An empty database for each hub on the server that `SAMPLE_TESTS_SERVER` names; SQLite in memory without one."""
    server = os.environ.get("SAMPLE_TESTS_SERVER")
    if server is None:
        return {}
    name = f"hub_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return {"DATABASE_URL": f"{server.rpartition('/')[0]}/{name}"}


async def _closed(desk: Desk) -> None:
    await desk.client.aclose()
    if desk.hub.erp is not None:
        desk.hub.erp.close()
    if desk.hub.payments is not None:
        desk.hub.payments.close()


@dataclass(kw_only=True)
class ScriptedErp:
    """An ERP that answers what it was told to, after a while, and keeps what it was asked."""

    answers: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    delay_s: float = 0.0
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        body = json.loads(message["body"]) if message.get("body") else None
        self.asked.append((scope["method"], scope["path"], body))
        await asyncio.sleep(self.delay_s)
        folder = "/" + scope["path"].split("/")[1]
        status, value = self.answers.get((scope["method"], folder), _GOOD.get((scope["method"], folder), (404, {})))
        raw = b"" if value is None else json.dumps(value).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers if raw else []})
        await send({"type": "http.response.body", "body": raw})


_GOOD: dict[tuple[str, str], tuple[int, Any]] = {
    ("POST", "/reservations"): (201, {"id": "res-000000000001", "reference": "ord-000000000001", "status": "reserved"}),
    ("POST", "/sales-orders"): (201, {"id": "so-000000000001", "reference": "ord-000000000001", "status": "open"}),
    ("DELETE", "/reservations"): (204, None),
}


@pytest.fixture
def with_erp(open_hub: Open) -> Iterator[Callable[..., Desk]]:
    """Opens a hub beside an ERP (or whoever is `named`) that listens on a free port, in the same loop."""
    with ExitStack() as stack:

        def opened(erp: Any, *faults: Fault, named: str = "ERP_URL") -> Desk:
            bound = listen("127.0.0.1", 0)
            stack.callback(bound.close)
            desk = open_hub(*faults, **{named: f"http://127.0.0.1:{bound.getsockname()[1]}"})
            server = server_for(erp, lifespan=False)

            async def start() -> asyncio.Task[None]:
                serving = asyncio.create_task(server.serve(sockets=[bound]))
                while not server.started:
                    await asyncio.sleep(0.005)
                return serving

            serving = desk.runner.run(start())

            async def stop() -> None:
                server.should_exit = True
                await serving

            stack.callback(lambda: desk.run(stop()))
            return desk

        yield opened


@pytest.fixture
def till() -> Till:
    """A real payment provider's memory."""
    return Till()


@pytest.fixture
def with_till(with_erp: Callable[..., Desk], till: Till) -> Callable[..., Desk]:
    """Opens a hub beside the real tiny payment provider, or another that is given."""
    return lambda *faults, provider=None: with_erp(provider or payment_application(till), *faults, named="PAYMENT_URL")


@pytest.fixture
def warehouse() -> Warehouse:
    """A real ERP's memory."""
    return Warehouse()


@pytest.fixture
def with_real_erp(with_erp: Callable[..., Desk], warehouse: Warehouse) -> Callable[..., Desk]:
    """Opens a hub beside the real tiny ERP."""
    return lambda *faults: with_erp(erp_application(warehouse, lambda sku: None), *faults)
