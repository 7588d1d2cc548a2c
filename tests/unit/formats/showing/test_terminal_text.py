"""Harmless, measured, wrapped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.formats.terminal_text import columns, padded, tame, wrapped

ALIVE = {
    "\x1b[31mred": "\\x1b[31mred",
    "a\nb\tc\r": "a\\nb\\tc\\r",
    "\x9b31m": "\\x9b31m",
    "abc\u202edcb": "abc\\u202edcb",
    "zero\u200bwidth": "zero\\u200bwidth",
    "::error::x": ": :error::x",
    "a ::set-output name=x::y": "a : :set-output name=x::y",
    "##vso[task]": "# #vso[task]",
    "##[error]": "# #[error]",
    "##teamcity[x]": "# #teamcity[x]",
    "\U000e0041": "\\U000e0041",
}


@pytest.mark.parametrize("text", ALIVE)
def test_what_is_alive_is_shown_dead(text: str) -> None:
    assert tame(text) == ALIVE[text]


@pytest.mark.parametrize(
    "text", ["test_orders.py::test_x", "## heading", "a:b::c", "订单已取消 → ok", "émigré", "50 % [x]"]
)
def test_ordinary_text_stays(text: str) -> None:
    assert tame(text) == text


@given(st.text())
def test_no_line_break_and_no_command_survives(text: str) -> None:
    result = tame(text)
    assert len(result.splitlines()) <= 1
    assert not result.lstrip().startswith("::e")
    assert "\x1b" not in result
    assert tame(result) == result


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("订单", 4), ("e\u0301", 1), ("a订b", 4), ("", 0)])
def test_width_is_counted_in_columns(text: str, width: int) -> None:
    assert columns(text) == width
    assert columns(padded(text, 10)) == columns(padded(text, 10, right=True)) == 10


@given(st.text(st.sampled_from("ab cde 订单取消，。 "), max_size=80), st.integers(4, 40))
def test_wrapping_loses_nothing_and_keeps_to_the_width(text: str, width: int) -> None:
    lines = list(wrapped(text, width))
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(columns(line) <= width or " " not in line for line in lines)
