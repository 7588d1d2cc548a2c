"""What may be decided: a table of decisions and what is wrong with each."""

from dataclasses import replace

import pytest

from harness.formats.manifest import package_digest
from harness.model.acceptance import Decision, Objection, Said, Wrong
from harness.model.evidence import Outcome
from harness.rules.accepting import objections, statement_objections
from tests.unit.acceptances import ALL_YES, NOW, PACKAGE, condition, given, statement

A, C, R = Decision.ACCEPT, Decision.CONDITIONS, Decision.REJECT
S_NO = (given("M-1"), given("M-2"), given("S-1", Said.NO))


@pytest.mark.parametrize(
    ("decision", "answers", "conditions", "reason", "wrong"),
    [
        (A, ALL_YES, (), "", []),
        (A, ALL_YES[:3], (), "", []),
        (A, (*ALL_YES[:3], given("C-1", Said.NO)), (), "", []),
        (C, S_NO, (condition(),), "", []),
        (C, ALL_YES, (condition("M-1"),), "", []),
        (R, (), (), "it loses orders", []),
        (R, (given("M-1", Said.NO),), (), "it loses orders", []),
        (A, ALL_YES[1:], (), "", [("answer-missing", "M-1")]),
        (A, (), (), "", [("answer-missing", "M-1"), ("answer-missing", "M-2"), ("answer-missing", "S-1")]),
        (A, (given("M-1", Said.NO), *ALL_YES[1:]), (), "", [("must-not-working", "M-1")]),
        (A, (given("M-1", Said.CANT_TELL), *ALL_YES[1:]), (), "", [("must-not-working", "M-1")]),
        (C, (given("M-1", Said.NO), *ALL_YES[1:]), (condition("M-1"),), "", [("must-not-working", "M-1")]),
        (A, S_NO, (), "", [("should-needs-condition", "S-1")]),
        (C, S_NO, (condition("M-1"),), "", [("should-needs-condition", "S-1")]),
        (C, ALL_YES, (), "", [("conditions-missing", "")]),
        (A, ALL_YES, (condition(),), "", [("conditions-unwanted", "")]),
        (R, (), (), " ", [("reason-missing", "")]),
        (R, (), (condition(),), "no", [("conditions-unwanted", "")]),
        (A, (*ALL_YES, given("M-1")), (), "", [("answer-twice", "M-1")]),
        (A, (*ALL_YES, given("F-1")), (), "", [("answer-not-asked", "F-1")]),
        (A, (*ALL_YES, given("W-1")), (), "", [("answer-not-asked", "W-1")]),
        (A, (replace(given("M-1"), criterion_sha256="old"), *ALL_YES[1:]), (), "", [("answer-old-version", "M-1")]),
        (C, S_NO, (condition(), condition()), "", [("condition-twice", "S-1")]),
        (C, S_NO, (condition(), condition("F-1")), "", [("condition-not-asked", "F-1")]),
        (C, S_NO, (condition(text=" "),), "", [("condition-incomplete", "S-1")]),
        (C, S_NO, (condition(owner=""),), "", [("condition-incomplete", "S-1")]),
        (C, S_NO, (condition(due_ms=NOW),), "", [("condition-past", "S-1")]),
    ],
)
def test_what_is_wrong_with_a_decision_is_said(decision, answers, conditions, reason, wrong):
    found = objections(PACKAGE, "desk", decision, answers, conditions, reason, NOW)
    assert [(one.wrong.value, one.criterion) for one in found] == wrong


def test_a_must_that_the_machine_saw_failing_is_not_accepted_on_a_persons_word():
    criteria = (replace(PACKAGE.criteria[0], outcome=Outcome.FAILED), *PACKAGE.criteria[1:])
    found = objections(replace(PACKAGE, criteria=criteria), "desk", A, ALL_YES, (), "", NOW)
    assert found == (Objection(wrong=Wrong.MUST_NOT_WORKING, criterion="M-1"),)


def test_a_role_that_is_asked_nothing_signs_nothing():
    assert Wrong.NOTHING_ASKED in {one.wrong for one in objections(PACKAGE, "cook", R, (), (), "no", NOW)}


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, []),
        ({"package_sha256": "0" * 64}, [Wrong.OTHER_PACKAGE]),
        ({"code": "AAAA-AAAA"}, [Wrong.OTHER_PACKAGE]),
        ({"text": "I accept everything."}, [Wrong.OTHER_TEXT]),
        ({"language": "fr", "text": "J'accepte."}, [Wrong.OTHER_TEXT]),
        ({"expires_ms": NOW}, [Wrong.EXPIRED]),
        ({"issued_ms": NOW + 1}, [Wrong.EXPIRED]),
    ],
)
def test_a_statement_is_bound_to_package_words_and_time(change, wrong):
    found = statement_objections(PACKAGE, package_digest(PACKAGE), statement(**change), NOW)
    assert [one.wrong for one in found] == wrong


def test_a_name_with_a_placeholder_in_it_stays_a_name():
    assert "{reason}" in statement(name="{reason}", reason="x").text
