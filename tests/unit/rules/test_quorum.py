"""How a package stands, by table."""

from dataclasses import replace

import pytest

from harness.formats.manifest import package_digest
from harness.model.acceptance import Decision, State
from harness.rules.quorum import quorum
from tests.unit.acceptances import NOW, PACKAGE, condition, signature, statement

DESK = signature(1)
FINANCE = signature(2, statement(role="finance", person="p-ann"))
CONDITIONAL = signature(3, statement(Decision.CONDITIONS, conditions=(condition(),)))
REFUSAL = signature(4, statement(Decision.REJECT, reason="no"))
ELSEWHERE = signature(5, replace(statement(), package_sha256="0" * 64))


@pytest.mark.parametrize(
    ("signatures", "withdrawn", "now", "state"),
    [
        ((), (), NOW, State.OPEN),
        ((DESK,), (), NOW, State.OPEN),
        ((DESK, FINANCE), (), NOW, State.ACCEPTED),
        ((FINANCE, DESK), (), NOW + 10**12, State.ACCEPTED),
        ((DESK, FINANCE, CONDITIONAL), (), NOW, State.CONDITIONAL),
        ((DESK, FINANCE, CONDITIONAL, REFUSAL), (), NOW, State.REJECTED),
        ((REFUSAL, DESK, FINANCE), (), NOW, State.REJECTED),
        ((REFUSAL,), (), NOW, State.REJECTED),
        ((DESK, FINANCE, REFUSAL), (4,), NOW, State.OPEN),
        ((DESK, FINANCE), (2,), NOW, State.OPEN),
        ((DESK,), (), PACKAGE.expires_ms, State.EXPIRED),
        ((DESK, FINANCE, ELSEWHERE), (), NOW, State.ACCEPTED),
        ((ELSEWHERE, FINANCE), (), NOW, State.OPEN),
    ],
)
def test_a_package_stands_as_its_people_say(signatures, withdrawn, now, state):
    assert quorum(PACKAGE, package_digest(PACKAGE), signatures, frozenset(withdrawn), now).state is state


def test_a_package_that_asks_nobody_is_never_accepted():
    nobody = replace(PACKAGE, slots=())
    assert quorum(nobody, package_digest(nobody), (), frozenset(), NOW).state is State.OPEN


def test_one_person_twice_is_one_person():
    two = replace(PACKAGE, slots=(replace(PACKAGE.slots[0], least=2),))
    mine = statement(package=two)
    twice = (signature(1, mine), signature(2, mine))
    assert quorum(two, package_digest(two), twice, frozenset(), NOW).state is State.OPEN
    other = signature(3, replace(mine, person="p-ann"))
    assert quorum(two, package_digest(two), (*twice, other), frozenset(), NOW).state is State.ACCEPTED
