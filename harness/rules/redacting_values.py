"""A secret that we know, however it may be written down.

A value leaves a process raw, percent-encoded, JSON-escaped, as HTML entities, in hex, or inside
Base64 at any of three alignments, and often in several of these at once. `KnownValue` finds and
replaces all of them. A value below `BOUNDED_BELOW` characters is replaced only where it stands as
a word of its own, below `TINY_BELOW` only as plain text: "test" as a password must not turn
"latest" into noise, and a two-letter secret can't be told from two letters.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, quote_plus, unquote

from harness.rules.redacting_base64 import base64_cores, replace_runs
from harness.rules.redacting_escapes import any_escape_of, layers_of

BOUNDED_BELOW = 8
TINY_BELOW = 4
_FUZZY_UP_TO = 512

_WORD_START = r"(?:(?<![0-9A-Za-z_])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4}))"
_WORD_END = r"(?![0-9A-Za-z_])"
# one for many: a pattern for each of them would try every way to share them out
_RUN_OF_BACKSLASHES = re.compile(r"\\+")
_USERINFO = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/\s:@]*:([^/\s@]+)@")


@dataclass(frozen=True, kw_only=True)
class KnownValue:
    """One secret: its name (shown instead of it) and the text that must not survive."""

    name: str
    value: str
    mask: str

    @property
    def bounded(self) -> bool:
        """Only hidden where it stands as a word of its own."""
        return len(self.value) < BOUNDED_BELOW

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The value as plain text of some encoding, without Base64."""
        return (self.value,) if len(self.value) < TINY_BELOW else tuple(plain_forms(self.value))

    @cached_property
    def cores(self) -> tuple[str, ...]:
        """The characters that any Base64 text holding the value must contain."""
        if self.bounded:
            return ()
        written = dict.fromkeys((self.value, json_form(self.value), quote(self.value, safe="")))
        return tuple(dict.fromkeys(core for form in written for core in base64_cores(form)))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the value with each character written in any of the escapes, mixed and nested."""
        alternatives = [re.escape(form) for form in sorted(self.forms, key=len, reverse=True)]
        if TINY_BELOW <= len(self.value) <= _FUZZY_UP_TO:
            alternatives.append("".join(map(any_escape_of, _RUN_OF_BACKSLASHES.sub(r"\\", self.value))))
        body = "|".join(alternatives)
        return re.compile(f"{_WORD_START}(?:{body}){_WORD_END}" if self.bounded else body)

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """All forms; also what is left of the value when escapes that only seem to be in it are taken off."""
        return tuple(dict.fromkeys((*self.forms, *(layers_of(self.value)[1:] if not self.bounded else ()))))

    def occurs_in(self, layers: tuple[str, ...]) -> bool:
        """Whether any writing of the value is in a text, given as `layers_of(text)`."""
        return any(literal in layer for layer in layers for literal in (*self.literals, *self.cores))

    def written_in(self, text: str) -> tuple[str, int] | None:
        """The first writing found in `text`: how (`text` or `base64`) and where. For layers: it unescapes nothing."""
        for form in self.literals:
            if form in text:
                place = self._place_of(form, text)
                if place is not None:
                    return ("text", place)
        places = [place for core in self.cores if (place := text.find(core)) >= 0]
        return ("base64", min(places)) if places else None

    def _place_of(self, form: str, text: str) -> int | None:
        if not self.bounded:
            return text.find(form)
        match = re.search(f"{_WORD_START}{re.escape(form)}{_WORD_END}", text)
        return match.start() if match else None

    def replace(self, text: str) -> tuple[str, int]:
        """The text without the value, and how often it was there."""
        text, plain = self.pattern.subn(lambda _: self.mask, text)
        count = plain
        for core in self.cores:
            if core in text:
                text, more = replace_runs(text, core, lambda inner: self.replace(inner)[0], self.mask)
                count += more
        return text, count


def known_values(name: str, value: str, mask: str) -> Iterator[KnownValue]:
    """What one secret stands for: itself, its long lines, and the password inside a connection string."""
    parts = [value, value.strip()]
    parts += [line.strip() for line in value.splitlines() if len(line.strip()) >= 2 * BOUNDED_BELOW]
    parts += [unquote(match) for match in _USERINFO.findall(value)]
    for part in dict.fromkeys(parts):
        if part and not part.startswith("-----"):
            yield KnownValue(name=name, value=part, mask=mask)


def plain_forms(value: str) -> Iterator[str]:
    """A value raw and in each encoding, as tools write them; some may be equal."""
    escaped = json_form(value)
    seen: dict[str, None] = {value: None}
    seen[escaped] = None
    seen[json_form(escaped)] = None
    seen[json.dumps(value)[1:-1]] = None
    seen[escaped.replace("/", "\\/")] = None
    for safe in ("", "/", "~()*!'", "-._~!$&'()*+,;=:@/?"):
        percent = quote(value, safe=safe)
        seen[percent] = None
        seen[re.sub(r"%..", lambda match: match.group().lower(), percent)] = None
    seen[quote_plus(value)] = None
    seen[html.escape(value)] = None
    seen[html.escape(value, quote=False)] = None
    digits = value.encode("utf-8", "surrogatepass").hex()
    seen[digits] = None
    seen[digits.upper()] = None
    seen[repr(value)[1:-1]] = None
    yield from seen


def json_form(value: str) -> str:
    """A value between the quotes of a JSON string, characters beyond ASCII as they are."""
    return json.dumps(value, ensure_ascii=False)[1:-1]
