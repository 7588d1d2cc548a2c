"""Swagger 2.0 said in OpenAPI 3.0: bodies, forms, produced media types and security moved to where 3.0 has them.

Schemas stay where they are (`#/definitions/…` is a pointer like any other), so no reference changes its target.
"""

from collections.abc import Mapping
from typing import Any

from harness.mocks.schemas import resolved

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_KEPT = frozenset({"name", "in", "required", "description", "allowEmptyValue"})
_STYLES = {"ssv": "spaceDelimited", "pipes": "pipeDelimited"}
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def as_openapi_3(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same contract as an OpenAPI 3.0 document; others come back as they are."""
    if not str(document.get("swagger", "")).startswith("2"):
        return document
    paths = {
        path: _path(document, item) for path, item in (document.get("paths") or {}).items() if isinstance(item, Mapping)
    }
    schemes = document.get("securityDefinitions") or {}
    return {
        **document,
        "openapi": "3.0.3",
        "paths": paths,
        "components": {"securitySchemes": {name: _scheme(one) for name, one in schemes.items()}},
    }


def _path(document: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    shared = [resolved(document, one) for one in item.get("parameters") or ()]
    return {
        method: _operation(document, node, shared)
        for method, node in item.items()
        if method in _METHODS and isinstance(node, Mapping)
    }


def _operation(document: Mapping[str, Any], node: Mapping[str, Any], shared: list[Any]) -> dict[str, Any]:
    own = [resolved(document, one) for one in node.get("parameters") or ()]
    named = {(one.get("in"), one.get("name")): one for one in (*shared, *own) if isinstance(one, Mapping)}
    parameters = list(named.values())
    new = {key: value for key, value in node.items() if key not in {"parameters", "consumes", "produces", "responses"}}
    new["parameters"] = [_parameter(one) for one in parameters if one.get("in") in {"path", "query", "header"}]
    body = _body(document, node, parameters)
    produces = node.get("produces") or document.get("produces") or ["application/json"]
    answers = node.get("responses")
    responses = {
        key: _response(resolved(document, one), produces)
        for key, one in (answers.items() if isinstance(answers, Mapping) else ())
    }
    return new | ({"requestBody": body} if body is not None else {}) | {"responses": responses}


def _parameter(one: Mapping[str, Any]) -> dict[str, Any]:
    new = {key: value for key, value in one.items() if key in _KEPT}
    new["schema"] = {key: value for key, value in one.items() if key not in _KEPT and key != "collectionFormat"}
    if one.get("type") == "array":
        form = one.get("collectionFormat", "csv")
        new["explode"] = form == "multi"
        if form in _STYLES:
            new["style"] = _STYLES[form]
    return new


def _body(
    document: Mapping[str, Any], node: Mapping[str, Any], parameters: list[Mapping[str, Any]]
) -> dict[str, Any] | None:
    consumes = node.get("consumes") or document.get("consumes") or ["application/json"]
    for one in parameters:
        if one.get("in") == "body":
            content = {media: {"schema": one.get("schema", {})} for media in consumes}
            return {"required": one.get("required") is True, "content": content}
    fields = [one for one in parameters if one.get("in") == "formData"]
    if not fields:
        return None
    files = any(one.get("type") == "file" for one in fields)
    schema = {
        "type": "object",
        "properties": {
            str(one.get("name")): {} if one.get("type") == "file" else _parameter(one)["schema"] for one in fields
        },
        "required": [str(one.get("name")) for one in fields if one.get("required") is True],
    }
    media = [one for one in consumes if one in _FORMS] or [_FORMS[files]]
    return {"required": bool(schema["required"]), "content": {one: {"schema": schema} for one in media}}


def _response(node: Any, produces: list[str]) -> dict[str, Any]:
    if not isinstance(node, Mapping):
        return {}
    new: dict[str, Any] = {"description": node.get("description", "")}
    written = node.get("headers")
    if isinstance(written, Mapping):
        new["headers"] = {name: {"schema": one} for name, one in written.items() if isinstance(one, Mapping)}
    schema = node.get("schema")
    if isinstance(schema, Mapping):
        examples = node.get("examples")
        examples = examples if isinstance(examples, Mapping) else {}
        is_file = schema.get("type") == "file"
        new["content"] = {
            media: {} if is_file else {"schema": schema} | ({"example": examples[media]} if media in examples else {})
            for media in produces
        }
    return new


def _scheme(one: Any) -> Any:
    if isinstance(one, Mapping) and one.get("type") == "basic":
        return {"type": "http", "scheme": "basic"}
    return one
