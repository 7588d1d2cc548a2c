"""The improvement list says what was reported and decided, and no spreadsheet takes a word of it for a formula."""

import pytest

from harness.errors import HarnessError
from harness.formats.findings_table import findings_csv, findings_text, row_of
from harness.formats.findings_toml import read_rulings
from harness.model.walk import Feedback, FeedbackKind, FindingState, Hurts, Improvement, Ruled

SAID = Feedback(
    id="F-1a2b3c4d",
    criterion="ORD-3",
    kind=FeedbackKind.DOES_NOT_WORK,
    words="the total is wrong",
    hurts=Hurts.MUST,
    at_ms=1_795_271_255_075,
    picture="f" * 64,
)


def one(words="the total is wrong", **ruled):
    said = Feedback(**{name: getattr(SAID, name) for name in Feedback.__slots__} | {"words": words})
    return Improvement(feedback=said, run="r1", tier="preprod", ruled=Ruled(finding=said.id, **ruled))


NEW = {"state": FindingState.NEW}


def test_a_line_names_what_where_when_and_how_much_it_hurts():
    row = row_of(one(**NEW))
    assert (row["criterion"], row["tier"], row["hurts"], row["state"]) == ("ORD-3", "preprod", "must", "new")
    assert row["at"] == "2026-11-21T14:27:35+00:00"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
def test_no_cell_is_a_formula(start):
    told = findings_csv((one(f"{start}cmd|' /C calc'!A0", **NEW),)).decode("utf-8-sig")
    cells = told.splitlines()[1].split(",")
    assert not any(cell.strip('"').startswith(("=", "+", "-", "@", "\t")) for cell in cells), cells


def test_words_on_a_terminal_do_nothing_but_stand_there():
    assert "\x1b" not in findings_text((one("\x1b[2Jgone", **NEW),), "en")


def test_what_was_decided_stands_below_and_in_chinese_too():
    text = findings_text((one(state=FindingState.PLANNED, reason="next release", by="desk", ref="SHOP-1"),), "zh")
    assert "已计划" in text and "next release (desk) SHOP-1" in text
    assert findings_text((), "zh") == "尚无任何反馈"


def test_decisions_are_read_and_everything_wrong_in_them_is_told_at_once():
    body = b'[[decisions]]\nfinding = "F-1"\nstate = "fixed"\nby = "desk"\n'
    assert read_rulings(body) == (Ruled(finding="F-1", state=FindingState.FIXED, by="desk"),)
    wrong = body + body + b'[[decisions]]\nfinding = "F-2"\nstate = "declined"\n[[decisions]]\nstate = "gone"\n'
    with pytest.raises(HarnessError) as caught:
        read_rulings(wrong)
    told = " ".join(problem.message for problem in caught.value.problems)
    assert "decided twice" in told and "without a reason" in told and "gone" in told
