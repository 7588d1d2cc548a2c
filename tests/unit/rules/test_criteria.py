"""What can't be judged is asked about; what was shown in another version is stale; journeys name their operations."""

from dataclasses import replace

import pytest

from harness.model.criteria import Criterion, Priority, Text
from harness.model.evidence import Closed, Outcome, Record, Seen
from harness.rules.criteria_lint import lint_criteria
from harness.rules.criteria_matrix import Standing, journeys_of, matrix, untouched

CLEAR = Criterion(
    id="ORD-3",
    title=Text(en="A cancelled order disappears", zh="取消的订单消失"),
    statement=Text(en="When I cancel an order it is gone.", zh="取消订单后，它就消失。"),
    priority=Priority.MUST,
    owner="order-desk",
    evidence=("screenshot",),
    sha256="a" * 64,
)


def rules(criterion, **languages):
    return [advice.rule for advice in lint_criteria((criterion,), **languages)]


def test_a_clear_criterion_raises_no_question():
    assert rules(CLEAR) == []


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"statement": Text(en="The page is fast.", zh="页面打开。")}, "vague"),
        ({"statement": Text(en="The page opens.", zh="页面快速打开。")}, "vague"),
        ({"statement": Text(en="It is user-friendly.", zh="它可用。")}, "vague"),
        ({"statement": Text(en="I see the order and/or its total.", zh="我看到订单。")}, "two-in-one"),
        ({"title": Text(en="A cancelled order disappears")}, "untranslated"),
        ({"owner": ""}, "no-owner"),
        ({"statement": replace(CLEAR.title)}, "nothing-stated"),
        ({"evidence": ()}, "no-evidence"),
    ],
)
def test_what_is_unclear_is_asked_about(change, rule):
    assert rules(replace(CLEAR, **change)) == [rule]


def test_fast_with_a_measure_is_clear():
    fast = replace(CLEAR, statement=Text(en="The page is fast.", zh="页面快速打开。"))
    assert rules(replace(fast, measure="visible within 2 s")) == []


def test_an_english_project_needs_no_chinese_and_wont_is_left_in_peace():
    assert rules(replace(CLEAR, title=Text(en="Gone")), languages=("en",)) == []
    assert rules(replace(CLEAR, owner="", priority=Priority.WONT)) == []


def record(*outcomes, at=1, version="a" * 12, operations=("cancelOrder",)):
    labels = (("criterion", "ORD-3"), ("criterion-version", version), *(("operation", one) for one in operations))
    seen = tuple(Seen(check="uat:orders/ORD-3", job="uat:orders", outcome=one, labels=labels) for one in outcomes)
    return Record(
        run=f"r{at}", tier="test", plan_sha256="", started_ms=at, ended_ms=at, closed=Closed.COMPLETE, seen=seen
    )


@pytest.mark.parametrize(
    ("records", "standing"),
    [
        ((), Standing.NEVER),
        ((record(),), Standing.NEVER),
        ((record(Outcome.PASSED),), Standing.PASSED),
        ((record(Outcome.PASSED, at=2), record(Outcome.FAILED, at=1)), Standing.PASSED),
        ((record(Outcome.FAILED, at=2), record(Outcome.PASSED, at=1)), Standing.FAILED),
        ((record(Outcome.FAILED, Outcome.PASSED),), Standing.FAILED),
        ((record(Outcome.PASSED, version="b" * 12),), Standing.STALE),
    ],
)
def test_the_latest_run_says_how_a_criterion_stands_in_its_present_version(records, standing):
    [row] = matrix((CLEAR,), ("test",), {"test": records})
    assert row.standings == (("test", standing),)


def test_a_tier_that_a_criterion_is_not_for_is_named_so():
    [row] = matrix((replace(CLEAR, tiers=("test",)),), ("test", "preprod"), {})
    assert row.standings == (("test", Standing.NEVER), ("preprod", Standing.NOT_HERE))


def test_journeys_and_what_none_of_them_touches():
    rows = matrix((CLEAR,), ("test",), {"test": (record(Outcome.PASSED, operations=("cancelOrder", "listOrders")),)})
    assert journeys_of(rows, "listOrders") == (CLEAR,)
    assert untouched(rows, ("listOrders", "createCustomer")) == ("createCustomer",)
