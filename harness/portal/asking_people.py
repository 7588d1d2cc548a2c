"""Telling people that they are asked: when a package is frozen, and again when QA reminds them."""

from harness.portal.clock import now_ms, utc
from harness.portal.models import Frozen, Grant, Signed, Slot
from harness.portal.notices import tell
from harness.portal.packages import package_of
from harness.portal.templatetags.words import the_day
from harness.rules.accepting import asked_of


def ask_signers(row: Frozen) -> int:
    """Write to everybody who holds a role that is asked; gives how many."""
    return sum(_ask(row, slot) for slot in Slot.objects.filter(package=row, place=1))


def remind_signers(row: Frozen) -> int:
    """Write again for the places where nobody signed."""
    count = 0
    for slot in Slot.objects.filter(package=row):
        if not Signed.objects.filter(slot=slot, round=slot.round).exists():
            count += _ask(row, slot)
            Slot.objects.filter(pk=slot.pk).update(reminded_ms=now_ms())
    return count


def _ask(row: Frozen, slot: Slot) -> int:
    package = package_of(row)
    held = Grant.objects.filter(role=slot.role, since_ms__isnull=False, until_ms=None, person__active=True)
    people = {one.person for one in held.select_related("person") if one.person.side == "business"}
    for person in people:
        tell(
            person,
            "asked",
            count=len(asked_of(package, slot.role)),
            project=package.project,
            due=the_day(utc(row.due_ms), person.language),
            link=f"/packages/{row.code}",
        )
    return len(people)
