"""Where requests go: scheme, host and port of a URL, the path below it, and what may stand in a request line."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

_SAFE = re.compile(r"[!#$%&'()*+,./:;=?@\[\]_~0-9A-Za-z-]*")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A server to talk to. `key` is all of it in one text, for looking things up by."""

    scheme: str
    host: str
    port: int
    key: str

    @property
    def authority(self) -> str:
        """As the Host field says it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def split_url(url: str) -> tuple[Origin, str]:
    """Origin and path with query of an absolute URL; `ValueError` with a sentence where it is not http or https."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{url!r} is not an http or https address")
    if parts.username or parts.password:
        raise ValueError("a URL carries no user or password: give credentials as headers")
    port = parts.port or _PORTS[parts.scheme]
    origin = Origin(scheme=parts.scheme, host=parts.hostname, port=port, key=f"{parts.scheme} {parts.hostname} {port}")
    return origin, request_target(f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}")


def request_target(path: str) -> str:
    """A path as it may stand in a request line: no fragment, and nothing that could end the line."""
    path = path.partition("#")[0]
    if not _SAFE.fullmatch(path):
        path = quote(path, safe="!$%&'()*+,/:;=?@[]_~-.")
    return path if path.startswith("/") else f"/{path}"


def with_params(path: str, params: Any) -> str:
    """A path with query parameters added (a mapping or pairs; None values are left out, lists repeat)."""
    if not params:
        return path
    if isinstance(params, str):
        query = params
    else:
        pairs = params.items() if hasattr(params, "items") else params
        query = urlencode([(key, value) for key, value in pairs if value is not None], doseq=True)
    return f"{path}{'&' if '?' in path else '?'}{query}"
