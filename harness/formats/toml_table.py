"""Reading TOML that people write: every problem at once, each with file, line and the way out.

A `Table` hands out typed values, notes what is missing or of the wrong kind as problems
instead of stopping, and `finish` refuses every key that nobody asked for, naming the nearest.
"""

import difflib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from harness.errors import HarnessError, Place, Problem
from harness.formats.toml_places import places_in
from harness.formats.toml_secrets import may_hold_a_secret

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T", str, int, bool)


def read_toml(body: bytes, file: str) -> "Table":
    """The top table of a file; a `HarnessError` with the place where it is not TOML."""
    try:
        text = body.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise HarnessError(f"{file} is not UTF-8 text", place=Place(file=file), hint="save it as UTF-8") from error
    lines = tuple(text.split("\n"))
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else _without_place(str(error))
        raise HarnessError(f"this is not TOML: {why}", place=_place_of(str(error), file, lines)) from error
    return Table(data, file=file, lines=lines, places=places_in(text), path=(), problems=[])


class Table:
    """One table of a file being read. Paths are tuples of keys; elements of arrays of tables count as `#0`, `#1`."""

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        file: str,
        lines: tuple[str, ...],
        places: Mapping[tuple[str, ...], tuple[int, int, int]],
        path: tuple[str, ...],
        problems: list[Problem],
    ) -> None:
        self.data = data
        self.file = file
        self.path = path
        self.problems = problems
        self._lines = lines
        self._places = places
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def keys(self) -> tuple[str, ...]:
        """Every key that is there."""
        return tuple(self.data)

    def raw(self, key: str) -> Any:
        """The value as TOML gave it, None where there is none."""
        self._asked.add(key)
        return self.data.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without `default` it must be there."""
        return self._typed(key, str, "a text", default, "")

    def optional_text(self, key: str) -> str | None:
        """A text, or None where the key is absent."""
        self._asked.add(key)
        return self.text(key) if key in self.data else None

    def integer(self, key: str, default: int | None = None) -> int:
        """A whole number; without `default` it must be there."""
        return self._typed(key, int, "a whole number", default, 0)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """true or false; without `default` it must be there."""
        return self._typed(key, bool, "true or false", default, False)

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        value = self.raw(key)
        if value is None:
            if default is None:
                self.missing(key, "a list of texts")
            return default or ()
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            self.wrong(key, f"`{key}` must be a list of texts, not {value!r}")
            return default or ()
        return tuple(values)

    def one_of(self, key: str, kind: type[E], default: E | None = None) -> E | None:
        """One of the words of an enumeration."""
        value = self.text(key, default.value if default is not None else None)
        return self.word(key, value, kind) if value else default

    def word(self, key: str, value: str, kind: type[E]) -> E | None:
        """`value` as a member of `kind`; a problem at `key` names the nearest where it is none."""
        try:
            return kind(value)
        except ValueError:
            words = [member.value for member in kind]
            self.wrong(key, f"`{value}` is not one of {', '.join(words)}", nearest(value, words))
            return None

    def quantity(self, key: str, read: Callable[[object], float], default: float | None = None) -> float | None:
        """A figure with its unit, read by one of `harness.formats.units`; None where absent without default."""
        value = self.raw(key)
        if value is None:
            return default
        try:
            return read(value)
        except ValueError as error:
            self.wrong(key, str(error))
            return default

    def table(self, key: str) -> "Table | None":
        """A table inside, None where there is none."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.wrong(key, f"`{key}` must be a table, not {value!r}")
            return None
        return self._inside(value, key)

    def tables(self, key: str) -> tuple["Table", ...]:
        """An array of tables inside, empty where there is none."""
        value = self.raw(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.wrong(key, f"`{key}` must be an array of tables: write [[{'.'.join((*self.path, key))}]]")
            return ()
        return tuple(self._inside(one, key, f"#{index}") for index, one in enumerate(value))

    def named(self, key: str) -> Iterator[tuple[str, "Table"]]:
        """The tables of a table of tables, with their names: `[systems.orders]` gives ("orders", …)."""
        outer = self.table(key)
        if outer is None:
            return
        for name in outer.keys():  # noqa: SIM118 - a Table is not a mapping
            inner = outer.table(name)
            if inner is not None:
                yield name, inner

    def wrong(self, key: str | None, message: str, hint: str | None = None) -> None:
        """Note a problem at a key of this table (None: at the table itself)."""
        self.problems.append(Problem(message=message, place=self.place(key), hint=hint))

    def missing(self, key: str, what: str) -> None:
        """Note that a key must be there and is not."""
        where = f" in `{'.'.join(self.path)}`" if self.path else ""
        self.wrong(None, f"`{key}` is missing{where}: {what} is needed")

    def place(self, key: str | None = None) -> Place:
        """Where a key stands, or the nearest enclosing table."""
        return self.place_of((*self.path, key) if key is not None else self.path)

    def place_of(self, path: tuple[str, ...]) -> Place:
        """Where a path from the top of the file stands, or the nearest enclosing table."""
        while path and path not in self._places:
            path = path[:-1]
        line, column, width = self._places.get(path, (1, 1, 1))
        text = self._lines[line - 1] if line <= len(self._lines) else None
        return Place(file=self.file, line=line, column=column, text=text, width=width)

    def has(self, path: tuple[str, ...]) -> bool:
        """Whether the file itself writes that path."""
        return path in self._places

    def finish(self) -> None:
        """Refuse every key of this table that nobody asked for."""
        for key in self.data:
            if key not in self._asked:
                where = f" in `{'.'.join(self.path)}`" if self.path else ""
                self.wrong(key, f"unknown key `{key}`{where}", nearest(key, sorted(self._asked)))

    def raise_problems(self) -> None:
        """Raise one error for everything that was noted, in the order of files and lines."""
        if self.problems:
            ordered = sorted(self.problems, key=lambda p: (p.place.file, p.place.line or 0) if p.place else ("", 0))
            raise HarnessError.of(ordered)

    def _typed(self, key: str, kind: type[T], what: str, default: T | None, empty: T) -> T:
        value = self.raw(key)
        if value is None:
            if default is None:
                self.missing(key, what)
                return empty
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.wrong(key, f"`{key}` must be {what}, not {value!r}")
            return default if default is not None else empty
        return value

    def _inside(self, data: Mapping[str, Any], *keys: str) -> "Table":
        return Table(
            data,
            file=self.file,
            lines=self._lines,
            places=self._places,
            path=(*self.path, *keys),
            problems=self.problems,
        )


def nearest(word: str, words: list[str]) -> str | None:
    """A hint at the word that was meant, or at all there are."""
    close = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else (f"known here: {', '.join(words)}" if words else None)


def _without_place(message: str) -> str:
    return re.sub(r" \(at (line \d+, column \d+|end of document)\)$", "", message)


def _place_of(message: str, file: str, lines: tuple[str, ...]) -> Place:
    if found := re.search(r"line (\d+), column (\d+)\)$", message):
        line, column = int(found[1]), int(found[2])
        return _shown(Place(file=file, line=line, column=column, text=lines[line - 1]))
    if message.endswith("(at end of document)"):
        last = max(1, len(lines) - (lines[-1] == ""))
        return _shown(Place(file=file, line=last, column=1, text=lines[last - 1]))
    return Place(file=file)


def _shown(place: Place) -> Place:
    """A line that may hold a secret is named by its number alone."""
    return replace(place, text=None, column=None) if may_hold_a_secret(place.text or "") else place
