"""An OpenAPI document for a system that has none, from what it answered: no more than was seen, and said as such.

Steps of paths that differ and look like ids become parameters; a member is required when every sample had it. It is a
draft for its owner to read, not a contract that anybody agreed to.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from harness.mocks.parameters import kind_of
from harness.mocks.relying import json_or_none
from harness.mocks.value_kinds import ValueKind, may_be_id, value_kind
from harness.model.uses import Use

_FORMATS = {
    ValueKind.DATE_TIME: "date-time",
    ValueKind.DATE: "date",
    ValueKind.UUID: "uuid",
    ValueKind.EMAIL: "email",
    ValueKind.URL: "uri",
}
_DEEPEST = 20


def inferred(uses: Iterable[Use], title: str) -> dict[str, Any]:
    """The document of everything that was recorded."""
    grouped: dict[tuple[str, str], list[Use]] = {}
    for use in uses:
        if not use.withheld and use.status != 404:
            grouped.setdefault((_template(use.path), use.method.lower()), []).append(use)
    paths: dict[str, dict[str, Any]] = {}
    for (path, method), some in sorted(grouped.items()):
        paths.setdefault(path, {})[method] = _operation(path, method, some)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "0.0.0", "description": "Inferred from recordings: a draft, to be read."},
        "paths": paths,
    }


def schema_of(samples: list[Any], depth: int = 0) -> dict[str, Any]:
    """A schema that every sample keeps, as narrow as types, members and formats tell."""
    kinds: dict[str, list[Any]] = {}
    for one in samples:
        kinds.setdefault(kind_of(one), []).append(one)
    if "integer" in kinds and "number" in kinds:
        kinds["number"] += kinds.pop("integer")
    if depth > _DEEPEST or not kinds:
        return {}
    nullable = kinds.pop("null", None) is not None
    made = [_of_kind(kind, some, depth) for kind, some in kinds.items()]
    if not made:
        return {"type": "null"}
    if len(made) == 1:
        only = made[0]
        return only | {"type": [only["type"], "null"]} if nullable else only
    return {"anyOf": [*made, *([{"type": "null"}] if nullable else [])]}


def _of_kind(kind: str, samples: list[Any], depth: int) -> dict[str, Any]:
    if kind == "object":
        names = dict.fromkeys(name for one in samples for name in one)
        members = {name: schema_of([one[name] for one in samples if name in one], depth + 1) for name in names}
        required = sorted(name for name in names if all(name in one for one in samples))
        return {"type": "object", "properties": members, **({"required": required} if required else {})}
    if kind == "array":
        return {"type": "array", "items": schema_of([inner for one in samples for inner in one], depth + 1)}
    if kind == "string":
        seen = {value_kind(one) for one in samples}
        found = _FORMATS.get(seen.pop()) if len(seen) == 1 else None
        return {"type": "string", **({"format": found} if found else {})}
    return {"type": kind}


def _operation(path: str, method: str, uses: list[Use]) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": _name(path, method)}
    parameters = [*_in_path(path, uses), *_in_query(uses)]
    if parameters:
        operation["parameters"] = parameters
    bodies = [value for use in uses if (value := json_or_none(use.body)) is not None]
    if bodies:
        accepted = [json_or_none(use.body) for use in uses if use.status < 400 and use.body]
        schema = schema_of(accepted or bodies)
        operation["requestBody"] = {
            "required": all(use.body for use in uses if use.status < 400),
            "content": {"application/json": {"schema": schema}},
        }
    operation["responses"] = dict(_responses(uses))
    return operation


def _responses(uses: list[Use]) -> Iterator[tuple[str, Any]]:
    for status in sorted({use.status for use in uses}):
        some = [use for use in uses if use.status == status]
        answer: dict[str, Any] = {"description": "As recorded."}
        media: dict[str, list[Use]] = {}
        for use in some:
            if use.answer_body:
                said = dict(use.answer_headers).get("content-type", "text/plain").partition(";")[0].strip()
                media.setdefault(said, []).append(use)
        if media:
            answer["content"] = {name: _media(name, listed) for name, listed in media.items()}
        yield str(status), answer


def _media(name: str, uses: list[Use]) -> dict[str, Any]:
    values = [json_or_none(use.answer_body) for use in uses]
    whole = all(value is not None or use.answer_body == "null" for value, use in zip(values, uses, strict=True))
    if "json" not in name or not whole:
        return {"schema": {"type": "string"}}
    return {"schema": schema_of(values), "example": values[-1]}


def _in_path(path: str, uses: list[Use]) -> Iterator[dict[str, Any]]:
    for index, step in enumerate(path.split("/")):
        if step.startswith("{"):
            example = uses[0].path.split("/")[index]
            yield {
                "name": step[1:-1], "in": "path", "required": True,
                "schema": {"type": "integer" if _all_digits(uses, index) else "string"},
                "example": int(example) if _all_digits(uses, index) else example,
            }  # fmt: skip


def _all_digits(uses: list[Use], index: int) -> bool:
    return all(use.path.split("/")[index].isdecimal() for use in uses)


def _in_query(uses: list[Use]) -> Iterator[dict[str, Any]]:
    asked = [dict(parse_qsl(use.query, keep_blank_values=True)) for use in uses if use.status < 400]
    for name in dict.fromkeys(name for one in asked for name in one):
        values = [one[name] for one in asked if name in one]
        kind = "integer" if all(value.isdecimal() for value in values) else "string"
        yield {"name": name, "in": "query", "required": len(values) == len(asked), "schema": {"type": kind}}


def _template(path: str) -> str:
    """`/orders/4711/lines` as `/orders/{orderId}/lines`."""
    steps = path.split("/")
    made: list[str] = []
    for index, step in enumerate(steps):
        if step and (step.isdecimal() or may_be_id(step)) and index > 1:
            before = steps[index - 1]
            stem = before.removesuffix("s") if not before.endswith("ss") else before
            name = f"{''.join(char for char in stem if char.isalnum())}Id" if not made[-1].startswith("{") else "id"
            made.append(f"{{{name if f'{{{name}}}' not in made else f'{name}{index}'}}}")
        else:
            made.append(step)
    return "/".join(made)


def _name(path: str, method: str) -> str:
    words = [step.strip("{}") for step in path.split("/") if step]
    cleaned = ["".join(char for char in word if char.isalnum()) for word in words]
    return method + "".join(word[:1].upper() + word[1:] for word in cleaned)
