"""Whether a request comes from a web page elsewhere: a browser sends such requests without asking anybody.

A page gives itself away by its origin, by what the browser says of it, or by a name that it made lead to this machine.
"""

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

_HERE = frozenset(("localhost", "127.0.0.1", "::1"))


def from_elsewhere(header: Callable[[str], str | None], *, loopback: bool) -> bool:
    """By the headers of a request; `loopback`: only this machine is meant to ask.

    Beyond it, an address and a name without a dot are ours: neither can be made to lead here by a page.
    """
    host, origin = header("host") or "", header("origin")
    if host and not _ours(host, loopback=loopback):
        return True
    if origin is not None and (not host or origin.lower() != f"http://{host.lower()}"):
        return True
    return header("sec-fetch-site") in {"cross-site", "same-site"}


def _ours(host: str, *, loopback: bool) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if loopback or name in _HERE:
        return name in _HERE
    try:
        ip_address(name)
    except ValueError:
        return name != "" and "." not in name
    return True
