"""What if a dependency misbehaves? Each of its operations with each way to fail is a trial for the system."""

from dataclasses import dataclass
from enum import StrEnum


class Misbehaviour(StrEnum):
    """How a dependency can fail whoever relies on it."""

    SLOW = "slow"
    TIMEOUT = "timeout"
    RESET = "reset"
    UNAVAILABLE = "503"
    MALFORMED = "malformed"
    WRONG_TYPE = "wrong-type"
    EMPTY = "empty"
    DUPLICATE = "duplicate"
    LATE_CALLBACK = "late-callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What leads to operations of the dependency (`to`): operations of the system, the last while it misbehaves.

    `without` are the statuses that are right while the dependency gives no usable answer; empty = any documented one.
    """

    to: tuple[str, ...]
    steps: tuple[str, ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """`[matrix]` of a mock: in which time the system must answer, what is tried, and what leads there.

    `chosen`: the faults were named, so each of them is promised. `uncalled` are operations that the system never calls.
    """

    deadline_s: float
    faults: tuple[Misbehaviour, ...]
    leads: tuple[Lead, ...]
    chosen: bool = False
    uncalled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """`{name}` in a path is what an earlier step's answer holds at a JSON pointer."""

    name: str
    step: str
    pointer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request to the system, ready but for what it takes from answers before it."""

    operation: str
    method: str
    path: str
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    taken: tuple[Taken, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One cell: an operation of the dependency fails in one way while the last step is under way."""

    operation: str
    fault: Misbehaviour
    steps: tuple[Step, ...]
    without: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How checks name it: `reserveStock@timeout`."""
        return f"{self.operation}@{self.fault.value}"
