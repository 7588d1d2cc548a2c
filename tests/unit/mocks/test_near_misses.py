"""The nearest stub is the one of which most holds, and what does not hold is named."""

import json
from typing import Any

import pytest

from harness.formats.stub_mappings import read_stub_mappings
from harness.mocks.matching import StubIndex
from harness.mocks.messages import Request
from harness.mocks.near_misses import near_misses


def index(*requests: dict[str, Any], **more: Any) -> StubIndex:
    made = StubIndex()
    for number, request in enumerate(requests):
        written = {"name": str(number), "request": request, "response": {}, **more}
        (mapping,) = read_stub_mappings(json.dumps([written]).encode(), "m.json", lambda _name: b"")
        made.add(mapping)
    return made


REQUEST = Request("POST", "/a", "q=1", (("accept", "text/plain"),), b'{"n": 1}')


@pytest.mark.parametrize(
    ("stub", "differs"),
    [
        ({"method": "GET", "urlPath": "/a"}, ("method",)),
        ({"urlPath": "/b"}, ("url",)),
        ({"urlPathTemplate": "/a/{id}"}, ("url",)),
        ({"urlPattern": "/b.*"}, ("url",)),
        ({"urlPath": "/a", "headers": {"Accept": {"equalTo": "x"}}}, ("header Accept",)),
        ({"urlPath": "/a", "queryParameters": {"q": {"absent": True}}}, ("query q",)),
        ({"urlPath": "/a", "cookies": {"c": {"equalTo": "x"}}}, ("cookie c",)),
        ({"method": "GET", "urlPath": "/a", "bodyPatterns": [{"equalToJson": {"n": 2}}]}, ("method", "body")),
    ],
)
def test_what_does_not_hold_is_named(stub: dict[str, Any], differs: tuple[str, ...]) -> None:
    (miss,) = near_misses(index(stub).all, REQUEST, {})
    assert miss.differs == differs
    assert 0 < miss.distance <= 1


def test_a_stub_that_fits_is_no_near_miss() -> None:
    assert near_misses(index({"method": "POST", "urlPath": "/a"}).all, REQUEST, {}) == ()


def test_the_nearest_comes_first() -> None:
    far = {"method": "GET", "urlPath": "/b"}
    near = {"method": "GET", "urlPath": "/a", "headers": {"Accept": {"equalTo": "text/plain"}}}
    assert [miss.stub.mapping.name for miss in near_misses(index(far, near).all, REQUEST, {})] == ["1", "0"]


def test_another_state_of_the_scenario_is_a_reason() -> None:
    waiting = index({"urlPath": "/a"}, scenarioName="door", requiredScenarioState="open")
    (miss,) = near_misses(waiting.all, REQUEST, {})
    assert miss.differs == ("scenario door",)
    assert near_misses(waiting.all, REQUEST, {"door": "open"}) == ()
