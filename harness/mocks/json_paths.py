"""JSONPath (RFC 9535, with the filters people write for Jayway): parsed once, then asked many times.

`$.a.b`, `$['a']`, `[0]`, `[-1]`, `[0:2]`, `[0,2]`, `*`, `..name`, `[?(@.a == 'x' && @.n > 3)]`, `=~ /re/i`, and
the functions `length()` and `size()` at the end. What is not understood is refused when it is read, never
taken for something else. A search visits a bounded number of values.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from harness.mocks.patterns import compiled, search

_MOST = 200_000
# everything but the ASCII that a name may not hold: naming what it may costs 9 ms to compile
_NAME = re.compile(r"[^\x00-#%-,./:-@\[-^`{-\x7f0-9][^\x00-#%-,./:-@\[-^`{-\x7f]*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_SLICE = re.compile(r"(-?\d+)?\s*:\s*(-?\d+)?(?:\s*:\s*(-?\d+)?)?")
_OPERATORS = ("==", "!=", "<=", ">=", "=~", "<", ">")
Step = Callable[[Iterable[Any], Any], Iterator[Any]]
_NOTHING = object()


class NotAPath(ValueError):
    """An expression that is no JSONPath we know; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonPath:
    """A parsed path. `definite`: it names at most one value."""

    steps: tuple[Step, ...]
    definite: bool
    measured: bool = False

    def find(self, value: Any) -> list[Any]:
        """Every value that the path names, in document order; bounded."""
        return self._walk(value, value)

    def _walk(self, value: Any, root: Any) -> list[Any]:
        found: Iterable[Any] = (value,)
        for step in self.steps:
            found = _bounded(step(found, root))
        listed = list(found)
        if not self.measured:
            return listed
        return [len(one) for one in listed if isinstance(one, str | list | dict)]


def parse_path(text: str) -> JsonPath:
    """Read a path from its first `$`; `NotAPath` for anything that is not understood to the end."""
    reader = _Reader(text.strip())
    path = reader.path("$")
    if not reader.done:
        raise reader.lost()
    return path


def _bounded(values: Iterator[Any]) -> list[Any]:
    listed = []
    for value in values:
        listed.append(value)
        if len(listed) > _MOST:
            return []
    return listed


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.text)

    def lost(self) -> NotAPath:
        return NotAPath(f"not understood from character {self.at + 1}: {self.text[self.at : self.at + 20]!r}")

    def skip(self) -> None:
        while not self.done and self.text[self.at].isspace():
            self.at += 1

    def took(self, word: str) -> bool:
        if self.text.startswith(word, self.at):
            self.at += len(word)
            return True
        return False

    def need(self, word: str) -> None:
        self.skip()
        if not self.took(word):
            raise self.lost()

    def path(self, start: str) -> JsonPath:
        self.need(start)
        steps: list[Step] = []
        definite = True
        while not self.done:
            if self.took(".."):
                steps.append(_descend)
                definite = False
                if not self.text.startswith("[", self.at):
                    steps.append(self._named_step()[0])
            elif self.text.startswith("[", self.at):
                step, one = self._bracket()
                steps.append(step)
                definite = definite and one
            elif self.text.startswith((".length()", ".size()"), self.at):
                self.at = self.text.index(")", self.at) + 1
                return JsonPath(steps=tuple(steps), definite=definite, measured=True)
            elif self.took("."):
                step, one = self._named_step()
                steps.append(step)
                definite = definite and one
            else:
                break
        return JsonPath(steps=tuple(steps), definite=definite)

    def _named_step(self) -> tuple[Step, bool]:
        if self.took("*"):
            return _every, False
        match = _NAME.match(self.text, self.at)
        if match is None:
            raise self.lost()
        self.at = match.end()
        if self.text.startswith("(", self.at):
            raise self.lost()
        return _by_keys((match[0],)), True

    def _bracket(self) -> tuple[Step, bool]:
        self.need("[")
        self.skip()
        if self.took("*"):
            self.need("]")
            return _every, False
        if self.took("?"):
            test = self._alternatives()
            self.need("]")
            return _where(test), False
        keys: list[str | int] = []
        while True:
            self.skip()
            sliced = _SLICE.match(self.text, self.at)
            if sliced is not None:
                self.at = sliced.end()
                self.need("]")
                if keys:
                    raise self.lost()
                return _slice(*(None if part is None else int(part) for part in sliced.groups())), False
            keys.append(self._key())
            self.skip()
            if not self.took(","):
                break
        self.need("]")
        return _by_keys(tuple(keys)), len(keys) == 1

    def _key(self) -> str | int:
        if self.text[self.at : self.at + 1] in {"'", '"'}:
            return self._quoted()
        match = re.compile(r"-?\d+").match(self.text, self.at)
        if match is None:
            raise self.lost()
        self.at = match.end()
        return int(match[0])

    def _quoted(self) -> str:
        quote = self.text[self.at]
        end = self.at + 1
        written = ""
        while end < len(self.text) and self.text[end] != quote:
            end += self.text[end] == "\\"
            written += self.text[end : end + 1]
            end += 1
        if end >= len(self.text):
            raise self.lost()
        self.at = end + 1
        return written

    # --- filters: `||` of `&&` of tests ---

    def _alternatives(self) -> "_Test":
        tests = [self._together()]
        self.skip()
        while self.took("||"):
            tests.append(self._together())
            self.skip()
        return tests[0] if len(tests) == 1 else lambda value, root: any(test(value, root) for test in tests)

    def _together(self) -> "_Test":
        tests = [self._test()]
        self.skip()
        while self.took("&&"):
            tests.append(self._test())
            self.skip()
        return tests[0] if len(tests) == 1 else lambda value, root: all(test(value, root) for test in tests)

    def _test(self) -> "_Test":
        self.skip()
        if self.took("!"):
            inner = self._test()
            return lambda value, root: not inner(value, root)
        if self.took("("):
            test = self._alternatives()
            self.need(")")
            return test
        left, is_path = self._operand()
        self.skip()
        operator = next((one for one in _OPERATORS if self.took(one)), None)
        if operator is None:
            if not is_path:
                raise self.lost()
            return lambda value, root: left(value, root) is not _NOTHING
        if operator == "=~":
            pattern = self._pattern()
            return lambda value, root: (
                isinstance(found := left(value, root), str) and search(pattern, found, whole=True)
            )
        right, _ = self._operand()
        return lambda value, root: _compares(operator, left(value, root), right(value, root))

    def _pattern(self) -> str:
        self.need("/")
        end = self.at
        while end < len(self.text) and self.text[end] != "/":
            end += 2 if self.text[end] == "\\" else 1
        written, self.at = self.text[self.at : end], end
        self.need("/")
        pattern = f"(?i:{written})" if self.took("i") else written
        compiled(pattern, whole=True)
        return pattern

    def _operand(self) -> tuple[Callable[[Any, Any], Any], bool]:
        self.skip()
        for start in ("@", "$"):
            if self.text.startswith(start, self.at):
                return _value_at(self.path(start), from_root=start == "$"), True
        if self.text[self.at : self.at + 1] in {"'", '"'}:
            word = self._quoted()
            return (lambda _value, _root: word), False
        for literal, meaning in (("true", True), ("false", False), ("null", None)):
            if self.took(literal):
                return (lambda _value, _root, meaning=meaning: meaning), False
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            raise self.lost()
        self.at = match.end()
        number = float(match[0]) if any(mark in match[0] for mark in ".eE") else int(match[0])
        return (lambda _value, _root: number), False


_Test = Callable[[Any, Any], bool]


def _value_at(path: JsonPath, *, from_root: bool) -> Callable[[Any, Any], Any]:
    def value_at(value: Any, root: Any) -> Any:
        found = path._walk(root if from_root else value, root)  # noqa: SLF001 - a filter's own sub-path
        if path.definite:
            return found[0] if found else _NOTHING
        return found or _NOTHING

    return value_at


def _compares(operator: str, left: Any, right: Any) -> bool:
    if operator in {"==", "!="}:
        equal = left == right and isinstance(left, bool) == isinstance(right, bool)
        return equal if operator == "==" else not equal
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (left, right))
    if not numbers and not (isinstance(left, str) and isinstance(right, str)):
        return False
    match operator:
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
    return bool(left >= right)


def _descend(values: Iterable[Any], _root: Any) -> Iterator[Any]:
    stack = list(values)[::-1]
    while stack:
        value = stack.pop()
        yield value
        if isinstance(value, dict):
            stack.extend(reversed(list(value.values())))
        elif isinstance(value, list):
            stack.extend(reversed(value))


def _every(values: Iterable[Any], _root: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, dict):
            yield from value.values()
        elif isinstance(value, list):
            yield from value


def _by_keys(keys: tuple[str | int, ...]) -> Step:
    def by_keys(values: Iterable[Any], _root: Any) -> Iterator[Any]:
        for value in values:
            for key in keys:
                if _has(value, key):
                    yield value[key]

    return by_keys


def _has(value: Any, key: str | int) -> bool:
    if isinstance(key, str):
        return isinstance(value, dict) and key in value
    return isinstance(value, list) and -len(value) <= key < len(value)


def _slice(start: int | None, stop: int | None, step: int | None) -> Step:
    if step == 0:
        raise NotAPath("a slice cannot have the step 0")

    def sliced(values: Iterable[Any], _root: Any) -> Iterator[Any]:
        for value in values:
            if isinstance(value, list):
                yield from value[start:stop:step]

    return sliced


def _where(test: _Test) -> Step:
    def where(values: Iterable[Any], root: Any) -> Iterator[Any]:
        for value in values:
            inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
            for one in inside:
                if test(one, root):
                    yield one

    return where
