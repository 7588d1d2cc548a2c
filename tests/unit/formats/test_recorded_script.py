"""What a person did becomes a script that is Python, holds nothing typed in secret, and runs nothing else."""

import ast
import json

import pytest

from harness.errors import CouldNotTell
from harness.formats.recorded_script import read_recorded, script_of

CLICK = {
    "en": "You clicked button “Total”",
    "zh": "您点击了button “Total”",
    "code": "page.get_by_role('button', name='Total', exact=True).click()",
    "url": "http://127.0.0.1:5000/shop?x=1",
    "page-title": "Lamps",
}


def recorded(*codes):
    return json.dumps([{**CLICK, "code": code} for code in codes]).encode()


def test_every_step_has_a_title_in_both_languages_its_line_and_an_expectation():
    text = script_of("Ask the total!", read_recorded(recorded(CLICK["code"])))
    tree = ast.parse(text)
    assert [one.name for one in tree.body if isinstance(one, ast.FunctionDef)] == ["test_ask_the_total"]
    assert "step('Clicked button “Total”', zh='点击了button “Total”')" in text
    assert CLICK["code"] in text
    assert "page.goto('/shop')" in text
    assert text.count("to_have_title('Lamps')") == 2


def test_what_was_typed_in_secret_is_asked_for_and_not_there():
    text = script_of("x", read_recorded(recorded("page.get_by_label('Password', exact=True).fill('•••')")))
    assert "give it from the environment" in text
    ast.parse(text)


@pytest.mark.parametrize(
    "code",
    ["__import__('os')", "page.goto('/')\nprint(1)", "import os; page.get_by_label('x')", "page._impl()", "page.f(x)"],
)
def test_a_line_that_our_hands_do_not_write_is_not_let_in(code):
    assert read_recorded(recorded(code)) == ()


@pytest.mark.parametrize("body", [b"", b"{}x", b'[{"en": 1}]', b"[1]"])
def test_what_is_no_recording_is_said_to_be_none(body):
    with pytest.raises(CouldNotTell):
        read_recorded(body)


def test_without_a_take_over_there_is_no_script():
    with pytest.raises(CouldNotTell, match="nobody took over"):
        script_of("x", ())
