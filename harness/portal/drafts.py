"""Decisions before they are signed: kept at once, changed freely, nothing preselected."""

import json
from dataclasses import replace

from harness.formats.shape import from_json, to_json
from harness.model.acceptance import Change, Condition, Said, Statement
from harness.portal.clock import now_ms
from harness.portal.models import Answered, Draft, Frozen, Person
from harness.portal.packages import Asked, package_of
from harness.portal.standings import signatures_of
from harness.rules.accepting import asked_of


def draft_of(asked: Asked, person: Person) -> Draft:
    """A person's draft, begun at their first look; what they accepted before and did not change is carried over."""
    draft, new = Draft.objects.get_or_create(package=asked.row, person=person, role=asked.role)
    if new:
        _carry_over(asked, person)
    return draft


def answer(asked: Asked, person: Person, criterion: str, said: Said, words: str) -> None:
    """Keep an answer. A new one takes back that the whole was looked through."""
    Answered.objects.update_or_create(
        package=asked.row,
        person=person,
        criterion=criterion,
        defaults={"said": said.value, "words": words.strip()[:1000], "carried": False, "at_ms": now_ms()},
    )
    Draft.objects.filter(package=asked.row, person=person).update(reviewed_ms=None)


def conditions_of(draft: Draft) -> tuple[Condition, ...]:
    """The conditions of a draft."""
    return tuple(from_json(Condition, one) for one in json.loads(draft.conditions))


def keep_conditions(draft: Draft, conditions: tuple[Condition, ...]) -> None:
    """Keep them."""
    draft.conditions = json.dumps([to_json(one) for one in conditions])


def with_text(statement: Statement, text: str) -> Statement:
    """A statement with its words."""
    return replace(statement, text=text)


def _carry_over(asked: Asked, person: Person) -> None:
    before = Frozen.objects.filter(sha256=asked.package.follows).first() if asked.package.follows else None
    if before is None:
        return
    same = {one.id for one in asked_of(package_of(asked.row), asked.role) if one.change is Change.SAME}
    mine = [one.statement for one in signatures_of(before) if one.statement.person == person.id]
    said = {given.criterion: given.said for one in mine for given in one.answers}
    Answered.objects.bulk_create(
        [
            Answered(package=asked.row, person=person, criterion=one, said=Said.YES.value, carried=True)
            for one in sorted(same)
            if said.get(one) is Said.YES
        ],
        ignore_conflicts=True,
    )
