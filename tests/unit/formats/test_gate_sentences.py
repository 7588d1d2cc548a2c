"""Every reason of the gate has its sentence and a way out, in both languages, whatever it carries."""

import json
import re
import string
import xml.etree.ElementTree as ET

import pytest

from harness.formats.documents import read_document, write_document
from harness.formats.gate_sentences import WORDINGS, cure, say_cause
from harness.formats.ruling_text import ruling_junit, ruling_markdown, ruling_text, why_not_text
from harness.model.evidence import Code, Reason
from harness.model.gate import Cause, Counted, GateCode, GateReason, Ruling
from harness.model.verdict import Decision

CJK = re.compile(r"[\u4e00-\u9fff]")


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def cause(code=GateCode.NO_RUN, about="test") -> Cause:
    return Cause(about=about, tier="test", reason=GateReason.of(code))


def ruling(decision=Decision.UNDECIDED, **more) -> Ruling:
    whole = {"release": "R", "nonce": "n", "to": "prod", "at_ms": 1, "policy_sha256": "p"} | more
    return Ruling(decision=decision, **whole)


def test_every_code_has_its_wording_and_none_is_left_over():
    assert set(WORDINGS) == set(GateCode)


@pytest.mark.parametrize("code", GateCode)
def test_both_languages_say_it_with_the_same_values(code):
    wording = WORDINGS[code]
    for text in (wording.zh, wording.todo_zh):
        assert CJK.search(text)
    for text in (wording.en, wording.todo_en):
        assert text.strip()
        assert not CJK.search(text)
    assert names(wording.zh) == names(wording.en)
    assert names(wording.todo_zh) == names(wording.todo_en)


@pytest.mark.parametrize("code", GateCode)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_reason_without_values_still_reads(code, language):
    for text in (say_cause(cause(code), language), cure(cause(code), language)):
        assert text
        assert not re.search(r"\{\w*\}", text)


def test_reasons_of_a_run_keep_their_words():
    found = Cause(about="a", tier="test", reason=Reason.of(Code.NOT_REPORTED))
    assert say_cause(found) == "was promised and never reported"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_text_names_every_cause_and_its_way_out(language):
    shown = ruling(doubts=(cause(), cause(GateCode.NO_BUNDLE, "sign-offs")))
    text = ruling_text(shown, language)
    for one in shown.doubts:
        assert say_cause(one, language) in text
        assert cure(one, language) in text
    assert why_not_text(shown, language).count("\n  ") >= 2


def test_why_not_of_an_open_gate_is_nothing():
    assert "nothing" in why_not_text(ruling(Decision.PASS))


def test_equal_remedies_are_one_change():
    shown = ruling(doubts=tuple(cause(about=f"r{number}") for number in range(9)))
    assert "  2." not in why_not_text(shown)


@pytest.mark.parametrize("decision", Decision)
def test_junit_is_never_greener_than_the_ruling(decision):
    suite = ET.fromstring(ruling_junit(ruling(decision)))
    red = int(suite.get("failures")) + int(suite.get("errors"))
    assert (red == 0) == (decision is Decision.PASS)


def test_hostile_names_stay_text():
    evil = "<script>|[x](y)\x1b[31m"
    shown = ruling(doubts=(cause(about=evil),))
    assert "\x1b" not in ruling_text(shown) + ruling_markdown(shown) + ruling_junit(shown)
    assert "<script>" not in ruling_markdown(shown)
    ET.fromstring(ruling_junit(shown))


def test_a_ruling_is_written_and_read_back():
    whole = ruling(
        failures=(Cause(about="a", tier="test", reason=Reason.of(Code.FINDING, title="t")),),
        doubts=(cause(),),
        counted=(Counted(run="r", tier="test", record_sha256="s"),),
    )
    body = write_document(whole)
    assert json.loads(body)["kind"] == "harness/ruling"
    assert read_document(Ruling, body, "ruling.json") == whole
