"""A person's answer is the person's: never before everything was shown, never after a stop, never twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.criteria import Text
from harness.model.walk import Answer, Item, Phase
from harness.rules.walking import followed, happened, refusal, stopped

NEW = Item(node="t.py::t", criterion="ORD-3", title=Text(en="It"), statement=Text(en="It is so."))
TITLE = {"title": {"en": "Open", "zh": "打开"}, "see": {"en": "Lamps", "zh": "灯具"}}


def after(*events):
    item = NEW
    for name, values in events:
        item = happened(item, name, values)
    return item


READY = after(("step-coming", {"step": 1, **TITLE}))
ACTING = after(("step-coming", {"step": 1, **TITLE}), ("step-acting", {"step": 1}))
ASKING = after(("step-coming", {"step": 1, **TITLE}), ("step-done", {"step": 1, "outcome": "passed"}), ("asking", {}))
STOPPED = stopped(ACTING, "the browser died")


def answer(value, words=""):
    return {"answer": value, "words": words}


@pytest.mark.parametrize(
    ("item", "value", "why"),
    [
        (NEW, "no", "not-now"),
        (READY, "yes", "not-all-shown"),
        (ACTING, "yes", "not-all-shown"),
        (ACTING, "no", None),
        (READY, "cannot-tell", None),
        (ASKING, "yes", None),
        (STOPPED, "yes", "stopped"),
        (STOPPED, "no", "stopped"),
        (ASKING, "perhaps", "unknown"),
        (followed(ASKING, "answer", answer("no")), "no", None),
        (followed(ASKING, "answer", answer("no")), "yes", "answered"),
    ],
)
def test_an_answer_is_taken_when_it_can_be_meant(item, value, why):
    assert refusal(item, "answer", answer(value)) == why


def test_next_is_for_the_step_that_waits_and_no_other():
    assert refusal(READY, "next", {"at": 1}) is None
    assert refusal(READY, "next", {"at": 2}) == "not-now"
    assert refusal(ACTING, "next", {"at": 1}) == "not-now"
    assert refusal(followed(READY, "next", {"at": 1}), "next", {"at": 1}) == "not-now"


def test_clicks_reach_the_page_only_after_taking_over():
    assert refusal(READY, "input", {}) == "not-now"
    taken = followed(READY, "take-over", {"on": True})
    assert refusal(taken, "input", {}) is None
    assert refusal(taken, "next", {"at": 1}) == "not-now"
    assert refusal(ACTING, "take-over", {"on": True}) == "not-now"


def test_what_stops_is_no_answer_and_what_was_answered_stays():
    assert STOPPED.phase is Phase.STOPPED and STOPPED.answer is None
    said_no = stopped(followed(ACTING, "answer", answer("no", "wrong total")), "the browser died")
    assert (said_no.answer, said_no.words, said_no.phase) == (Answer.NO, "wrong total", Phase.FINISHED)
    assert after(("finished", {})).phase is Phase.STOPPED


def test_a_report_is_taken_always_also_after_a_stop():
    assert refusal(STOPPED, "report", {}) is None


_EVENTS = st.sampled_from(["step-coming", "step-acting", "step-done", "asking", "stopped", "finished", "heard-nothing"])
_COMMANDS = st.sampled_from(["next", "take-over", "input", "answer", "report", "pace", "leave"])


@given(st.lists(st.tuples(st.booleans(), _EVENTS, _COMMANDS, st.sampled_from(Answer), st.integers(1, 3)), max_size=30))
def test_whatever_comes_in_whatever_order_a_yes_needs_all_shown_and_an_answer_never_changes(moves):
    item, answered, asked = NEW, None, False
    for from_worker, event, command, value, number in moves:
        values = {"step": number, "outcome": "passed", "at": number, "answer": value, "on": True, **TITLE}
        if from_worker:
            item = happened(item, event, values)
            asked = asked or item.phase is Phase.ASKING
        elif refusal(item, command, values) is None:
            item = followed(item, command, values)
        if answered is not None:
            assert item.answer == answered
        answered = item.answer
        assert item.phase is not Phase.STOPPED or item.answer is None
        assert item.answer != Answer.YES or asked
