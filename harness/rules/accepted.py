"""How far a release is accepted: each criterion that must be signed, and what people have said of it so far.

For showing only; whether it suffices is the gate's to say (`harness.rules.gating_acceptance`).
"""

from collections import defaultdict

from harness.model.criteria import Criterion, Priority
from harness.model.gate import Entrance, GatePolicy, Wanted
from harness.model.report import Accepted, Standing
from harness.model.signoff import Answer, Bundle, Signoff
from harness.rules.gating_acceptance import standing

_SAID = {
    Answer.ACCEPTED: Standing.ACCEPTED,
    Answer.CONDITIONED: Standing.CONDITIONED,
    Answer.REJECTED: Standing.REJECTED,
}


def accepted(
    policy: GatePolicy, criteria: tuple[Criterion, ...], bundle: Bundle | None, release: str, nonce: str
) -> tuple[Accepted, ...]:
    """One entry for each criterion that some tier's entrance asks a signature for."""
    wanted = _wanted(policy.entrances)
    by_criterion: defaultdict[str, list[Signoff]] = defaultdict(list)
    for one in bundle.signoffs if bundle is not None and nonce else ():
        if one.release == release and one.nonce == nonce:
            by_criterion[one.criterion].append(one)
    return tuple(_entry(one, by_criterion[one.id]) for one in criteria if one.priority in wanted)


def _wanted(entrances: tuple[Entrance, ...]) -> frozenset[Priority]:
    asked = [one.acceptance for one in entrances if one.acceptance is not None]
    must = {Priority.MUST for one in asked if one.must is not Wanted.NONE}
    return frozenset(must | {Priority.SHOULD for one in asked if one.should is not Wanted.NONE})


def _entry(criterion: Criterion, signoffs: list[Signoff]) -> Accepted:
    """An answer to another wording of the criterion is none."""
    answers = [one for one in standing(signoffs) if one.criterion_sha256 == criterion.sha256]
    order = list(Standing)
    return Accepted(
        criterion=criterion.id,
        title=criterion.title,
        priority=criterion.priority.value,
        standing=min((_SAID[one.answer] for one in answers), key=order.index, default=Standing.OPEN),
        people=tuple(f"{one.person} ({one.role})" for one in answers),
    )
