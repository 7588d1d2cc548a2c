"""A request that needs others before it: what the earlier answers gave goes into it, as new answers give it.

An id that was made in the first run is gone in the second. Wherever a value of an earlier answer stands in a
later request, the value at the same place of the new answer takes its place.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote

from harness.formats.curl import Request

_LEAST_TEXT = 2


def given(answer: str) -> dict[str, str]:
    """Every plain value of a JSON answer by its pointer; nothing where it is no JSON."""
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return {pointer: text for pointer, text in _leaves(value, "") if len(text) >= _LEAST_TEXT or text.isdigit()}


def learnt(old: str, new: str) -> dict[str, str]:
    """What has to be said now instead of what was said then, from the same answer then and now."""
    before, after = given(old), given(new)
    return {text: after[pointer] for pointer, text in before.items() if pointer in after and after[pointer] != text}


def carried(request: Request, values: Mapping[str, str]) -> Request:
    """The request with old values replaced: whole path segments, whole query values, whole values of a JSON body."""
    if not values:
        return request
    start, mark, query = request.url.partition("?")
    path = "/".join(_swapped(step, values) for step in start.split("/"))
    pairs = [pair.partition("=") for pair in query.split("&")]
    query = "&".join(name + equals + _swapped(value, values) for name, equals, value in pairs)
    return replace(request, url=path + mark + query, body=_body(request.body, values))


def used_in(request: Request, answer: str) -> Iterator[tuple[str, str]]:
    """(pointer, value) of an earlier answer that stands in the path or the query of a request."""
    start, _, query = request.url.partition("?")
    steps = {unquote(step) for step in (*start.split("/")[3:], *(pair.partition("=")[2] for pair in query.split("&")))}
    seen: set[str] = set()
    for pointer, text in given(answer).items():
        if text in steps and text not in seen:
            seen.add(text)
            yield pointer, text


def _leaves(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, item in value.items():
                yield from _leaves(item, f"{pointer}/{key}")
        case list():
            for index, item in enumerate(value[:100]):
                yield from _leaves(item, f"{pointer}/{index}")
        case bool() | None:
            return
        case _:
            yield pointer, str(value)


def _swapped(text: str, values: Mapping[str, str]) -> str:
    found = values.get(unquote(text))
    return text if found is None else quote(found, safe="")


def _body(body: bytes | None, values: Mapping[str, str]) -> bytes | None:
    if not body:
        return body
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return body
    changed = _walked(value, values)
    return body if changed == value else json.dumps(changed, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _walked(value: Any, values: Mapping[str, str]) -> Any:
    match value:
        case dict():
            return {key: _walked(item, values) for key, item in value.items()}
        case list():
            return [_walked(item, values) for item in value]
        case str():
            return values.get(value, value)
        case _:
            return value
