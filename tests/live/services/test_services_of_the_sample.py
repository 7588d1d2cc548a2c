"""The sample on real services: the same behaviour on PostgreSQL, and messages that arrive through a real broker."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import aio_pika
import httpx
import pytest

from harness.adapters.marks import marked
from harness.model.service import Kind, Preset
from tests.live.services.conftest import ROOT

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
SECRET = "secret-of-the-live-tests"
SAME = ("test_orders", "test_customers", "test_access", "test_reading", "test_erp", "test_page", "test_faults")


@contextmanager
def running(module, **environ):
    """A program of the sample on a free port; gives its address."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    argv = [sys.executable, "-m", module, "--port", "0"]
    given = {**kept, "SAMPLE_CLIENT_SECRET": SECRET, **environ}
    process = subprocess.Popen(argv, cwd=ROOT, env=given, stderr=subprocess.PIPE, text=True)
    try:
        said = process.stderr.readline()
        found = re.search(r"on (http://\S+)", said)
        assert found, said
        yield found[1]
    finally:
        process.terminate()
        process.communicate(timeout=20)


def signed_in(hub, client="harness"):
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": SECRET}
    token = httpx.post(f"{hub}/auth/token", data=form).json()["access_token"]
    return httpx.Client(base_url=hub, headers={"Authorization": f"Bearer {token}"})


def until(so, seconds=20.0):
    end = time.monotonic() + seconds
    while not so() and time.monotonic() < end:
        time.sleep(0.1)
    return so()


@pytest.mark.needs("postgresql")
def test_every_claim_about_the_hub_holds_on_postgresql_too(beneath):
    one = beneath()
    one.up(Preset.POSTGRESQL, Kind.PROCESS)
    files = [f"tests/sample/{name}.py" for name in SAME]
    argv = [sys.executable, "-m", "pytest", "-q", "-m", "not live", "-p", "no:cacheprovider", *files]
    server = one.services.standing["db"].url
    said = subprocess.run(
        argv, cwd=ROOT, env={**os.environ, "SAMPLE_TESTS_SERVER": server}, capture_output=True, text=True, timeout=400
    )
    assert said.returncode == 0, said.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", said.stdout)[1]) > 80, said.stdout[-300:]


@pytest.mark.needs("postgresql")
def test_orders_outlive_the_hub_and_a_database_that_went_away_is_told_as_busy(beneath):
    one = beneath()
    one.up(Preset.POSTGRESQL, Kind.PROCESS)
    url = one.services.standing["db"].url
    order = {"customerId": "cus-000000000001", "lines": [{"sku": "TEA-100", "quantity": 2}]}
    with running("harness.sample", DATABASE_URL=url) as hub, signed_in(hub) as client:
        placed = client.post("/orders", json=order).json()["id"]
    with running("harness.sample", DATABASE_URL=url) as hub, signed_in(hub) as client:
        assert client.get(f"/orders/{placed}").json()["status"] == "placed"
        for pid in marked(one.services.processes.run + "/"):
            os.kill(pid, signal.SIGKILL)
        assert until(lambda: client.get(f"/orders/{placed}").status_code == 503)


@pytest.mark.needs("rabbitmq")
def test_an_order_is_said_to_the_broker_and_stock_is_heard_from_it(beneath):
    one = beneath()
    one.up(Preset.RABBITMQ, Kind.PROCESS)
    url = one.services.standing["db"].url
    heard = asyncio.run(_heard_while(url, lambda: _order_by_people(url)))
    placed = [message for topic, message in heard if topic == "order.placed"]
    assert [(message["status"], message["totalCents"]) for message in placed] == [("confirmed", 5900)]
    assert [message["available"] for topic, message in heard if topic == "stock.changed"] == [24]


async def _heard_while(url, act):
    """What is said on the exchange while `act` does its work in a thread."""
    heard = []
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange("sample", aio_pika.ExchangeType.TOPIC, durable=True)
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(exchange, "#")

        async def hear(message):
            async with message.process():
                heard.append((message.routing_key, json.loads(message.body)))

        await queue.consume(hear)
        await asyncio.to_thread(act)
        await asyncio.sleep(0.5)
    return heard


def _order_by_people(url):
    """An order of the main tenant moves goods, so the ERP says what is left; the hub must have heard it."""
    erp = running("harness.sample.erp", AMQP_URL=url)
    with erp as erp_url, running("harness.sample", AMQP_URL=url, ERP_URL=erp_url) as hub, signed_in(hub, "crm") as crm:
        order = {"customerId": "cus-000000000001", "lines": [{"sku": "POT-300", "quantity": 1}]}
        assert crm.post("/orders", json=order).status_code == 201

        def left():
            products = crm.get("/products").json()["items"]
            return next(one["available"] for one in products if one["sku"] == "POT-300")

        assert until(lambda: left() == 24), left()
