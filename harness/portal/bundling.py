"""What goes out: the sign-offs of a release as the gate reads them, signed by the portal's key."""

from django.db.models import QuerySet

from harness.formats.bundle import write_bundle
from harness.formats.ledger import read_entry, told_in
from harness.model.ledger import MetCondition
from harness.model.signoff import Bundle
from harness.portal.clock import now_ms
from harness.portal.keys import portal_key
from harness.portal.models import Entry, Frozen, Met, Project, Signed
from harness.portal.packages import package_of, signatures_of
from harness.rules.signoffs import signoffs_from


def gate_bundle(project: Project, release: str, nonce: str = "") -> bytes | None:
    """Everything that people said of a release, complete; None where it was never asked about.

    Of several declarations of one name the newest counts, unless `nonce` names one.
    """
    newest = newest_of(project, release, nonce)
    if newest is None:
        return None
    asked = Frozen.objects.filter(project=project, release=release, nonce=newest.nonce, void_ms=None)
    packages = {row.sha256: package_of(row) for row in asked}
    signatures = tuple(one for row in asked for one in signatures_of(row))
    taken_back = Signed.objects.filter(package__in=asked, taken_back__isnull=False).values_list("number", flat=True)
    bundle = Bundle(
        release=release,
        nonce=newest.nonce,
        exported_ms=now_ms(),
        signoffs=signoffs_from(packages, signatures, frozenset(taken_back), _met(asked)),
    )
    return write_bundle(bundle, portal_key())


def newest_of(project: Project, release: str, nonce: str) -> Frozen | None:
    """The newest package of a release, of this declaration of it where one is named."""
    rows = Frozen.objects.filter(project=project, release=release)
    return (rows.filter(nonce=nonce) if nonce else rows).order_by("-frozen_ms").first()


def _met(asked: "QuerySet[Frozen]") -> tuple[MetCondition, ...]:
    numbers = Met.objects.filter(signed__package__in=asked).values_list("number", flat=True)
    entries = (read_entry(bytes(one.body)) for one in Entry.objects.filter(index__in=list(numbers)))
    return tuple(told_in(MetCondition, entry) for entry in entries)
