"""Ten contracts of resources that are created, listed, read, changed and deleted, no two in the same manner."""

from typing import Any

UUID = {"type": "string", "format": "uuid"}
NUMBER = {"type": "integer", "minimum": 1, "maximum": 2147483647}
CODE = {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"}
PROBLEM = {
    "type": "object",
    "required": ["title", "status"],
    "properties": {"title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"}},
}
STYLES: tuple[dict[str, Any], ...] = (
    {"key": UUID},
    {"key": NUMBER, "wrapper": "items"},
    {"key": CODE, "name": "code"},
    {"key": UUID, "change": "patch"},
    {"key": NUMBER, "change": "patch", "wrapper": "data", "paging": True},
    {"key": UUID, "etag": True},
    {"key": UUID, "nested": True},
    {"key": NUMBER, "linked": True},
    {"key": UUID, "old": True, "change": "put", "filter": True},
    {"key": CODE, "name": "orderCode", "change": "both", "etag": True, "paging": True, "nested": True},
)


def body(schema: Any, description: str = "ok", **more: Any) -> dict[str, Any]:
    """A documented answer."""
    return {"description": description, "content": {"application/json": {"schema": schema}}, **more}


def refusals(*statuses: int) -> dict[str, Any]:
    """Documented problems."""
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"application/problem+json": {"schema": schema}}
    return {str(status): {"description": "refused", "content": content} for status in statuses}


def contract(style: dict[str, Any]) -> dict[str, Any]:
    """The contract of a style."""
    key, name = style["key"], style.get("name", "id")
    fields = {
        "title": {"type": "string", "minLength": 1, "maxLength": 40},
        "amount": {"type": "integer", "minimum": 0, "maximum": 100000},
        "state": {"enum": ["open", "closed"]},
    }
    new = {"type": "object", "required": ["title"], "additionalProperties": False, "properties": fields}
    held = {"type": "object", "required": [name, "title"], "properties": {name: key, **fields}}
    thing, draft = {"$ref": "#/components/schemas/Thing"}, {"$ref": "#/components/schemas/Draft"}
    at = [{"name": name, "in": "path", "required": True, "schema": key}]
    paths: dict[str, Any] = {
        "/things": {"get": _listing(style, thing), "post": _making("createThing", draft, thing, style)},
        f"/things/{{{name}}}": {"parameters": at, **_item(style, draft, thing)},
    }
    if style.get("nested"):
        note = {"type": "object", "required": ["id", "text"], "properties": {"id": UUID, "text": {"type": "string"}}}
        text = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "maxLength": 20}}}
        below = f"/things/{{{name}}}/notes"
        listed = {"operationId": "listNotes", "responses": {"200": body({"type": "array", "items": note})}}
        listed["responses"] |= refusals(400, 404)
        made = _making("createNote", text, note, {})
        made["responses"] |= refusals(404)
        note_at = [*at, {"name": "noteId", "in": "path", "required": True, "schema": UUID}]
        read = {"operationId": "getNote", "responses": {"200": body(note), **refusals(400, 404)}}
        paths[below] = {"parameters": at, "get": listed, "post": made}
        paths[f"{below}/{{noteId}}"] = {"parameters": note_at, "get": read}
    return {
        "openapi": "3.0.3" if style.get("old") else "3.1.0",
        "info": {"title": "things", "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Thing": held, "Draft": new, "Problem": PROBLEM}},
    }


def _listing(style: dict[str, Any], thing: Any) -> dict[str, Any]:
    items: dict[str, Any] = {"type": "array", "items": thing}
    wrapper = style.get("wrapper")
    listed = {"type": "object", "required": [wrapper], "properties": {wrapper: items}} if wrapper else items
    asked = []
    if style.get("paging"):
        asked += [_query("limit", {"type": "integer", "minimum": 1, "maximum": 100})]
        asked += [_query("offset", {"type": "integer", "minimum": 0, "maximum": 100000})]
    if style.get("filter"):
        asked += [_query("state", {"enum": ["open", "closed"]})]
    return {"operationId": "listThings", "parameters": asked, "responses": {"200": body(listed), **refusals(400)}}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def _making(operation: str, draft: Any, thing: Any, style: dict[str, Any]) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if style.get("linked"):
        more = {"links": {"read": {"operationId": "getThing", "parameters": {"id": "$response.body#/id"}}}}
    sent = {"required": True, "content": {"application/json": {"schema": draft}}}
    made = {"201": body(thing, "made", **more), **refusals(400, 409, 415)}
    return {"operationId": operation, "requestBody": sent, "responses": made}


def _item(style: dict[str, Any], draft: Any, thing: Any) -> dict[str, Any]:
    tag = {"headers": {"ETag": {"required": True, "schema": {"type": "string"}}}} if style.get("etag") else {}
    match = [{"name": "If-Match", "in": "header", "schema": {"type": "string"}}] if style.get("etag") else []
    no = refusals(400, 404, *((412,) if style.get("etag") else ()))
    sent = {"required": True, "content": {"application/json": {"schema": draft}}}
    some = {"title": {"type": "string", "minLength": 1, "maxLength": 40}, "state": {"enum": ["open", "closed"]}}
    partly = {"type": "object", "minProperties": 1, "additionalProperties": False, "properties": some}
    changed = {"200": body(thing, **tag), **no, **refusals(415)}
    put = {"operationId": "replaceThing", "parameters": match, "requestBody": sent, "responses": changed}
    partial = {"required": True, "content": {"application/json": {"schema": partly}}}
    patch = {"operationId": "changeThing", "parameters": match, "requestBody": partial, "responses": changed}
    ways = {"put": {"put": put}, "patch": {"patch": patch}, "both": {"put": put, "patch": patch}}
    return {
        "get": {"operationId": "getThing", "responses": {"200": body(thing, **tag), **no}},
        **ways[style.get("change", "put")],
        "delete": {
            "operationId": "deleteThing",
            "parameters": match,
            "responses": {"204": {"description": "gone"}, **no},
        },
    }
