"""Thirty-two clients at once: a scenario and a stateful resource neither lose nor double an update."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.formats.stub_mappings import read_stub_mappings
from harness.mocks.engine import Mock, compile_mock
from harness.model.mock import MockSettings
from tests.adapters.test_mock_server import Running
from tests.unit.mocks.test_resources import contract

CLIENTS = 32
EACH = 4
EXAMPLE = "ord-0001"


class Client:
    """One client on a connection of its own."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def close(self) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str, Any]:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = None if body is None else json.dumps(body)
        self._connection.request(method, path, sent, {"Content-Type": "application/json", **given})
        answer = self._connection.getresponse()
        read = answer.read()
        return answer.status, answer.headers.get("ETag", ""), json.loads(read) if read else None


@pytest.fixture
def running() -> Iterator[Callable[[Mock], int]]:
    server = Running(None)

    def serve(mock: Mock) -> int:
        server.server.mock = mock
        return server.port

    yield serve
    server.end()


def asked(port: int, method: str, path: str, body: Any = None) -> tuple[int, str, Any]:
    client = Client(port)
    try:
        return client.ask(method, path, body)
    finally:
        client.close()


def at_once(port: int, act: Callable[[Client, int], list[Any]]) -> list[Any]:
    """What all clients found, every one of them begun before any went on."""
    begun = threading.Barrier(CLIENTS)
    found: list[Any] = []

    def one(number: int) -> None:
        client = Client(port)
        try:
            begun.wait(60)
            found.extend(act(client, number))
        finally:
            client.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return found


def stateful(*, conditional: bool = True) -> Mock:
    return compile_mock(contract(conditional=conditional), (), MockSettings(stateful=True))


def counted_up(client: Client, path: str) -> int:
    """One more in the resource's note; again where somebody else was quicker."""
    for _ in range(10_000):
        _, tag, order = client.ask("GET", path)
        body = {"sku": "TEA", "note": str(int(order["note"]) + 1)}
        status, _, _ = client.ask("PUT", path, body, If_Match=tag)
        if status == 200:
            return 1
        assert status == 412
    raise AssertionError("nobody ever got through")


def test_nothing_that_was_created_is_lost_or_doubled(running: Callable[[Mock], int]) -> None:
    port = running(stateful())

    def create(client: Client, number: int) -> list[Any]:
        made = [client.ask("POST", "/orders", {"sku": f"{number}-{turn}"}) for turn in range(EACH)]
        assert {status for status, _, _ in made} == {201}
        return [(order["id"], order["sku"]) for _, _, order in made]

    made = at_once(port, create)
    assert len(made) == len({identity for identity, _ in made}) == CLIENTS * EACH
    _, _, page = asked(port, "GET", f"/orders?limit={CLIENTS * EACH + 1}")
    there = Counter((one["id"], one["sku"]) for one in page["items"] if one["id"] != EXAMPLE)
    assert there == Counter(made)


def test_no_update_is_lost_where_the_clients_guard_theirs(running: Callable[[Mock], int]) -> None:
    port = running(stateful())
    _, _, order = asked(port, "POST", "/orders", {"sku": "TEA", "note": "0"})
    path = f"/orders/{order['id']}"
    done = at_once(port, lambda client, _: [counted_up(client, path) for _ in range(EACH)])
    assert len(done) == CLIENTS * EACH == int(asked(port, "GET", path)[2]["note"])


def test_control_updates_that_nobody_guards_are_lost_and_that_is_seen(running: Callable[[Mock], int]) -> None:
    port = running(stateful(conditional=False))
    _, _, order = asked(port, "POST", "/orders", {"sku": "TEA", "note": "0"})
    path = f"/orders/{order['id']}"
    read = threading.Barrier(CLIENTS)

    def careless(client: Client, _number: int) -> list[Any]:
        note = int(client.ask("GET", path)[2]["note"])
        read.wait(60)
        return [client.ask("PUT", path, {"sku": "TEA", "note": str(note + 1)})[0]]

    assert at_once(port, careless) == [200] * CLIENTS
    assert int(asked(port, "GET", path)[2]["note"]) == 1


def test_each_step_of_a_scenario_is_taken_once(running: Callable[[Mock], int]) -> None:
    steps = CLIENTS * EACH
    states = ["Started", *(f"s{number}" for number in range(1, steps + 1))]
    written = [
        {
            "scenarioName": "ladder", "requiredScenarioState": states[number], "newScenarioState": states[number + 1],
            "request": {"urlPath": "/step"}, "response": {"jsonBody": number},
        }
        for number in range(steps)
    ]  # fmt: skip
    mappings = read_stub_mappings(json.dumps(written).encode(), "m.json", lambda _name: b"")
    port = running(compile_mock(None, mappings, MockSettings()))
    taken = at_once(port, lambda client, _: [client.ask("POST", "/step")[2] for _ in range(EACH)])
    assert sorted(taken) == list(range(steps))
    assert asked(port, "POST", "/step")[0] == 404


def test_sessions_do_not_see_each_other(running: Callable[[Mock], int]) -> None:
    port = running(stateful())

    def alone(client: Client, number: int) -> list[Any]:
        mine = {"harness_session": f"w{number}"}
        for _ in range(EACH):
            client.ask("POST", "/orders", {"sku": str(number)}, **mine)
        return [client.ask("GET", "/orders", **mine)[2]]

    pages = at_once(port, alone)
    seen = [[one["sku"] for one in page["items"] if one["id"] != EXAMPLE] for page in pages]
    assert sorted(seen) == sorted([str(number)] * EACH for number in range(CLIENTS))
