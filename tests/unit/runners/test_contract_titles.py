"""Every finding has a title in Chinese, whatever its kind, its place and what was tried."""

import re
from dataclasses import replace
from importlib import import_module

import pytest

from harness.formats.curl import Request
from harness.model.contract import Operation
from harness.model.evidence import Severity
from harness.rules.findings import Cause, Hit
from harness.runners.contract_titles import title_zh

REQUEST = Request(method="POST", url="http://hub.example/orders?page=7", headers={}, credentials=(), body=None)
OPERATION = Operation(id="createOrder", method="POST", path="/orders", statuses=("201",), line=3)
KINDS = (
    *("ServerError", "ContentTypeServerError", "IgnoredAuth", "UndefinedStatusCode", "JsonSchemaError"),
    *("MissingHeaders", "AcceptedNegativeData", "MissingHeaderNotRejected", "RejectedPositiveData"),
    *(
        "UnsupportedMethodResponse",
        "UndefinedContentType",
        "UseAfterFree",
        "EnsureResourceAvailability",
        "RecordedStatus",
    ),
    "SomethingOfTomorrow",
)


def cause(kind: str, scenario: str = "", location: str = "body /note") -> Cause:
    hit = Hit(
        operation="POST /orders",
        rule="some_rule",
        kind=kind,
        status=500,
        scenario=scenario,
        location="/note",
        within="body",
        title="Some title",
        detail={"wrong": "1 is not a text", "method": "PURGE", "content_type": "text/html"},
    )
    return Cause(
        operation="POST /orders",
        rule="some_rule",
        location=location,
        scenario=scenario,
        status_class="5XX",
        severity=Severity.BREACH,
        hit=hit,
        count=1,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_title_in_chinese(kind: str) -> None:
    title = title_zh(cause(kind), OPERATION, REQUEST)
    assert re.search(r"[\u4e00-\u9fff]{2}", title)
    assert "/orders" in title
    assert ("Some title" in title) == (kind == "SomethingOfTomorrow")


def test_each_scenario_of_the_engine_is_said_in_chinese() -> None:
    scenarios = [one.value for one in import_module("schemathesis.generation.meta").CoverageScenario]
    assert len(scenarios) > 30
    plain = title_zh(cause("AcceptedNegativeData", "never_heard_of"), OPERATION, REQUEST)
    assert "never heard of" in plain  # the control: what has no translation shows as it is
    for scenario in scenarios:
        title = title_zh(cause("AcceptedNegativeData", scenario), OPERATION, REQUEST)
        assert scenario.replace("_", " ") not in title


def test_any_request_is_said_only_where_it_was_proved() -> None:
    guessed = cause("ServerError", location="any request")
    proved = replace(guessed, hit=replace(guessed.hit, needs=()))
    assert title_zh(proved, OPERATION, REQUEST) == "POST /orders 遇到任何请求时出错，返回 500"
    assert title_zh(guessed, OPERATION, REQUEST) == "POST /orders 遇到多种请求时出错，返回 500"


def test_what_a_failure_needs_is_named_with_its_value() -> None:
    one = cause("ServerError", location="query page")
    needing = replace(one, hit=replace(one.hit, needs=("query page",)))
    assert title_zh(needing, OPERATION, REQUEST) == "POST /orders 遇到查询参数 page = 7时出错，返回 500"
