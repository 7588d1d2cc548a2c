"""What changed between two versions of a contract, and for whom it matters."""

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """What a change does to consumers that were right before, worst first."""

    BREAKING = "breaking"
    RISKY = "risky"
    SAFE = "safe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change. `place` is where in the operation (`request body /lines/0/quantity`), `said` the sentence, `way` what
    to do instead or next; `affected` names who relied on the operation.
    """

    rule: str
    weight: Weight
    operation: str
    place: str
    said: str
    way: str = ""
    affected: tuple[str, ...] = ()
