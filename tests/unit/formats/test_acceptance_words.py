"""The words of signing: every decision, rule and objection has its sentence in both languages."""

import re

import pytest

from harness.formats.acceptance_words import LANGUAGES, wordings_for
from harness.formats.signing_sentences import say_objection, say_rule
from harness.model.acceptance import Decision, Eligibility, Objection, Rule, Wrong

HAN = re.compile(r"[\u4e00-\u9fff]")


def test_each_decision_has_words_in_each_language_and_only_the_signers_parts_are_open():
    found = wordings_for("hub", "2.4.1", "preprod", 2)
    assert {(one.language, one.decision) for one in found} == {(a, b) for a in LANGUAGES for b in Decision}
    for one in found:
        assert bool(HAN.search(one.text)) == (one.language == "zh")
        open_ = set(re.findall(r"\{(\w+)\}", one.text))
        assert open_ == {"name", "title"} | {Decision.CONDITIONS: {"conditions"}, Decision.REJECT: {"reason"}}.get(
            one.decision, set()
        )
        assert "2.4.1" in one.text and "preprod" in one.text and "2" in one.text


def test_a_release_with_braces_in_its_name_opens_nothing():
    assert all(
        "{reason}" not in one.text for one in wordings_for("p", "{reason}", "t", 1) if one.decision is Decision.ACCEPT
    )


@pytest.mark.parametrize("rule", Rule)
def test_each_rule_has_its_sentence(rule):
    one = Eligibility(rule=rule, held=False)
    assert say_rule(one, "en").endswith(".") and HAN.search(say_rule(one, "zh")) and not HAN.search(say_rule(one, "en"))


@pytest.mark.parametrize("wrong", Wrong)
def test_each_objection_has_its_sentence_and_names_the_criterion(wrong):
    one = Objection(wrong=wrong, criterion="ORD-3")
    english, chinese = say_objection(one, "en"), say_objection(one, "zh")
    assert english.endswith(".") and HAN.search(chinese)
    assert ("ORD-3" in english) == ("ORD-3" in chinese)
    assert "{" not in english + chinese
