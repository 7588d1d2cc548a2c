"""What an operation announces as created is looked for, once the answer says where it is or by which id."""

import contextlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.kit.contract.announced import Announced
from harness.kit.contract.telling import Teller
from harness.runners.contract_events import read_events

BASE = "http://h/api"
LABELS = ("POST /things", "GET /things", "GET /things/{thingId}", "GET /things/latest", "DELETE /things/{thingId}")


class Sender:
    """Answers every GET with one status, and remembers what was asked."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.asked: list[str] = []

    def send(self, request: Any) -> Any:
        self.asked.append(f"{request.method} {request.url}")
        return SimpleNamespace(status_code=self.status, content=b"{}", headers={"content-type": "application/json"})


def scenario(*, status: int = 201, location: str | None = None, body: bytes = b"{}", phase: str = "coverage") -> Any:
    request = SimpleNamespace(method="POST", uri=f"{BASE}/things", headers={"Authorization": ["Bearer x"]}, body=b"{}")
    headers = {"location": [location]} if location else {}
    response = SimpleNamespace(status_code=status, headers=headers, content=body)
    case = SimpleNamespace(operation=SimpleNamespace(label="POST /things", method="post", path="/things"))
    recorder = SimpleNamespace(
        interactions={"a": SimpleNamespace(request=request, response=response)},
        cases={"a": SimpleNamespace(value=case)},
    )
    return SimpleNamespace(recorder=recorder, phase=SimpleNamespace(value=phase))


def followed(tmp_path: Path, *events: Any, status: int) -> tuple[list[str], list[dict[str, Any]]]:
    sender = Sender(status)
    announced = Announced(labels=LABELS, base_url=BASE, sender=sender)  # type: ignore[arg-type]
    signing = {"Authorization": "Bearer t"}
    with contextlib.closing(Teller(tmp_path / "events", tmp_path / "progress", signing, BASE)) as teller:
        return sender.asked, [failure for event in events for failure in teller.found(announced.lost(event, teller))]


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        (scenario(location="/api/things/t-1"), "GET http://h/api/things/t-1"),
        (scenario(location="http://h/api/things/t-1"), "GET http://h/api/things/t-1"),
        (scenario(body=b'{"id": 7}'), "GET http://h/api/things/7"),
        (scenario(body=b'{"thingId": "a b", "id": "no"}'), "GET http://h/api/things/a%20b"),
        (scenario(location="http://[", body=b'{"id": 7}'), "GET http://h/api/things/7"),
        (scenario(location="http://elsewhere/things/1", body=b'{"id": "t-2"}'), "GET http://h/api/things/t-2"),
        (scenario(location="/api/unheard/of", body=b'{"id": "t-2"}'), "GET http://h/api/things/t-2"),
    ],
)
def test_what_was_made_is_asked_for_where_the_answer_says_it_is(tmp_path: Path, made: Any, asked: str) -> None:
    assert followed(tmp_path, made, status=200) == ([asked], []), "and what is there is no failure"


@pytest.mark.parametrize(
    "made",
    [
        scenario(status=200, location="/api/things/t-1"),
        scenario(status=409, body=b'{"id": 7}'),
        scenario(location="/api/things/t-1", phase="stateful"),
        scenario(),
        scenario(body=b"[1]"),
        scenario(body=b"no json"),
        scenario(body=b'{"id": true}'),
        scenario(location="http://elsewhere/things/1"),
        scenario(location="http://h/api@evil/things/1"),
        scenario(location="http://h:80/api/things/1"),
        scenario(location="/api/things/1?now=1"),
        scenario(location="/api/things/1#x"),
        scenario(location="/api/things/.."),
        scenario(location="/api/things/%2e%2e"),
        scenario(location="/api/things/..%2Fsecret"),
        scenario(location="http://["),
        scenario(body=b'{"id": ".."}'),
        scenario(body=b'{"id": "a/b"}'),
        scenario(body=b'{"id": "\\ud800"}'),
    ],
)
def test_nothing_is_asked_where_nothing_was_announced_or_nobody_says_where(tmp_path: Path, made: Any) -> None:
    assert followed(tmp_path, made, status=404) == ([], [])


def test_what_is_announced_and_not_there_is_a_failure_that_is_shown_from_its_making(tmp_path: Path) -> None:
    asked, failures = followed(tmp_path, scenario(body=b'{"id": 7}'), status=404)
    told = read_events((tmp_path / "events").read_bytes(), {"authorization": "Bearer "})
    assert len(asked) == len(failures) == 1
    assert [(hit.operation, hit.rule, hit.status) for hit in told.hits] == [
        ("GET /things/{thingId}", "ensure_resource_availability", 404)
    ]
    ((made, _),) = told.requests[0].before
    assert (made.method, made.credentials) == ("POST", (("Authorization", "Bearer "),))
    assert told.requests[0].request.url == "http://h/api/things/7"
    assert told.unreadable is None


def test_an_error_that_is_not_an_absence_is_left_to_others(tmp_path: Path) -> None:
    assert followed(tmp_path, scenario(body=b'{"id": 7}'), status=500)[1] == []
    assert followed(tmp_path, scenario(body=b'{"id": 7}'), status=410)[1], "the control"


def test_each_operation_is_followed_a_few_times_and_not_for_ever(tmp_path: Path) -> None:
    asked, _ = followed(tmp_path, *[scenario(body=b'{"id": 7}')] * 9, status=200)
    assert len(asked) == 2
