"""What has to come first for an address to lead somewhere on a fresh system."""

import json
from typing import Any

import pytest

from harness.kit.contract.origins import Origins


def asked(method: str, path: str) -> dict[str, Any]:
    return {"method": method, "uri": f"http://127.0.0.1:9{path}", "body": None, "body_cut": False}


MADE = asked("POST", "/items")
LISTED = asked("GET", "/items")
GONE = asked("DELETE", "/items/i3")
THING, LIST = json.dumps({"id": "i3"}), json.dumps([{"id": "i1"}, {"id": "i3"}])


@pytest.fixture
def origins() -> Origins:
    known = Origins()
    known.notice(MADE, 201, THING.encode())
    known.notice(LISTED, 200, LIST.encode())
    return known


def words(chain: list[dict[str, Any]]) -> list[str]:
    return [f"{one['method']} {one['uri'].removeprefix('http://127.0.0.1:9')}" for one in chain]


def test_what_made_an_id_comes_first_and_counts_more_than_what_read_it(origins):
    assert words(origins.before("http://127.0.0.1:9/items/i3", "/items/{id}")) == ["POST /items"]


def test_a_chain_that_took_an_id_from_a_list_begins_with_what_made_it(origins):
    chain = [{**LISTED, "answer": LIST}, {**GONE, "answer": ""}]
    found = origins.completed(chain, "http://127.0.0.1:9/items/i3", "/items/{id}")
    assert words(found) == ["POST /items", "DELETE /items/i3"]


def test_a_chain_that_made_its_id_itself_stays_as_it_is(origins):
    chain = [{**MADE, "answer": THING}, {**LISTED, "answer": LIST}, {**GONE, "answer": ""}]
    assert origins.completed(chain, "http://127.0.0.1:9/items/i3", "/items/{id}") == chain


def test_what_nobody_made_is_still_read_from_where_it_was(origins):
    chain = [{**LISTED, "answer": json.dumps([{"id": "i7"}])}]
    assert origins.completed(chain, "http://127.0.0.1:9/items/i7", "/items/{id}") == chain
