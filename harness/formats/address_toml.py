"""Where something is, as tier files write it: an address, a request that reads, a path inside the workspace."""

import re
from urllib.parse import SplitResult, urlsplit

from harness.formats.toml_table import Table
from harness.model.tier import Probe

_PLACE = re.compile(r"\{[^}]*\}?")


def read_address(table: Table, key: str) -> str:
    """An http or https address, empty where there is none; `{port}` is the only place that it may hold."""
    text = table.optional_text(key)
    if text is None or not isinstance(table.raw(key), str):
        return ""
    places = [place for place in _PLACE.findall(text) if place != "{port}" or key == "real"]
    if places:
        hint = "only `base-url` may hold a place, and only {port}"
        table.wrong(key, f"`{key}` holds {places[0]}, and nobody knows what to put there", hint)
        return text
    parts = _split(text)
    if parts is None:
        said = f", not {text!r}" if "@" not in text else ""
        table.wrong(key, f"`{key}` must be an http or https address{said}", 'for example "https://host:8443"')
    elif "@" in parts.netloc:
        table.wrong(key, f"`{key}` holds a user or password", "put it into a table `auth`, as a reference")
    elif parts.query or parts.fragment:
        table.wrong(key, f"`{key}` must end with its path, not with `?` or `#`")
    return text


def read_url(table: Table, key: str) -> str | None:
    """A whole http or https address that is asked as it is written; no user, no password, no place in it."""
    text = table.optional_text(key)
    if text is None:
        return None
    parts = _split(text)
    if parts is None or "@" in parts.netloc or "{" in text:
        table.wrong(key, f"`{key}` must be an http or https address without a user", 'for example "https://host/path"')
    return text


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text.replace("{port}", "1"))
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if good and not re.search(r"[\s\x00-\x1f]", text) else None


def read_probe(table: Table, key: str, field: str | None) -> Probe | None:
    text = table.optional_text(key)
    if text is None:
        return None
    method, _, path = text.partition(" ")
    if method not in {"GET", "HEAD"} or not path.startswith("/"):
        table.wrong(key, f"`{key}` must be a request that reads, not {text!r}", 'for example "GET /health"')
        return None
    return Probe(method=method, path=path, field=field)


def read_path(table: Table, key: str) -> str | None:
    """Paths in environments/*.toml are written relative to that folder; they are kept relative to the root."""
    text = table.optional_text(key)
    if text is None:
        return None
    parts: list[str] = ["environments"]
    for part in text.split("/"):
        if part == "..":
            if not parts:
                table.wrong(key, f"`{text}` leads out of the workspace")
                return None
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    if text.startswith("/") or not parts:
        table.wrong(key, f"`{text}` must be a path inside the workspace, relative to environments/")
        return None
    return "/".join(parts)
