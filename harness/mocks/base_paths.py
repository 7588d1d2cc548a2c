"""Where below its address a contract's operations live: the path of its `servers`, or of Swagger's `basePath`."""

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from harness.model.mock import StubMapping

_PLAIN = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")


def base_path_of(servers: Sequence[str]) -> str:
    """The path that the first server names, as far as it is a plain one; empty where there is none."""
    if not servers:
        return ""
    try:
        path = urlsplit(servers[0]).path.rstrip("/")
    except ValueError:
        return ""
    return path if _PLAIN.fullmatch(path) and "/../" not in f"{path}/" else ""


def below(mapping: StubMapping, base: str) -> StubMapping:
    """A stub mapping whose URL is written in full, as one that is written below the base path."""
    url = mapping.request.url
    if not base or not (url.startswith((f"{base}/", f"{base}?")) or url == base):
        return mapping
    rest = url[len(base) :]
    return replace(mapping, request=replace(mapping.request, url=rest if rest.startswith("/") else f"/{rest}"))
