"""Mappings from recordings: played back they give the same answers, and no secret is in them."""

import json
from typing import Any

import pytest

from harness.formats.stub_mappings import read_stub_mappings
from harness.mocks.engine import Mock, compile_mock
from harness.mocks.messages import Reply, Request
from harness.mocks.recording import kept, mappings_from
from harness.model.mock import MockSettings
from harness.model.uses import Use

JSON = (("content-type", "application/json"),)
FORM = (("content-type", "application/x-www-form-urlencoded"),)
ONE, TWO = "6f1c1f7e-93a5-4f0a-8f5e-0d6c1a1b2c3d", "00000000-93a5-4f0a-8f5e-0d6c1a1b2c3d"


def use(method: str = "GET", path: str = "/orders/1", *, query: str = "", asked: Any = None, answer: Any = None) -> Use:
    body = b"" if asked is None else json.dumps(asked).encode()
    headers = (*JSON, ("Authorization", "Bearer hunter2"), ("Cookie", "sid=hunter2"))
    said = (("Content-Type", "application/json"), ("Date", "now"), ("Set-Cookie", "sid=hunter2"), ("ETag", '"a"'))
    return kept(method, path, query, headers, body, 200, said, json.dumps(answer or {"id": 1}).encode())


def played(*uses: Use) -> Mock:
    mappings = read_stub_mappings(json.dumps(mappings_from(uses)).encode(), "recorded.json", lambda _: b"")
    return compile_mock(None, mappings, MockSettings())


def asked(mock: Mock, method: str, path: str, query: str = "", body: Any = None) -> Reply:
    return mock.answer(Request(method, path, query, JSON, b"" if body is None else json.dumps(body).encode()))


def test_what_was_recorded_is_answered_and_nothing_else() -> None:
    mock = played(use(answer={"id": 1, "at": "2026-01-01"}), use(path="/orders/2", answer={"id": 2}))
    assert json.loads(asked(mock, "GET", "/orders/1").body) == {"id": 1, "at": "2026-01-01"}
    assert json.loads(asked(mock, "GET", "/orders/2").body) == {"id": 2}
    assert [asked(mock, *other).status for other in (("GET", "/orders/3"), ("POST", "/orders/1"))] == [404, 404]
    assert dict(asked(mock, "GET", "/orders/1").headers) == {"content-type": "application/json", "etag": '"a"'}


def test_bodies_and_queries_tell_requests_apart() -> None:
    mock = played(
        use("POST", "/orders", asked={"sku": "a"}, answer={"n": 1}),
        use("POST", "/orders", asked={"sku": "b"}, answer={"n": 2}),
        use(query="page=1", answer={"n": 3}),
        use(query="page=2", answer={"n": 4}),
    )
    assert json.loads(asked(mock, "POST", "/orders", body={"sku": "b"}).body) == {"n": 2}
    assert json.loads(asked(mock, "GET", "/orders/1", "page=2").body) == {"n": 4}
    assert asked(mock, "POST", "/orders", body={"sku": "c"}).status == 404


def test_volatile_values_are_matched_loosely_and_near_duplicates_are_one() -> None:
    at = (
        {"key": ONE, "at": "2026-01-01T00:00:00Z", "sku": "a"},
        {"key": TWO, "at": "2027-01-01T00:00:00Z", "sku": "a"},
    )
    some = [use("POST", "/orders", query=f"trace={one['key']}", asked=one, answer={"ref": one["key"]}) for one in at]
    assert len(mappings_from(some)["mappings"]) == 1
    other = {"key": "11111111-93a5-4f0a-8f5e-0d6c1a1b2c3d", "at": "2030-01-01T00:00:00Z", "sku": "a"}
    mock = played(*some)
    assert asked(mock, "POST", "/orders", f"trace={other['key']}", other).status == 200
    assert asked(mock, "POST", "/orders", f"trace={other['key']}", other | {"sku": "b"}).status == 404


def test_an_answer_that_changes_comes_in_its_order() -> None:
    mock = played(use(answer={"n": 1}), use(answer={"n": 1}), use(answer={"n": 2}), use(answer={"n": 1}))
    said = [json.loads(asked(mock, "GET", "/orders/1").body)["n"] for _ in range(5)]
    assert said == [1, 2, 1, 1, 1]


@pytest.mark.parametrize(
    "recorded",
    [
        use(asked={"password": "hunter2", "deep": [{"api_key": "hunter2"}]}),
        use(answer={"access_token": "hunter2", "secret": {"inner": ["hunter2"]}}),
        use(query="token=hunter2&page=1"),
        kept("POST", "/login", "", FORM, b"user=a&password=hunter2", 200, (), b""),
        kept("GET", "/x", "", (), b"", 200, (("X-Api-Key", "hunter2"),), b"the password is hunter2"),
    ],
)  # fmt: skip
def test_no_secret_is_kept(recorded: Use) -> None:
    assert "hunter2" not in str(recorded)
    assert "hunter2" not in json.dumps(mappings_from((recorded,)))


def test_a_hidden_value_still_answers_whoever_sends_another() -> None:
    mock = played(use("POST", "/login", query="token=hunter2", asked={"user": "a", "password": "hunter2"}))
    assert asked(mock, "POST", "/login", "token=x", {"user": "a", "password": "other"}).status == 200
    assert asked(mock, "POST", "/login", "token=x", {"user": "b", "password": "other"}).status == 404


def test_what_is_binary_makes_no_mapping_and_says_so() -> None:
    binary = kept("GET", "/picture", "", (), b"", 200, (), b"\xff\xd8")
    assert binary.withheld
    assert mappings_from((binary,)) == {"mappings": []}


@pytest.mark.parametrize(
    "name", ["x-session-key", "sessionId", "sid", "X-Auth", "jwt", "otp", "sig", "signature", "x-access-key"]
)
def test_what_is_named_like_a_credential_is_written_nowhere(name: str) -> None:
    answer = json.dumps({name: "hunter2", "author": "kept"}).encode()
    said = (*JSON, (name, "hunter2"))
    one = kept("POST", "/in", f"{name}=hunter2&author=kept", JSON, answer, 200, said, answer)
    assert "hunter2" not in repr(one) + json.dumps(mappings_from((one,)))
    assert repr(one).count("kept") == 3
