"""Hand-made pairs of contracts, one change each. What is told of them is approved in `approved.txt` beside."""

import copy
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]
Edit = Callable[[Document], None]
_CARD, _BILL = "#/components/schemas/Card", "#/components/schemas/Bill"


def document() -> Document:
    """A contract with one of everything."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "orders", "version": "1"},
        "paths": {
            "/orders/{id}": {
                "get": {
                    "operationId": "getOrder",
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                        {"name": "fields", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                        {"name": "X-Trace", "in": "header", "required": True, "schema": {"type": "string"}},
                    ],
                    "security": [{"bearer": ["read"]}, {"key": []}],
                    "responses": {
                        "200": {
                            "description": "it",
                            "headers": {"ETag": {"required": True, "schema": {"type": "string"}}},
                            "content": {
                                "application/json": {"schema": {"$ref": "#/components/schemas/Order"}},
                                "text/csv": {"schema": {"type": "string"}},
                            },
                        },
                        "202": {"description": "later"},
                        "404": {"description": "none"},
                    },
                }
            },
            "/orders": {
                "post": {
                    "operationId": "createOrder",
                    "requestBody": {
                        "required": False,
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/NewOrder"}},
                            "application/x-www-form-urlencoded": {"schema": {"type": "object"}},
                        },
                    },
                    "responses": {"201": {"description": "made"}},
                }
            },
        },
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            },
            "schemas": {
                "Order": {
                    "type": "object",
                    "required": ["id", "state"],
                    "properties": {
                        "id": {"type": "string"},
                        "state": {"type": "string", "enum": ["open", "shipped"]},
                        "total": {"type": "integer", "maximum": 1000},
                        "note": {"type": "string", "maxLength": 80},
                        "parent": {"$ref": "#/components/schemas/Order"},
                        "payment": {"oneOf": [{"$ref": _CARD}]},
                    },
                },
                "NewOrder": {
                    "type": "object",
                    "required": ["sku"],
                    "properties": {
                        "sku": {"type": "string"},
                        "quantity": {"type": "integer", "minimum": 1, "maximum": 99, "default": 1},
                        "note": {"type": ["string", "null"], "maxLength": 80, "pattern": "^[a-z ]*$"},
                        "due": {"type": "string", "format": "date"},
                        "priority": {"type": "string", "enum": ["low", "high"]},
                        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
                        "serial": {"type": "string", "readOnly": True},
                        "payment": {"oneOf": [{"$ref": _CARD}, {"$ref": "#/components/schemas/Bill"}]},
                    },
                },
                "Card": {"type": "object", "properties": {"number": {"type": "string"}}},
                "Bill": {"type": "object", "properties": {"iban": {"type": "string"}}},
            },
        },
    }


def at(path: str, value: Any) -> Edit:
    """Set what a path (`a/b/0`) leads to."""

    def edit(doc: Document) -> None:
        node: Any = doc
        *way, last = [part.replace("~", "/") for part in path.split("|")]
        for part in way:
            node = node[int(part)] if isinstance(node, list) else node[part]
        if value is GONE:
            del node[int(last) if isinstance(node, list) else last]
        elif isinstance(node, list) and int(last) == len(node):
            node.append(value)
        else:
            node[int(last) if isinstance(node, list) else last] = value

    return edit


GONE = object()
_GET = "paths|~orders~{id}|get"
_POST = "paths|~orders|post"
_NEW = "components|schemas|NewOrder"
_ORDER = "components|schemas|Order"
_BODY = f"{_POST}|requestBody"
_200 = f"{_GET}|responses|200"
_PARAMETERS = f"{_GET}|parameters"


def _renamed(doc: Document) -> None:
    item = doc["paths"].pop("/orders/{id}")
    item["get"]["parameters"][0]["name"] = "orderId"
    doc["paths"]["/orders/{orderId}"] = item


def _anonymous(doc: Document) -> None:
    doc["paths"]["/orders/{id}"]["get"]["security"] = []


PAIRS: dict[str, Edit] = {
    # operations
    "an operation is gone": at("paths|~orders|post", GONE),
    "an operation is new": at("paths|~orders|get", {"operationId": "listOrders", "responses": {}}),
    "an operation is deprecated": at(f"{_GET}|deprecated", True),
    "an operationId is another": at(f"{_GET}|operationId", "readOrder"),
    "a path's parameter has another name": _renamed,
    "words alone": at(f"{_GET}|description", "reads an order"),
    # parameters
    "a required parameter is new": at(f"{_PARAMETERS}|3", {"name": "q", "in": "query", "required": True, "schema": {}}),
    "an optional parameter is new": at(f"{_PARAMETERS}|3", {"name": "q", "in": "query", "schema": {}}),
    "a parameter is gone": at(f"{_PARAMETERS}|1", GONE),
    "a parameter becomes required": at(f"{_PARAMETERS}|1|required", True),
    "a parameter becomes optional": at(f"{_PARAMETERS}|2|required", False),
    "a parameter is deprecated": at(f"{_PARAMETERS}|1|deprecated", True),
    "a parameter moves": at(f"{_PARAMETERS}|1|in", "header"),
    "a parameter is written another way": at(f"{_PARAMETERS}|1|style", "pipeDelimited"),
    "a parameter's items are of another type": at(f"{_PARAMETERS}|1|schema|items|type", "integer"),
    "a header's name in other letters": at(f"{_PARAMETERS}|2|name", "x-trace"),
    # bodies of requests
    "a body becomes required": at(f"{_BODY}|required", True),
    "a body is gone": at(_BODY, GONE),
    "a media type of requests is gone": at(f"{_BODY}|content|application~x-www-form-urlencoded", GONE),
    "a media type of requests is new": at(f"{_BODY}|content|application~xml", {"schema": {}}),
    "a required body is new": at(f"{_GET}|requestBody", {"required": True, "content": {}}),
    "an optional body is new": at(f"{_GET}|requestBody", {"content": {"text/plain": {}}}),
    # what requests may hold
    "a required property is new": at(
        _NEW, {"type": "object", "required": ["sku", "shop"], "properties": {"sku": {"type": "string"}, "shop": {}}}
    ),
    "a property becomes required": at(f"{_NEW}|required|1", "quantity"),
    "a property becomes optional": at(f"{_NEW}|required|0", GONE),
    "an optional property is new": at(f"{_NEW}|properties|gift", {"type": "boolean"}),
    "a property of requests is gone": at(f"{_NEW}|properties|due", GONE),
    "a property is deprecated": at(f"{_NEW}|properties|due|deprecated", True),
    "what only answers carry is gone": at(f"{_NEW}|properties|serial", GONE),
    "other properties are forbidden": at(f"{_NEW}|additionalProperties", False),
    "a type is narrower": at(f"{_NEW}|properties|note|type", "string"),
    "a type is wider": at(f"{_NEW}|properties|quantity|type", "number"),
    "a type is another": at(f"{_NEW}|properties|quantity|type", "string"),
    "a value of an enumeration is gone": at(f"{_NEW}|properties|priority|enum", ["low"]),
    "a value of an enumeration is new": at(f"{_NEW}|properties|priority|enum", ["low", "high", "urgent"]),
    "an enumeration is new": at(f"{_NEW}|properties|sku|enum", ["TEA", "CUP"]),
    "an enumeration is lifted": at(f"{_NEW}|properties|priority", {"type": "string"}),
    "a format is new": at(f"{_NEW}|properties|sku|format", "uuid"),
    "a format is lifted": at(f"{_NEW}|properties|due", {"type": "string"}),
    "a format is another": at(f"{_NEW}|properties|due|format", "date-time"),
    "a pattern is new": at(f"{_NEW}|properties|sku|pattern", "^[A-Z]+$"),
    "a pattern is lifted": at(f"{_NEW}|properties|note", {"type": ["string", "null"], "maxLength": 80}),
    "a pattern is another": at(f"{_NEW}|properties|note|pattern", "^[a-z]+$"),
    "a text must be shorter": at(f"{_NEW}|properties|note|maxLength", 40),
    "a text may be longer": at(f"{_NEW}|properties|note|maxLength", 200),
    "a text must have a length": at(f"{_NEW}|properties|sku|minLength", 3),
    "a number must be larger": at(f"{_NEW}|properties|quantity|minimum", 2),
    "a number may be smaller": at(f"{_NEW}|properties|quantity|minimum", 0),
    "a bound excludes itself": at(
        f"{_NEW}|properties|quantity", {"type": "integer", "exclusiveMinimum": 1, "maximum": 99, "default": 1}
    ),
    "a number has steps": at(f"{_NEW}|properties|quantity|multipleOf", 6),
    "fewer items": at(f"{_NEW}|properties|tags|maxItems", 3),
    "items must differ": at(f"{_NEW}|properties|tags|uniqueItems", True),
    "a default is another": at(f"{_NEW}|properties|quantity|default", 2),
    "an alternative of requests is gone": at(f"{_NEW}|properties|payment|oneOf|1", GONE),
    "an alternative changes inside": at("components|schemas|Bill|required", ["iban"]),
    # what comes back
    "a success is gone": at(f"{_GET}|responses|202", GONE),
    "a success is new": at(f"{_GET}|responses|203", {"description": "other"}),
    "an error is gone": at(f"{_GET}|responses|404", GONE),
    "an error is new": at(f"{_GET}|responses|410", {"description": "gone"}),
    "a media type of answers is gone": at(f"{_200}|content|text~csv", GONE),
    "a media type of answers is new": at(f"{_200}|content|application~xml", {"schema": {}}),
    "an answer loses its body": at(f"{_200}|content", GONE),
    "an answer gains a body": at(f"{_GET}|responses|202|content", {"text/plain": {}}),
    "a required header is gone": at(f"{_200}|headers", GONE),
    "a header is new": at(f"{_200}|headers|X-More", {"schema": {"type": "string"}}),
    "a header becomes optional": at(f"{_200}|headers|ETag|required", False),
    "a required property of answers is gone": at(f"{_ORDER}|properties|state", GONE),
    "an optional property of answers is gone": at(f"{_ORDER}|properties|note", GONE),
    "a property of answers is new": at(f"{_ORDER}|properties|weight", {"type": "number"}),
    "a property of answers may be missing": at(f"{_ORDER}|required|1", GONE),
    "a property of answers may be null": at(f"{_ORDER}|properties|id|type", ["string", "null"]),
    "a type of answers is wider": at(f"{_ORDER}|properties|total|type", "number"),
    "an answer knows a new value": at(f"{_ORDER}|properties|state|enum", ["open", "shipped", "lost"]),
    "an answer knows a value less": at(f"{_ORDER}|properties|state|enum", ["open"]),
    "an answer may be longer": at(f"{_ORDER}|properties|note|maxLength", 200),
    "an answer's bound is lifted": at(f"{_ORDER}|properties|total", {"type": "integer"}),
    "an alternative of answers is new": at(
        f"{_ORDER}|properties|payment|oneOf|1", {"$ref": "#/components/schemas/Bill"}
    ),
    # who may call
    "a way in is shut": at(f"{_GET}|security", [{"bearer": ["read"]}]),
    "a way in asks for more": at(f"{_GET}|security", [{"bearer": ["read", "write"]}, {"key": []}]),
    "a way in is new": at(f"{_GET}|security|2", {"other": []}),
    "anybody may call": _anonymous,
    "proof is needed now": at("paths|~orders|post|security", [{"bearer": []}]),
    "a proof is another": at("components|securitySchemes|key|name", "X-Api-Key"),
}


def pair(name: str) -> tuple[Document, Document]:
    """The contract before and after an edit."""
    old = document()
    new = copy.deepcopy(old)
    PAIRS[name](new)
    return old, new
