"""Everything raised on purpose, and the exit statuses.

A `HarnessError` is always somebody's to mend: it says what is wrong, where, and what
to do next. Anything else that reaches the terminal is a bug of ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """The exit statuses of every verb."""

    PASSED = 0
    FAILED = 1
    ASKED_WRONGLY = 2
    UNDECIDED = 3
    BUG = 70
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a problem is: a file (relative to the workspace) and, if known, line and column counted from 1."""

    file: str
    line: int | None = None
    column: int | None = None
    text: str | None = None
    width: int = 1

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, where it is, and the way out."""

    message: str
    place: Place | None = None
    hint: str | None = None


class HarnessError(Exception):
    """Something the person at the terminal can mend. `exit` is the status the process ends with."""

    exit: Exit = Exit.ASKED_WRONGLY

    def __init__(self, message: str, *, place: Place | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.problems: tuple[Problem, ...] = (Problem(message=message, place=place, hint=hint),)

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> "HarnessError":
        """One error for all the problems that were found: every one is shown, not only the first."""
        found = tuple(problems)
        error = cls("; ".join(problem.message for problem in found))
        error.problems = found
        return error


class AskedWrongly(HarnessError):
    """Arguments, configuration or workspace: nothing was started."""


class CouldNotTell(HarnessError):
    """The means were missing or broke: there is no answer either way."""

    exit = Exit.UNDECIDED
