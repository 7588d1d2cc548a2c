"""Criteria go to a spreadsheet and come back the same; formulas don't, and what is wrong is told with its row."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.formats.criteria_csv import read_csv, write_csv, write_toml
from harness.formats.criteria_toml import read_criteria, version_of
from harness.model.criteria import Criterion, Judged, Priority, Text

_WORDS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=30)
_LINE = st.text("abc =+-@'\",取消", min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
_TEXT = st.builds(Text, en=_WORDS.filter(str.strip), zh=_WORDS)


@st.composite
def criteria(draw):
    one = Criterion(
        id=draw(st.from_regex(r"[A-Z]{1,3}-[0-9]{1,3}", fullmatch=True)),
        title=draw(_TEXT),
        statement=draw(_TEXT),
        priority=draw(st.sampled_from(Priority)),
        phase=draw(st.integers(1, 9)),
        owner=draw(_LINE),
        judged=draw(st.sampled_from(Judged)),
        demonstration="test_a.py::test_b",
        steps=tuple(draw(st.lists(st.builds(Text, en=_LINE, zh=_LINE), max_size=3))),
        evidence=tuple(draw(st.sets(st.sampled_from(["screenshot", "trace"])))),
        tiers=tuple(draw(st.sets(st.sampled_from(["test", "preprod"])))),
        measure=draw(st.none() | _LINE),
    )
    return Criterion(**{**{name: getattr(one, name) for name in one.__slots__}, "sha256": version_of(one)})


@given(criteria())
def test_there_and_back_again_is_the_same(criterion):
    assert read_csv(write_csv((criterion,)), "c.csv") == (criterion,)
    assert read_criteria(write_toml((criterion,))) == (criterion,)


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_is_a_formula(start):
    evil = Criterion(
        id="A-1", title=Text(en=f"{start}cmd|' /C calc'!A0"), statement=Text(en="x"), priority=Priority.WONT
    )
    assert f",'{start}cmd" in write_csv((evil,)).decode().replace('"', "")


def test_every_wrong_row_is_told_with_its_line():
    body = b"id,title-en,statement-en,priority,phase\nA-1,T,S,most,1\nA-2,T,S,wont,one\nA-2,T,S,wont,1\n"
    with pytest.raises(HarnessError) as caught:
        read_csv(body, "c.csv")
    told = [(one.place.line, one.message) for one in caught.value.problems]
    assert [line for line, _ in told if line] == [2, 2, 3, 4]
    assert any("`most`" in message for _, message in told)
    assert "already in the row at line 3" in told[-1][1]


@pytest.mark.parametrize("body", [b"\xff\xfe", b"", b"id,what\n1,2\n", b'id,title-en\n"x'])
def test_what_is_no_table_of_criteria_is_refused_in_words(body):
    with pytest.raises(HarnessError):
        read_csv(body, "c.csv")


def test_the_workspaces_own_criteria_survive_the_spreadsheet():
    own = read_criteria((Path(__file__).parents[3] / "uat" / "criteria.toml").read_bytes())
    assert read_csv(write_csv(own), "c.csv") == own
