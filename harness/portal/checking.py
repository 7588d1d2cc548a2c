"""Verify now: the whole log read again, and every row that points at it held against what it says.

Bytes, numbers, hashes, countersignatures, the head and the witnesses' copies; then packages, signatures and what was
taken back. Rows are for finding; where one says other than the log, the log is right and the row is named.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import DatabaseError

from harness.errors import HarnessError
from harness.formats.acceptance_bundle import undone_by
from harness.formats.dsse import NotTrusted
from harness.formats.ledger import told_by
from harness.formats.log_checking import check_log as check_entries
from harness.formats.manifest import package_digest, statement_digest
from harness.formats.signature_checking import check_signatures
from harness.model.ledger import Enrolled, FrozenPackage, Line, Log, PasskeyRemoved, Signature
from harness.portal.checking_rows import rows_against
from harness.portal.keys import public_key
from harness.portal.models import Entry, Frozen, Head, Passkey, Signed
from harness.portal.packages import package_of
from harness.portal.settings import PORTAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How many entries were read, and everything that is not as it was written."""

    size: int
    troubles: tuple[str, ...]


def check_log(*, anchored: bool = True) -> Checked:
    """Read everything again; without the witnesses' copies where `anchored` says so."""
    size = Entry.objects.count()
    try:
        return Checked(size=size, troubles=tuple(_troubles(anchored)))
    except (NotTrusted, HarnessError, ValueError, TypeError, AttributeError, DatabaseError) as error:
        return Checked(size=size, troubles=(str(error) or type(error).__name__,))


def _troubles(anchored: bool) -> Iterator[str]:
    head = Head.objects.filter(id=1).first()
    rows = Entry.objects.order_by("index").values_list("body", "leaf_sha256", "countersignature")
    if head is None:
        if rows:
            yield "the head of the log is gone"
        return
    log = Log(
        leaves=tuple(bytes.fromhex(leaf) for _, leaf, _ in rows),
        checkpoint=head.checkpoint.encode(),
        lines=tuple(Line(body=_bytes(body, "an entry"), countersignature=signature) for body, _, signature in rows),
    )
    for sha256, manifest in Frozen.objects.values_list("sha256", "manifest"):
        _bytes(manifest, f"the manifest of package {sha256}")
    _, entries = check_entries(log, (public_key(),), tuple(_anchors()) if anchored else ())
    told = tuple(one for one in map(told_by, entries) if one is not None)
    check_signatures({row.sha256: package_of(row) for row in Frozen.objects.all()}, told)
    yield from _rows(told)
    yield from rows_against(entries, told, log.leaves)


def _bytes(value: object, what: str) -> bytes:
    """Bytes as they were stored; a number in their place would become that many zeros."""
    if not isinstance(value, bytes | memoryview):
        raise TypeError(f"{what} is stored as {type(value).__name__}")
    return bytes(value)


def _anchors() -> Iterator[bytes]:
    """The newest checkpoint of each witness that is a directory."""
    for place in PORTAL.witnesses:
        newest = Path(place) / "checkpoint.txt"
        if newest.is_file():
            yield newest.read_bytes()


def _rows(told: tuple[object, ...]) -> Iterator[str]:
    frozen = {one.package_sha256: one for one in told if isinstance(one, FrozenPackage)}
    for row in Frozen.objects.all():
        mine = frozen.pop(row.sha256, None)
        if mine is None or mine.number != row.number or package_digest(package_of(row)) != row.sha256:
            yield f"package {row.code} is not the one that was frozen"
    for gone in frozen.values():
        yield f"package {gone.code} is gone"
    yield from _signatures(told)
    yield from _passkeys(told)


def _signatures(told: tuple[object, ...]) -> Iterator[str]:
    signatures = {one.number: one for one in told if isinstance(one, Signature)}
    undone = undone_by(told, tuple(signatures.values()))
    for row in Signed.objects.select_related("package"):
        mine = signatures.pop(row.number, None)
        said = (row.statement_sha256, row.person_id, row.role, row.decision, row.package.sha256)
        if mine is None or said != _said(mine):
            yield f"the row of signature {row.number} says other than the log"
        elif undone.get(row.number) != row.taken_back:
            yield f"whether signature {row.number} was taken back is not as the log says"
    for number in signatures:
        yield f"the row of signature {number} is gone"


def _said(signature: Signature) -> tuple[str, str, str, str, str]:
    one = signature.statement
    return statement_digest(one), one.person, one.role, one.decision.value, one.package_sha256


def _passkeys(told: tuple[object, ...]) -> Iterator[str]:
    enrolled = {one.credential: one for one in told if isinstance(one, Enrolled)}
    removed = {one.credential for one in told if isinstance(one, PasskeyRemoved)}
    for row in Passkey.objects.all():
        mine = enrolled.pop(row.credential, None)
        if mine is None or (mine.person, mine.public_key, mine.by) != (row.person_id, row.public_key, row.enrolled_by):
            yield f"passkey {row.credential[:16]} of {row.person_id} was never enrolled so"
        elif (row.revoked_ms is not None) != (row.credential in removed):
            yield f"whether passkey {row.credential[:16]} of {row.person_id} was removed is not as the log says"
    for gone in enrolled.values():
        yield f"passkey {gone.credential[:16]} of {gone.person} is gone"
