"""A users' file is looked at before anything starts."""

import pytest

from harness.formats.load_script import script_problems


def test_a_syntax_error_is_told_with_line_and_text():
    (problem,) = script_problems(b"from locust import task\nclass Checkout(:\n", "load/checkout.py", "Checkout")
    assert str(problem.place).startswith("load/checkout.py:2:")
    assert problem.place.text == "class Checkout(:"
    assert problem.message.startswith("this is not Python: ")


def test_a_missing_class_is_told_with_the_nearest():
    (problem,) = script_problems(b"class Chekout: ...\n", "load/checkout.py", "Checkout")
    assert problem.hint == "did you mean `Chekout`?"


@pytest.mark.parametrize(
    "body", [b"class Checkout: ...", b"from shared import Checkout", b"import x as Checkout", b"Checkout = make()"]
)
def test_a_class_that_may_be_there_is_left_to_the_engine(body):
    assert script_problems(body, "load/checkout.py", "Checkout") == ()


@pytest.mark.parametrize("body", [b"\x00", b"\xff\xfe", b"# coding: nonsense\n", b"(" * 500])
def test_what_is_no_text_is_a_problem_and_no_crash(body):
    assert script_problems(body, "load/checkout.py", "Checkout")
