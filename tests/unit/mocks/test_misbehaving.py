"""Failures made from honest answers: the same bytes for the same seed, and nothing is played that nobody asked for."""

import json
from typing import Any

import pytest

from harness.mocks.answering import reply_from
from harness.mocks.messages import Reply, Request, Source
from harness.mocks.misbehaving import PLAYED_BY_MOCK, Player, misbehaved, told_to_play
from harness.model.matrix import Misbehaviour
from harness.model.mock import Fault

BODY = b'{"id": "a1", "count": 3, "open": true, "lines": [{"sku": "t"}], "none": null}'
HONEST = reply_from(201, (("content-type", "application/json"),), BODY, source=Source.EXAMPLE, operation="create")


def played(how: Misbehaviour, seed: int = 1) -> Reply:
    return misbehaved(HONEST, how, seed=seed, deadline_ms=1000)


@pytest.mark.parametrize("how", PLAYED_BY_MOCK)
def test_the_same_seed_plays_the_same(how: Misbehaviour) -> None:
    assert played(how) == played(how)
    assert played(how).source is Source.PLAYED
    assert played(how) != HONEST


def test_slow_is_within_the_systems_time_and_silence_beyond_it() -> None:
    assert 0 < played(Misbehaviour.SLOW).delay_ms < 1000 < played(Misbehaviour.TIMEOUT).delay_ms
    assert played(Misbehaviour.SLOW).wire == HONEST.wire
    assert played(Misbehaviour.TIMEOUT).fault is Fault.EMPTY_RESPONSE
    assert len({played(Misbehaviour.SLOW, seed).delay_ms for seed in range(20)}) > 10


def test_a_503_says_when_to_come_again() -> None:
    busy = played(Misbehaviour.UNAVAILABLE)
    assert busy.status == 503
    assert int(dict(busy.headers)["retry-after"]) >= 1


def test_a_malformed_body_is_no_json_whatever_the_seed() -> None:
    for seed in range(50):
        with pytest.raises(ValueError):
            json.loads(played(Misbehaviour.MALFORMED, seed).body)


def test_every_plain_value_is_of_another_type() -> None:
    wrong: dict[str, Any] = json.loads(played(Misbehaviour.WRONG_TYPE).body)
    assert wrong == {
        "id": 2, "count": "3 of another type", "open": "True of another type", "lines": [{"sku": 1}], "none": {},
    }  # fmt: skip


def test_an_empty_answer_says_so_and_a_double_one_comes_twice() -> None:
    assert played(Misbehaviour.EMPTY).wire.endswith(b"content-length: 0\r\n\r\n")
    assert played(Misbehaviour.DUPLICATE).wire == HONEST.wire * 2


def test_only_what_was_asked_for_is_played_and_counted() -> None:
    player = Player()
    assert player.over(HONEST) is HONEST
    order = {"operation": "create", "fault": "reset", "seed": 1, "deadline_ms": 1000}
    assert told_to_play(player, Request("PUT", "/", body=json.dumps(order).encode())).status == 200
    assert player.over(HONEST).fault is Fault.CONNECTION_RESET_BY_PEER
    other = reply_from(200, (), b"", source=Source.STUB, operation="read")
    refused = reply_from(409, (), b"", source=Source.STUB, operation="create")
    assert (player.over(other), player.over(refused)) == (other, refused)
    ended = told_to_play(player, Request("DELETE", "/"))
    assert json.loads(ended.body)["played"] == 1
    assert player.over(HONEST) is HONEST


@pytest.mark.parametrize("body", [b"", b"[]", b'{"operation": "x"}', b'{"operation":"x","fault":"flood","seed":1}'])
def test_an_order_that_is_not_understood_is_refused(body: bytes) -> None:
    assert told_to_play(Player(), Request("PUT", "/", body=body)).status == 400


@pytest.mark.parametrize("body", [b"7", b"12345", b"true", b"[]", b"{}", b'{"lines": []}'])
@pytest.mark.parametrize("how", [Misbehaviour.MALFORMED, Misbehaviour.WRONG_TYPE])
def test_what_is_played_is_no_honest_answer_however_small_the_body(body: bytes, how: Misbehaviour) -> None:
    honest = reply_from(200, (("content-type", "application/json"),), body, source=Source.EXAMPLE, operation="create")
    for seed in range(10):
        made = misbehaved(honest, how, seed=seed, deadline_ms=1).body
        try:
            assert json.loads(made) != json.loads(body)
            assert how is Misbehaviour.WRONG_TYPE
        except json.JSONDecodeError:
            assert how is Misbehaviour.MALFORMED


@pytest.mark.parametrize(("how", "times"), [("empty", 0), ("malformed", 0), ("reset", 1)])
def test_what_leaves_as_it_was_does_not_count_as_played(how: str, times: int) -> None:
    player = Player()
    player.begin({"operation": "create", "fault": how, "seed": 1, "deadline_ms": 1000})
    player.over(reply_from(204, (), b"", source=Source.EXAMPLE, operation="create"))
    assert player.end() == times
