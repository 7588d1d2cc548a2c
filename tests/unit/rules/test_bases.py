"""Where operations may be found, and which can be asked without harm."""

import pytest

from harness.model.contract import Operation
from harness.rules.bases import base_candidates, readable, score


def get(path: str, *statuses: str) -> Operation:
    return Operation(id=path, method="GET", path=path, statuses=statuses)


def test_only_what_reads_and_needs_nothing_is_asked() -> None:
    names = ("/a/{id}", "/logout", "/admin/restart", "/orders", "/health", "/events/stream")
    operations = [*map(get, names), Operation(id="x", method="POST", path="/x")]
    assert [operation.path for operation in readable(operations)] == ["/health", "/orders"]


def test_the_address_that_was_given_comes_first_then_what_the_document_says() -> None:
    made = base_candidates("http://h:1", "http://h:1/v1/__api__", ("/v1",))
    assert made[:3] == ("http://h:1", "http://h:1/v1", "http://h:1/api")


def test_without_an_address_the_documents_own_server_comes_first_if_it_is_the_same_host() -> None:
    assert base_candidates(None, "http://h:1/openapi.json", ("http://h:1/api/v3",))[0] == "http://h:1/api/v3"


def test_a_host_that_nobody_named_is_never_a_candidate() -> None:
    made = base_candidates(
        "http://h:1", "http://h:1/openapi.json", ("https://evil.example/v1", "https://h.evil.example")
    )
    assert all(base.startswith("http://h:1") for base in made)
    assert "http://h:1/v1" in made


@pytest.mark.parametrize(
    ("status", "kind", "points"),
    [
        (200, "application/json", 4),
        (204, "", 2),
        (401, "application/json", 2),
        (400, "application/json", 1),
        (404, "application/json", 0),
        (200, "text/html", 0),
        (500, "text/plain", 0),
    ],
)
def test_a_documented_answer_counts_most_and_a_page_not_at_all(status: int, kind: str, points: int) -> None:
    assert score(get("/a", "200", "400"), status, kind) == points
