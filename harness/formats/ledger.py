"""The log as bytes: an entry is one line of canonical JSON, and the tree is over exactly those bytes.

A body is kept as the text that was hashed, never parsed and written again, so that a later harness can't change what
was said.
"""

import json
from typing import Any, TypeVar, assert_never

from harness.errors import HarnessError, Place
from harness.formats.canonical import canonical_bytes, plain, read_signed, tagged_digest, write_signed
from harness.formats.shape import ShapeError, from_json, to_json
from harness.model.ledger import (
    Enrolled,
    EntryKind,
    FrozenPackage,
    HandsTold,
    Joined,
    LedgerEntry,
    MetCondition,
    PasskeyRemoved,
    RoleEnded,
    RoleGiven,
    Signature,
    VoidPackage,
    WayInReset,
    Withdrawn,
)

Told = (
    Signature
    | Withdrawn
    | Enrolled
    | MetCondition
    | FrozenPackage
    | HandsTold
    | VoidPackage
    | Joined
    | RoleGiven
    | RoleEnded
    | WayInReset
    | PasskeyRemoved
)
Kind = TypeVar(
    "Kind",
    Signature,
    Withdrawn,
    Enrolled,
    MetCondition,
    FrozenPackage,
    HandsTold,
    VoidPackage,
    Joined,
    RoleGiven,
    RoleEnded,
    WayInReset,
    PasskeyRemoved,
)
_DOCUMENTS: dict[type[Any], tuple[EntryKind, str]] = {
    Signature: (EntryKind.SIGNATURE, "harness/acceptance-signature"),
    Withdrawn: (EntryKind.WITHDRAWAL, "harness/acceptance-withdrawn"),
    Enrolled: (EntryKind.CREDENTIAL, "harness/acceptance-credential"),
    MetCondition: (EntryKind.CONDITION_MET, "harness/acceptance-condition-met"),
    FrozenPackage: (EntryKind.PACKAGE_FROZEN, "harness/acceptance-frozen"),
    HandsTold: (EntryKind.RELEASE, "harness/acceptance-hands"),
    VoidPackage: (EntryKind.PACKAGE_VOID, "harness/acceptance-void"),
    Joined: (EntryKind.ACCOUNT, "harness/acceptance-person"),
    RoleGiven: (EntryKind.ROLE, "harness/acceptance-role"),
    RoleEnded: (EntryKind.ROLE, "harness/acceptance-role-ended"),
    WayInReset: (EntryKind.ACCOUNT, "harness/acceptance-reset"),
    PasskeyRemoved: (EntryKind.ACCOUNT, "harness/acceptance-passkey-removed"),
}

_TYPED = frozenset(kind for kind, _ in _DOCUMENTS.values()) - {EntryKind.ACCOUNT, EntryKind.ROLE}


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


def entry_of(told: Told) -> LedgerEntry:
    """What happened, as the entry that it is in the log."""
    kind, document, at_ms = _about(told)
    return LedgerEntry(index=told.number, kind=kind, at_ms=at_ms, body=write_signed(told, document).decode())


def told_in(of: type[Kind], entry: LedgerEntry) -> Kind:
    """What an entry tells; HarnessError where it is no such thing, or kind, place or time of the two differ."""
    where = f"entry {entry.index}"
    told = read_signed(of, _DOCUMENTS[of][1], entry.body.encode(), where)
    if entry_of(told) != entry:
        raise HarnessError(f"{where} and what it tells differ")
    return told


def told_by(entry: LedgerEntry) -> Told | None:
    """What an entry tells, where it is of a kind that a bundle holds; None for the rest of the log."""
    document = _document_of(entry)
    kind: Any = next((of for of, (_, name) in _DOCUMENTS.items() if name == document), None)
    if kind is None:
        if entry.kind in _TYPED:
            raise HarnessError(f"entry {entry.index} is a {entry.kind.value} that tells nothing known")
        return None
    told: Told = told_in(kind, entry)
    return told


def countersigned(entry: LedgerEntry) -> bytes:
    """The bytes that the server's key signs for an entry: a digest under a tag of its own."""
    return bytes.fromhex(tagged_digest("harness/countersignature", write_entry(entry)))


def _document_of(entry: LedgerEntry) -> str:
    try:
        data = json.loads(entry.body)
    except (ValueError, RecursionError):
        return ""
    return str(data.get("kind", "")) if isinstance(data, dict) else ""


def _about(told: Told) -> tuple[EntryKind, str, int]:
    match told:
        case Signature(signed_ms=at_ms) | Withdrawn(withdrawn_ms=at_ms):
            pass
        case Enrolled(at_ms=at_ms) | MetCondition(at_ms=at_ms) | FrozenPackage(at_ms=at_ms) | VoidPackage(at_ms=at_ms):
            pass
        case Joined(at_ms=at_ms) | RoleGiven(at_ms=at_ms) | RoleEnded(at_ms=at_ms):
            pass
        case WayInReset(at_ms=at_ms) | PasskeyRemoved(at_ms=at_ms) | HandsTold(at_ms=at_ms):
            pass
        case _:
            assert_never(told)
    return (*_DOCUMENTS[type(told)], at_ms)
