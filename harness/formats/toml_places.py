"""Where each key of a TOML text stands, so that a problem can point at it.

`tomllib` gives values and forgets their lines. This walks over a text that is already known to be
TOML, skips every value whole (strings, comments and lists may hold what looks like a key), and
notes tables and keys. Tables stand at their header, elements of arrays of tables count as `#0`, `#1`.
"""

import bisect
import re
import tomllib
from collections.abc import Mapping

Span = tuple[int, int, int]
Paths = Mapping[tuple[str, ...], Span]

_BASIC, _LITERAL = r'"(?:\\.|[^"\\\n])*"', r"'[^'\n]*'"
_PART = re.compile(rf"[A-Za-z0-9_-]+|{_BASIC}|{_LITERAL}")
_DOTTED = re.compile(rf"(?:{_PART.pattern})(?:[ \t]*\.[ \t]*(?:{_PART.pattern}))*")
_GAP = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
_HEADER = re.compile(rf"(\[\[?)[ \t]*({_DOTTED.pattern})[ \t]*\]\]?")
_TOKEN = re.compile(
    rf'"""(?:\\[\s\S]|[^\\])*?"""(?:"{{0,2}})|\'\'\'[\s\S]*?\'\'\'(?:\'{{0,2}})|{_BASIC}|{_LITERAL}|#[^\n]*|[\[\]{{}}\n]'
)


def places_in(text: str) -> Paths:
    """Path to (line, column, width), all counted from 1; `text` has plain newlines and is TOML."""
    walk = _Walk(text)
    at = 0
    while (at := _end(_GAP.match(text, at), at)) < len(text):
        if header := _HEADER.match(text, at):
            walk.enter(header)
            at = header.end()
        elif key := _DOTTED.match(text, at):
            walk.note(key)
            at = _after_value(text, key.end())
        else:
            break
    return {**walk.implied, **walk.places}


class _Walk:
    """What was found so far. `implied` are tables that only their inner ones name."""

    def __init__(self, text: str) -> None:
        self.places: dict[tuple[str, ...], Span] = {}
        self.implied: dict[tuple[str, ...], Span] = {}
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self._current: tuple[str, ...] = ()
        self._counts: dict[tuple[str, ...], int] = {}

    def enter(self, header: "re.Match[str]") -> None:
        """A table or one more element of an array of tables begins."""
        span = self._span(header)
        path: tuple[str, ...] = ()
        parts = _parts(header[2])
        for index, part in enumerate(parts, 1):
            path = (*path, part)
            if index == len(parts) and header[1] == "[[":
                self._counts[path] = self._counts.get(path, -1) + 1
                self.places.setdefault(path, span)
            if path in self._counts:
                path = (*path, f"#{self._counts[path]}")
            self.implied.setdefault(path, span)
        self._current = path
        self.places.setdefault(path, span)

    def note(self, key: "re.Match[str]") -> None:
        """A key, perhaps dotted, of the table we are in."""
        span = self._span(key)
        path = self._current
        for part in _parts(key[0]):
            path = (*path, part)
            self.implied.setdefault(path, span)
        self.places.setdefault(path, span)

    def _span(self, match: "re.Match[str]") -> Span:
        before = bisect.bisect_left(self._newlines, match.start())
        begins = self._newlines[before - 1] + 1 if before else 0
        return before + 1, match.start() - begins + 1, match.end() - match.start()


def list_span(text: str, place: Span) -> tuple[int, int]:
    """Where the list begins and ends that is the value of the key at `place`; an empty span where it is no list."""
    line, column, width = place
    key = sum(len(one) + 1 for one in text.split("\n")[: line - 1]) + column - 1 + width
    begin = text.find("[", key)
    depth = 0
    for token in _TOKEN.finditer(text, begin) if begin >= 0 else ():
        depth += {"[": 1, "]": -1}.get(token[0], 0)
        if depth == 0:
            return begin, token.end()
    return key, key


def _after_value(text: str, at: int) -> int:
    """The end of the value that follows: the first newline outside strings, comments and brackets."""
    depth = 0
    for token in _TOKEN.finditer(text, at):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        elif token[0] == "\n" and depth <= 0:
            return token.start()
    return len(text)


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(_unquoted(part) for part in _PART.findall(dotted))


def _unquoted(part: str) -> str:
    if part[0] == '"':
        return str(tomllib.loads(f"key = {part}")["key"])
    return part[1:-1] if part[0] == "'" else part


def _end(match: "re.Match[str] | None", at: int) -> int:
    return match.end() if match else at
