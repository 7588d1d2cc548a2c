"""What may be decided of a package, and the exact words of it.

A Must that does not work can't be accepted, with or without a condition. A Should that does not work needs a condition.
Refusing needs a reason and nothing else. Nobody is asked what another role owns.
"""

import re
from collections import Counter
from collections.abc import Iterator

from harness.model.acceptance import Asked, Condition, Decision, Given, Objection, Package, Said, Statement, Wrong
from harness.model.criteria import Priority
from harness.model.evidence import Outcome

_PLACEHOLDER = re.compile(r"\{(name|title|conditions|reason)\}")


def asked_of(package: Package, role: str) -> tuple[Asked, ...]:
    """What a role is asked: its own criteria and those that nobody owns, in their order; what won't come is not."""
    return tuple(one for one in package.criteria if one.owner in {role, ""} and one.priority is not Priority.WONT)


def objections(
    package: Package,
    role: str,
    decision: Decision,
    answers: tuple[Given, ...],
    conditions: tuple[Condition, ...],
    reason: str,
    now_ms: int,
) -> tuple[Objection, ...]:
    """Everything that keeps such a decision from being signed; none where it may be."""
    asked = asked_of(package, role)
    return tuple(
        dict.fromkeys(
            (
                *(() if asked else (Objection(wrong=Wrong.NOTHING_ASKED),)),
                *_about_answers(asked, answers),
                *_about_decision(asked, decision, answers, conditions, reason),
                *_about_conditions(asked, conditions, now_ms),
            )
        )
    )


def statement_objections(
    package: Package, package_sha256: str, statement: Statement, now_ms: int
) -> tuple[Objection, ...]:
    """The same for a whole statement, with what binds it: package, words, time."""
    bound = statement.package_sha256 == package_sha256 and statement.code == package.code
    in_time = statement.issued_ms <= now_ms < statement.expires_ms
    return (
        *(() if bound else (Objection(wrong=Wrong.OTHER_PACKAGE),)),
        *(() if statement.text == text_of(package, statement) else (Objection(wrong=Wrong.OTHER_TEXT),)),
        *(() if in_time else (Objection(wrong=Wrong.EXPIRED),)),
        *objections(
            package,
            statement.role,
            statement.decision,
            statement.answers,
            statement.conditions,
            statement.reason,
            now_ms,
        ),
    )


def text_of(package: Package, statement: Statement) -> str:
    """The words that this statement must carry; empty where the package has none for its language and decision."""
    wanted = (statement.language, statement.decision)
    text = next((one.text for one in package.wordings if (one.language, one.decision) == wanted), "")
    values = {
        "name": statement.name,
        "title": statement.title,
        "conditions": "\n".join(f"{number}. {one.text}" for number, one in enumerate(statement.conditions, 1)),
        "reason": statement.reason,
    }
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def _about_answers(asked: tuple[Asked, ...], answers: tuple[Given, ...]) -> Iterator[Objection]:
    versions = {one.id: one.sha256 for one in asked}
    for criterion, times in Counter(one.criterion for one in answers).items():
        if times > 1:
            yield Objection(wrong=Wrong.ANSWER_TWICE, criterion=criterion)
    for one in answers:
        if one.criterion not in versions:
            yield Objection(wrong=Wrong.ANSWER_NOT_ASKED, criterion=one.criterion)
        elif one.criterion_sha256 != versions[one.criterion]:
            yield Objection(wrong=Wrong.ANSWER_OLD_VERSION, criterion=one.criterion)


def _about_decision(
    asked: tuple[Asked, ...],
    decision: Decision,
    answers: tuple[Given, ...],
    conditions: tuple[Condition, ...],
    reason: str,
) -> Iterator[Objection]:
    if decision is Decision.REJECT:
        if not reason.strip():
            yield Objection(wrong=Wrong.REASON_MISSING)
        if conditions:
            yield Objection(wrong=Wrong.CONDITIONS_UNWANTED)
        return
    if decision is Decision.ACCEPT and conditions:
        yield Objection(wrong=Wrong.CONDITIONS_UNWANTED)
    if decision is Decision.CONDITIONS and not conditions:
        yield Objection(wrong=Wrong.CONDITIONS_MISSING)
    said = {one.criterion: one.said for one in answers}
    conditioned = {one.criterion for one in conditions}
    for one in asked:
        works = said.get(one.id) is Said.YES and one.outcome is not Outcome.FAILED
        if one.id not in said and one.priority is not Priority.COULD:
            yield Objection(wrong=Wrong.ANSWER_MISSING, criterion=one.id)
        elif one.priority is Priority.MUST and not works:
            yield Objection(wrong=Wrong.MUST_NOT_WORKING, criterion=one.id)
        elif one.priority is Priority.SHOULD and not works and one.id not in conditioned:
            yield Objection(wrong=Wrong.SHOULD_NEEDS_CONDITION, criterion=one.id)


def _about_conditions(asked: tuple[Asked, ...], conditions: tuple[Condition, ...], now_ms: int) -> Iterator[Objection]:
    ids = {one.id for one in asked}
    for criterion, times in Counter(one.criterion for one in conditions).items():
        if times > 1:
            yield Objection(wrong=Wrong.CONDITION_TWICE, criterion=criterion)
    for one in conditions:
        if one.criterion not in ids:
            yield Objection(wrong=Wrong.CONDITION_NOT_ASKED, criterion=one.criterion)
        if not one.text.strip() or not one.owner.strip():
            yield Objection(wrong=Wrong.CONDITION_INCOMPLETE, criterion=one.criterion)
        if one.due_ms <= now_ms:
            yield Objection(wrong=Wrong.CONDITION_PAST, criterion=one.criterion)
