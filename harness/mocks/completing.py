"""What was sent, completed until it can be shown: required properties that nobody gave, at any depth.

Taken from the contract's own example where it has them, null where the schema allows it and a request could
have said more, else made for this place.
"""

from collections.abc import Mapping
from typing import Any

from harness.mocks.blueprint import whole
from harness.mocks.generating import propose
from harness.mocks.schemas import Book

_DEEP = 8


def completed(book: Book, schema: Any, value: Any, base: Any, *seed: object, depth: int = 0) -> Any:
    """`value` with what its schema requires and it lacks. `base` is an example of the same thing, or None."""
    if depth > _DEEP:
        return value
    full = whole(book, schema)
    if not isinstance(full, Mapping):
        return value
    if isinstance(value, dict):
        return _object(book, full, value, base, seed, depth)
    if isinstance(value, list) and "items" in full:
        first = base[0] if isinstance(base, list) and base else None
        return [
            completed(book, full["items"], one, first, *seed, index, depth=depth + 1) for index, one in enumerate(value)
        ]
    return value


def _object(
    book: Book, full: Mapping[str, Any], value: dict[str, Any], base: Any, seed: tuple[object, ...], depth: int
) -> dict[str, Any]:
    known = full.get("properties")
    known = known if isinstance(known, Mapping) else {}
    example = base if isinstance(base, Mapping) else {}
    made = {
        name: completed(book, known[name], one, example.get(name), *seed, name, depth=depth + 1)
        if name in known
        else one
        for name, one in value.items()
    }
    for name in full.get("required", ()):
        if name not in made:
            made[name] = example[name] if name in example else propose(book, known.get(name, True), *seed, name)
    return {name: made[name] for name in known if name in made} | made


def allows_null(book: Book, schema: Any) -> bool:
    """Whether null is a value of the schema."""
    full = whole(book, schema)
    if not isinstance(full, Mapping):
        return False
    kinds = full.get("type")
    if kinds is not None:
        return "null" in kinds if isinstance(kinds, list) else kinds == "null"
    return any(allows_null(book, one) for key in ("anyOf", "oneOf") for one in full.get(key, ()))
