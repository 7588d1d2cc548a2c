"""Walkthroughs that are ready: links that work once, offered by who runs one, taken by the signer who asks first.

A link is a key, so it lies in a file of its own for as long as it is good and nowhere else: not in the database, not in
the log. Whoever takes the file has the link; of two that take it at once one finds it.
"""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from harness.portal.addresses import is_address
from harness.portal.clock import now_ms
from harness.portal.settings import PORTAL

LASTS_MS = 20 * 60_000
MOST_LINKS, MOST_CRITERIA = 8, 100
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_link(text: str) -> bool:
    """Whether a person may be sent there with a key: over https, or on this very machine."""
    if not is_address(text):
        return False
    parts = urlsplit(text)
    return parts.scheme == "https" or parts.hostname in _LOOPBACK


def offer(code: str, criteria: tuple[str, ...], links: tuple[str, ...], by: str) -> None:
    """Lay links ready for these criteria of a package."""
    folder = _folder(code)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for link in links:
        body = json.dumps({"criteria": criteria, "link": link, "by": by, "until_ms": now_ms() + LASTS_MS})
        name = secrets.token_hex(12)
        draft = folder / f".{name}"
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(body, "utf-8")
        draft.rename(folder / name)


def is_offered(code: str, criterion: str) -> bool:
    """Whether somebody waits with a walkthrough of it."""
    return any(criterion in found["criteria"] for _, found in _ready(code))


def take(code: str, criterion: str) -> str:
    """A link for one person, gone for everybody else; empty where none is ready any more."""
    for path, found in _ready(code):
        if criterion in found["criteria"] and _gone(path):
            return str(found["link"])
    return ""


def named(link: str, name: str) -> str:
    """The link with who took it: whoever runs the walkthrough keeps an answer under that name."""
    parts = urlsplit(link)
    return parts._replace(query="&".join(filter(None, (parts.query, urlencode({"by": name}))))).geturl()


def withdraw(code: str, by: str) -> None:
    """The walkthrough ended: what its link-giver offered is offered no more."""
    for path, found in _ready(code):
        if found["by"] == by:
            _gone(path)


def _ready(code: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    folder = _folder(code)
    for path in sorted(folder.glob("[0-9a-f]*")) if folder.is_dir() else ():
        try:
            found = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if found["until_ms"] < now_ms():
            _gone(path)
        else:
            yield path, found


def _gone(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _folder(code: str) -> Path:
    return PORTAL.data / "walks" / code
