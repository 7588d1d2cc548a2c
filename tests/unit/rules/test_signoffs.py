"""What the gate reads of a signature: one answer for each criterion, nothing that was taken back."""

from dataclasses import replace

import pytest

from harness.formats.manifest import package_digest
from harness.model.acceptance import Decision, Said
from harness.model.ledger import MetCondition
from harness.rules.signoffs import signoffs_from
from tests.unit.acceptances import DAY, NOW, PACKAGE, condition, given, signature, statement

SHA = package_digest(PACKAGE)
S_NO = (given("M-1"), given("M-2"), given("S-1", Said.NO), given("C-1", Said.NO))
CONDITIONAL = statement(Decision.CONDITIONS, answers=S_NO, conditions=(condition(before_tier="prod"),))

ALL_REFUSED = dict.fromkeys(("M-1", "M-2", "S-1", "C-1"), "rejected")


def told(*signatures, withdrawn=(), met=()):
    return signoffs_from({SHA: PACKAGE}, signatures, frozenset(withdrawn), met)


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        (statement(), {"M-1": "accepted", "M-2": "accepted", "S-1": "accepted", "C-1": "accepted"}),
        (CONDITIONAL, {"M-1": "accepted", "M-2": "accepted", "S-1": "conditioned"}),
        (
            statement(Decision.REJECT, reason="r", answers=()),
            ALL_REFUSED,
        ),
        (statement(Decision.REJECT, reason="r", answers=(given("M-1"), given("M-2", Said.NO))), ALL_REFUSED),
        (statement(Decision.REJECT, reason="r", answers=(given("C-1", Said.CANT_TELL),)), ALL_REFUSED),
        (statement(role="finance", answers=(given("F-1"),)), {"F-1": "accepted"}),
    ],
)
def test_each_answer_is_told_as_the_gate_knows_it(said, answers):
    assert {one.criterion: one.answer.value for one in told(signature(3, said))} == answers


def test_a_sign_off_says_everything_that_the_gate_asks():
    one = told(signature(3, CONDITIONAL))[2]
    assert (one.criterion, one.criterion_sha256, one.condition) == ("S-1", "s-1" * 4, "mend it (Ann)")
    assert (one.release, one.nonce, one.tier) == (PACKAGE.release, PACKAGE.nonce, "preprod")
    assert (one.person, one.role, one.grade.value, one.signed_ms) == ("Li Wei (p-li)", "desk", "passkey", NOW)
    assert (one.due_ms, one.before_tier, one.met, one.package_sha256) == (NOW + DAY, "prod", False, SHA)


def test_every_sign_off_has_a_number_of_its_own_in_the_order_of_the_log():
    numbers = [
        one.number for one in told(signature(4, statement(role="finance", answers=(given("F-1"),))), signature(3))
    ]
    assert len(set(numbers)) == 5 and numbers == sorted(numbers)
    assert {number // 10_000 for number in numbers} == {3, 4}


@pytest.mark.parametrize(
    ("signatures", "withdrawn"),
    [
        ((signature(3),), (3,)),
        ((signature(3), signature(4)), (4,)),
        ((signature(3, replace(statement(), package_sha256="0" * 64)),), ()),
    ],
)
def test_what_was_taken_back_or_is_for_another_package_is_not_told(signatures, withdrawn):
    assert told(*signatures, withdrawn=withdrawn) == ()


def test_a_condition_that_the_business_saw_met_is_met():
    met = MetCondition(number=9, signature=3, criterion="S-1", by="p-li", at_ms=NOW)
    assert [one.met for one in told(signature(3, CONDITIONAL), met=(met,))] == [False, False, True]
    assert not any(one.met for one in told(signature(3, CONDITIONAL), met=(replace(met, signature=2),)))
