"""JSON and NDJSON without secrets, everything else byte for byte as it was.

The text is rewritten string by string, not parsed and printed again: numbers, spaces, duplicate keys and
a broken last line stay, and depth costs nothing. Keys are kept; what a key, or the `name` beside a `value`
(HAR headers and cookies), says is secret loses its value; strings that hold JSON or Base64 are opened.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from harness.rules.redacting import Redactor
from harness.rules.redacting_names import hidden, is_secret, is_stand_in, may_be_secret_in_query

_TOKEN = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:\s*(-?\d[\d.eE+-]*)?)?|[{}\[\]]', re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_NAMES = frozenset({"name", "key", "header"})
_VALUES = frozenset({"value", "text", "__playwright_value_"})
_FIELDS = frozenset({"selector", "type"})
_PASSWORD_FIELD = re.compile(r"password|passwd|密码", re.IGNORECASE)
_TYPED = "password"
_LEARNT_FROM = 6
_SHORTEST = 4
_REMEMBERED_BELOW = 200
_DEEPEST = 4

Nested = Callable[[str], str | None]
_String = tuple[int, int, str]


@dataclass(slots=True)
class _Frame:
    """An object or list on the way down, and in it the strings that may belong together."""

    kind: str
    key: str
    in_list: bool = False
    name: str = ""
    described: str = ""
    strings: list[_String] = field(default_factory=list)


def redact_json(
    text: str, redactor: Redactor, counts: Counter[str], *, nested: Nested, typed: set[str], depth: int = 0
) -> str:
    """`text` redacted. `nested` gives the redacted form of a Base64 string that holds a body, or None to leave it.

    `typed` is added to: values of password fields, which may stand elsewhere under no name at all.
    """
    return _Rewriting(text, redactor, counts, nested, typed, depth).done()


class _Rewriting:
    """One pass over one text, collecting what to put where."""

    def __init__(
        self, text: str, redactor: Redactor, counts: Counter[str], nested: Nested, typed: set[str], depth: int
    ) -> None:
        self._text = text
        self._redactor = redactor
        self._counts = counts
        self._nested = nested
        self._typed = typed
        self._depth = depth
        self._key = ""
        self._stack = [_Frame(kind="[", key="")]
        self._edits: dict[int, tuple[int, str]] = {}
        self._clean: set[str] = set()
        self._secret: dict[str, bool] = {}

    def done(self) -> str:
        for token in _TOKEN.finditer(self._text):
            literal, colon, number = token.groups()
            if literal is None:
                self._bracket(token[0])
            elif colon is None:
                self._value(*token.span(1), _decoded(literal))
            else:
                self._key = _decoded(literal)
                self._put(*token.span(1), self._key, self._piece(self._key))
                if number is not None:
                    self._number(*token.span(3), number)
        pieces: list[str] = []
        at = 0
        for start in sorted(self._edits):
            end, replacement = self._edits[start]
            pieces += (self._text[at:start], replacement)
            at = end
        return "".join((*pieces, self._text[at:]))

    def _put(self, start: int, end: int, before: str, after: str) -> None:
        if after != before:
            self._edits[start] = (end, json.dumps(after, ensure_ascii="\\u" in self._text[start:end]))

    def _bracket(self, bracket: str) -> None:
        frame = self._stack[-1]
        if bracket in "{[":
            key = self._key if frame.kind == "{" else frame.key
            self._stack.append(_Frame(kind=bracket, key=key, in_list=frame.kind == "["))
        elif len(self._stack) > 1:
            name = _name_of(self._stack.pop())
            for start, end, value in frame.strings if name else ():
                self._hide(name, start, end, value)
                if name == _TYPED and len(value) >= _LEARNT_FROM and not is_stand_in(value):
                    self._typed.add(value)
        self._key = ""

    def _value(self, start: int, end: int, value: str) -> None:
        frame = self._stack[-1]
        name = self._key if frame.kind == "{" else frame.key
        secret = self._secret.get(name)
        if secret is None:
            secret = self._secret[name] = is_secret(name)
        if secret and not is_stand_in(value):
            self._hide(name, start, end, value)
        else:
            self._put(start, end, value, self._cleaned(value))
        if frame.kind == "[":
            if frame.in_list and len(frame.strings) < 3:
                frame.strings.append((start, end, value))
        elif name in _NAMES:
            frame.name = value
        elif name in _VALUES:
            frame.strings.append((start, end, value))
        elif name in _FIELDS:
            frame.described = value

    def _hide(self, name: str, start: int, end: int, value: str) -> None:
        after = self._piece(hidden(name, value))
        if after != value:
            self._counts[f"name:{name.lower()}"] += 1
            self._put(start, end, value, after)

    def _number(self, start: int, end: int, number: str) -> None:
        """A number is secret by its key, by value, or as a card or identity number; a phone number it only seems."""
        if is_secret(self._key):
            self._hide(self._key, start, end, number)
        elif self._redactor.values or len(number) > 13:
            self._put(start, end, number, self._piece(number))

    def _cleaned(self, value: str) -> str:
        if value in self._clean:
            return value
        if self._depth < _DEEPEST and '"' in value and value.lstrip()[:1] in {"{", "["}:
            return redact_json(
                value, self._redactor, self._counts, nested=self._nested, typed=self._typed, depth=self._depth + 1
            )
        if len(value) >= 16 and len(value) % 4 == 0 and _BASE64.fullmatch(value):
            inside = self._nested(value)
            if inside is not None:
                return inside
        return self._piece(value)

    def _piece(self, value: str) -> str:
        if value in self._clean or (len(value) < _SHORTEST and not self._redactor.values):
            return value
        after = self._redactor.redact_piece(value, self._counts)
        if after == value and len(value) < _REMEMBERED_BELOW:
            self._clean.add(value)
        return after


def _name_of(frame: _Frame) -> str:
    """The secret name that two strings side by side give away, else nothing.

    A name beside a value, `["authorization", "…"]` in a list of such pairs, a cookie, what was typed as a password.
    """
    if frame.kind == "[":
        if len(frame.strings) == 2 and is_secret(frame.strings[0][2]):
            return frame.strings.pop(0)[2]
        return ""
    in_query = frame.key == "queryString" and any(may_be_secret_in_query(frame.name, one) for *_, one in frame.strings)
    if is_secret(frame.name) or in_query:
        return frame.name
    if frame.key == "cookies":
        return "session"
    return _TYPED if _PASSWORD_FIELD.search(frame.described) else ""


def _decoded(literal: str) -> str:
    if "\\" not in literal:
        return literal[1:-1]
    try:
        value = json.loads(literal, strict=False)
    except ValueError:
        return literal[1:-1]
    return value if isinstance(value, str) else literal[1:-1]
