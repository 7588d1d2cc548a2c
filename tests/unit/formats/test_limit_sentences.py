"""A limit is a sentence that can be kept and can be broken."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.limit_sentences import read_abort, read_limit


@pytest.mark.parametrize(
    ("text", "measure", "relation", "value", "unit"),
    [
        ("p95 < 300 ms", "p95", "<", 300, "ms"),
        ("p99.9<=1.5 s", "p99.9", "<=", 1500, "ms"),
        ("mean < 1 s", "mean", "<", 1000, "ms"),
        ("errors < 0.1 %", "errors", "<", 0.001, "share"),
        ("errors = 0", "errors", "=", 0, "share"),
        ("rate > 1000 /s", "rate", ">", 1000, "/s"),
        ("dropped = 0", "dropped", "=", 0, "count"),
        ("requests >= 100", "requests", ">=", 100, "count"),
    ],
)
def test_a_limit_says_measure_relation_and_figure(text, measure, relation, value, unit):
    limit = read_limit("all", text)
    assert (limit.measure, limit.relation, limit.unit, limit.text) == (measure, relation, unit, text)
    assert limit.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("p95 < 0 ms", "can never hold"),
        ("errors < 0 %", 'write "errors = 0"'),
        ("dropped = 0.5", "whole number"),
        ("errors < 1", "has no unit"),
        ("eror < 1 %", "did you mean `errors`?"),
        ("speed < 1 s", "known are"),
        ("p95 != 1 s", "is not a limit"),
        ("p95 <", "is not a limit"),
        ("", "is not a limit"),
        ("p100 < 1 s", "nothing that is measured"),
    ],
)
def test_what_is_no_limit_is_refused_with_a_sentence(text, said):
    with pytest.raises(ValueError, match=r".") as refused:
        read_limit("all", text)
    assert said in str(refused.value)


def test_an_arrival_is_dropped_before_it_is_an_operation():
    with pytest.raises(ValueError, match="for `all`"):
        read_limit("createOrder", "dropped = 0")


@pytest.mark.parametrize(("text", "value", "unit"), [("growth < 30 MB", 30e6, "bytes"), ("max < 8", 8, "count")])
def test_a_gauge_is_limited_in_bytes_or_as_a_count(text, value, unit):
    limit = read_limit("memory", text, watched=True)
    assert (limit.value, limit.unit) == (value, unit)


@given(st.text(max_size=30), st.booleans())
def test_any_text_is_a_limit_or_a_value_error(text, watched):
    try:
        limit = read_limit("all", text, watched=watched)
    except ValueError as refused:
        assert str(refused)
    else:
        assert limit.value >= 0


def test_what_ends_a_load_says_for_how_long():
    abort = read_abort("errors > 50 % for 10 s")
    assert (abort.limit.measure, abort.limit.relation, abort.limit.value, abort.for_s) == ("errors", ">", 0.5, 10)
    assert abort.text == "errors > 50 % for 10 s"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("errors > 50 %", "does not say how long"),
        ("errors < 50 % for 10 s", "does well"),
        ("rate > 5 /s for 10 s", "can't be ended by `rate`"),
        ("mean > 5 s for 10 s", "can't be ended by `mean`"),
        ("errors > 50 % for 100 ms", "less than a second"),
        ("errors > 50 % for ever", "ever"),
    ],
)
def test_what_could_never_end_a_load_is_refused(text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        read_abort(text)


def test_a_limit_on_broken_answers_is_for_all_of_them():
    assert read_limit("all", "contract-errors < 0.1 %").value == pytest.approx(0.001)
    with pytest.raises(ValueError, match="for `all`"):
        read_limit("createOrder", "contract-errors = 0")
