"""Every reason has its sentence and a way out, in both languages, whatever it carries."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.sentences import WORDINGS, say, what_to_do
from harness.model.evidence import Code, Reason

CJK = re.compile(r"[\u4e00-\u9fff]")
# What the engine or the system said stands alone here: it is told as it is, in any language.
AS_IT_IS = re.compile(r"\{\w+\}")


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("code", Code)
def test_every_code_says_what_is_so_and_what_to_do_in_both_languages(code):
    wording = WORDINGS[code]
    for text in (wording.en, wording.zh, wording.todo_en, wording.todo_zh):
        assert text.strip()
    for text in (wording.zh, wording.todo_zh):
        assert CJK.search(text) or AS_IT_IS.fullmatch(text), text
    for text in (wording.en, wording.todo_en):
        assert not CJK.search(text)


@pytest.mark.parametrize("code", Code)
def test_both_languages_name_the_same_values(code):
    wording = WORDINGS[code]
    assert {name.removesuffix("_zh") for name in names(wording.zh)} <= names(wording.en)
    assert names(wording.todo_zh) <= names(wording.todo_en)


def test_a_finding_of_a_record_that_knows_no_chinese_title_keeps_its_english_one():
    old = Reason.of(Code.FINDING, title="POST /orders fails", curl="curl …")
    new = Reason.of(Code.FINDING, title="POST /orders fails", title_zh="POST /orders 出错", curl="curl …")
    chinese = (say(old, "zh"), say(new, "zh"))
    assert chinese == ("POST /orders fails", "POST /orders 出错")
    assert say(new) == "POST /orders fails"


def test_no_wording_is_left_over():
    assert set(WORDINGS) == set(Code)


@pytest.mark.parametrize("code", Code)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_reason_without_its_values_still_reads(code, language):
    for text in (say(Reason.of(code), language), what_to_do(Reason.of(code), language)):
        assert text
        assert not re.search(r"\{\w*\}", text.replace("{port}", ""))


@given(
    code=st.sampled_from(Code),
    values=st.dictionaries(
        st.sampled_from(sorted({n for w in WORDINGS.values() for n in names(w.en) | names(w.todo_en)})),
        st.text(max_size=10) | st.sampled_from(("{tier}", "{0}", "{", "}", "{a.b[c]!r:>5}")),
    ),
    language=st.sampled_from(("en", "zh")),
)
def test_whatever_a_value_holds_it_is_told_and_never_filled_in_again(code, values, language):
    reason = Reason(code=code, values=tuple(values.items()))
    said = say(reason, language)
    wording = WORDINGS[code].zh if language == "zh" else WORDINGS[code].en
    assert all(values[name] in said for name in names(wording) & values.keys())
    assert what_to_do(reason, language)


def test_sentences_name_what_the_reason_carries():
    reason = Reason.of(Code.LIMIT_BROKEN, measure="p95", measured="412 ms", limit="300 ms")
    assert say(reason) == "p95 was 412 ms, the limit is 300 ms"
    assert say(reason, "zh") == "p95 为 412 ms，限值为 300 ms"
    assert say(Reason.of(Code.WORKER_LOST, lost=1)) == "could not be judged: 1 of ? load workers were lost"
