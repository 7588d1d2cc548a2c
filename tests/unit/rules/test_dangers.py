"""What may lock a run out, or take away what it works on, comes last."""

import pytest

from harness.model.contract import Operation
from harness.rules.dangers import in_two_turns, may_end_access


def operation(label: str) -> Operation:
    method, _, path = label.partition(" ")
    return Operation(id=label, method=method, path=path)


@pytest.mark.parametrize(
    "label",
    [
        "POST /logout",
        "GET /logout",
        "POST /auth/sign-out",
        "POST /admin/restart",
        "POST /settings/reset",
        "DELETE /accounts",
        "DELETE /accounts/{id}",
        "PUT /users/{id}",
        "PATCH /me",
        "POST /users/{id}/password",
        "DELETE /sessions/{id}",
        "DELETE /buckets",
        "DELETE /buckets/",
    ],
)
def test_what_may_end_access(label: str) -> None:
    assert may_end_access(operation(label))


@pytest.mark.parametrize(
    "label",
    [
        "GET /users",
        "POST /users",
        "POST /auth/token",
        "DELETE /orders/{id}",
        "PUT /customers/{id}",
        "POST /orders/{id}/cancel",
        "GET /password-policy",
        "HEAD /accounts",
    ],
)
def test_what_may_not(label: str) -> None:
    assert not may_end_access(operation(label))


def test_the_last_turn_brings_the_neighbours_that_make_things() -> None:
    labels = ("POST /users", "GET /users/{id}", "DELETE /users/{id}", "GET /orders", "POST /logout")
    first, last = in_two_turns(operation(label) for label in labels)
    assert first == ("POST /users", "GET /users/{id}", "GET /orders")
    assert last == ("POST /users", "GET /users/{id}", "DELETE /users/{id}", "POST /logout")


def test_nothing_is_left_out_where_everything_is_dangerous() -> None:
    assert in_two_turns([operation("POST /logout")]) == (("POST /logout",), ())
    assert in_two_turns([operation("GET /a")]) == (("GET /a",), ())
