"""Errors as a person reads them: what is wrong, where, and what to do next. And our bugs, with a report."""

import json
import os
import platform
import sys
import tempfile
import traceback
from pathlib import Path

from harness import __version__
from harness.errors import HarnessError, Problem
from harness.formats.terminal_text import tame


def tell_error(error: HarnessError, *, json_wanted: bool) -> None:
    """Write every problem of an error: to stderr for people, to stdout as one document with `--json`."""
    if json_wanted:
        sys.stdout.write(json.dumps(_document(error), ensure_ascii=False, indent=2) + "\n")
        return
    sys.stderr.write("\n\n".join(_told(problem) for problem in error.problems) + "\n")


def _told(problem: Problem) -> str:
    lines = [tame(line) for line in f"error: {problem.message}".splitlines()]
    place = problem.place
    if place is not None:
        lines.append(f"  --> {place.file}" if place.line is None else f"  --> {place.file}:{place.line}")
        if place.line is not None and place.text is not None:
            gutter = len(str(place.line)) + 1
            lines.append(f"{'':{gutter}} |")
            lines.append(f"{place.line:>{gutter}} | {tame(place.text.expandtabs(1))}")
            if place.column is not None:
                lines.append(f"{'':{gutter}} | {' ' * (place.column - 1)}{'^' * max(1, place.width)}")
    if problem.hint:
        lines += ["", *(tame(line) for line in f"hint: {problem.hint}".splitlines())]
    return "\n".join(lines)


def _document(error: HarnessError) -> dict[str, object]:
    return {
        "kind": "harness/error",
        "version": 1,
        "exit": int(error.exit),
        "problems": [
            {
                "message": problem.message,
                "file": problem.place.file if problem.place else None,
                "line": problem.place.line if problem.place else None,
                "hint": problem.hint,
            }
            for problem in error.problems
        ],
    }


def report_bug(error: BaseException, words: list[str]) -> None:
    """Say that it is our bug and where the report lies. The report holds no environment and no values."""
    body = "\n".join(
        (
            f"harness {__version__} on Python {platform.python_version()}, {platform.system()}",
            f"verb: {words[0] if words else ''}",
            "",
            *traceback.format_tb(error.__traceback__),
            type(error).__name__,
        )
    )
    path = _kept(body)
    first = f"bug in the harness: {type(error).__name__}"
    sys.stderr.write(f"{first}\n\nThis is our fault, not yours. Please send us the report: {path}\n")


def _kept(body: str) -> str:
    descriptor, name = tempfile.mkstemp(prefix="harness-bug-", suffix=".txt")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(body)
    return str(Path(name))
