"""Figures survive being written down; what is not wholly theirs is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.load_figures import read_figures, write_figures
from harness.model.figures import (
    AnswersChecked,
    Figures,
    GaugeFigures,
    Generator,
    OperationFigures,
    ScriptError,
    Served,
    Slice,
)

COUNTS = st.dictionaries(st.integers(0, 20_000), st.integers(1, 10**9), max_size=5)
NAMES = st.dictionaries(st.text(max_size=10), st.integers(1, 10**6), max_size=3)
OPERATIONS = st.builds(
    OperationFigures,
    name=st.text(max_size=20),
    answered=st.integers(0, 10**9),
    failed=st.integers(0, 10**9),
    errors=NAMES,
    statuses=NAMES,
    response_us=COUNTS,
    service_us=COUNTS,
    max_us=st.integers(0, 10**9),
)
FIGURES = st.builds(
    Figures,
    closed=st.booleans(),
    window_s=st.floats(0, 1e5),
    arrivals=st.none() | st.integers(0, 10**9),
    begun=st.none() | st.integers(0, 10**9),
    dropped=st.none() | st.integers(0, 10**9),
    operations=st.lists(OPERATIONS, max_size=3).map(tuple),
    slices=st.lists(st.builds(Slice, at_s=st.floats(0, 1e5), response_us=COUNTS), max_size=3).map(tuple),
    gauges=st.lists(
        st.builds(
            GaugeFigures,
            name=st.text(max_size=5),
            readings=st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e12)), max_size=3).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
    generator=st.builds(Generator, cpu_share=st.floats(0, 1), late_us=COUNTS),
    script_errors=st.lists(
        st.builds(ScriptError, message=st.text(), place=st.text(), count=st.integers(1, 9)), max_size=2
    ).map(tuple),
    problem=st.none() | st.tuples(st.text(), st.text()),
    aborted=st.none() | st.tuples(st.text(), st.floats(0, 1e5)),
    answers=st.none() | st.builds(AnswersChecked, checked=st.integers(0, 9), kinds=st.just({"a": 1})),
    served=st.none() | st.builds(Served, count=st.none() | st.integers(0, 9), fewest=st.just(1), most=st.just(2)),
)


@given(FIGURES)
def test_what_was_written_is_read_back_the_same(figures):
    assert read_figures(write_figures(figures)) == figures


def test_a_document_of_version_1_is_still_read():
    document = json.loads(WHOLE)
    older = {key: value for key, value in document.items() if key not in {"aborted", "answers", "served"}}
    assert read_figures(json.dumps({**older, "version": 1}).encode()) == read_figures(WHOLE)
    with pytest.raises(ValueError, match="aborted"):
        read_figures(json.dumps(older).encode())


WHOLE = write_figures(
    Figures(closed=True, arrivals=3, operations=(OperationFigures(name="a", answered=3, response_us={5: 3}),))
)


@given(st.integers(0, len(WHOLE) - 1))
def test_a_document_cut_off_anywhere_is_refused(at):
    with pytest.raises(ValueError, match=r"."):
        read_figures(WHOLE[:at])


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "something/else"},
        {"version": 3},
        {"answers": {"chekced": 1}},
        {"aborted": ["errors > 1 % for 2 s"]},
        {"served": 7},
        {"arrivals": "many"},
        {"operations": [{"nme": "a"}]},
        {"operations": [7]},
        {"generator": None},
        {"slices": None},
        {"gauges": [{"name": "m"}]},
    ],
)
def test_a_document_of_another_shape_is_refused(change):
    with pytest.raises(ValueError, match=r"."):
        read_figures(json.dumps({**json.loads(WHOLE), **change}).encode())


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"{}"])
def test_what_is_no_document_is_refused(body):
    with pytest.raises(ValueError, match=r"."):
        read_figures(body)


@pytest.mark.parametrize("closed", [1, "true", None, 0])
def test_only_true_closes_a_document(closed):
    assert not read_figures(json.dumps({**json.loads(WHOLE), "closed": closed}).encode()).closed
