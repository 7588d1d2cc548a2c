"""A result told again says the same in other words, and nothing of the authors' is touched."""

from harness.formats.allure_language import Retold
from tests.unit.formats.report.conftest import chapter, passed


def result(name: str, **more: object) -> dict[str, object]:
    return {
        "fullName": name,
        "name": "as it was",
        "steps": [],
        "statusDetails": {"message": "old", "flaky": True},
        **more,
    }


def test_titles_and_reasons_are_in_the_language():
    told = Retold(chapter(), "zh")
    assert told.result(result("contract:orders/createOrder"))["name"] == "POST /orders 遵守其契约"
    limit = told.result(result("load:checkout/p95"))
    assert limit["statusDetails"]["message"].startswith("p95 为 412 ms")
    assert limit["statusDetails"]["flaky"] is True


def test_a_criterion_has_its_own_title_in_the_language():
    assert Retold(chapter(), "zh").result(result("uat:orders/ORD-3"))["name"] == "取消的订单消失"
    assert Retold(chapter(), "en").result(result("uat:orders/ORD-3"))["name"] == "A cancelled order disappears"


def test_what_was_never_reported_says_so_in_the_language():
    told = Retold(chapter(), "zh").result(result("uat:orders/ORD-3"))
    assert told["statusDetails"]["message"].startswith("已列入计划，但没有任何结果")


def test_what_passed_has_no_reason_left():
    told = Retold(passed(), "zh").result(result("load:checkout/p95"))
    assert "message" not in told["statusDetails"]


def test_what_is_not_ours_stays_as_it_is():
    theirs = result("uat.test_orders#test_other")
    assert Retold(chapter(), "zh").result(theirs) == theirs


def test_the_verdict_is_told_with_its_grounds():
    steps = [{"name": "one"}, {"name": "two"}]
    told = Retold(chapter(), "zh").result(result("verdict:test", steps=steps))
    assert told["name"] == "test 的结论：不通过"
    assert "p95 为 412 ms" in told["steps"][0]["name"]


def test_the_tier_is_named_in_what_to_do():
    message = Retold(chapter("preprod"), "en").result(result("uat:orders/ORD-3"))["statusDetails"]["message"]
    assert "?" not in message
