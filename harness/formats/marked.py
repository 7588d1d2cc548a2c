"""Plain values that remember the line they were written on.

Both document languages (YAML, JSON) feed the same builder with small events, so that
both refuse the same things: a key given twice, nesting without end, and aliases that
would expand into more values than any honest document holds. Nothing here recurses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from harness.errors import AskedWrongly, Place

MOST_BYTES = 64 * 1024 * 1024
MOST_DEPTH = 200
SPARE_VALUES = 1_000_000
MOST_EXPANSION = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A parsed document. `value` holds dicts, lists and scalars only; keys are text."""

    file: str
    value: Any
    lines: Mapping[int, Mapping[str, int]]

    def line_of(self, container: object, key: str) -> int | None:
        """The line (from 1) of a key of a mapping inside `value`; None where it is unknown."""
        return self.lines.get(id(container), {}).get(key)

    def place(self, container: object, key: str) -> Place:
        """Where a key of a mapping stands."""
        return Place(file=self.file, line=self.line_of(container, key))


@dataclass(slots=True)
class _Open:
    """A container that has begun and not yet ended."""

    value: dict[str, Any] | list[Any]
    anchor: str | None
    key: str | None = None
    key_line: int = 0
    merges: list[dict[str, Any]] = field(default_factory=list)
    size: int = 1


class Builder:
    """Builds one document from events: `open_map`, `open_list`, `key`, `scalar`, `alias`, `close`."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._stack: list[_Open] = []
        self._lines: dict[int, dict[str, int]] = {}
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._written = 0
        self._root: Any = None

    def done(self) -> Marked:
        """The finished document."""
        return Marked(file=self._file, value=self._root, lines=self._lines)

    @property
    def expects_key(self) -> bool:
        """Whether the next event names a key."""
        return bool(self._stack) and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None

    def open_map(self, line: int, anchor: str | None = None) -> None:
        """A mapping begins."""
        self._open({}, line, anchor)

    def open_list(self, line: int, anchor: str | None = None) -> None:
        """A list begins."""
        self._open([], line, anchor)

    def key(self, name: str, line: int) -> None:
        """A key of the open mapping."""
        top = self._stack[-1]
        if isinstance(top.value, dict) and name in top.value:
            raise AskedWrongly(
                f"key `{name}` is given twice",
                place=Place(file=self._file, line=line),
                hint="keep one of the two: readers disagree on which one counts",
            )
        top.key, top.key_line = name, line

    def scalar(self, value: object, line: int, anchor: str | None = None) -> None:
        """A text, number, true, false or null."""
        self._written += 1
        if isinstance(value, float) and not isfinite(value):
            raise AskedWrongly("a number too large to be held", place=Place(file=self._file, line=line))
        if anchor:
            self._anchors[anchor] = (value, 1)
        self._put(value, 1, line)

    def alias(self, name: str, line: int) -> None:
        """A reference to something that was anchored before."""
        known = self._anchors.get(name)
        if known is None:
            raise AskedWrongly(
                f"alias `*{name}` names nothing that is complete before it", place=Place(file=self._file, line=line)
            )
        self._put(known[0], known[1], line)

    def close(self, line: int) -> None:
        """The innermost container ends."""
        top = self._stack.pop()
        if isinstance(top.value, dict):
            for merged in top.merges:
                for key, value in merged.items():
                    top.value.setdefault(key, value)
        if top.anchor:
            self._anchors[top.anchor] = (top.value, top.size)
        self._put(top.value, top.size, line)

    def _open(self, value: dict[str, Any] | list[Any], line: int, anchor: str | None) -> None:
        self._written += 1
        if len(self._stack) >= MOST_DEPTH:
            raise AskedWrongly(
                f"nested deeper than {MOST_DEPTH} levels",
                place=Place(file=self._file, line=line),
                hint="no honest contract nests this deep; use `$ref` for shared parts",
            )
        self._stack.append(_Open(value=value, anchor=anchor))
        if isinstance(value, dict):
            self._lines[id(value)] = {}

    def _put(self, value: object, size: int, line: int) -> None:
        if not self._stack:
            self._root = value
            return
        top = self._stack[-1]
        top.size += size
        if top.size > SPARE_VALUES + MOST_EXPANSION * self._written:
            raise AskedWrongly(
                "its aliases expand into more values than can be held",
                place=Place(file=self._file, line=line),
                hint="write the repeated part once and use `$ref`",
            )
        if isinstance(top.value, list):
            top.value.append(value)
            return
        key, top.key = top.key or "", None
        if key == "<<" and (merges := _merges(value)) is not None:
            top.merges.extend(merges)
            return
        self._lines[id(top.value)][key] = top.key_line
        top.value[key] = value


def _merges(value: object) -> list[dict[str, Any]] | None:
    """The mappings that a merge key folds in, or None where it is an ordinary key."""
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return list(value)
    return None
