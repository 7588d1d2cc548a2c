"""Canonical JSON: the same bytes as the reference, one way to write each value, digests that name what they are of."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.formats.canonical import _quickly, _written_quickly, canonical_bytes, plain, tagged_digest

WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
LEAVES = st.none() | st.booleans() | WHOLE | st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_what_rfc_8785_says(value):
    assert canonical_bytes(value) == rfc8785.dumps(value)


@given(VALUES)
def test_what_is_written_is_read_again(value):
    assert plain(canonical_bytes(value), "f") == value


def test_keys_are_sorted_by_utf_16_units_and_not_by_code_points():
    assert canonical_bytes({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


@pytest.mark.parametrize("value", [1.5, 2**53, "\ud800", {1: 2}, b"x", {"a": {1, 2}}])
def test_what_has_no_single_form_is_refused(value):
    with pytest.raises(ValueError):
        canonical_bytes(value)


@pytest.mark.parametrize(
    "body", [b'{"a": 1}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b"[1.0]", b'"\\u0041"', b"[1]\n", b"", b"\xff", b"NaN"]
)
def test_another_way_of_writing_the_same_is_refused(body):
    with pytest.raises(HarnessError):
        plain(body, "f")


def test_a_digest_of_one_kind_is_never_one_of_another():
    body = json.dumps({}).encode()
    assert tagged_digest("a", body) != tagged_digest("b", body)
    assert tagged_digest("a", b"bc") != tagged_digest("ab", b"c")


@given(
    st.recursive(
        LEAVES | st.floats() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
        max_leaves=12,
    ),
    st.booleans(),
    st.booleans(),
)
def test_the_quick_way_reads_only_what_the_sure_way_reads_and_the_same(value, in_order, ascii_only):
    body = json.dumps(value, sort_keys=in_order, ensure_ascii=ascii_only, separators=(",", ":")).encode()
    quick = _quickly(body)
    assert quick is None or (canonical_bytes(quick[0]) == body and quick[0] == json.loads(body))


@given(VALUES)
def test_what_is_written_quickly_is_what_rfc_8785_says(value):
    quick = _written_quickly(value)
    assert quick is None or quick == rfc8785.dumps(value)


def test_what_can_not_be_written_in_one_way_is_not_written_quickly_either():
    assert _written_quickly({"b": [1, None, True, "ü"], "a": {}}) == '{"a":{},"b":[1,null,true,"ü"]}'.encode()
    odd = (1.5, 2**53, "\ud800", {1: 2}, {1.5: 2}, {None: 1}, b"x", {"a": {1, 2}}, float("nan"), {"\U0001f600": 1})
    assert [_written_quickly(one) for one in odd] == [None] * len(odd)


def test_the_quick_way_leaves_to_the_sure_one_what_it_can_not_tell():
    assert _quickly('{"a":[1,"ü",null,true],"b":{}}'.encode()) == ({"a": [1, "ü", None, True], "b": {}},)
    odd = (
        '{"a":1.5}',
        '{"a":1e2}',
        f'{{"a":{2**53}}}',
        '{"b":1,"a":2}',
        '{"a":1,"a":1}',
        " {}",
        "NaN",
        "-0",
        '"\\u0041"',
    )
    high = '{"\U0001f600":2,"\ufb33":1}'
    assert [_quickly(one.encode()) for one in (*odd, high, "[" * 100_000)] == [None] * (len(odd) + 2)
    assert plain(high.encode(), "f") == {"\U0001f600": 2, "\ufb33": 1}, "the sure one reads it"
