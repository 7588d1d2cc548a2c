"""What a person sees: the verdict, each reason with its way out, and nothing hostile alive."""

import re
from typing import Any

import pytest

from harness.formats.terminal import plan_text, run_text
from harness.formats.terminal_text import columns
from harness.model.evidence import Code, Outcome, Reason
from harness.model.verdict import Decision, Verdict
from harness.rules.judging import judge

PAINT = re.compile(r"\x1b\[[0-9;]*m")


def text_of(shown: Any, **how: Any) -> str:
    return run_text(shown.plan, shown.record, shown.verdict, evidence=".harness/runs/r1", **how)


def test_a_run_reads_as_a_table_a_verdict_and_the_ways_out(shown: Any) -> None:
    assert text_of(shown) == (
        """\
preprod   3 jobs, 8 checks, 1 mock

  contract   orders     4 checks   1 failed, 1 broken, 1 skipped     12.4 s
  load       checkout   2 limits   1 failed                          60.1 s
  uat        orders      1 check   1 not reported
  mock       erp         1 check   passed

FAIL   2 failures, 3 doubts
  contract:orders/createOrder   POST /orders answered 500 to a documented request
                                expected 201, 400 or 422; got 500
                                --> contracts/orders.openapi.yaml:12
                                reproduce: curl -X POST http://127.0.0.1:8000/orders -H 'Authorization: Bearer """
        """$HARNESS_TOKEN' -d '{"quantity": -1}'
  load:checkout/errors          errors was 2.1 %, the limit is 0.1 %
                                see the chart in the report: where along the run it rose, and for
                                which operation
  contract:orders/listOrders    could not be checked: `orders` did not answer at http://127.0.0.1:1
                                (refused)
                                start it or correct `base-url` in environments/preprod.toml
  contract:orders/cancelOrder   was skipped
                                a skipped check proves nothing: run it, or take it out of the plan
  uat:orders/ORD-3              was promised and never reported
                                look at the job's notes in `harness show`, then run it again

notes     962 answers seen

withheld  1 file: dump.bin (a secret was found in it)
evidence  .harness/runs/r1
again     harness run preprod --only contract:orders --only load:checkout --only uat:orders --seed 42
"""
    )


def test_a_pass_says_so_and_asks_for_nothing_more(shown: Any) -> None:
    text = text_of(shown.all_passed())
    assert "PASS   8 checks" in text
    assert "again" not in text


def test_a_run_that_was_never_closed_is_undecided_and_shows_what_was_promised(shown: Any) -> None:
    text = run_text(shown.plan, None, judge(shown.plan, None, "0" * 64), evidence="x")
    assert "UNDECIDED   1 doubt" in text
    assert "4 not reported" in text
    assert "the run was never closed" in text


def test_many_checks_with_the_same_reason_are_said_once(shown: Any) -> None:
    reason = Reason.of(Code.SYSTEM_DIED, system="orders", why="connection refused")
    text = text_of(shown.with_reason(reason))
    assert text.count("stopped answering") == 1
    assert "contract:orders/createOrder (and 7 more)" in text


def test_the_same_in_chinese_has_no_english_verdict(shown: Any) -> None:
    text = text_of(shown, language="zh")
    assert "不通过   2 项失败, 3 项存疑" in text
    assert "errors 为 2.1 %，限值为 0.1 %" in text
    assert not re.search(r"\b(FAIL|failures|doubts|evidence|not reported)\b", text)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_line_is_wider_than_the_terminal_unless_it_is_to_be_copied(shown: Any, width: int, language: str) -> None:
    wide = [line for line in text_of(shown, width=width, language=language).splitlines() if columns(line) > width]
    assert all("curl" in line or "harness run" in line or "12.4 s" in line or "60.1 s" in line for line in wide)


def test_colour_changes_nothing_but_colour(shown: Any) -> None:
    painted = text_of(shown, color=True)
    assert "\x1b[1;31mFAIL\x1b[0m" in painted
    assert PAINT.sub("", painted).split() == text_of(shown).split()
    assert "\x1b" not in text_of(shown)


HOSTILE = (
    "\x1b[2J\x1b]0;title\x07 ok \r\n::error file=a::boo\n##vso[task.complete result=Succeeded] \u202epassed\x9b31m"
)


@pytest.mark.parametrize("code", [Code.ASSERTION_FAILED, Code.FINDING, Code.ENGINE_CRASHED, Code.SYSTEM_UNREACHABLE])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_a_system_says_reaches_the_terminal_alive(shown: Any, code: Code, language: str) -> None:
    values = dict.fromkeys(("message", "title", "curl", "engine", "said", "system", "url", "why", "status"), HOSTILE)
    text = text_of(shown.with_reason(Reason.of(code, **values), Outcome.FAILED), language=language)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert "##vso[" not in text
    assert "boo" in text


def test_a_plan_reads_as_its_promises(shown: Any) -> None:
    text = plan_text(shown.plan)
    assert "  contract   orders     4 checks" in text
    assert "  load       checkout   2 limits" in text
    assert "FAIL" not in text
    assert "UNDECIDED" not in text


@pytest.mark.parametrize("decision", Decision)
def test_every_decision_has_its_word(shown: Any, decision: Decision) -> None:
    verdict = Verdict(decision=decision)
    assert decision.value.upper() in run_text(shown.plan, shown.record, verdict, evidence="x")
