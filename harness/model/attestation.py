"""What a machine signs about a run or a ruling, and how a signature on evidence turned out."""

from dataclasses import dataclass
from enum import StrEnum


class Signature(StrEnum):
    """What is known of the signature on a run: none was there, one by a pinned key, or one that doesn't hold."""

    NONE = "none"
    GOOD = "good"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a statement is about: `algorithm` is `sha256` or `gitCommit`."""

    name: str
    algorithm: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunClaim:
    """What a runner says of a run that it carried out: which plan, which record, for which declaration."""

    run: str
    tier: str
    plan_sha256: str
    record_sha256: str
    release: str = ""
    nonce: str = ""
    builder: str = ""
    signed_ms: int = 0
