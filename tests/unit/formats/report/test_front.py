"""What a reader finds on a report's first page, whatever language and however much went wrong."""

import json
from dataclasses import replace

import pytest

from harness.formats.allure_front import front_files
from harness.model.report import Account
from harness.model.verdict import Decision
from tests.unit.formats.report.conftest import chapter, passed


def facts(account, language="en"):
    body = front_files(account, language).written["environment.properties"].decode()
    lines = (line.split(" = ", 1) for line in body.splitlines())
    return {key.replace("\\ ", " "): value for key, value in lines}


def ending(account, end, language="en"):
    (name,) = (name for name in front_files(account, language).written if name.endswith(end))
    return json.loads(front_files(account, language).written[name])


def test_the_worst_verdict_of_all_tiers_comes_first(account):
    assert next(iter(facts(account).items())) == ("verdict", "FAIL")
    assert facts(account)["verdict preprod"] == "PASS"


@pytest.mark.parametrize(("chapters", "decision"), [((passed(),), Decision.PASS), ((), Decision.UNDECIDED)])
def test_only_a_report_in_which_all_passed_says_pass(chapters, decision):
    assert Account(chapters=chapters).decision is decision


def test_every_reason_is_an_error_of_its_tier_with_the_way_out(account):
    errors = ending(account, "-globals.json")["errors"]
    assert [one["environment"] for one in errors] == ["test", "test"]
    assert "412 ms" in errors[0]["message"]
    assert errors[0]["trace"].startswith("→ ")


def test_a_report_that_passed_has_no_errors():
    assert ending(Account(chapters=(passed(),)), "-globals.json")["errors"] == []


def test_what_was_left_out_is_named_with_the_reason(account):
    assert "uat:ORD-8 (its priority is `wont`)" in facts(account)["left out"]
    assert "其优先级为 `wont`" in facts(account, "zh")["未包含"]


def test_sign_off_says_how_many_of_how_many(account):
    assert facts(account)["sign-off"] == "0 of 1 accepted"
    assert (
        facts(replace(account, accepted=(), untrusted="no signature"))["sign-off"] == "can't be believed: no signature"
    )


def test_figures_of_two_tiers_never_share_a_key():
    both = Account(chapters=(chapter("test", "R1"), chapter("preprod", "R2")))
    files = front_files(both).written
    keys = [one["key"] for name in files if name.endswith("-perf.json") for one in json.loads(files[name])]
    assert sorted(keys) == ["preprod.load:checkout/p95.p95", "test.load:checkout/p95.p95"]


def test_the_first_page_in_chinese_has_no_english_of_ours(account):
    told = facts(account, "zh")
    assert told["结论"] == "不通过"
    assert told["签署"] == "已接受 0 / 1"
    assert not {"verdict", "reason", "sign-off", "left out"} & set(list(told)[:6])
