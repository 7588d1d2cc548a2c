"""What one report is about: a run of each tier, and how far people have accepted it."""

from dataclasses import dataclass
from enum import StrEnum

from harness.model.criteria import Text
from harness.model.evidence import Record
from harness.model.plan import Plan
from harness.model.verdict import Decision, Verdict


class Standing(StrEnum):
    """What people have said of a criterion so far; of several answers the worst."""

    REJECTED = "rejected"
    OPEN = "open"
    CONDITIONED = "conditioned"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One criterion that must be accepted, how that stands, and who answered (name and role)."""

    criterion: str
    title: Text
    priority: str
    standing: Standing
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One run in a report."""

    plan: Plan
    record: Record
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Everything on a report's first page. `untrusted` says why sign-offs that lie here can't be believed."""

    chapters: tuple[Chapter, ...]
    accepted: tuple[Accepted, ...] = ()
    untrusted: str = ""

    @property
    def decision(self) -> Decision:
        """The worst of all; a report of nothing decides nothing."""
        found = {one.verdict.decision for one in self.chapters}
        worst = (Decision.FAIL, Decision.UNDECIDED, Decision.PASS)
        return next((one for one in worst if one in found), Decision.UNDECIDED)

    @property
    def tiers(self) -> tuple[str, ...]:
        """Its tiers in order, each once."""
        return tuple(dict.fromkeys(one.plan.tier for one in self.chapters))
