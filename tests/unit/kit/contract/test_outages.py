"""Who ended the server is found by sending its last requests again, one by one."""

import contextlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from harness.formats.curl import Request
from harness.kit.contract.outages import Outages
from harness.kit.contract.telling import Teller

BASE = "http://shop.test"
LABELS = ("GET /items", "POST /items", "DELETE /items")


class Server:
    """Breaks off, or ends, at one address; `back` says whether somebody starts it again."""

    def __init__(self, *, ends: str = "", cuts: str = "", back: bool = True) -> None:
        self.ends, self.cuts, self.back = ends, cuts, back
        self.up = True
        self.asked: list[str] = []

    def ask(self, request: Request) -> object:
        self.asked.append(request.url)
        if not self.up:
            raise requests.ConnectionError("refused")
        if self.ends and request.url.endswith(self.ends):
            self.up = False
            raise requests.ConnectionError("closed")
        if self.cuts and request.url.endswith(self.cuts):
            raise requests.ConnectionError("closed")
        return object()

    def is_there(self) -> bool:
        was, self.up = self.up, self.up or self.back
        return was


def recorder(*answered: tuple[str, str, bool]) -> Any:
    """A finished scenario's requests: label, path, whether there was an answer."""
    cases, interactions = {}, {}
    for number, (label, path, good) in enumerate(answered):
        operation = SimpleNamespace(label=label)
        cases[str(number)] = SimpleNamespace(value=SimpleNamespace(operation=operation, _meta=None))
        request = SimpleNamespace(method=label.split(" ")[0], uri=BASE + path, headers={}, body=None)
        interactions[str(number)] = SimpleNamespace(request=request, response=object() if good else None)
    return SimpleNamespace(cases=cases, interactions=interactions)


def outages(server: Server, *, ours: bool = True) -> Outages:
    return Outages(sender=server, is_there=server.is_there, ours=ours)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.kit.contract.outages._TICK_S", 0.001)
    monkeypatch.setattr("harness.kit.contract.outages._BACK_S", 0.01)


def told(tmp_path: Path) -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in (tmp_path / "e").read_text().splitlines()]
    found = [failure for line in lines for failure in line.get("failures", ())]
    return [(failure["type"], failure["operation"]) for failure in found]


def test_the_request_that_ends_the_server_again_is_told_and_its_operation_left_out(tmp_path: Path) -> None:
    server = Server(ends="/items?bad")
    looked = outages(server)
    with contextlib.closing(Teller(tmp_path / "e", tmp_path / "p", {}, BASE)) as teller:
        server.up, server.back = False, False
        looked.notice(recorder((LABELS[0], "/items", True), (LABELS[1], "/items?bad", False)), teller)
        assert server.asked == [], "nobody is asked who is not there"
        server.back = True
        assert looked.survived(LABELS, teller) == (LABELS[0], LABELS[2])
    assert told(tmp_path) == [("ServerStopped", LABELS[1])]


def test_a_server_that_stays_away_ends_the_turn(tmp_path: Path) -> None:
    server = Server(back=False)
    server.up = False
    with contextlib.closing(Teller(tmp_path / "e", tmp_path / "p", {}, BASE)) as teller:
        assert outages(server).survived(LABELS, teller) == ()
    assert told(tmp_path) == []


def test_an_outage_that_nobody_brings_about_again_is_told_as_unexplained(tmp_path: Path) -> None:
    server = Server()
    looked = outages(server)
    with contextlib.closing(Teller(tmp_path / "e", tmp_path / "p", {}, BASE)) as teller:
        looked.notice(recorder((LABELS[0], "/items", True)), teller)
        assert looked.survived(LABELS, teller) == LABELS
    assert '"event":"outage","culprit":null' in (tmp_path / "e").read_text()


def test_a_server_that_falls_again_and_again_is_given_up(tmp_path: Path) -> None:
    looked = outages(Server())
    with contextlib.closing(Teller(tmp_path / "e", tmp_path / "p", {}, BASE)) as teller:
        assert [looked.survived(LABELS, teller) for _ in range(4)] == [LABELS, LABELS, LABELS, ()]


@pytest.mark.parametrize(("cuts", "found"), [("/items?bad", [("ConnectionDropped", LABELS[1])]), ("/elsewhere", [])])
def test_a_connection_that_breaks_off_once_is_no_finding_and_twice_is_one(
    tmp_path: Path, cuts: str, found: list[tuple[str, str]]
) -> None:
    server = Server(cuts=cuts)
    with contextlib.closing(Teller(tmp_path / "e", tmp_path / "p", {}, BASE)) as teller:
        outages(server).notice(recorder((LABELS[1], "/items?bad", False), (LABELS[1], "/items?bad", False)), teller)
    assert told(tmp_path) == found


def test_a_server_of_somebody_else_is_not_ended_again_and_the_request_after_which_it_was_gone_is_named(
    tmp_path: Path,
) -> None:
    server = Server(ends="/items?bad", back=False)
    server.up = False
    looked = outages(server, ours=False)
    with contextlib.closing(Teller(tmp_path / "e", tmp_path / "p", {}, BASE)) as teller:
        looked.notice(recorder((LABELS[0], "/items", True), (LABELS[1], "/items?bad", False)), teller)
        server.back = True
        assert looked.survived(LABELS, teller) == (LABELS[0], LABELS[2])
    assert server.asked == []
    (outage,) = [one for one in map(json.loads, (tmp_path / "e").read_text().splitlines()) if one["event"] == "outage"]
    assert (outage["culprit"], outage["after"]) == (None, LABELS[1])
    assert told(tmp_path) == []
