"""How far a release is accepted: the worst standing answer to the criterion as it reads now."""

import pytest

from harness.model.criteria import Criterion, Priority, Text
from harness.model.gate import Acceptance, Entrance, GatePolicy, Wanted
from harness.model.report import Standing
from harness.model.signoff import Answer, Bundle, Grade, Signoff
from harness.rules.accepted import accepted

MUST = Criterion(id="A", title=Text(en="a"), statement=Text(en="a"), priority=Priority.MUST, sha256="now")
SHOULD = Criterion(id="B", title=Text(en="b"), statement=Text(en="b"), priority=Priority.SHOULD, sha256="now")


def policy(**more: object) -> GatePolicy:
    wanted = {"must": Wanted.ALL, "should": Wanted.NONE, "roles": ("desk",), "grade": Grade.TOTP, "max_age_s": 1.0}
    acceptance = Acceptance(**{**wanted, **more})  # type: ignore[arg-type]
    return GatePolicy(entrances=(Entrance(to="prod", needs=(), acceptance=acceptance),))


def answer(number: int, said: Answer, **more: object) -> Signoff:
    whole: dict[str, object] = {
        "number": number,
        "release": "1.0",
        "nonce": "n",
        "tier": "test",
        "criterion": "A",
        "criterion_sha256": "now",
        "answer": said,
        "person": "ann",
        "role": "desk",
        "grade": Grade.TOTP,
        "signed_ms": 1,
    }
    return Signoff(**{**whole, **more})  # type: ignore[arg-type]


def standing(*signoffs: Signoff) -> Standing:
    bundle = Bundle(release="1.0", nonce="n", exported_ms=1, signoffs=signoffs)
    (one,) = accepted(policy(), (MUST, SHOULD), bundle, "1.0", "n")
    return one.standing


@pytest.mark.parametrize(
    ("signoffs", "expected"),
    [
        ((), Standing.OPEN),
        ((answer(1, Answer.ACCEPTED),), Standing.ACCEPTED),
        ((answer(1, Answer.ACCEPTED), answer(2, Answer.REJECTED, person="bob")), Standing.REJECTED),
        ((answer(1, Answer.REJECTED), answer(2, Answer.ACCEPTED)), Standing.ACCEPTED),
        ((answer(1, Answer.CONDITIONED),), Standing.CONDITIONED),
        ((answer(1, Answer.ACCEPTED, criterion_sha256="before"),), Standing.OPEN),
        ((answer(1, Answer.ACCEPTED, nonce="other"),), Standing.OPEN),
        ((answer(1, Answer.ACCEPTED, release="0.9"),), Standing.OPEN),
    ],
)
def test_what_is_shown_of_a_criterion_is_the_worst_that_stands(signoffs, expected):
    assert standing(*signoffs) is expected


def test_only_criteria_that_need_a_signature_are_shown():
    shown = accepted(policy(should=Wanted.ALL), (MUST, SHOULD), None, "1.0", "n")
    assert [one.criterion for one in shown] == ["A", "B"]
    assert accepted(GatePolicy(entrances=()), (MUST, SHOULD), None, "1.0", "n") == ()
