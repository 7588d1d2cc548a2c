"""A walkthrough: a script drives, a person judges. What was shown, what was answered, what was reported."""

from dataclasses import dataclass
from enum import StrEnum

from harness.model.criteria import Text


class Answer(StrEnum):
    """What a person says to *Is this right for your work?*"""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot-tell"


class Phase(StrEnum):
    """Where one demonstration is. `STOPPED`: it broke, which is our problem and nobody's answer."""

    WAITING = "waiting"
    READY = "ready"
    ACTING = "acting"
    ASKING = "asking"
    STOPPED = "stopped"
    FINISHED = "finished"


class FeedbackKind(StrEnum):
    """What a person reports."""

    DOES_NOT_WORK = "does-not-work"
    WISH = "wish"
    QUESTION = "question"


class Hurts(StrEnum):
    """How much it hurts, in the words of MoSCoW: it must, should or could be mended before acceptance."""

    MUST = "must"
    SHOULD = "should"
    COULD = "could"


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkStep:
    """A step as it is told to the person. `outcome` is empty until it ended; `taken`: the person did it."""

    number: int
    title: Text
    see: Text
    outcome: str = ""
    taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """Something that a person reported. `picture` names the stored picture, empty where there is none."""

    id: str
    criterion: str
    kind: FeedbackKind
    words: str
    hurts: Hurts
    at_ms: int
    step: str = ""
    picture: str = ""
    version: str = ""


class FindingState(StrEnum):
    """What has become of a report."""

    NEW = "new"
    PLANNED = "planned"
    FIXED = "fixed"
    CLOSED = "closed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """What was decided about a report, by whom and why; `ref` is its name in an issue tracker."""

    finding: str
    state: FindingState
    reason: str = ""
    by: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """One line of the improvement list: what was reported, in which run on which tier, and what became of it."""

    feedback: Feedback
    run: str
    tier: str
    ruled: Ruled


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One demonstration of a walkthrough, and what came of it so far."""

    node: str
    criterion: str
    title: Text
    statement: Text
    version: str = ""
    phase: Phase = Phase.WAITING
    steps: tuple[WalkStep, ...] = ()
    coming: int | None = None
    answer: Answer | None = None
    words: str = ""
    picture: str = ""
    taken_over: bool = False
    stopped: str = ""
