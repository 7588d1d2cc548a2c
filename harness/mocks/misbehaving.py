"""An honest answer turned into a failure: the same reply, fault and seed give the same bytes.

What is played is on purpose and never counts as a drift; it is journalled as played, and nothing relies on it.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, assert_never

from harness.mocks.answering import PROBLEM, dumped, problem, reply_from
from harness.mocks.draws import Draws
from harness.mocks.messages import Reply, Request, Source, Unreadable, read_json
from harness.model.matrix import Misbehaviour
from harness.model.mock import Fault

PLAYED_BY_MOCK = tuple(one for one in Misbehaviour if one is not Misbehaviour.LATE_CALLBACK)
WITH_A_BODY = frozenset((Misbehaviour.MALFORMED, Misbehaviour.WRONG_TYPE, Misbehaviour.EMPTY))
UNUSABLE = frozenset(PLAYED_BY_MOCK) - {Misbehaviour.SLOW, Misbehaviour.DUPLICATE}
_SILENT_FOR = 3.0


def misbehaved(reply: Reply, how: Misbehaviour, *, seed: int, deadline_ms: float) -> Reply:
    """What leaves in the place of `reply`. `deadline_ms` is the time that the system has for its own answer."""
    draws = Draws(seed, "misbehaving", reply.operation, how.value)
    told: dict[str, Any] = {"source": Source.PLAYED, "operation": reply.operation, "stub": reply.stub}
    match how:
        case Misbehaviour.SLOW:
            return replace(reply, source=Source.PLAYED, delay_ms=deadline_ms * (0.08 + 0.08 * draws.unit()))
        case Misbehaviour.TIMEOUT:
            silent = replace(reply, source=Source.PLAYED, fault=Fault.EMPTY_RESPONSE)
            return replace(silent, delay_ms=deadline_ms * _SILENT_FOR)
        case Misbehaviour.RESET:
            return replace(reply, source=Source.PLAYED, fault=Fault.CONNECTION_RESET_BY_PEER)
        case Misbehaviour.UNAVAILABLE:
            headers = (("content-type", "application/problem+json"), ("retry-after", str(draws.between(1, 30))))
            return reply_from(503, headers, dumped(problem(503, "overloaded, on purpose")), **told)
        case Misbehaviour.MALFORMED:
            return reply_from(reply.status, _plain(reply), _cut(reply.body, draws), **told)
        case Misbehaviour.WRONG_TYPE:
            return reply_from(reply.status, _plain(reply), _mistyped(reply.body), **told)
        case Misbehaviour.EMPTY:
            return reply_from(reply.status, _plain(reply), b"", **told)
        case Misbehaviour.DUPLICATE:
            return replace(reply, source=Source.PLAYED, wire=reply.wire * 2)
        case Misbehaviour.LATE_CALLBACK:
            return reply
    assert_never(how)


class Player:
    """What a mock is told to play, and how often it did. Nothing is played until somebody asks for it."""

    def __init__(self) -> None:
        self.played = 0
        self._operation = ""
        self._how: Misbehaviour | None = None
        self._seed = 0
        self._deadline_ms = 0.0

    def begin(self, wanted: Mapping[str, Any]) -> None:
        """From now on. ValueError or KeyError where it is not understood."""
        how = Misbehaviour(str(wanted["fault"]))
        self._operation, self._seed = str(wanted["operation"]), int(wanted["seed"])
        self._deadline_ms = float(wanted["deadline_ms"])
        self._how, self.played = how, 0

    def end(self) -> int:
        """Honest again; gives how often the fault was played."""
        self._how = None
        return self.played

    def over(self, reply: Reply) -> Reply:
        """What leaves in the place of an honest answer."""
        if self._how is None or reply.operation != self._operation or not 200 <= reply.status < 400:
            return reply
        made = misbehaved(reply, self._how, seed=self._seed, deadline_ms=self._deadline_ms)
        if (made.wire, made.fault, made.delay_ms) == (reply.wire, reply.fault, reply.delay_ms):
            return reply  # there was nothing to spoil
        self.played += 1
        return made


def told_to_play(player: Player, request: Request) -> Reply:
    """PUT begins, DELETE ends and gives how often it was played."""
    if request.method == "PUT":
        try:
            player.begin(request.json())
        except (ValueError, KeyError, TypeError) as error:
            return _said(400, f"not understood: {error}")
        return _said(200, "begun", played=0)
    if request.method == "DELETE":
        return _said(200, "ended", played=player.end())
    return _said(405, "PUT or DELETE")


def _said(status: int, title: str, **more: Any) -> Reply:
    return reply_from(
        status, (("content-type", PROBLEM),), dumped(problem(status, title, **more)), source=Source.PLAYED
    )


def _plain(reply: Reply) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in reply.headers if name.lower() != "content-length")


def _cut(body: bytes, draws: Draws) -> bytes:
    """A body that breaks off, and reads as nothing."""
    cut = body[: draws.between(1, max(1, len(body) - 1))]
    try:
        read_json(cut)
    except Unreadable:
        return cut
    return b"{" + cut  # the beginning of a number is a number


def _mistyped(body: bytes) -> bytes:
    try:
        return json.dumps(_swapped(read_json(body)), separators=(",", ":")).encode()
    except Unreadable:
        return b"7"


def _swapped(value: Any) -> Any:
    """Every plain value of another type than it should have."""
    match value:
        case dict() if not value:
            return []
        case list() if not value:
            return {}
        case dict():
            return {name: _swapped(inner) for name, inner in value.items()}
        case list():
            return [_swapped(inner) for inner in value]
        case str():
            return len(value)
        case None:
            return {}
        case _:
            return f"{value} of another type"
