"""`equalToJson`: the same value, with WireMock's flags and placeholders."""

from typing import Any

import pytest

from harness.mocks.json_equality import same


@pytest.mark.parametrize(
    ("expected", "actual", "flags", "equal"),
    [
        ({"a": 1}, {"a": 1.0}, {}, True),
        ({"a": 1}, {"a": True}, {}, False),
        ({"a": None}, {}, {}, False),
        ({"a": 1}, {"a": 1, "b": 2}, {}, False),
        ({"a": 1}, {"a": 1, "b": 2}, {"extra": True}, True),
        ([1, 2], [2, 1], {}, False),
        ([1, 2], [2, 1], {"any_order": True}, True),
        ([1, 1, 2], [2, 1, 2], {"any_order": True}, False),
        ([1, 2], [2, 3, 1], {"any_order": True}, False),
        ([1, 2], [2, 3, 1], {"any_order": True, "extra": True}, True),
        ([1, 2], [1, 2, 3], {"extra": True}, True),
        ([1, 2], [3, 1, 2], {"extra": True}, False),
        ("${json-unit.ignore}", {"any": 1}, {}, True),
        ({"a": "${json-unit.any-string}"}, {"a": "x"}, {}, True),
        ({"a": "${json-unit.any-string}"}, {"a": 1}, {}, False),
        ({"a": "${json-unit.any-number}"}, {"a": True}, {}, False),
        ({"a": "${json-unit.any-boolean}"}, {"a": False}, {}, True),
        ({"a": "${json-unit.regex}[A-Z]+"}, {"a": "ABC"}, {}, True),
        ({"a": "${json-unit.regex}[A-Z]+"}, {"a": "ABc"}, {}, False),
        ({"a": "${json-unit.ignore-element}"}, {}, {}, True),
        (["${json-unit.any-string}", 1], [1, "x"], {"any_order": True}, True),
    ],
)
def test_two_values_are_the_same(expected: Any, actual: Any, flags: dict[str, bool], equal: bool) -> None:
    assert same(expected, actual, **flags) is equal
