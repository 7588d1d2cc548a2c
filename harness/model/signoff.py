"""What people signed: a sign-off per criterion, a waiver per failing check, and the bundle that carries them.

The portal writes exactly these documents, signed with its key; nobody else can.
"""

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """What a signer said of a criterion."""

    ACCEPTED = "accepted"
    CONDITIONED = "conditioned"
    REJECTED = "rejected"


class Grade(StrEnum):
    """How surely it was this person, weakest first."""

    PASSWORD = "password"  # noqa: S105 - a grade, not a password
    TOTP = "totp"
    PASSKEY = "passkey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signoff:
    """One person's answer to one criterion of one release, as tried on one tier.

    `number` is its place in the portal's ledger and the only order that counts; `criterion_sha256` is the version
    of the criterion that was read. `due_ms` is when a condition must be met (0: none was set), `before_tier` the tier
    that is not entered before, `met` that it was.
    """

    number: int
    release: str
    nonce: str
    tier: str
    criterion: str
    criterion_sha256: str
    answer: Answer
    person: str
    role: str
    grade: Grade
    signed_ms: int
    condition: str = ""
    due_ms: int = 0
    met: bool = False
    package_sha256: str = ""
    before_tier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A failing check that may be passed over: by name, for a reason, until a day, approved by somebody else.

    `tiers` empty = none; `release` and `nonce` bind it to one declaration.
    """

    check: str
    owner: str
    reason: str
    ticket: str
    approved_by: str
    approved_ms: int
    expires_ms: int
    release: str
    nonce: str
    tiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Everything that the portal knows of one release: complete, so that a missing answer means none was given."""

    release: str
    nonce: str
    exported_ms: int
    signoffs: tuple[Signoff, ...] = ()
    waivers: tuple[Waiver, ...] = ()
