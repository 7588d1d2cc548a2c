"""The fixed list reaches every declared parameter; only a server error, twice, and a taken read-only field are told."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
import requests

from harness.formats.curl import Request
from harness.kit.contract.boundaries import VALUES, Boundaries
from harness.kit.contract.outages import Outages
from harness.kit.contract.telling import Teller
from harness.runners.contract_events import read_events

BASE = "http://shop.test"
NEW = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "id": {"type": "integer", "readOnly": True},
        "owner": {"type": "string", "readOnly": True},
        "made": {"type": "string", "format": "date-time", "readOnly": True},
    },
}
DOCUMENT: dict[str, Any] = {
    "components": {
        "schemas": {"New": {"allOf": [NEW]}},
        "parameters": {"page": {"name": "page", "in": "query"}},
    },
    "paths": {
        "/items/{id}": {
            "parameters": [{"name": "id", "in": "path"}],
            "get": {"parameters": [{"$ref": "#/components/parameters/page"}, {"name": "X-A", "in": "header"}]},
        },
        "/items": {
            "post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}}}
        },
    },
}
READ, MAKE = "GET /items/{id}", "POST /items"
CUT, ENDS, FOR_GOOD = ENDINGS = (-1, -2, -3)
Answer = Callable[[Request, int], tuple[int, object]]


class Server:
    """Answers as told; remembers what was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[Request] = []
        self.up = self.back = True

    def ask(self, request: Request) -> Any:
        if (answer := self.send(request)) is None:
            raise requests.ConnectionError("closed")
        return answer

    def is_there(self) -> bool:
        was, self.up = self.up, self.up or self.back
        return was

    def send(self, request: Request) -> Any:
        self.asked.append(request)
        if not self.up:
            return None
        status, body = self.answer(request, len(self.asked))
        if status in ENDINGS:
            self.up, self.back = status == CUT, status != FOR_GOOD
            return None
        return SimpleNamespace(status_code=status, content=json.dumps(body).encode(), headers={})


def accepted(label: str, path: str, body: bytes | None = None) -> Any:
    method, _, template = label.partition(" ")
    operation = SimpleNamespace(label=label, path=template, method=method.lower())
    request = SimpleNamespace(method=method, uri=BASE + path, headers={}, body=body)
    interaction = SimpleNamespace(request=request, response=SimpleNamespace(status_code=200))
    node = SimpleNamespace(value=SimpleNamespace(operation=operation))
    return SimpleNamespace(cases={"a": node}, interactions={"a": interaction})


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.kit.contract.outages._TICK_S", 0.001)
    monkeypatch.setattr("harness.kit.contract.outages._BACK_S", 0.01)


def known_of(parameter: str, status: int = 500, scenario: str = "") -> dict[str, Any]:
    about = {"parameter": parameter, "scenario": scenario}
    return {"type": "ServerError", "operation": READ, "status": status, "about": about}


def gone_through(tmp_path: Path, answer: Answer, *samples: Any, failures: Any = ()) -> tuple[Server, Any]:
    server = Server(answer)
    labels = frozenset((READ, MAKE))
    outages = Outages(sender=server, is_there=server.is_there)  # type: ignore[arg-type]
    list_ = Boundaries(
        document=DOCUMENT,
        labels=labels,
        sender=server,  # type: ignore[arg-type]
        outages=outages,
        most_s=60.0,
    )
    with contextlib.closing(Teller(tmp_path / "e", tmp_path / "p", {}, BASE)) as teller:
        for sample in samples:
            list_.notice(sample, teller)
        list_.take(failures)
        list_.go(teller)
        outages.end(teller)
    return server, read_events((tmp_path / "e").read_bytes(), {})


def test_every_declared_parameter_of_path_and_query_meets_every_value(tmp_path: Path) -> None:
    server, told = gone_through(tmp_path, lambda *_: (404, {}), accepted(READ, "/items/7?page=2&keep=1"))
    seen = [unquote(one.url.removeprefix(BASE)) for one in server.asked]
    for value, _ in VALUES:
        assert f"/items/{value}?page=2&keep=1" in seen
    assert sum("keep=1&page=" in one for one in seen) == len(VALUES)
    assert told.boundaries == (2 * len(VALUES), 2)
    assert told.hits == [], "a refusal is judged elsewhere"


def test_a_server_error_is_told_once_for_its_parameter_with_the_value_named(tmp_path: Path) -> None:
    _, told = gone_through(
        tmp_path, lambda one, _: (500 if "/items/abc" in one.url else 404, {}), accepted(READ, "/items/7")
    )
    (hit,) = told.hits
    assert (hit.kind, hit.within, hit.parameter, hit.scenario, hit.description, hit.again) == (
        *("ServerError", "path", "id", "boundary_list", "letters"),
        True,
    )
    assert told.requests[hit.source].request.url == f"{BASE}/items/abc"


@pytest.mark.parametrize(
    "answer",
    [
        lambda one, number: (500 if number == 1 else 404, {}),
        lambda *_: (503, {}),
        lambda *_: (501, {}),
    ],
    ids=["once", "off", "not built"],
)
def test_what_comes_only_once_or_is_turned_off_is_not_told(tmp_path: Path, answer: Answer) -> None:
    assert gone_through(tmp_path, answer, accepted(READ, "/items/7"))[1].hits == []


def test_what_breaks_already_is_not_broken_again(tmp_path: Path) -> None:
    known = [known_of("id")]
    server, told = gone_through(tmp_path, lambda *_: (500, {}), accepted(READ, "/items/7"), failures=known)
    assert {hit.parameter for hit in told.hits} == {"page"}
    assert all("page=" in one.url for one in server.asked)


def test_a_read_only_field_that_an_answer_shows_as_sent_was_taken(tmp_path: Path) -> None:
    def echo(one: Request, _: int) -> tuple[int, object]:
        sent = json.loads(one.body or b"{}")
        return 201, {**sent, "id": 5}

    server, told = gone_through(tmp_path, echo, accepted(MAKE, "/items", b'{"name": "tea"}'))
    (hit,) = told.hits
    assert (hit.kind, hit.parameter, hit.within) == ("ReadOnlyTaken", "owner", "body")
    assert set(json.loads(server.asked[-1].body or b"")) == {"name", "id", "owner"}, "what has a format is left alone"


def test_the_control_a_server_that_sets_them_itself_is_left_in_peace(tmp_path: Path) -> None:
    answer = {"name": "tea", "id": 5, "owner": "desk"}
    assert gone_through(tmp_path, lambda *_: (201, answer), accepted(MAKE, "/items", b"{}"))[1].hits == []
    assert gone_through(tmp_path, lambda *_: (400, answer), accepted(MAKE, "/items", b"{}"))[1].hits == []


def long(ending: int) -> Answer:
    return lambda one, _: (ending if "a" * 3000 in one.url else 404, {})


@pytest.mark.parametrize(("ending", "kind"), [(CUT, "ConnectionDropped"), (ENDS, "ServerStopped")])
def test_a_value_that_breaks_off_or_ends_the_server_again_is_told_and_the_list_goes_on(
    tmp_path: Path, ending: int, kind: str
) -> None:
    server, told = gone_through(tmp_path, long(ending), accepted(READ, "/items/7"))
    assert {(hit.kind, hit.parameter, hit.description) for hit in told.hits} == {
        (kind, name, "a very long text") for name in ("id", "page")
    }
    assert None not in told.outages
    assert len([one for one in server.asked if "a" * 3000 in one.url]) >= 4, "each of them was sent again"


def test_a_server_that_a_value_ended_for_good_is_never_silent(tmp_path: Path) -> None:
    server, told = gone_through(tmp_path, long(FOR_GOOD), accepted(READ, "/items/7"))
    assert set(told.outages) == {None}
    assert told.gone_after[0] == f"{READ} (id: a very long text)"
    assert "a" * 3000 in server.asked[-1].url, "nobody is asked who is gone"


def test_the_control_an_answer_that_gets_lost_once_is_no_finding(tmp_path: Path) -> None:
    _, told = gone_through(tmp_path, lambda _, number: (CUT if number == 3 else 404, {}), accepted(READ, "/items/7"))
    assert (told.hits, told.outages) == ([], [])


@pytest.mark.parametrize(
    "known",
    [known_of(""), known_of("id", 501), known_of("id", 503), known_of("id", 500, "unspecified_http_method")],
    ids=["no parameter", "not built", "off", "another method"],
)
def test_what_says_nothing_of_a_parameter_switches_its_list_off_nowhere(tmp_path: Path, known: dict[str, Any]) -> None:
    _, told = gone_through(tmp_path, lambda *_: (500, {}), accepted(READ, "/items/7"), failures=[known])
    assert {hit.parameter for hit in told.hits} == {"id", "page"}


def test_an_error_that_comes_again_only_as_turned_off_did_not_come_again(tmp_path: Path) -> None:
    _, told = gone_through(tmp_path, lambda _, number: (500 if number % 2 else 503, {}), accepted(READ, "/items/7"))
    assert told.hits == []


def test_an_operation_that_never_accepted_anything_is_named_as_one_without_a_list(tmp_path: Path) -> None:
    assert gone_through(tmp_path, lambda *_: (404, {}))[1].without_list == (READ,)
    assert gone_through(tmp_path, lambda *_: (404, {}), accepted(READ, "/items/7"))[1].without_list == ()
