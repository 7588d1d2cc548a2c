"""An acceptance as one file that outlives the portal: manifests, entries with proofs, evidence, a verifier."""

from dataclasses import replace
from pathlib import Path

from harness.formats.acceptance_bundle import Export, write_acceptance
from harness.formats.acceptance_checking import check_acceptance
from harness.formats.acceptance_views import pages_of
from harness.formats.dsse import NotTrusted
from harness.model.ledger import Line, Log
from harness.portal.clock import now_ms
from harness.portal.evidence_store import path_of
from harness.portal.keys import portal_key, public_key
from harness.portal.models import Entry, Frozen, Head
from harness.portal.packages import package_of
from harness.portal.telling import told_of

_MOST_EVIDENCE_BYTES = 200 * 1024**2


def archive_of(row: Frozen, *, evidence: bool = True) -> bytes:
    """The archive of everything that was asked and said of the release of a package, up to one head of the log."""
    head = Head.objects.get(id=1)  # first: all else is as the log stood at this very moment
    asked = Frozen.objects.filter(project=row.project, release=row.release, nonce=row.nonce, number__lt=head.size)
    rows = tuple(asked.order_by("number"))
    entries = Entry.objects.filter(index__lt=head.size)
    numbers = [one.number for one in told_of([one.sha256 for one in rows], head.size)]
    lines = entries.filter(index__in=numbers).order_by("index").values_list("body", "countersignature")
    leaves = entries.order_by("index").values_list("leaf_sha256", flat=True)
    export = Export(
        release=row.release,
        nonce=row.nonce,
        exported_ms=now_ms(),
        manifests=tuple(bytes(one.manifest) for one in rows),
        log=Log(
            leaves=tuple(bytes.fromhex(one) for one in leaves),
            checkpoint=head.checkpoint.encode(),
            lines=tuple(Line(body=bytes(body), countersignature=signature) for body, signature in lines),
        ),
        files=_evidence(rows) if evidence else {},
    )
    files = {**export.files, **_documents(export)} if evidence else export.files
    return write_acceptance(replace(export, files=files), portal_key())


def _documents(export: Export) -> dict[str, bytes]:
    """Certificates and reports as pages, of what holds; of what doesn't there is none."""
    try:
        found = check_acceptance(write_acceptance(replace(export, files={}), portal_key()), (public_key(),))
    except NotTrusted:
        return {}
    return {f"documents/{name}.html": body for name, body in pages_of(found).items()}


def _evidence(rows: tuple[Frozen, ...]) -> dict[str, bytes]:
    """The files that signers could look at, as far as a file may carry them; the manifests name all by digest."""
    found: dict[str, bytes] = {}
    total = 0
    wanted = {file.sha256: file.size for row in rows for one in package_of(row).criteria for file in one.evidence}
    for sha256, size in sorted(wanted.items()):
        path: Path = path_of(sha256)
        if path.is_file() and total + size <= _MOST_EVIDENCE_BYTES:
            found[f"evidence/{sha256}"] = path.read_bytes()
            total += size
    return found
