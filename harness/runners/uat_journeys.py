"""Which operations of the contracts a demonstration touched: what a page asked for, in the contracts' own names.

So a failing or changed operation can be told as the business journeys that it touches.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from harness.model.process import Surroundings

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_PLACE = re.compile(r"\\\{[^{}/]+\\\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation and the paths that lead to it. `places` counts its parameters: the fewest fits best."""

    name: str
    method: str
    path: re.Pattern[str]
    places: int


def routes_of(documents: Mapping[str, bytes]) -> tuple[Route, ...]:
    """The operations of every contract, those with the most literal paths first. What is no contract has none."""
    found = [route for body in documents.values() for route in _routes(body)]
    return tuple(sorted(found, key=lambda route: route.places))


def operations_touched(
    requests: Iterable[Mapping[str, Any]], routes: tuple[Route, ...], around: Surroundings
) -> tuple[str, ...]:
    """The names of the operations that these requests to the tier's systems asked for, each once, in order."""
    bases = tuple(target.base_url.rstrip("/") for target in around.targets.values())
    touched: dict[str, None] = {}
    for request in requests:
        url = str(request.get("url", ""))
        base = next((one for one in bases if url == one or url.startswith((one + "/", one + "?"))), None)
        if base is not None:
            path = urlsplit(url.removeprefix(base)).path or "/"
            name = _operation(str(request.get("method", "")), path, routes)
            if name is not None:
                touched.setdefault(name)
    return tuple(touched)


def _operation(method: str, path: str, routes: tuple[Route, ...]) -> str | None:
    fits = (route.name for route in routes if route.method == method and route.path.fullmatch(path))
    return next(fits, None)


def _routes(body: bytes) -> Iterator[Route]:
    try:
        document = json.loads(body)
    except ValueError:
        return
    paths = document.get("paths") if isinstance(document, dict) else None
    for template, item in (paths if isinstance(paths, dict) else {}).items():
        escaped = re.escape(template)
        pattern, places = _PLACE.subn("[^/]+", escaped)
        for method, operation in (item if isinstance(item, dict) else {}).items():
            if method in _METHODS and isinstance(operation, dict):
                name = operation.get("operationId") or f"{method.upper()} {template}"
                yield Route(name=str(name), method=method.upper(), path=re.compile(pattern), places=places)
