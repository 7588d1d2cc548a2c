"""Whether a log is whole, is what the server signed, and still is what others saw of it.

The signed checkpoint must be that of the entries; each entry told must be in the tree, countersigned, in order of time.
An outside copy of an earlier checkpoint shows a log that was written anew, and one of a later checkpoint a log that was
cut. A chain of hashes alone would show neither.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from itertools import pairwise

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from harness.errors import HarnessError
from harness.formats.checkpoint import read_checkpoint
from harness.formats.dsse import NotTrusted, public_bytes
from harness.formats.ledger import countersigned, read_entry
from harness.formats.plain_zip import read_zip, write_zip
from harness.model.ledger import Checkpoint, LedgerEntry, Line, Log
from harness.rules.merkle import leaf_hash, root_of

ENTRIES, COUNTERSIGNED, CHECKPOINT = "entries.ndjson", "countersignatures.txt", "checkpoint.txt"


def check_log(
    log: Log, keys: tuple[str, ...], anchors: Sequence[bytes] = ()
) -> tuple[Checkpoint, tuple[LedgerEntry, ...]]:
    """The checkpoint and the entries told; NotTrusted naming what does not hold.

    `anchors` are checkpoints that were kept elsewhere, each a whole signed note.
    """
    point = read_checkpoint(log.checkpoint, keys)
    if point.size != len(log.leaves):
        raise NotTrusted(f"the checkpoint is of {point.size} entries, and there are {len(log.leaves)}")
    if root_of(log.leaves) != point.root:
        raise NotTrusted("the entries are not those that the checkpoint was signed over")
    _check_anchors(log, point, keys, anchors)
    publics = tuple(Ed25519PublicKey.from_public_bytes(public_bytes(key)) for key in keys)
    entries = tuple(_entry(line, log.leaves, publics) for line in log.lines)
    for before, after in pairwise(entries):
        if after.index <= before.index:
            raise NotTrusted(f"entry {after.index} stands behind entry {before.index}")
        if after.at_ms < before.at_ms:
            raise NotTrusted(f"entry {after.index} is older than the one before it")
    return point, entries


def anchors_in(body: bytes) -> tuple[bytes, ...]:
    """The checkpoints in a witness's file: signed notes with an empty line between them."""
    return tuple(note for note in _notes(body) if note.strip())


def write_log(lines: Sequence[Line], checkpoint: bytes) -> bytes:
    """A whole log as one file, for a verifier."""
    return write_zip(
        {
            ENTRIES: b"".join(line.body + b"\n" for line in lines),
            COUNTERSIGNED: "".join(line.countersignature + "\n" for line in lines).encode(),
            CHECKPOINT: checkpoint,
        }
    )


def read_log(body: bytes) -> Log:
    """A whole log again, not yet checked."""
    members = read_zip(body)
    if set(members) != {ENTRIES, COUNTERSIGNED, CHECKPOINT}:
        raise NotTrusted("it is no export of a log")
    bodies = members[ENTRIES].split(b"\n")
    signed = members[COUNTERSIGNED].decode("ascii", "replace").split("\n")
    if bodies[-1] or signed[-1] or len(bodies) != len(signed):
        raise NotTrusted("entries and countersignatures do not match")
    lines = tuple(Line(body=a, countersignature=b) for a, b in zip(bodies[:-1], signed[:-1], strict=True))
    return Log(leaves=tuple(leaf_hash(line.body) for line in lines), checkpoint=members[CHECKPOINT], lines=lines)


def _check_anchors(log: Log, point: Checkpoint, keys: tuple[str, ...], anchors: Sequence[bytes]) -> None:
    for note in anchors:
        anchor = read_checkpoint(note, keys, point.origin)
        if anchor.size > point.size:
            raise NotTrusted(
                f"the log was cut, or this is an older copy: an outside checkpoint saw {anchor.size} entries, "
                f"and here are {point.size}"
            )
        if root_of(log.leaves[: anchor.size]) != anchor.root:
            raise NotTrusted(f"the log was written anew: its first {anchor.size} entries are not those seen outside")


def _entry(line: Line, leaves: tuple[bytes, ...], publics: tuple[Ed25519PublicKey, ...]) -> LedgerEntry:
    try:
        entry = read_entry(line.body, "an entry")
    except HarnessError as error:
        raise NotTrusted(str(error)) from error
    if not 0 <= entry.index < len(leaves) or leaf_hash(line.body) != leaves[entry.index]:
        raise NotTrusted(f"entry {entry.index} is not the one in the log")
    if not any(_signed(public, line, countersigned(entry)) for public in publics):
        raise NotTrusted(f"entry {entry.index} is not countersigned by the portal")
    return entry


def _signed(public: Ed25519PublicKey, line: Line, said: bytes) -> bool:
    try:
        signature = base64.b64decode(line.countersignature, validate=True)
        public.verify(signature, said)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return base64.b64encode(signature).decode() == line.countersignature


def _notes(body: bytes) -> Iterator[bytes]:
    """A note is text, an empty line, signature lines; another note begins where a signature line has ended."""
    note: list[bytes] = []
    for line in body.splitlines(keepends=True):
        signed = bool(note) and note[-1].startswith("—".encode())
        if signed and not line.startswith("—".encode()):
            yield b"".join(note)
            note = [] if line == b"\n" else [line]
        else:
            note.append(line)
    yield b"".join(note)
