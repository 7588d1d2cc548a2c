"""From interactions to a contract of use: a few of each kind, each with all that it needs, in their order."""

import json
from typing import Any

from harness.mocks.relying import OF_EACH, contract_of_use
from harness.model.uses import Link, Use

MOCK_ID = "res-000000000001"


def reserved(order: str) -> dict[str, Any]:
    return {
        "operation": "reserve", "method": "POST", "path": "/reservations", "status": 201, "source": "example",
        "body": json.dumps({"reference": order}), "answer_body": json.dumps({"id": MOCK_ID, "reference": order}),
    }  # fmt: skip


def ordered(order: str) -> dict[str, Any]:
    return {
        "operation": "order", "method": "POST", "path": "/orders", "status": 201, "source": "example",
        "body": json.dumps({"reservationId": MOCK_ID, "reference": order}), "answer_body": '{"id": "so-000000000001"}',
    }  # fmt: skip


def released() -> dict[str, Any]:
    return {
        "operation": "release", "method": "DELETE", "path": f"/reservations/{MOCK_ID}", "status": 204,
        "source": "example",
    }  # fmt: skip


def uses(*entries: dict[str, Any], torn: bytes = b"") -> tuple[Use, ...]:
    body = b"".join(json.dumps(one).encode() + b"\n" for one in entries) + torn
    return contract_of_use("erp", "mocks/erp", body, {}).uses


def link(by: int) -> Link:
    return Link(value=MOCK_ID, by=by, pointer="/id")


def test_an_id_that_a_mock_gave_to_everybody_is_traced_by_what_else_was_said() -> None:
    found = uses(reserved("ord-a1"), reserved("ord-b2"), ordered("ord-a1"), ordered("ord-b2"))
    assert [one.links for one in found] == [(), (), (link(0),), (link(1),)]


def test_each_release_takes_a_reservation_of_its_own() -> None:
    found = uses(reserved("ord-a1"), reserved("ord-b2"), released(), released())
    assert [one.links for one in found[2:]] == [(link(0),), (link(1),)]


def test_few_of_each_kind_are_kept_with_all_that_they_need() -> None:
    many = [reserved(f"ord-{number}x") for number in range(9)]
    found = uses(*many, ordered("ord-8x"))
    assert [one.operation for one in found] == ["reserve"] * (OF_EACH + 1) + ["order"]
    assert json.loads(found[OF_EACH].body) == {"reference": "ord-8x"}
    assert found[-1].links == (link(OF_EACH),)


def test_what_the_request_said_itself_was_not_given_out() -> None:
    echo = {**reserved("ord-a1"), "answer_body": '{"reference": "ord-a1"}'}
    assert uses(echo, ordered("ord-a1"))[1].links == ()


def test_a_torn_line_is_left_out() -> None:
    assert len(uses(reserved("ord-a1"), torn=b'{"operation": "res')) == 1
