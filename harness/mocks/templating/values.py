"""The values that templates see: a request, lists that also stand for their first item, points in time; and texts.

A value becomes a text as WireMock's engine writes it, JSON objects with line breaks and all.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from harness.mocks.messages import Request
from harness.mocks.templating.dates import Instant, written


class Several(list[Any]):
    """Values of one name: as a text the first of them."""


class PathText(str):
    """A path: a text whose segments and variables have names."""

    __slots__ = ("parts", "variables")
    parts: list[str]
    variables: Mapping[str, str]


def request_model(request: Request, raw_path: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """What a template calls `request`."""
    path = PathText(raw_path)
    path.parts = [unquote(one) for one in raw_path.strip("/").split("/")] if raw_path.strip("/") else []
    path.variables = variables
    url = f"{raw_path}?{request.query}" if request.query else raw_path
    host = request.header("host") or "localhost"
    name, _, port = host.partition(":")
    query: dict[str, Several] = {}
    for key, value in request.pairs:
        query.setdefault(key, Several()).append(value)
    headers: dict[str, Several] = {}
    for key, value in request.headers:
        headers.setdefault(key, Several()).append(value)
    return {
        "method": request.method, "url": url, "path": path, "pathSegments": path, "query": query,
        "headers": Headers(headers), "cookies": {key: Several([one]) for key, one in request.cookies().items()},
        "body": request.body.decode("utf-8", "replace"), "bodyAsBase64": base64.b64encode(request.body).decode(),
        "scheme": "http", "host": name, "port": int(port) if port.isdigit() and len(port) < 6 else 80,
        "baseUrl": f"http://{host}", "clientIp": "127.0.0.1",
    }  # fmt: skip


class Headers(dict[str, Several]):
    """Headers, found whatever the case of their names."""

    def get(self, key: str, default: Any = None) -> Any:
        """The values of a header."""
        return super().get(key.lower(), default)


def member(value: Any, key: str) -> Any:
    """A property or an item of a value; None where it has none of that name."""
    match value:
        case Headers() | Mapping():
            return value.get(key)
        case PathText():
            found = _item(value.parts, key)
            return found if found is not None else value.variables.get(key)
        case list():
            if key in {"size", "length"}:
                return len(value)
            return _item(value, key)
    return None


def is_true(value: Any) -> bool:
    """Whether `if` takes it for true: not nothing, not empty, not zero."""
    return value is not None and value is not False and value != "" and value != 0 and value != [] and value != {}


def text_of(value: Any) -> str:
    """A value as it goes out."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case Several():
            return text_of(value[0]) if value else ""
        case Instant():
            return written(value)
        case Found():
            return json.dumps(list(value), ensure_ascii=False, separators=(",", ":"))
        case list():
            return "[" + ", ".join(text_of(one) for one in value) + "]"
        case Mapping():
            return pretty(value)
    return str(value)


class Found(list[Any]):
    """A list that came out of JSON: as a text it is JSON again."""


def pretty(value: Any, indent: str = "") -> str:
    """JSON with an object's members on lines of their own and arrays on one."""
    if isinstance(value, Mapping):
        inner = indent + "  "
        members = [f"{inner}{json.dumps(key, ensure_ascii=False)} : {pretty(one, inner)}" for key, one in value.items()]
        return "{\n" + ",\n".join(members) + f"\n{indent}}}" if members else "{ }"
    if isinstance(value, list):
        return "[ " + ", ".join(pretty(one, indent) for one in value) + " ]" if value else "[ ]"
    if isinstance(value, Instant):
        return json.dumps(text_of(value))
    return json.dumps(value, ensure_ascii=False)


def _item(items: list[Any], key: str) -> Any:
    if not key.lstrip("-").isdigit() or len(key) > 9:
        return None
    at = int(key)
    return items[at] if -len(items) <= at < len(items) else None
