"""Keys of a JSON text know their lines, though nobody counted while it was read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import AskedWrongly
from harness.formats.json_lines import lines_in
from harness.formats.json_safely import parse_json

TEXTS = st.text(st.sampled_from('ab":{}[],\\\n\té€'), max_size=6)
VALUES = st.recursive(
    TEXTS | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def truth(value: Any, line: int, found: list[tuple[str, int]]) -> int:
    """The lines of keys as `json.dumps(indent=1)` writes them, counted by its own rules; gives the last line."""
    if isinstance(value, dict) and value:
        for key, one in value.items():
            line += 1
            found.append((key, line))
            line = truth(one, line, found)
        return line + 1
    if isinstance(value, list) and value:
        for one in value:
            line = truth(one, line + 1, found)
        return line + 1
    return line


def told(value: Any, lines: dict[int, dict[str, int]], found: list[tuple[str, int]]) -> None:
    for key, one in value.items() if isinstance(value, dict) else ():
        found.append((key, lines[id(value)][key]))
        told(one, lines, found)
    for one in value if isinstance(value, list) else ():
        told(one, lines, found)


@given(VALUES)
def test_every_key_has_the_line_that_it_is_written_on(value: Any) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    marked = parse_json(text.encode("utf-8"), "a.json")
    expected: list[tuple[str, int]] = []
    found: list[tuple[str, int]] = []
    truth(marked.value, 1, expected)
    told(marked.value, lines_in(text, marked.value), found)
    assert found == expected


def test_a_line_that_is_one_too_far_is_noticed() -> None:
    value = {"a": {"b": 1}}
    assert lines_in("\n" + json.dumps(value, indent=1), value) != lines_in(json.dumps(value, indent=1), value)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": 1e999}',
        b'{"a": -Infinity}',
        b"[" * 201 + b"]" * 201,
        b'{"a":' * 100_000,
        b"1" * 4001,
        b'{"a": "\x01"}',
    ],
)
def test_what_the_quick_reader_would_take_or_die_of_is_refused(body: bytes) -> None:
    with pytest.raises(AskedWrongly):
        parse_json(body, "a.json")


def test_two_hundred_levels_are_read() -> None:
    assert parse_json(b"[" * 200 + b"]" * 200, "a.json").value
