"""Helpers that read: JSON by path, texts by pattern, forms; and change JSON."""

import copy
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from harness.mocks.extracting import groups_of
from harness.mocks.json_paths import parse_path
from harness.mocks.messages import Unreadable, read_json
from harness.mocks.templating.rendering import Called, Helper
from harness.mocks.templating.values import Found, Several, is_true, pretty, text_of


def _json(value: Any) -> Any:
    if isinstance(value, str | Several):
        try:
            return read_json(text_of(value).encode("utf-8", "replace"))
        except Unreadable as error:
            raise ValueError(f"{error}") from None
    return value


def _found(value: Any) -> Any:
    """A list out of JSON is written as JSON again."""
    if isinstance(value, list) and not isinstance(value, Found):
        return Found(_found(one) for one in value)
    return value


def _json_path(called: Called) -> Any:
    path = parse_path(called.text(1))
    found = path.find(_json(called.argument(0)))
    if not found:
        return called.named.get("default")
    return _found(found[0] if path.definite else found)


def _parse_json(called: Called) -> Any:
    inline = called.block is None
    value = _found(_json(called.argument(0) if inline else called.body()))
    name = called.argument(1 if inline else 0)
    if name is None:
        return value
    called.assign(text_of(name), value)
    return ""


def _to_json(called: Called) -> str:
    value = called.argument(0)
    return pretty(value)


def _merge(called: Called) -> str:
    return _compact(_merged(_json(called.argument(0)), _json(called.argument(1))))


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {**one, **{key: _merged(one[key], value) if key in one else value for key, value in other.items()}}
    return other


def _removed(called: Called) -> str:
    value = copy.deepcopy(_json(called.argument(0)))
    segments = _plain(called.text(1))
    holder = value
    for segment in segments[:-1]:
        holder = holder[segment]
    if isinstance(holder, dict):
        holder.pop(segments[-1], None)
    elif isinstance(holder, list):
        del holder[int(segments[-1])]
    return _compact(value)


def _plain(path: str) -> list[Any]:
    """`$.a[0].b` → its steps; ValueError for a path that may name several."""
    parts = path.removeprefix("$").replace("[", ".[").split(".")
    found: list[Any] = []
    for part in filter(None, parts):
        if part[:1] == "[" and part[-1:] == "]":
            inside = part[1:-1].strip("'\"")
            found.append(int(inside) if inside.lstrip("-").isdigit() else inside)
        else:
            found.append(part)
    if not found or any(one == "*" for one in found):
        raise ValueError(f"`{path[:60]}` does not name one place")
    return found


def _array_add(called: Called) -> str:
    items = list(_json(called.argument(0)))
    added = _json(called.argument(1) if len(called.arguments) > 1 else called.body())
    return _compact([*items, *added] if is_true(called.named.get("flatten")) else [*items, added])


def _extracted(called: Called) -> Any:
    groups = groups_of(called.text(1), called.text(0))
    if groups is None:
        if "default" in called.named:
            return called.named["default"]
        raise ValueError(f"nothing matches {called.text(1)[:60]}")
    whole, *inner = groups
    if len(called.arguments) > 2:
        called.assign(called.text(2), list(inner))
        return ""
    return whole


def _form(called: Called) -> str:
    text = text_of(called.argument(0))
    fields: dict[str, Several] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        fields.setdefault(name, Several()).append(value)
    called.assign(called.text(1), fields)
    return ""


def _size(called: Called) -> int:
    value = called.argument(0)
    return len(value) if isinstance(value, str | list | Mapping) else 0


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


HELPERS: Mapping[str, Helper] = {
    "jsonPath": _json_path,
    "parseJson": _parse_json,
    "toJson": _to_json,
    "jsonMerge": _merge,
    "jsonRemove": _removed,
    "jsonArrayAdd": _array_add,
    "regexExtract": _extracted,
    "formData": _form,
    "size": _size,
}
