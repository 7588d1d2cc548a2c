"""A verdict: the answer and every reason for it."""

from dataclasses import dataclass
from enum import StrEnum

from harness.model.evidence import Reason


class Decision(StrEnum):
    """May this go on?"""

    PASS = "pass"  # noqa: S105 - a decision, not a password
    FAIL = "fail"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One reason, and the check it is about (None: about the run as a whole)."""

    check: str | None
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`failures` make it fail; `doubts` alone leave it undecided."""

    decision: Decision
    failures: tuple[Ground, ...] = ()
    doubts: tuple[Ground, ...] = ()
