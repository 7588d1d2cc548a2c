"""Where a document's operations may be found, and which of them can be asked without harm."""

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from harness.model.contract import Operation

PATHS = (
    *("/openapi.json", "/swagger.json", "/openapi.yaml", "/v1/__api__", "/api/openapi.json", "/v3/api-docs"),
    *("/api-docs", "/v2/api-docs", "/api/v1/openapi.json", "/spec", "/api/swagger.json", "/swagger/v1/swagger.json"),
)
_PREFIXES = ("/api", "/v1", "/api/v1", "/v2", "/api/v2", "/rest")
_ACTS = re.compile(
    r"log-?_?out|sign-?_?out|restart|reboot|reset|shut-?_?down|stop|start|delete|remove|purge|flush|clear|password|backup"
    r"|restore|export|download|stream|events|watch|subscribe|websocket|sleep|delay|drip|trigger|run",
    re.IGNORECASE,
)
_MOST = 5
_SUCCESS, _REDIRECT, _MISSING = 200, 300, 404
_REFUSED = frozenset((401, 403))


def readable(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """A few GET operations without anything to fill in, and without a name that sounds like an act."""
    quiet = [
        operation
        for operation in operations
        if operation.method == "GET"
        and "{" not in operation.path
        and not operation.deprecated
        and not _ACTS.search(f"{operation.path} {operation.id}")
    ]
    return tuple(sorted(quiet, key=lambda operation: (len(operation.path), operation.path))[:_MOST])


def base_candidates(url: str | None, document_url: str | None, servers: Iterable[str]) -> tuple[str, ...]:
    """Addresses where the operations may be, the likeliest first; only on a host that the person has named."""
    named = [one.rstrip("/") for one in (url, origin(document_url)) if one]
    hosts = {urlsplit(one).netloc for one in named}
    absolute = [server.rstrip("/") for server in servers if urlsplit(server).netloc in hosts]
    below = [_path_of(server) for server in servers]
    folders = _folders(document_url)
    made = [*([url.rstrip("/")] if url else absolute)]
    for base in named:
        made += [base + path for path in below if path and not base.endswith(path)]
    made += absolute
    made += named
    if document_url:
        made += [origin(document_url) + folder for folder in folders]
    for base in named:
        made += [base + prefix for prefix in _PREFIXES if not base.endswith(prefix)]
    return tuple(dict.fromkeys(made))


def origin(url: str | None) -> str:
    """Scheme, host and port of an address; nothing for nothing."""
    if not url:
        return ""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own, by what is written there: nothing is looked up."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def score(operation: Operation, status: int, media_type: str) -> int:
    """How much an answer looks like this operation's: documented and structured most, a page or 404 not at all."""
    documented = str(status) in operation.statuses or "default" in operation.statuses
    if status == _MISSING or (media_type == "text/html" and not _promises_pages(operation)):
        return 0
    if _SUCCESS <= status < _REDIRECT:
        return 4 if documented else 2
    if status in _REFUSED:
        return 2
    return 1 if documented else 0


def _promises_pages(operation: Operation) -> bool:
    return operation.path in {"", "/"}


def _path_of(server: str) -> str:
    return urlsplit(server).path.rstrip("/")


def _folders(document_url: str | None) -> tuple[str, ...]:
    """The folders above the document: `/v1` for `/v1/__api__`."""
    if not document_url:
        return ()
    steps = urlsplit(document_url).path.strip("/").split("/")[:-1]
    return tuple("/" + "/".join(steps[:count]) for count in range(len(steps), 0, -1))
