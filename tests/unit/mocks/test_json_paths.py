"""JSONPath: what each expression finds, and that what is not understood is refused when it is read."""

from typing import Any

import pytest

from harness.mocks.json_paths import NotAPath, parse_path
from harness.mocks.patterns import NotAPattern

STORE = {
    "book": [
        {"title": "Sayings", "price": 8.95, "category": "reference"},
        {"title": "Sword", "price": 12.99, "category": "fiction"},
        {"title": "Moby", "price": 8.99, "category": "fiction", "isbn": "0-553"},
    ],
    "bicycle": {"price": 19.95, "a b": 1},
    "limit": 9,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", [STORE]),
        ("$.limit", [9]),
        ("$['limit']", [9]),
        ("$.bicycle['a b']", [1]),
        ("$.book[0].title", ["Sayings"]),
        ("$.book[-1].title", ["Moby"]),
        ("$.book[0,2].title", ["Sayings", "Moby"]),
        ("$.book[:2].title", ["Sayings", "Sword"]),
        ("$.book[::2].title", ["Sayings", "Moby"]),
        ("$.book[*].price", [8.95, 12.99, 8.99]),
        ("$..price", [8.95, 12.99, 8.99, 19.95]),
        ("$..book[0].title", ["Sayings"]),
        ("$.book[?(@.isbn)].title", ["Moby"]),
        ("$.book[?(!@.isbn)].title", ["Sayings", "Sword"]),
        ("$.book[?(@.price < 10)].title", ["Sayings", "Moby"]),
        ("$.book[?(@.price < $.limit && @.category == 'fiction')].title", ["Moby"]),
        ("$.book[?(@.category == 'reference' || @.price > 12)].title", ["Sayings", "Sword"]),
        ("$.book[?(@.title =~ /s.*/i)].title", ["Sayings", "Sword"]),
        ("$.book[?@.price>=12.99].title", ["Sword"]),
        ("$.book.length()", [3]),
        ("$.nothing", []),
        ("$.book[9]", []),
        ("$.limit.deeper", []),
        ("$.book[?(@.title > 3)]", []),
    ],
)
def test_a_path_finds(path: str, found: list[Any]) -> None:
    assert parse_path(path).find(STORE) == found


@pytest.mark.parametrize(
    "path",
    ["", "a.b", "$.", "$[", "$['a", "$[?(@.a ==)]", "$[?(@.a", "$.a b", "$.max()", "$[::0]", "$[?('x')]", "$[1:2,3]"],
)
def test_what_is_not_understood_is_refused(path: str) -> None:
    with pytest.raises(NotAPath):
        parse_path(path)


def test_a_broken_expression_inside_a_filter_is_refused_when_read() -> None:
    with pytest.raises(NotAPattern):
        parse_path("$[?(@.a =~ /(/)]")


def test_a_search_that_would_explode_is_cut_short() -> None:
    nested: Any = 1
    for _ in range(40):
        nested = {"a": nested, "b": [nested] if not isinstance(nested, dict) else []}
    assert parse_path("$..a..a..a..a..a").find(nested) == []


def test_true_is_not_one() -> None:
    assert parse_path("$[?(@ == 1)]").find([True, 1]) == [1]
