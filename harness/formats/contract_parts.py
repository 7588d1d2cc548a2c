"""A request as parts that can be left out, one by one: query parameters, headers, the members of a JSON body.

Nothing that stays is written anew: what a parser would tidy up may be just what a failure needs.
"""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

from harness.formats.curl import Request
from harness.rules.redacting_names import is_secret

_STAYING = frozenset(("host", "content-type"))
STAND_IN = "undefined"


def parts_of(request: Request) -> tuple[str, ...]:
    """`query page`, `header X-Trace`, `body /price` for the members of an object, else `body`."""
    query = (f"query {_name(pair)}" for pair in _pairs(request.url) if pair)
    headers = (f"header {name}" for name in request.headers if name.lower() not in _STAYING)
    return tuple(dict.fromkeys((*query, *headers, *_body_parts(request))))


def without(request: Request, part: str) -> Request:
    """The request without a part, otherwise as it was."""
    kind, _, name = part.partition(" ")
    if kind == "query":
        start, mark, _ = request.url.partition("?")
        kept = "&".join(pair for pair in _pairs(request.url) if _name(pair) != name)
        return replace(request, url=start + mark + kept if kept else start)
    if kind == "header":
        return replace(request, headers={key: value for key, value in request.headers.items() if key != name})
    if not name:
        bare = {key: value for key, value in request.headers.items() if key.lower() != "content-type"}
        return replace(request, body=None, headers=bare)
    members = _members(request) or {}
    kept_members = {key: value for key, value in members.items() if key != name.removeprefix("/")}
    return replace(request, body=json.dumps(kept_members, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def bare(request: Request) -> Request:
    """The request without any part."""
    for part in parts_of(request):
        request = without(request, "body" if part.startswith("body") else part)
    return request


def value_of(request: Request, part: str) -> str:
    """What a part says, for a title; empty for a body."""
    kind, _, name = part.partition(" ")
    if kind == "query":
        return next((pair.partition("=")[2] for pair in _pairs(request.url) if _name(pair) == name), "")
    if kind == "header":
        return request.headers.get(name, "")
    members = _members(request) or {}
    key = name.removeprefix("/")
    return json.dumps(members[key], ensure_ascii=False) if key in members else ""


def shown_openly(request: Request) -> Request:
    """The request with stand-ins for query values that would be hidden for their names, so that its line works."""
    start, mark, _ = request.url.partition("?")
    pairs = [
        f"{pair.partition('=')[0]}={STAND_IN}" if is_secret(_name(pair)) and "=" in pair else pair
        for pair in _pairs(request.url)
    ]
    return replace(request, url=start + mark + "&".join(pairs))


def _pairs(url: str) -> list[str]:
    return url.partition("?")[2].split("&") if "?" in url else []


def _name(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


def _body_parts(request: Request) -> tuple[str, ...]:
    if request.body is None:
        return ()
    members = _members(request)
    return tuple(f"body /{name}" for name in members) if members else ("body",)


def _members(request: Request) -> dict[str, Any] | None:
    if not request.body or request.is_cut:
        return None
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
