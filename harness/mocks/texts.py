"""Texts for a schema: by `format`, by regular expression, or plain words; every one from a stream of draws.

What is made here is a proposal: the caller validates it and draws again.
"""

import re
import re._constants as sre  # type: ignore[import-not-found]  # typeshed leaves them out
import re._parser as sre_parser  # type: ignore[import-not-found]
from collections.abc import Callable
from typing import Any, Final

from harness.mocks.draws import Draws

_WORDS: Final = (
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbour", "island", "juniper", "kestrel", "larch",
    "meadow", "north", "orchard", "prairie", "quartz", "river", "summit", "timber", "upland", "valley", "willow",
)  # fmt: skip
_PRINTABLE: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.:,"
_CLASSES: Final = {
    sre.CATEGORY_DIGIT: "0123456789",
    sre.CATEGORY_WORD: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_DIGIT: "abcdefXYZ-_ ",
    sre.CATEGORY_NOT_WORD: " -.,:",
    sre.CATEGORY_NOT_SPACE: "abcdefXYZ0123456789-_",
}
_MOST: Final = 4096


def words(draws: Draws, shortest: int, longest: int | None) -> str:
    """Words joined to a length within the bounds."""
    text = draws.pick(_WORDS)
    while len(text) < shortest:
        text += "-" + draws.pick(_WORDS)
    return text if longest is None else text[:longest]


def formatted(name: str, draws: Draws) -> str | None:
    """A text of a `format`; None for a format that says nothing about how a text looks."""
    make = _FORMATS.get(name)
    return None if make is None else make(draws)


def matching(pattern: str, draws: Draws, shortest: int = 0, longest: int | None = None) -> str | None:
    """A text that a regular expression (searched, as JSON Schema does) should accept; None where we cannot read it."""
    try:
        parsed = sre_parser.parse(_pythonic(pattern))
    except (re.error, RecursionError, OverflowError):
        return None
    writer = _Writer(draws, shortest, longest)
    try:
        text = writer.sequence(list(parsed))
    except (_CannotWrite, RecursionError):
        return None
    anchored = pattern.startswith("^")
    if len(text) < shortest and not (anchored and pattern.endswith("$")):
        filler = "a" * (shortest - len(text))
        text = text + filler if not pattern.endswith("$") else filler + text
    return text


class _CannotWrite(Exception):
    """A construct whose texts we do not know how to write."""


class _Writer:
    """Walks a parsed expression and writes one text for it."""

    def __init__(self, draws: Draws, shortest: int, longest: int | None) -> None:
        self._draws = draws
        self._groups: dict[int, str] = {}
        self._short = shortest
        self._long = longest
        self._length = 0

    def sequence(self, nodes: list[Any]) -> str:
        return "".join(self._one(op, argument) for op, argument in nodes)

    def _one(self, op: Any, argument: Any) -> str:
        if op is sre.LITERAL:
            return self._counted(chr(argument))
        if op is sre.NOT_LITERAL:
            return self._counted(next(c for c in _PRINTABLE if ord(c) != argument))
        if op is sre.ANY:
            return self._counted(self._draws.pick(_PRINTABLE[:62]))
        if op is sre.IN:
            return self._counted(self._of_set(argument))
        if op in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
            return self._repeated(*argument)
        if op is sre.SUBPATTERN:
            text = self.sequence(list(argument[3]))
            self._groups[argument[0] or -1] = text
            return text
        if op is sre.BRANCH:
            return self.sequence(list(self._draws.pick(argument[1])))
        if op is sre.GROUPREF:
            return self._groups.get(argument, "")
        if op in {sre.AT, sre.ASSERT_NOT, sre.ASSERT}:
            return ""
        if op is sre.ATOMIC_GROUP:
            return self.sequence(list(argument))
        raise _CannotWrite

    def _counted(self, text: str) -> str:
        self._length += len(text)
        return text

    def _repeated(self, low: int, high: Any, nodes: Any) -> str:
        room = _MOST if self._long is None else max(0, self._long - self._length)
        top = min(int(high), low + 8, max(low, room)) if int(high) < _MOST else min(low + 8, max(low, room))
        wanted = max(0, self._short - self._length)
        if wanted > top:
            top = min(int(high), wanted, _MOST)
            low = max(low, top)
        text = ""
        for _ in range(self._draws.between(min(low, top), top)):
            text += self.sequence(list(nodes))
            if len(text) > _MOST:
                break
        return text

    def _of_set(self, members: list[Any]) -> str:
        negated = members[0][0] is sre.NEGATE
        allowed = [choice for member in members for choice in _choices(*member)]
        if not negated:
            if not allowed:
                raise _CannotWrite
            low, high = self._draws.pick(allowed)
            return chr(self._draws.between(low, high))
        free = [c for c in _PRINTABLE if not any(low <= ord(c) <= high for low, high in allowed)]
        if not free:
            raise _CannotWrite
        return self._draws.pick(free)


def _choices(op: Any, argument: Any) -> list[tuple[int, int]]:
    if op is sre.LITERAL:
        return [(argument, argument)]
    if op is sre.RANGE:
        low, high = argument
        return [(low, min(high, 0xD7FF))] if low < 0xD800 else []
    if op is sre.CATEGORY:
        return [(ord(c), ord(c)) for c in _CLASSES.get(argument, "")]
    return []


def _pythonic(pattern: str) -> str:
    """An ECMA expression in Python's grammar, as far as they differ in what people write."""
    pattern = re.sub(r"\(\?<(?![=!])", "(?P<", pattern)
    pattern = re.sub(r"\\p\{(L|Letter|Alpha\w*)\}", "a-zA-Z" if "[" in pattern else "[a-zA-Z]", pattern)
    pattern = re.sub(r"\\p\{(N|Nd|Number)\}", "0-9" if "[" in pattern else "[0-9]", pattern)
    pattern = re.sub(r"\\u\{([0-9A-Fa-f]+)\}", lambda m: "\\U" + m[1].zfill(8), pattern)
    pattern = re.sub(r"\\c[A-Za-z]", "", pattern)
    return pattern.replace(r"\/", "/").replace("\\-", "\\-")


def _hex(draws: Draws, count: int) -> str:
    return "".join(draws.pick("0123456789abcdef") for _ in range(count))


def _uuid(draws: Draws) -> str:
    return f"{_hex(draws, 8)}-{_hex(draws, 4)}-4{_hex(draws, 3)}-{draws.pick('89ab')}{_hex(draws, 3)}-{_hex(draws, 12)}"


def _date(draws: Draws) -> str:
    return f"{draws.between(2020, 2030)}-{draws.between(1, 12):02}-{draws.between(1, 28):02}"


def _time(draws: Draws) -> str:
    return f"{draws.between(0, 23):02}:{draws.between(0, 59):02}:{draws.between(0, 59):02}Z"


def _base64(draws: Draws) -> str:
    return "".join(draws.pick("ABCDEFGHIJKLMNOPabcdefghijklmnop0123") for _ in range(4 * draws.between(1, 4)))


def _url(draws: Draws) -> str:
    return f"https://{draws.pick(_WORDS)}.example/{draws.pick(_WORDS)}"


_FORMATS: Final[dict[str, Callable[[Draws], str]]] = {
    "uuid": _uuid,
    "date": _date,
    "date-time": lambda d: f"{_date(d)}T{_time(d)}",
    "time": _time,
    "duration": lambda d: f"P{d.between(1, 30)}D",
    "email": lambda d: f"{d.pick(_WORDS)}@{d.pick(_WORDS)}.example",
    "idn-email": lambda d: f"{d.pick(_WORDS)}@{d.pick(_WORDS)}.example",
    "hostname": lambda d: f"{d.pick(_WORDS)}.example",
    "idn-hostname": lambda d: f"{d.pick(_WORDS)}.example",
    "ipv4": lambda d: f"192.0.2.{d.between(1, 254)}",
    "ipv6": lambda d: f"2001:db8::{_hex(d, 4)}",
    "uri": _url,
    "url": _url,
    "iri": _url,
    "uri-reference": lambda d: f"/{d.pick(_WORDS)}",
    "iri-reference": lambda d: f"/{d.pick(_WORDS)}",
    "uri-template": lambda d: f"/{d.pick(_WORDS)}/{{id}}",
    "json-pointer": lambda d: f"/{d.pick(_WORDS)}",
    "relative-json-pointer": lambda d: f"{d.between(0, 3)}/{d.pick(_WORDS)}",
    "regex": lambda d: f"^{d.pick(_WORDS)}$",
    "byte": _base64,
    "base64": _base64,
}
