"""Who may see which session: links that work once, and the keys that pages got for them.

A key is kept by the page alone and sent in a header: there is no cookie, so no other page can act with it. A portal
that hands a link on adds who took it; several people may look at one session, and each answer names its own.
"""

import hmac
import secrets
import threading

from harness.adapters.walk.session import WalkSession

ALL = "*"
_LONGEST_NAME = 120


class Pages:
    """The sessions that can be seen, and who may see which. `ancestors`: the origin of a portal that embeds them."""

    def __init__(self, *, ancestors: str = "'none'") -> None:
        self.sessions: dict[str, WalkSession] = {}
        self.ancestors = ancestors
        self._links: dict[str, str] = {}
        self._keys: dict[str, tuple[str, str]] = {}
        self._lock = threading.Lock()

    def link(self, scope: str = ALL) -> str:
        """The path of a link that works once, to one session or to all."""
        token = secrets.token_urlsafe(24)
        self._links[token] = scope
        return f"/enter/{token}"

    def entered(self, token: str, by: str = "") -> tuple[str, str] | None:
        """(key, scope) for a token that was not used before; `by` is who took the link, as a portal told it."""
        with self._lock:
            scope = self._links.pop(token, None)
            if scope is None:
                return None
            key = secrets.token_urlsafe(32)
            self._keys[key] = scope, "".join(one for one in by if one.isprintable()).strip()[:_LONGEST_NAME]
            return key, scope

    def seen_by(self, key: str) -> dict[str, WalkSession] | None:
        """The sessions that a key opens; None for a key that is none."""
        held = self._held(key)
        if held is None:
            return None
        scope, _ = held
        return {name: one for name, one in tuple(self.sessions.items()) if scope in {ALL, name}}

    def taken_by(self, key: str) -> str:
        """Who took the link of that key; empty where nobody said."""
        held = self._held(key)
        return held[1] if held is not None else ""

    def _held(self, key: str) -> tuple[str, str] | None:
        return next((held for known, held in tuple(self._keys.items()) if hmac.compare_digest(known, key)), None)
