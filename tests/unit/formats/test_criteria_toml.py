"""Criteria are read whole: every problem at once with its line, and a version that changes with every word."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.formats.criteria_toml import read_criteria, version_of
from harness.model.criteria import Criterion, Judged, Priority, Text

GOOD = """
[[criteria]]
id = "ORD-3"
title = { en = "A cancelled order disappears", zh = "取消的订单消失" }
statement = { en = "When I cancel an order it is gone.", zh = "取消订单后，它就消失。" }
priority = "must"
phase = 1
owner = "order-desk"
judged = "assisted"
demonstration = "test_orders.py::test_cancelled_order_leaves_the_open_list"
evidence = ["screenshot", "page-text"]
tiers = ["test", "preprod"]
measure = "visible within 2 s"
"""


def read(text: str) -> tuple[Criterion, ...]:
    return read_criteria(text.encode())


def problems(text: str) -> list[tuple[int | None, str]]:
    with pytest.raises(HarnessError) as caught:
        read(text)
    return [(one.place.line if one.place else None, one.message) for one in caught.value.problems]


def test_a_criterion_is_read_in_both_languages():
    [criterion] = read(GOOD)
    assert criterion.title.in_language("zh") == "取消的订单消失"
    assert (criterion.priority, criterion.judged, criterion.phase) == (Priority.MUST, Judged.ASSISTED, 1)
    assert criterion.evidence == ("screenshot", "page-text")
    assert criterion.sha256 == version_of(criterion)


def test_an_empty_file_has_no_criteria():
    assert read("") == ()


def test_a_plain_text_is_english_and_serves_for_chinese():
    [criterion] = read(GOOD.replace('{ en = "A cancelled order disappears", zh = "取消的订单消失" }', '"Gone"'))
    assert criterion.title == Text(en="Gone")
    assert criterion.title.in_language("zh") == "Gone"


def test_every_problem_is_told_at_once_with_its_line():
    wrong = GOOD.replace('"must"', '"most"').replace("phase = 1", "phase = 0").replace("owner", "onwer")
    found = problems(wrong.replace('"screenshot"', '"screenshto"'))
    assert [line for line, _ in found] == sorted(line for line, _ in found if line)
    told = " | ".join(message for _, message in found)
    for word in ("`most`", "not 0", "`onwer`", "`screenshto`", "no `owner`"):
        assert word in told, (word, told)


def test_an_id_can_be_given_once():
    assert problems(GOOD + GOOD) == [(16, "`ORD-3` is already the id of the criterion at line 3")]


@pytest.mark.parametrize(
    "value",
    ["test_orders.py", "test_orders::test_x", "../test_orders.py::test_x", "/etc/x.py::test_x", "a b.py::test_x"],
)
def test_a_demonstration_names_a_file_under_uat_and_a_test(value):
    found = problems(GOOD.replace("test_orders.py::test_cancelled_order_leaves_the_open_list", value))
    assert [message for _, message in found] == [f"`{value}` does not name a script"]


@pytest.mark.parametrize("value", ["test_a.py::test_x", "sub/test_a.py::TestA::test_x", "test_a.py::test_x[zh]"])
def test_scripts_in_folders_classes_and_with_parameters_can_be_named(value):
    assert read(GOOD.replace("test_orders.py::test_cancelled_order_leaves_the_open_list", value))


def test_what_a_script_judges_needs_a_script():
    text = GOOD.replace('judged = "assisted"\n', "").replace("demonstration", "#")
    assert "no `demonstration` names one" in problems(text)[0][1]


def test_what_is_tried_by_hand_needs_steps():
    text = GOOD.replace('"assisted"', '"by-hand"').replace("demonstration", "#")
    assert "no `steps` say how" in problems(text)[0][1]
    assert read(text + 'steps = [{ en = "Cancel it.", zh = "取消。" }, "Look."]\n')[0].steps[1] == Text(en="Look.")


def test_what_nobody_will_do_needs_no_script():
    text = GOOD.replace('"must"', '"wont"').replace("demonstration", "#").replace('judged = "assisted"\n', "")
    assert read(text)[0].demonstration is None


def test_words_in_no_language_or_another_are_refused():
    assert "no words in English" in problems(GOOD.replace('en = "A cancelled order disappears", ', ""))[0][1]
    assert "unknown language `fr`" in problems(GOOD.replace('zh = "取消的订单消失"', 'fr = "x"'))[0][1]


def test_moving_a_script_or_granting_a_tier_changes_no_version():
    [criterion] = read(GOOD)
    moved = replace(criterion, demonstration="test_other.py::test_x", tiers=("prod",), sha256="")
    assert version_of(moved) == criterion.sha256


@pytest.mark.parametrize(
    "changed",
    [
        {"title": Text(en="Other")},
        {"statement": Text(en="Other")},
        {"priority": Priority.COULD},
        {"phase": 2},
        {"owner": "finance"},
        {"judged": Judged.BY_HAND},
        {"steps": (Text(en="Look."),)},
        {"evidence": ("trace",)},
        {"measure": "visible within 3 s"},
    ],
)
def test_changing_what_is_judged_changes_the_version(changed):
    [criterion] = read(GOOD)
    assert version_of(replace(criterion, **changed)) != criterion.sha256


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_is_in_the_file_it_is_read_or_refused_in_words(body):
    try:
        read_criteria(body)
    except HarnessError as error:
        assert all(problem.message for problem in error.problems)
