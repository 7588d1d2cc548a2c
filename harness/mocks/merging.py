"""Two schemas into one that asks for both: what `allOf` and a chosen branch mean for making a value.

Exact for what people write; where it is only a good guess (two patterns, two `not`), both are kept and
the validator has the last word.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

_LARGER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_SMALLER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
_KINDS = ("string", "integer", "number", "boolean", "array", "object", "null")


def merged(left: Any, right: Any) -> Any:
    """A schema for values that both accept; False where that is plainly nothing."""
    if left is False or right is False:
        return False
    if left is True or not left:
        return right
    if right is True or not right:
        return left
    new: dict[str, Any] = dict(left)
    for key, value in right.items():
        new[key] = _both(key, new[key], value) if key in new else value
    _close(new, left, right)
    if new.get("type") == [] or new.get("enum") == []:
        return False
    return new


def kinds_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The JSON types that `type` allows; all where it says nothing."""
    kind = schema.get("type")
    return (kind,) if isinstance(kind, str) else tuple(kind) if isinstance(kind, list) else _KINDS


def _both(key: str, left: Any, right: Any) -> Any:
    if left == right:
        return left
    if key in _LARGER:
        return max(left, right)
    if key in _SMALLER:
        return min(left, right)
    join = _JOINS.get(key)
    return right if join is None else join(left, right)


def _named(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    return left | {name: merged(left[name], one) if name in left else one for name, one in right.items()}


def _needed(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    return left | {name: [*left.get(name, []), *one] for name, one in right.items()}


def _nested(left: Any, right: Any) -> Any:
    if isinstance(left, bool) or isinstance(right, bool):
        return right if left is True else left if right is True else False
    return {"allOf": [left, right]}


def _multiple(left: Any, right: Any) -> Any:
    return math.lcm(left, right) if isinstance(left, int) and isinstance(right, int) else right


def _kinds(left: Any, right: Any) -> list[str]:
    one = [left] if isinstance(left, str) else left
    other = [right] if isinstance(right, str) else right
    both = [kind for kind in one if kind in other]
    if "integer" not in both and {"integer", "number"} <= {*one, *other}:
        both.append("integer")
    return both


def _close(new: dict[str, Any], left: Mapping[str, Any], right: Mapping[str, Any]) -> None:
    """Where one side is closed (`additionalProperties: false`), drop what only the other side names."""
    if "properties" not in new:
        return
    properties = dict(new["properties"])
    for closed, other in ((left, right), (right, left)):
        if closed.get("additionalProperties") is False and not closed.get("patternProperties"):
            known = closed.get("properties", {})
            for name in other.get("properties", {}):
                if name not in known:
                    properties[name] = False
    new["properties"] = properties


_JOINS: dict[str, Callable[[Any, Any], Any]] = {
    "type": _kinds,
    "required": lambda left, right: list(dict.fromkeys([*left, *right])),
    "enum": lambda left, right: [one for one in left if one in right],
    "multipleOf": _multiple,
    "properties": _named,
    "patternProperties": _named,
    "dependentSchemas": _named,
    "dependentRequired": _needed,
    "items": _nested,
    "additionalProperties": _nested,
    "contains": _nested,
    "propertyNames": _nested,
    "unevaluatedProperties": _nested,
    "not": lambda left, right: {"anyOf": [left, right]},
    "uniqueItems": lambda left, right: left or right,
    "allOf": lambda left, right: [*left, *right],
    "anyOf": lambda left, _right: left,
    "oneOf": lambda left, _right: left,
}
