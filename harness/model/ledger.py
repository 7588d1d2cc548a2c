"""The portal's log: entries that are only ever added, and a signature as it stands there."""

from dataclasses import dataclass
from enum import StrEnum

from harness.model.acceptance import Act, Eligibility, Side, Statement, Withdrawal
from harness.model.signoff import Grade


class EntryKind(StrEnum):
    """What an entry tells."""

    PACKAGE_FROZEN = "package-frozen"
    PACKAGE_VOID = "package-void"
    SIGNATURE = "signature"
    WITHDRAWAL = "withdrawal"
    CONDITION_MET = "condition-met"
    REFUSED = "refused"
    ACCOUNT = "account"
    ROLE = "role"
    CREDENTIAL = "credential"
    RELEASE = "release"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One entry; `index` counts from 0 without a gap. `body` is canonical JSON, written once and never read loosely."""

    index: int
    kind: EntryKind
    at_ms: int
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The state of the log: its size, its root, and whose log it is."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """A passkey's signature: base64url as the browser gives it, with the COSE public key and the site it is for."""

    credential: str
    public_key: str
    client_data: str
    authenticator_data: str
    signature: str
    rp_id: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a person signed, how, and that they were allowed to. `number` is its index in the ledger.

    Without an assertion (a grade below passkey) the server's word stands alone.
    """

    number: int
    statement: Statement
    grade: Grade
    signed_ms: int
    zone: str
    eligibility: tuple[Eligibility, ...]
    assertion: Assertion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A withdrawal, signed as a signature is."""

    number: int
    withdrawal: Withdrawal
    grade: Grade
    withdrawn_ms: int
    assertion: Assertion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A passkey that somebody enrolled, as its ledger entry tells it: a signature by it rests on this one."""

    number: int
    person: str
    credential: str
    public_key: str
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MetCondition:
    """That the business saw a condition met: of which signature, for which criterion, who says so."""

    number: int
    signature: int
    criterion: str
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPackage:
    """That a package was frozen: from here on its digest can be signed. `acts`: who had a hand in it, by mail or id."""

    number: int
    package_sha256: str
    code: str
    by: str
    at_ms: int
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandsTold:
    """That more people had a hand in the release of a package than was known when it was frozen."""

    number: int
    package_sha256: str
    acts: tuple[Act, ...]
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidPackage:
    """That a package was taken back or replaced: signatures of it count no more."""

    number: int
    package_sha256: str
    reason: str
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry as it is stored: its bytes, and the server's signature over them (base64)."""

    body: bytes
    countersignature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log to show: the leaf hashes of all entries, the signed checkpoint over them, and the entries told here."""

    leaves: tuple[bytes, ...]
    checkpoint: bytes
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """That somebody got an account: who they are, from then on. A signature is in this name or in none."""

    number: int
    person: str
    mail: str
    name: str
    title: str
    side: Side
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGiven:
    """That two people gave somebody a role."""

    number: int
    person: str
    role: str
    by: str
    approved_by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleEnded:
    """That somebody holds a role no more."""

    number: int
    person: str
    role: str
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WayInReset:
    """That somebody was given a new way in by another: for a day they sign nothing."""

    number: int
    person: str
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRemoved:
    """That somebody took a passkey of theirs off: from here on it signs nothing."""

    number: int
    person: str
    credential: str
    at_ms: int
