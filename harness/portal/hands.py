"""Who had a hand in a release, told when its run is brought again: added to what is known, never taken away.

A package that was frozen before learns of it by an entry of its own in the log. From there on such a person does not
sign it, and what they accepted before counts no more; their place is open again. What they rejected stays rejected:
whoever may bring a run must not be able to take a refusal away by naming its signer.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from harness.formats.ledger import entry_of
from harness.model.acceptance import Act, ActKind, Decision
from harness.model.ledger import HandsTold
from harness.portal import log
from harness.portal.models import Frozen, Hand, Head, LateHand, Person, Published, Signed, Slot

_OF_THE_RELEASE = (ActKind.COMMIT_AUTHOR, ActKind.DEPLOYER)


def add_hands(run: Published, acts: Iterable[Act], *, by: str) -> int:
    """Keep what was not told of this run yet, and tell its packages; gives how many were told of somebody new."""
    with transaction.atomic():
        Head.objects.select_for_update().get_or_create(id=1)
        kept = [
            Hand(run=run, kind=one.kind.value, person=one.person, about=one.about) for one in acts if one.person.strip()
        ]
        Hand.objects.bulk_create(kept, ignore_conflicts=True)
        return tell_packages(run, acts, by=by)


def tell_packages(run: Published, acts: Iterable[Act], *, by: str) -> int:
    """Tell every package of the run's release that did not know; scripts and imports concern those that rest on it."""
    told, acts = 0, tuple(acts)
    with transaction.atomic():
        rows = Frozen.objects.filter(project=run.project, release=run.release, nonce=run.nonce, void_ms=None)
        for row in rows.order_by("number"):
            mine = row.picked.filter(run=run).exists()
            new = [one for one in acts if (mine or one.kind in _OF_THE_RELEASE) and not _known(row, one)]
            if new:
                _tell(row, tuple(new), by)
                told += 1
    return told


def _known(row: Frozen, act: Act) -> bool:
    from harness.portal.packages import told_acts

    return any((one.kind, one.person) == (act.kind, act.person) for one in told_acts(row))


def _tell(row: Frozen, acts: tuple[Act, ...], by: str) -> None:
    number = log.append_built(
        lambda number, at_ms: entry_of(
            HandsTold(number=number, package_sha256=row.sha256, acts=acts, by=by, at_ms=at_ms)
        )
    )
    LateHand.objects.bulk_create(
        [LateHand(package=row, kind=one.kind.value, person=one.person, about=one.about, number=number) for one in acts]
    )
    mails = {one.person for one in acts}
    people = Person.objects.filter(email__in=mails) | Person.objects.filter(pk__in=mails)
    standing = Signed.objects.filter(package=row, person__in=people, taken_back=None)
    for signed in standing.exclude(decision=Decision.REJECT.value):
        Signed.objects.filter(pk=signed.pk).update(taken_back=number)
        Slot.objects.filter(pk=signed.slot_id).update(round=F("round") + 1)
