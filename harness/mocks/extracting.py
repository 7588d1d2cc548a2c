"""What a regular expression finds in a text, with its groups, without ever hanging.

Where a match begins is found by the engine that cannot hang; only there Python's engine, which knows groups, takes
over. Expressions whose groups repeat what repeats, or that repeat too often, are refused; long texts too.
"""

import re
from typing import Any

from harness.mocks.patterns import NotAPattern, search

_LONGEST = {0: 8192, 1: 8192, 2: 8192, 3: 1024}
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_MANY = 64


def groups_of(pattern: str, text: str) -> tuple[str, ...] | None:
    """The first match and its groups, None where there is none; `NotAPattern` or ValueError where it may take long."""
    most = _LONGEST[_unbounded(pattern)]
    if len(text) > most:
        raise ValueError(f"the text is longer than {most} characters")
    if not search(pattern, text, whole=False):
        return None
    anchored = f"^(?:{pattern})"
    for start in range(len(text) + 1):
        if search(anchored, text[start:], whole=False):
            match = re.compile(pattern).match(text, start)
            if match is not None:
                return (match[0], *(one or "" for one in match.groups()))
    return None


def _unbounded(pattern: str) -> int:
    """How many parts of an expression repeat without bound; `NotAPattern` where one of them holds another."""
    try:
        tree = re._parser.parse(pattern)  # noqa: SLF001 - Python has no other reader of expressions
    except (re.error, RecursionError, OverflowError) as error:
        raise NotAPattern(f"{pattern[:60]!r}: {error}") from None
    count = _count(tree, inside=False)
    if count not in _LONGEST:
        raise NotAPattern(f"{pattern[:60]!r} repeats without bound more than three times")
    return count


def _count(tree: Any, *, inside: bool) -> int:
    found = 0
    for name, argument in tree:
        repeats = str(name) in _REPEATS and argument[1] > _MANY
        if repeats and inside:
            raise NotAPattern("a repeated group repeats something itself: that may take for ever")
        if repeats and any(str(one) == "BRANCH" for one, _ in argument[2]):
            raise NotAPattern("a repeated group has alternatives: that may take for ever")
        found += repeats
        for part in _parts(argument):
            found += _count(part, inside=inside or repeats)
    return found


def _parts(argument: Any) -> list[Any]:
    if isinstance(argument, re._parser.SubPattern):  # noqa: SLF001 - as above
        return [argument]
    if isinstance(argument, list | tuple):
        return [part for one in argument for part in _parts(one)]
    return []
