"""Sessions in our own table: the server keeps a hash of the cookie, the person it belongs to, and when it was used.

A session ends after 30 idle minutes, after 12 hours, and whenever its person's password, standing or passkeys change.
"""

import hashlib
import secrets
from typing import Any

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError

from harness.portal.clock import now_ms
from harness.portal.models import Session

IDLE_MS = 30 * 60_000
LONGEST_MS = 12 * 3_600_000


class SessionStore(SessionBase):
    """Django's interface to them."""

    @staticmethod
    def stored_key(key: str) -> str:
        """What is kept of a cookie."""
        return hashlib.sha256(b"harness-session:" + key.encode()).hexdigest()

    def _get_new_session_key(self) -> str:
        return secrets.token_urlsafe(32)

    def _validate_session_key(self, key: str) -> bool:
        return bool(key) and 32 <= len(key) <= 64

    def exists(self, session_key: str) -> bool:
        """Whether there is one by that cookie."""
        return Session.objects.filter(key_sha256=self.stored_key(session_key)).exists()

    def load(self) -> dict[str, Any]:
        """What is kept; nothing where it is over."""
        now = now_ms()
        kept = Session.objects.filter(key_sha256=self.stored_key(self.session_key or "")).first()
        if kept is None or now - kept.seen_ms > IDLE_MS or now - kept.begun_ms > LONGEST_MS or now < kept.begun_ms:
            if kept is not None:
                kept.delete()
            self._session_key = None
            return {}
        if now - kept.seen_ms > 60_000:
            Session.objects.filter(pk=kept.pk).update(seen_ms=now)
        found: dict[str, Any] = self.decode(kept.data)
        return found

    def create(self) -> None:
        """A new one, with a cookie nobody has."""
        while True:
            self._session_key = self._get_new_session_key()
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Keep it."""
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # Django's own
        key, now = self.stored_key(self.session_key), now_ms()
        values = {"data": self.encode(data), "person_id": data.get("person"), "seen_ms": now}
        if must_create:
            try:
                Session.objects.create(key_sha256=key, begun_ms=data.get("begun_ms", now), **values)
            except IntegrityError as error:
                raise CreateError from error
        elif not Session.objects.filter(key_sha256=key).update(**values):
            raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        """End it."""
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(key_sha256=self.stored_key(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        """Forget those that are over."""
        Session.objects.filter(begun_ms__lt=now_ms() - LONGEST_MS).delete()
