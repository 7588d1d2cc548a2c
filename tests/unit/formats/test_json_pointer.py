"""A JSON pointer leads to one place of a value, or nowhere."""

from typing import Any

import pytest

from harness.formats.json_pointer import pointed

GIVEN: dict[str, Any] = {"made": [{"id": "a"}, {"id": "z"}], "a/b": 1, "m~n": 2, "": 3, "-1": 4, "none": None}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("", GIVEN), ("/made/0/id", "a"), ("/made/1/id", "z"), ("/a~1b", 1), ("/m~0n", 2), ("/", 3), ("/-1", 4)],
)
def test_a_pointer_leads_to_its_place(pointer: str, value: Any) -> None:
    assert pointed(GIVEN, pointer) == value


@pytest.mark.parametrize("index", ["-1", "-0", "+1", "2", "00", "01", " 1", "1_0", "１", "-", "", "x", "9" * 5000])
def test_only_a_plain_index_takes_an_entry_and_minus_one_takes_nothing(index: str) -> None:
    assert pointed(GIVEN, f"/made/{index}") is None


@pytest.mark.parametrize("pointer", ["/gone", "/gone/0", "/a~1b/0", "/none/x", "made", "/made/id"])
def test_a_pointer_that_leads_nowhere_gives_nothing(pointer: str) -> None:
    assert pointed(GIVEN, pointer) is None
