"""What cannot be used is set aside and named; the rest of a document goes on.

A schema with a reference that leads nowhere is emptied there (it then promises less,
and the notice says so). An operation whose parameter, body or response is missing is
left out.
"""

from collections.abc import Iterable
from typing import Any

from harness.formats.openapi_operations import METHODS
from harness.formats.openapi_refs import Broken
from harness.formats.openapi_walk import pointer_to
from harness.model.contract import Quarantined

_SCHEMA_WORDS = frozenset(
    ("schema", "schemas", "properties", "items", "allOf", "anyOf", "oneOf", "definitions", "$defs")
)


def quarantine(document: dict[str, Any], broken: Iterable[Broken]) -> tuple[Quarantined, ...]:
    """Change the document in place so that no broken reference is left in it; say what was set aside."""
    made: list[Quarantined] = []
    for each in broken:
        path = each.path
        if path[:1] == ("paths",) and not _in_schema(path):
            where = _remove_operation(document, path)
        else:
            _empty(document, path)
            where = pointer_to(path)
        made.append(Quarantined(where=where, why=each.problem.message))
    return tuple(made)


def _in_schema(path: tuple[str | int, ...]) -> bool:
    return any(step in _SCHEMA_WORDS for step in path[2:])


def _remove_operation(document: dict[str, Any], path: tuple[str | int, ...]) -> str:
    paths = document["paths"]
    item = paths.get(path[1])
    if len(path) > 2 and path[2] in METHODS and isinstance(item, dict):
        item.pop(path[2], None)
        return f"{str(path[2]).upper()} {path[1]}"
    paths.pop(path[1], None)
    return str(path[1])


def _empty(document: dict[str, Any], path: tuple[str | int, ...]) -> None:
    at: Any = document
    for step in path:
        try:
            at = at[step]
        except (LookupError, TypeError):
            return
    if isinstance(at, dict):
        at.clear()
