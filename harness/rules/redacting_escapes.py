"""Escapes of text inside text: percent, backslash and entities, taken off layer by layer or matched as they stand."""

import html
import re
from urllib.parse import unquote

_LAYERS = 4
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ENTITIES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_BACKSLASH = r"(?:\\|%(?:25)*5[cC]|&(?:amp;)*#(?:92|[xX]5[cC]);)"
# one or many, themselves escaped or not: flat, so that there is one way to match them
_BACKSLASHES = rf"(?:{_BACKSLASH}|u005[cC]|x5[cC]){{1,64}}"


def layers_of(text: str) -> tuple[str, ...]:
    """The text, and what it reads as when its escapes are taken off, layer by layer."""
    layers = [text]
    while len(layers) <= _LAYERS:
        inner = _unescaped(layers[-1])
        if inner == layers[-1]:
            break
        layers.append(inner)
    return tuple(layers)


def any_escape_of(character: str) -> str:
    """A pattern for one character (of backslashes: one or more) written in any of the escapes, however deep."""
    if character == "\\":
        return _BACKSLASHES
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
    if character == " ":
        ways.append(r"\+")
    escaped = f"{_BACKSLASH}{{0,8}}" if character in "\"'/" else ""
    return f"{escaped}(?:{'|'.join(ways)})"


def _any_case(digits: str) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)


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
