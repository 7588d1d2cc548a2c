"""Fields that answers carry and no schema declares: allowed where a schema is open, and perhaps a leak or a gap."""

from collections.abc import Iterator, Mapping
from typing import Any

from harness.mocks.contracts import Compiled, CompiledOperation
from harness.mocks.messages import Unreadable, read_json
from harness.mocks.schemas import Book

_DEEPEST = 8
_MOST_BODY = 200_000
_OPEN = ("additionalProperties", "patternProperties", "unevaluatedProperties", "propertyNames")
_PARTS = ("allOf", "anyOf", "oneOf")


def undeclared_in(compiled: Compiled, operation: CompiledOperation, status: int, body: bytes) -> tuple[str, ...]:
    """The places of undeclared fields, list positions as `*`: `/items/*/margin`."""
    documented = operation.documented(status)
    entry = next((one.entry for one in documented.media if one.is_json), None) if documented is not None else None
    if entry is None or compiled.book is None or not 2 < len(body) <= _MOST_BODY:
        return ()
    try:
        value = read_json(body)
    except Unreadable:
        return ()
    return tuple(dict.fromkeys(_extras(compiled.book, (compiled.book.entries[entry],), value, "", 0)))


def _extras(book: Book, schemas: tuple[Any, ...], value: Any, pointer: str, depth: int) -> Iterator[str]:
    known = tuple(one for schema in schemas for one in _flat(book, schema, 0))
    if depth > _DEEPEST or not known:
        return
    if isinstance(value, list):
        items = tuple(one["items"] for one in known if "items" in one)
        for item in value[:50]:
            yield from _extras(book, items, item, f"{pointer}/*", depth + 1)
    elif isinstance(value, dict):
        named: dict[str, list[Any]] = {}
        for one in known:
            for name, schema in one.get("properties", {}).items():
                named.setdefault(name, []).append(schema)
        is_open = not named or any(key in one for one in known for key in _OPEN)
        for name, item in value.items():
            if name in named:
                yield from _extras(book, tuple(named[name]), item, f"{pointer}/{name}", depth + 1)
            elif not is_open:
                yield f"{pointer}/{name}"


def _flat(book: Book, schema: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    """A schema with everything that it is put together from."""
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return
    yield schema
    if isinstance(schema.get("$ref"), str):
        yield from _flat(book, book.entries.get(schema["$ref"].rpartition("/")[2]), depth + 1)
    for key in _PARTS:
        for part in schema.get(key, ()):
            yield from _flat(book, part, depth + 1)
