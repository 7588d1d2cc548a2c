"""A refused limit is held against the operation only when the very same request without it is accepted."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from harness.formats.curl import Request
from harness.kit.contract.replaying import Replayer
from harness.rules.findings import Hit

NOTE = "Object with valid 'note' value: Maximum length string"


@dataclass
class Server:
    """Answers by what is asked."""

    status: Callable[[Request], int]

    def send(self, request: Request) -> Any:
        return SimpleNamespace(status_code=self.status(request))


def blamed(status: Callable[[Request], int], *, description: str = NOTE, parameter: str = "") -> tuple[str, ...] | None:
    body = json.dumps({"sku": "TEA", "note": "0" * 199}).encode()
    request = Request(method="POST", url="http://h/orders?size=100", body=body)
    hit = Hit(
        operation="POST /orders",
        rule="positive_data_acceptance",
        kind="RejectedPositiveData",
        status=400,
        title="",
        description=description,
        parameter=parameter,
    )
    return Replayer(schema=None, sender=Server(status)).blamed(hit, request)  # type: ignore[arg-type]


def refuses(member: str) -> Callable[[Request], int]:
    return lambda request: 400 if member in json.loads(request.body or b"{}") else 201


def test_the_part_that_alone_is_refused_is_named() -> None:
    assert blamed(refuses("note")) == ("body /note",)
    size = blamed(lambda request: 400 if "size" in request.url else 200, description="Maximum value", parameter="size")
    assert size == ("query size",)


def test_without_it_the_request_may_still_be_refused_for_how_things_stand() -> None:
    assert blamed(lambda request: 400 if "note" in json.loads(request.body or b"{}") else 409) == ("body /note",)


@pytest.mark.parametrize("status", [lambda _: 400, lambda _: 404, lambda _: 422, lambda _: 500, refuses("sku")])
def test_a_request_that_is_refused_for_something_else_blames_nothing(status: Callable[[Request], int]) -> None:
    assert blamed(status) is None


def test_only_the_part_that_went_to_its_limit_is_tried() -> None:
    assert blamed(refuses("note"), description="Object with valid 'sku' value: Maximum length string") is None
    assert blamed(refuses("note"), description="Maximum length string") is None
