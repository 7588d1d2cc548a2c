"""The log as bytes: an entry is one line of canonical JSON, and the tree is over exactly those bytes.

A body is kept as the text that was hashed, never parsed and written again, so that a later harness can't change what
was said.
"""

from harness.errors import HarnessError, Place
from harness.formats.canonical import canonical_bytes, plain, read_signed, tagged_digest, write_signed
from harness.formats.shape import ShapeError, from_json, to_json
from harness.model.ledger import EntryKind, LedgerEntry, Signature, Withdrawn

SIGNATURE = "harness/acceptance-signature"
WITHDRAWN = "harness/acceptance-withdrawn"


def write_entry(entry: LedgerEntry) -> bytes:
    """One line, without the newline: what the leaf hash is over."""
    return canonical_bytes(to_json(entry))


def read_entry(line: bytes, file: str = "ledger") -> LedgerEntry:
    """An entry from its line; HarnessError where it is none."""
    try:
        read: LedgerEntry = from_json(LedgerEntry, plain(line, file), "entry")
    except ShapeError as error:
        raise HarnessError(f"{file}: {error}", place=Place(file=file)) from error
    return read


def read_entries(body: bytes, file: str = "ledger") -> tuple[LedgerEntry, ...]:
    """A whole log, one entry a line, numbered without a gap; HarnessError naming the first line that is wrong."""
    if not body:
        return ()
    if not body.endswith(b"\n"):
        raise HarnessError(f"{file} breaks off in its last line", place=Place(file=file))
    entries = []
    for index, line in enumerate(body[:-1].split(b"\n")):
        entry = read_entry(line, f"{file}, line {index + 1}")
        if entry.index != index:
            raise HarnessError(f"{file}, line {index + 1}: entry {entry.index} where {index} belongs")
        entries.append(entry)
    return tuple(entries)


def signature_entry(signature: Signature) -> LedgerEntry:
    """A signature as the entry that it is."""
    body = write_signed(signature, SIGNATURE).decode()
    return LedgerEntry(index=signature.number, kind=EntryKind.SIGNATURE, at_ms=signature.signed_ms, body=body)


def withdrawal_entry(withdrawn: Withdrawn) -> LedgerEntry:
    """A withdrawal as the entry that it is."""
    body = write_signed(withdrawn, WITHDRAWN).decode()
    return LedgerEntry(index=withdrawn.number, kind=EntryKind.WITHDRAWAL, at_ms=withdrawn.withdrawn_ms, body=body)


def signature_in(entry: LedgerEntry) -> Signature:
    """The signature that an entry holds; HarnessError where kind, place or time of the two differ."""
    where = f"entry {entry.index}"
    signature = read_signed(Signature, SIGNATURE, entry.body.encode(), where)
    if signature_entry(signature) != entry:
        raise HarnessError(f"{where} and the signature in it differ")
    return signature


def withdrawn_in(entry: LedgerEntry) -> Withdrawn:
    """The withdrawal that an entry holds, as for a signature."""
    where = f"entry {entry.index}"
    withdrawn = read_signed(Withdrawn, WITHDRAWN, entry.body.encode(), where)
    if withdrawal_entry(withdrawn) != entry:
        raise HarnessError(f"{where} and the withdrawal in it differ")
    return withdrawn


def countersigned(entry: LedgerEntry) -> bytes:
    """The bytes that the server's key signs for an entry: a digest under a tag of its own."""
    return bytes.fromhex(tagged_digest("harness/countersignature", write_entry(entry)))
