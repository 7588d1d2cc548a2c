"""On which line each key of a JSON text stands, worked out when somebody first asks.

Most documents are right, and nobody asks. In a text that is known to be JSON with no key given twice, a string
before a colon is a key, and keys come in the order in which the values are nested.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"(?:[ \t\r\n]*(:))?')


class LinesLater(Mapping[int, Mapping[str, int]]):
    """`id(mapping)` → key → line, for every mapping of a value that was read from a text."""

    def __init__(self, text: str, value: Any) -> None:
        self._text = text
        self._value = value
        self._lines: dict[int, dict[str, int]] | None = None

    def __getitem__(self, container: int) -> Mapping[str, int]:
        return self._found()[container]

    def __iter__(self) -> Iterator[int]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())

    def _found(self) -> dict[int, dict[str, int]]:
        if self._lines is None:
            self._lines = lines_in(self._text, self._value)
        return self._lines


def lines_in(text: str, value: Any) -> dict[int, dict[str, int]]:
    """The line of every key; the text must be what the value was read from."""
    lines: dict[int, dict[str, int]] = {}
    keys = _lines_of_keys(text)
    todo: list[Iterator[Any]] = [iter((value,))]
    while todo:
        for item in todo[-1]:
            if isinstance(item, dict):
                todo.append(_marked(item, keys, lines.setdefault(id(item), {})))
                break
            if isinstance(item, list):
                todo.append(iter(item))
                break
        else:
            todo.pop()
    return lines


def _marked(item: dict[str, Any], keys: Iterator[int], lines: dict[str, int]) -> Iterator[Any]:
    """The values of a mapping in order, each key marked as it is passed."""
    for key, value in item.items():
        lines[key] = next(keys)
        yield value


def _lines_of_keys(text: str) -> Iterator[int]:
    line, counted = 1, 0
    for found in _STRING.finditer(text):
        if found[1]:
            line += text.count("\n", counted, found.start())
            counted = found.start()
            yield line
