"""Criteria on a terminal: columns stand under each other in both scripts, and stale ones say what to do."""

import pytest

from harness.formats.criteria_text import advice_text, matrix_text
from harness.model.criteria import Criterion, Priority, Text
from harness.rules.criteria_lint import Advice
from harness.rules.criteria_matrix import Row, Standing

ONE = Criterion(
    id="ORD-3",
    title=Text(en="A cancelled order disappears", zh="取消的订单消失"),
    statement=Text(en="It is gone.", zh="它消失。"),
    priority=Priority.MUST,
    demonstration="test_orders.py::test_it",
)


def row(standing):
    return Row(criterion=ONE, standings=(("test", standing),), operations=())


def test_a_matrix_names_criterion_script_and_standing():
    text = matrix_text(("test",), (row(Standing.PASSED),), (), "en")
    assert text.splitlines()[1].split() == [
        *("ORD-3", "A", "cancelled", "order", "disappears", "must", "test_orders.py", "passed"),
    ]


@pytest.mark.parametrize(("standing", "said"), [(Standing.STALE, True), (Standing.PASSED, False)])
def test_only_a_stale_criterion_is_told_to_need_a_new_demonstration(standing, said):
    assert ("new demonstration" in matrix_text(("test",), (row(standing),), (), "en")) is said


def test_what_no_journey_touches_is_named_and_chinese_columns_are_even():
    text = matrix_text(("test",), (row(Standing.NEVER),), ("getHealth",), "zh")
    head, line, *_ = text.splitlines()
    wide = [sum(2 if ord(one) > 0x2E80 else 1 for one in part) for part in (head.split("优")[0], line.split("must")[0])]
    assert wide[0] == wide[1]
    assert "没有任何流程涉及   getHealth" in text
    assert "未演示" in text


def test_advice_is_one_line_each_with_the_words_found():
    advice = (
        Advice(criterion="ORD-3", rule="vague", words="fast", question="how fast, in seconds?"),
        Advice(criterion="ORD-11", rule="no-owner", words="", question="who signs?"),
    )
    assert advice_text(advice).splitlines() == [
        "ORD-3    vague      `fast`: how fast, in seconds?",
        "ORD-11   no-owner   who signs?",
    ]


def test_an_empty_workspace_says_where_criteria_go():
    assert "uat/criteria.toml" in matrix_text(("test",), (), (), "en")
