"""Schemas, however deep: each rule says what narrowed and what widened, the side says whom that hurts.

A schema that refers to itself is looked at once. `allOf` is taken together as far as one schema can say it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from harness.model.change import Change
from harness.rules.contract_changes.alternatives import alternative_changes
from harness.rules.contract_changes.bounds import bound_changes
from harness.rules.contract_changes.looking import NOTHING, Look, Node, followed
from harness.rules.contract_changes.properties import property_changes
from harness.rules.contract_changes.values import value_changes

_MOST_DEEP = 24


def schema_changes(at: Look, old_schema: object, new_schema: object, deep: int = 0) -> Iterator[Change]:
    """Everything that changed for the values here; `None` and `True` are schemas that allow anything."""
    old, old_ref = _whole(at.old, old_schema)
    new, new_ref = _whole(at.new, new_schema)
    if old == new and at.old is at.new:
        return
    if old_ref or new_ref:
        if (old_ref, new_ref) in at.seen:
            return
        at = replace(at, seen=at.seen | {(old_ref, new_ref)})
    if deep > _MOST_DEEP:
        return
    yield from value_changes(at, old, new)
    yield from bound_changes(at, old, new)
    yield from property_changes(at, old, new, lambda here, one, other: schema_changes(here, one, other, deep + 1))
    yield from alternative_changes(at, old, new, lambda here, one, other: schema_changes(here, one, other, deep + 1))
    if "items" in old or "items" in new:
        yield from schema_changes(at.at("/[]"), old.get("items"), new.get("items"), deep + 1)


def _whole(document: Node, schema: object) -> tuple[Node, str]:
    """A schema with its references followed and its `allOf` taken together."""
    node, ref = followed(document, schema)
    parts = node.get("allOf")
    if not isinstance(parts, list):
        return node, ref
    together: dict[str, object] = {key: value for key, value in node.items() if key != "allOf"}
    for part in parts:
        other, _ = _whole(document, part) if isinstance(part, Mapping) else (NOTHING, "")
        together = _merged(together, other)
    return together, ref


def _merged(one: Mapping[str, object], other: Node) -> dict[str, object]:
    merged = {**other, **one}
    properties = {**_mapping(other.get("properties")), **_mapping(one.get("properties"))}
    if properties:
        merged["properties"] = properties
    required = [*_list(one.get("required")), *_list(other.get("required"))]
    if required:
        merged["required"] = list(dict.fromkeys(required))
    return merged


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
