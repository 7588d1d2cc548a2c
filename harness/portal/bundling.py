"""What goes out: the sign-offs of a release as the gate reads them, signed by the portal's key."""

from harness.formats.acceptance_bundle import signoffs_told
from harness.formats.bundle import write_bundle
from harness.model.signoff import Bundle
from harness.portal.clock import now_ms
from harness.portal.keys import portal_key
from harness.portal.models import Entry, Frozen, Project
from harness.portal.packages import package_of
from harness.portal.telling import told_of


def gate_bundle(project: Project, release: str, nonce: str = "") -> bytes | None:
    """Everything that people said of a release, complete; None where it was never asked about.

    Of several declarations of one name the newest counts, unless `nonce` names one.
    """
    size = Entry.objects.count()  # first: all else is as the log stood at this very moment
    newest = newest_of(project, release, nonce)
    if newest is None:
        return None
    asked = Frozen.objects.filter(project=project, release=release, nonce=newest.nonce, number__lt=size)
    packages = {row.sha256: package_of(row) for row in asked}
    told = told_of(packages, size)
    bundle = Bundle(
        release=release,
        nonce=newest.nonce,
        exported_ms=now_ms(),
        signoffs=signoffs_told(packages, told),
    )
    return write_bundle(bundle, portal_key())


def newest_of(project: Project, release: str, nonce: str) -> Frozen | None:
    """The newest package of a release, of this declaration of it where one is named."""
    rows = Frozen.objects.filter(project=project, release=release)
    return (rows.filter(nonce=nonce) if nonce else rows).order_by("-frozen_ms").first()
