"""Addresses that people are sent to from a page: a web address and nothing that a browser could run."""

from urllib.parse import urlsplit

_MOST = 500


def is_address(text: str) -> bool:
    """Whether this is an http(s) address with a host, no password in it, and nothing unprintable."""
    if len(text) > _MOST or not text.isprintable() or any(one in text for one in " \\\"'<>`"):
        return False
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc


def host_of(address: str) -> str:
    """What to show of it, so that people see where they go."""
    return urlsplit(address).netloc
