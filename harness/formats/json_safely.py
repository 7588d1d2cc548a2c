"""JSON as contracts use it: plain values, every key with its line.

What the standard reader takes without a doubt is taken from it, since it is ten times as fast. Everything else
goes through our own small reader, which says what is wrong and where: the standard one keeps the last of two
equal keys, knows no lines, and recurses as deep as the document says.
"""

import json
import re
from bisect import bisect_right
from math import isfinite
from typing import Any

from harness.errors import AskedWrongly, Place
from harness.formats.json_lines import LinesLater
from harness.formats.marked import MOST_BYTES, MOST_DEPTH, Builder, Marked

_TOKEN = re.compile(
    r'[ \t\r\n]*(?:(?P<text>"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(?P<mark>[][{}:,])'
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)|(?P<word>true|false|null))"
)
_BLANK = re.compile(r"[ \t\r\n]*")
_WORDS = {"true": True, "false": False, "null": None}
_MOST_DIGITS = 4000
_MANY_DIGITS = re.compile(rf"[0-9]{{{_MOST_DIGITS}}}")


def parse_json(body: bytes, file: str) -> Marked:
    """Parse one JSON document; AskedWrongly with file and line for everything that is refused."""
    if len(body) > MOST_BYTES:
        raise AskedWrongly(f"larger than {MOST_BYTES // 2**20} MiB", place=Place(file=file))
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AskedWrongly(f"not UTF-8 text: byte {error.start}", place=Place(file=file)) from None
    try:
        value = _QUICK.decode(text)
    except (ValueError, RecursionError):
        return _Reader(text, file).read()
    if _MANY_DIGITS.search(text) or _nested_deeply(value):
        return _Reader(text, file).read()
    return Marked(file=file, value=value, lines=LinesLater(text, value))


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError
    return made


def _held(written: str) -> float:
    value = float(written)
    if not isfinite(value):
        raise ValueError
    return value


_QUICK = json.JSONDecoder(object_pairs_hook=_no_key_twice, parse_float=_held, parse_constant=_held)


def _nested_deeply(value: Any) -> bool:
    level = [value]
    for _ in range(MOST_DEPTH):
        level = [
            inner
            for one in level
            for inner in (one.values() if type(one) is dict else one if type(one) is list else ())
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


class _Reader:
    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._ends = [found.end() for found in re.finditer("\n", text)]
        self._builder = Builder(file)
        self._open: list[str] = []

    def read(self) -> Marked:
        at, wanted = 0, "value"
        while wanted != "end":
            found = _TOKEN.match(self._text, at)
            if found is None:
                raise self._unreadable(_BLANK.match(self._text, at).end())  # type: ignore[union-attr]
            wanted = self._take(found, wanted)
            at = found.end()
        rest = _BLANK.match(self._text, at)
        if rest and rest.end() != len(self._text):
            raise self._unreadable(rest.end())
        return self._builder.done()

    def _take(self, found: re.Match[str], wanted: str) -> str:
        """Use one written; `wanted` is what the grammar allows now, the answer what it allows next."""
        kind = found.lastgroup or ""
        written, at = found[kind], found.start(kind)
        if kind != "mark":
            if kind == "text" and wanted in {"key", "key or close"}:
                self._builder.key(json.loads(written), self._line(at))
                return "colon"
            if wanted not in {"value", "value or close"}:
                raise self._unreadable(at)
            self._builder.scalar(self._scalar(kind, written, at), self._line(at))
            return self._after_value()
        if written in "{[" and wanted in {"value", "value or close"}:
            return self._begin(written, self._line(at))
        if written in "}]" and wanted in {"comma or close", "value or close", "key or close"}:
            return self._finish(written, at)
        if written == ":" and wanted == "colon":
            return "value"
        if written == "," and wanted == "comma or close":
            return "key" if self._open[-1] == "{" else "value"
        raise self._unreadable(at)

    def _begin(self, written: str, line: int) -> str:
        self._open.append(written)
        if written == "{":
            self._builder.open_map(line)
            return "key or close"
        self._builder.open_list(line)
        return "value or close"

    def _finish(self, written: str, at: int) -> str:
        if not self._open or self._open.pop() + written not in {"{}", "[]"}:
            raise self._unreadable(at)
        self._builder.close(self._line(at))
        return self._after_value()

    def _after_value(self) -> str:
        return "comma or close" if self._open else "end"

    def _scalar(self, kind: str, written: str, at: int) -> object:
        if kind == "word":
            return _WORDS[written]
        if len(written) > _MOST_DIGITS and kind == "number":
            raise self._unreadable(at)
        return json.loads(written)

    def _line(self, at: int) -> int:
        return bisect_right(self._ends, at) + 1

    def _unreadable(self, at: int) -> AskedWrongly:
        line = self._line(at)
        column = at - (self._ends[line - 2] if line > 1 else 0) + 1
        what = "it ends too early" if at >= len(self._text) else f"`{self._text[at]}` is not expected here"
        return AskedWrongly(f"not readable as JSON: {what}", place=Place(file=self._file, line=line, column=column))
