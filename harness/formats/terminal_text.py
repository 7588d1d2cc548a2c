"""Text for a terminal: made harmless, measured in columns, broken into lines.

What a system under test says may hold control characters, escape sequences, text that runs backwards, and
commands that CI services obey when they stand in a log. None of it reaches the reader's terminal alive;
what was there is still to be seen.
"""

import re
import unicodedata
from collections.abc import Iterator

# C0 and C1 controls, zero width and bidirectional marks, line separators, lone surrogates, tags
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# GitHub: `::error::` at the start of a line; Azure, TeamCity and old GitHub: `##vso[` anywhere
_COLON_COMMAND = re.compile(r"(?<!\S)::(?=[A-Za-z])")
_HASH_COMMAND = re.compile(r"##(?=[A-Za-z]*\[)")
_WIDE = frozenset("WF")
_BREAK = re.compile(r"\s+|(?<=[\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef])|(?=[\u2e80-\u9fff\uac00-\ud7af])")


def tame(text: str) -> str:
    """One line that does nothing but stand there."""
    text = _UNSEEN.sub(lambda match: _SHORT.get(match[0]) or _escaped(match[0]), text)
    return _HASH_COMMAND.sub("# #", _COLON_COMMAND.sub(": :", text))


def columns(text: str) -> int:
    """How many columns a text takes: two for East Asian wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in _WIDE else 1
        for character in text
    )


def padded(text: str, width: int, *, right: bool = False) -> str:
    """A text filled up with spaces to `width` columns."""
    space = " " * (width - columns(text))
    return space + text if right else text + space


def wrapped(text: str, width: int) -> Iterator[str]:
    """Lines of at most `width` columns, broken at spaces and between East Asian characters; a long word stays whole."""
    line = ""
    start = 0
    for match in (*_BREAK.finditer(text), None):
        end = match.start() if match else len(text)
        word, start = text[start:end], match.end() if match else len(text)
        if line and columns(line) + columns(word) > width:
            yield line.rstrip()
            line = ""
        line += word + (" " if match and match[0] else "")
    if line.strip():
        yield line.rstrip()


def _escaped(character: str) -> str:
    point = ord(character)
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
