"""A secret that we know, however it may be written down.

A value leaves a process raw, percent-encoded, JSON-escaped, as HTML entities, in hex, or inside
Base64 at any of three alignments, and often in several of these at once. `KnownValue` finds and
replaces all of them. A value below `BOUNDED_BELOW` characters is replaced only where it stands as
a word of its own, below `TINY_BELOW` only as plain text: "test" as a password must not turn
"latest" into noise, and a two-letter secret can't be told from two letters.
"""

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote, quote_plus, unquote

BOUNDED_BELOW = 8
TINY_BELOW = 4
_LAYERS = 4
_FUZZY_UP_TO = 512

_WORD_START = r"(?:(?<![0-9A-Za-z_])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4}))"
_WORD_END = r"(?![0-9A-Za-z_])"
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ENTITIES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_BACKSLASH = r"(?:\\|%(?:25)*5[cC]|&(?:amp;)*#(?:92|[xX]5[cC]);)"
_USERINFO = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/\s:@]*:([^/\s@]+)@")
_SEPARATOR = re.compile(r"[/_+-]")
_PREFIX = 24
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_STANDARD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")

Clean = Callable[[str], str]


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
            alternatives.append("".join(_any_escape_of(character) for character in self.value))
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
                text, more = _replace_base64_runs(text, core, lambda inner: self.replace(inner)[0], self.mask)
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


def base64_cores(value: str) -> Iterator[str]:
    """What is left of Base64(prefix + value + suffix) whatever prefix and suffix are; RFC 4648 both alphabets."""
    raw = value.encode("utf-8", "surrogatepass")
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode("ascii")
        end = (shift + len(raw)) * 8 // 6
        core = encoded[-(-shift * 8 // 6) : end]
        yield core
        yield core.replace("+", "-").replace("/", "_")


def layers_of(text: str) -> tuple[str, ...]:
    """The text, and what it reads as when its escapes are taken off, layer by layer."""
    layers = [text]
    while len(layers) <= _LAYERS:
        inner = _unescaped(layers[-1])
        if inner == layers[-1]:
            break
        layers.append(inner)
    return tuple(layers)


def decoded_base64(run: str) -> tuple[str, Callable[[str], str]] | None:
    """The UTF-8 text that a Base64 run holds, and how to write another text the same way; None if it holds none.

    What stands before the first separator may be no Base64: `path/eyJ…`.
    """
    starts = (0, *(match.end() for match in _SEPARATOR.finditer(run, 0, _PREFIX)))
    for start in starts:
        text = _text_in(run[start:])
        if text is not None:
            return text, lambda inner, start=start: run[:start] + _base64_like(run[start:], inner)
    return None


def _text_in(run: str) -> str | None:
    body = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        text = base64.b64decode(body + "=" * (-len(body) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return None if not text or _CONTROL.search(text, 0, 200) else text


def _base64_like(run: str, inner: str) -> str:
    raw = inner.encode("utf-8", "surrogatepass")
    url_safe = "-" in run or "_" in run
    encoded = (base64.urlsafe_b64encode(raw) if url_safe else base64.b64encode(raw)).decode("ascii")
    return encoded if run.endswith("=") or len(run) % 4 == 0 else encoded.rstrip("=")


def _unescaped(text: str) -> str:
    if "\\" in text:
        text = _ESCAPE.sub(_character, text)
    if "%" in text:
        text = unquote(text, errors="replace")
    return html.unescape(text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    if code:
        return chr(int(code, 16))
    letter: str = match.group(3)
    return _LETTERS.get(letter, letter)


def _any_escape_of(character: str) -> str:
    point = ord(character)
    units = character.encode("utf-16-be", "surrogatepass")
    codes = (_any_case(f"{units[at]:02x}{units[at + 1]:02x}") for at in range(0, len(units), 2))
    ways = [
        re.escape(character),
        "".join(f"%(?:25)*{_any_case(f'{byte:02x}')}" for byte in character.encode("utf-8", "surrogatepass")),
        "".join(f"{_BACKSLASH}{{1,8}}u{code}" for code in codes),
        rf"&(?:amp;)*#(?:0*{point}|[xX]0*{_any_case(f'{point:x}')});",
    ]
    if point < 256:
        ways.append(rf"{_BACKSLASH}{{1,8}}x{_any_case(f'{point:02x}')}")
    letter = next((letter for letter, meant in _LETTERS.items() if meant == character), None)
    if letter:
        ways.append(f"{_BACKSLASH}{{1,8}}{letter}")
    if character in _ENTITIES:
        ways.append(f"&(?:amp;)*{_ENTITIES[character]};")
    if character == "\\":
        ways.insert(0, f"{_BACKSLASH}{{1,8}}")
    if character == " ":
        ways.append(r"\+")
    escaped = f"{_BACKSLASH}{{0,8}}" if character in "\"'/" else ""
    return f"{escaped}(?:{'|'.join(ways)})"


def _any_case(digits: str) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)


def _replace_base64_runs(text: str, core: str, clean: Clean, mask: str) -> tuple[str, int]:
    """Each Base64 run that holds `core`: decoded, cleaned and encoded again, or replaced as a whole."""
    pieces: list[str] = []
    done = count = 0
    while (found := text.find(core, done)) >= 0:
        start, end = found, found + len(core)
        while start > done and text[start - 1] in _STANDARD:
            start -= 1
        while end < len(text) and text[end] in _STANDARD:
            end += 1
        while end < len(text) and text[end] == "=":
            end += 1
        pieces += (text[done:start], _cleaned_run(text[start:end], core, clean, mask))
        done = end
        count += 1
    return "".join((*pieces, text[done:])), count


def _cleaned_run(run: str, core: str, clean: Clean, mask: str) -> str:
    if decoded := decoded_base64(run):
        inner, write = decoded
        again = write(clean(inner))
        if core not in again and clean(again) == again:
            return again
    return mask
