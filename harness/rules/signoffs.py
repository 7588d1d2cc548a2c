"""From signatures to the sign-offs that the gate reads: one for each criterion that a person answered.

A refusal is one of everything that the role was asked, whatever was named as its cause. What was withdrawn, replaced
or signed for a package that was taken back is not told at all.
"""

from collections.abc import Iterator

from harness.model.acceptance import Decision, Package, Said
from harness.model.ledger import MetCondition, Signature
from harness.model.signoff import Answer, Signoff
from harness.rules.accepting import asked_of
from harness.rules.quorum import standing_signatures

PLACES = 10_000


def signoffs_from(
    packages: dict[str, Package],
    signatures: tuple[Signature, ...],
    withdrawn: frozenset[int] = frozenset(),
    met: tuple[MetCondition, ...] = (),
) -> tuple[Signoff, ...]:
    """What people said of these packages (by digest), in the order of the log.

    A sign-off's number is that of the signature times 10,000, and the criterion's place among those asked.
    """
    found: list[Signoff] = []
    for sha256, package in packages.items():
        for one in standing_signatures(sha256, signatures, withdrawn):
            found.extend(_signoffs(package, one, frozenset(m.criterion for m in met if m.signature == one.number)))
    return tuple(sorted(found, key=lambda one: one.number))


def _signoffs(package: Package, signature: Signature, met: frozenset[str]) -> Iterator[Signoff]:
    said = {one.criterion: one for one in signature.statement.answers}
    conditions = {one.criterion: one for one in signature.statement.conditions}
    for place, asked in enumerate(asked_of(package, signature.statement.role)):
        answer = _answer(signature, asked.id)
        if answer is None:
            continue
        condition = conditions.get(asked.id)
        given = said.get(asked.id)
        yield Signoff(
            number=signature.number * PLACES + place,
            release=package.release,
            nonce=package.nonce,
            tier=package.tier,
            criterion=asked.id,
            criterion_sha256=given.criterion_sha256 if given else asked.sha256,
            answer=answer,
            person=f"{signature.statement.name} ({signature.statement.person})",
            role=signature.statement.role,
            grade=signature.grade,
            signed_ms=signature.signed_ms,
            condition=f"{condition.text} ({condition.owner})" if condition else "",
            due_ms=condition.due_ms if condition else 0,
            before_tier=condition.before_tier if condition else "",
            met=asked.id in met,
            package_sha256=signature.statement.package_sha256,
        )


def _answer(signature: Signature, criterion: str) -> Answer | None:
    statement = signature.statement
    if statement.decision is Decision.REJECT:
        return Answer.REJECTED
    said = {one.criterion: one.said for one in statement.answers}
    if any(one.criterion == criterion for one in statement.conditions):
        return Answer.CONDITIONED
    return Answer.ACCEPTED if said.get(criterion) is Said.YES else None
