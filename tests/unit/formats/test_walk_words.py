"""Every word of the walkthrough's page exists in both languages, and the page asks for no other."""

import re
from pathlib import Path

import pytest

import harness.adapters.walk
from harness.formats.walk_words import WORDS
from harness.model.walk import Answer, FeedbackKind, Hurts

PAGE = Path(harness.adapters.walk.__file__).parent / "page"
SCRIPT = (PAGE / "walk.js").read_text("utf-8")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_both_languages_have_the_same_words():
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    assert [name for name, text in WORDS["zh"].items() if not CHINESE.search(text) and name != "language"] == []
    assert [name for name, text in WORDS["en"].items() if CHINESE.search(text) and name != "language"] == []


def test_the_page_asks_for_no_word_that_is_not_there():
    asked = set(re.findall(r'word\("([\w-]+)"\)', SCRIPT)) | set(re.findall(r'button\("([\w-]+)"', SCRIPT))
    asked |= {f"thanks-{one}" for one in Answer} | {f"answered-{one}" for one in Answer}
    asked |= {f"hurts-{one}" for one in Hurts} | {f"pace-{one}" for one in ("fast", "normal", "slow", "slower")}
    assert len(asked) > 50
    assert asked - WORDS["en"].keys() == set()


def test_the_page_offers_every_kind_of_report_and_every_degree_of_hurt():
    for one in (*FeedbackKind, *Hurts):
        assert f'["{one.value}", ' in SCRIPT, one


@pytest.mark.parametrize("forbidden", ["innerHTML", "eval(", "document.write", "http://", "https://", "style="])
def test_the_page_writes_no_markup_runs_no_text_and_asks_nobody_else(forbidden):
    text = SCRIPT + (PAGE / "mark.js").read_text("utf-8") + (PAGE / "walk.html").read_text("utf-8")
    assert forbidden not in text
