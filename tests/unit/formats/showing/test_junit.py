"""JUnit XML that is valid, says everything, and is never greener than the verdict."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.formats.junit import write_junit
from harness.model.evidence import Code, Outcome, Reason
from harness.rules.judging import judge


def tree(shown: Any, language: str = "en") -> ET.Element:
    return ET.fromstring(write_junit(shown.plan, shown.record, shown.verdict, language=language))


def test_every_planned_check_is_a_case_with_its_outcome(shown: Any) -> None:
    cases = {case.get("name"): [child.tag for child in case] for case in tree(shown).iter("testcase")}
    assert cases == {
        "contract:orders/createOrder": ["failure"],
        "contract:orders/getOrder": [],
        "contract:orders/listOrders": ["error"],
        "contract:orders/cancelOrder": ["skipped"],
        "load:checkout/p95": [],
        "load:checkout/errors": ["failure"],
        "uat:orders/ORD-3": ["error"],
        "mock:erp/requests": [],
        "preprod": ["failure"],
    }


def test_the_counts_of_a_suite_are_those_of_its_cases(shown: Any) -> None:
    for suite in tree(shown).iter("testsuite"):
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        for kind, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.get(kind) == str(sum(case.find(tag) is not None for case in cases))


def test_a_pass_is_all_green(shown: Any) -> None:
    assert not [child for case in tree(shown.all_passed()).iter("testcase") for child in case]


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.BROKEN, Outcome.SKIPPED])
def test_it_is_never_greener_than_the_verdict(shown: Any, outcome: Outcome) -> None:
    last = shown.all_passed().record.seen
    doubtful = shown.with_seen(*last[:-1], *shown.with_reason(Reason.of(Code.INTERRUPTED), outcome).record.seen[-1:])
    bad = [child.tag for case in tree(doubtful).iter("testcase") for child in case if child.tag != "skipped"]
    assert bad


def test_a_run_that_was_never_closed_is_red(shown: Any) -> None:
    body = write_junit(shown.plan, None, judge(shown.plan, None, "0" * 64))
    assert len([*ET.fromstring(body).iter("error")]) == len(shown.plan.checks) + 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(said=st.text(max_size=60))
def test_whatever_a_system_says_the_xml_stays_whole(shown: Any, said: str) -> None:
    reason = Reason.of(Code.ASSERTION_FAILED, message="\x1b[31m]]>" + said + "<!DOCTYPE x>&amp;")
    body = write_junit(shown.plan, shown.with_reason(reason, Outcome.FAILED).record, shown.verdict)
    ET.fromstring(body)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", body.decode())
