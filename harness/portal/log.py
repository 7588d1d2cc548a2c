"""Adding to the log: one at a time, numbered without a gap, committed before anybody is told.

The head row is the one lock. After the commit the new checkpoint goes to the witnesses; what they have not got yet
shows as not anchored.
"""

import base64
from collections.abc import Callable, Mapping

from django.db import transaction

from harness.formats.canonical import canonical_bytes
from harness.formats.checkpoint import write_checkpoint
from harness.formats.ledger import countersigned, write_entry
from harness.model.ledger import Checkpoint, EntryKind, LedgerEntry
from harness.portal.clock import now_ms, utc
from harness.portal.keys import ORIGIN, portal_key
from harness.portal.models import Entry, Head
from harness.portal.witnesses import show_witnesses
from harness.rules.merkle import grown, leaf_hash, root_of_frontier

_BACK_MS = 60_000
Build = Callable[[int, int], LedgerEntry]


class ClockWentBack(RuntimeError):
    """The machine's clock is before the newest entry: what it says can't be trusted, so nothing is written."""


def append(kind: EntryKind, body: Mapping[str, object]) -> int:
    """Add a plain entry; gives its number."""
    text = canonical_bytes(dict(body)).decode()
    return append_built(lambda number, at_ms: LedgerEntry(index=number, kind=kind, at_ms=at_ms, body=text))


def append_built(build: Build) -> int:
    """Add an entry that is made of its own number and time."""
    with transaction.atomic():
        head, _ = Head.objects.select_for_update().get_or_create(id=1)
        now = now_ms()
        if now < head.last_ms - _BACK_MS:
            raise ClockWentBack(f"the clock says {utc(now):%F %T}, which is before the log's end")
        entry = build(head.size, max(now, head.last_ms))
        if entry.index != head.size:
            raise ValueError("an entry must carry the number that it gets")
        _keep(head, entry)
        note = head.checkpoint
        transaction.on_commit(lambda: show_witnesses(entry.index + 1, note.encode()))
    return entry.index


def _keep(head: Head, entry: LedgerEntry) -> None:
    key, line = portal_key(), write_entry(entry)
    leaf = leaf_hash(line)
    Entry.objects.create(
        index=entry.index,
        kind=entry.kind.value,
        at_ms=entry.at_ms,
        body=line,
        leaf_sha256=leaf.hex(),
        countersignature=base64.b64encode(key.sign(countersigned(entry))).decode(),
    )
    frontier = grown(tuple(bytes.fromhex(one) for one in head.frontier.split()), head.size, leaf)
    root = root_of_frontier(frontier)
    head.size, head.last_ms = entry.index + 1, entry.at_ms
    head.frontier, head.root_sha256 = " ".join(one.hex() for one in frontier), root.hex()
    head.checkpoint = write_checkpoint(Checkpoint(origin=ORIGIN, size=head.size, root=root), key).decode()
    head.save()
