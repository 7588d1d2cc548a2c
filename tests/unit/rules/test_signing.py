"""Who may sign: every rule has a person that only it keeps away, and a whole person passes."""

from dataclasses import replace

import pytest

from harness.model.acceptance import Act, ActKind, Granted, Rule, Side
from harness.model.signoff import Grade
from harness.rules.signing import COOLING_MS, FRESH_MS, eligible, may_sign
from tests.unit.acceptances import AUTH, LI, NOW, PACKAGE


def broken(table):
    return {one.rule for one in table if not one.held}


def test_a_business_user_in_her_own_person_may_sign():
    table = eligible(LI, PACKAGE, "desk", (), NOW, AUTH)
    assert may_sign(table) and not broken(table)
    assert [one.rule for one in table] == list(Rule)


@pytest.mark.parametrize("side", [Side.IT, Side.VENDOR, Side.QA])
def test_no_other_side_signs(side):
    assert broken(eligible(replace(LI, side=side), PACKAGE, "desk", (), NOW, AUTH)) == {Rule.BUSINESS_SIDE}


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (ActKind.COMMIT_AUTHOR, Rule.NOT_COMMIT_AUTHOR),
        (ActKind.DEPLOYER, Rule.NOT_DEPLOYER),
        (ActKind.SCRIPT_AUTHOR, Rule.NOT_SCRIPT_AUTHOR),
        (ActKind.IMPORTER, Rule.NOT_IMPORTER),
        (ActKind.ADMINISTRATOR, Rule.NOT_ADMINISTRATOR),
    ],
)
def test_a_hand_in_the_release_keeps_away_and_somebody_elses_does_not(kind, rule):
    assert broken(eligible(LI, PACKAGE, "desk", (Act(kind=kind, person=LI.id),), NOW, AUTH)) == {rule}
    assert not broken(eligible(LI, PACKAGE, "desk", (Act(kind=kind, person="p-other"),), NOW, AUTH))


@pytest.mark.parametrize(
    ("person", "rule"),
    [
        (replace(LI, active=False), Rule.ACTIVE),
        (replace(LI, roles=(Granted(role="finance", by="p-boss", since_ms=1),)), None),
        (replace(LI, roles=(Granted(role="desk", by=LI.id, since_ms=1),)), Rule.ROLE_FROM_ANOTHER),
        (replace(LI, roles=(Granted(role="desk", by="", since_ms=1),)), Rule.ROLE_FROM_ANOTHER),
        (replace(LI, reset_ms=NOW - COOLING_MS + 1), Rule.NO_RECENT_RESET),
    ],
)
def test_what_a_person_is_not_keeps_away(person, rule):
    found = broken(eligible(person, PACKAGE, "desk", (), NOW, AUTH))
    assert found == ({rule} if rule else {Rule.ROLE_HELD, Rule.ROLE_FROM_ANOTHER})


@pytest.mark.parametrize(
    ("auth", "rule"),
    [
        (replace(AUTH, by_token=True), Rule.IN_PERSON),
        (replace(AUTH, impersonated=True), Rule.IN_PERSON),
        (replace(AUTH, at_ms=NOW - FRESH_MS - 1), Rule.FRESH),
        (replace(AUTH, at_ms=NOW + 60_000), Rule.FRESH),
        (replace(AUTH, credential_by="p-admin"), Rule.OWN_CREDENTIAL),
        (replace(AUTH, credential_ms=NOW + 60_000), Rule.OWN_CREDENTIAL),
        (replace(AUTH, grade=Grade.TOTP), Rule.GRADE_ENOUGH),
        (replace(AUTH, user_verified=False), Rule.GRADE_ENOUGH),
    ],
)
def test_how_somebody_comes_can_keep_them_away(auth, rule):
    assert broken(eligible(LI, PACKAGE, "desk", (), NOW, auth)) == {rule}


@pytest.mark.parametrize(("now", "void"), [(PACKAGE.expires_ms, False), (PACKAGE.frozen_ms - 1, False), (NOW, True)])
def test_a_package_that_is_not_open_is_signed_by_nobody(now, void):
    auth = replace(AUTH, at_ms=now)
    assert broken(eligible(LI, PACKAGE, "desk", (), now, auth, void=void)) == {Rule.PACKAGE_OPEN}


def test_roles_that_are_apart_are_not_signed_by_one_person():
    apart = replace(PACKAGE, apart=(("finance", "desk"),))
    assert broken(eligible(LI, apart, "desk", (), NOW, AUTH, signed_as=("finance",))) == {Rule.APART}
    assert not broken(eligible(LI, PACKAGE, "desk", (), NOW, AUTH, signed_as=("finance",)))


def test_a_table_that_lacks_a_rule_or_holds_one_twice_lets_nobody_sign():
    table = eligible(LI, PACKAGE, "desk", (), NOW, AUTH)
    assert not may_sign(table[1:])
    assert not may_sign((*table, table[0]))
    assert not may_sign(())
