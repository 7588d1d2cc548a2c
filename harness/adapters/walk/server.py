"""Everything of a walkthrough that listens, in one: the door for workers and the pages for people.

Sessions are capped: one that is too many waits until another is over. Whoever does nothing for long enough is warned
on the page, and then the demonstration ends without an answer.
"""

import secrets
import threading
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.walk.door import Door
from harness.adapters.walk.journal import WalkJournal
from harness.adapters.walk.links import ALL, Pages
from harness.adapters.walk.serving import Server
from harness.adapters.walk.session import WalkSession
from harness.model.walk import Item
from harness.rules.redacting import Redactor

MOST_SESSIONS = 8
IDLE_S = 20 * 60.0
_TICK_S = 1.0


class WalkServer:
    """Listens on 127.0.0.1 and on a socket file from when it is made until `close`."""

    def __init__(
        self,
        host: Host,
        folder: Path,
        *,
        port: int = 0,
        most: int = MOST_SESSIONS,
        idle_s: float = IDLE_S,
        ancestors: str = "'none'",
    ) -> None:
        self._host = host
        self._idle_s = idle_s
        self._room = threading.Semaphore(most)
        self._pages = Pages(ancestors=ancestors)
        self._door = Door(folder / f"walk-{secrets.token_hex(4)}.sock")
        self._server = Server(self._pages, port)
        self._closed = threading.Event()
        threading.Thread(target=self._tick, name="walk-clock", daemon=True).start()

    def open(
        self, items: tuple[Item, ...], journal_folder: Path, redactor: Redactor
    ) -> tuple[WalkSession, dict[str, str]]:
        """A session for a worker that is about to start, and what the worker must know. Waits until there is room."""
        while not self._room.acquire(timeout=_TICK_S):
            if self._closed.is_set():
                break
        name = f"s{len(self._pages.sessions) + 1}"
        key = secrets.token_urlsafe(32)
        journal = WalkJournal(journal_folder)
        session = WalkSession(name, items, self._host, journal, redactor, idle_s=self._idle_s)
        self._pages.sessions[name] = session
        self._door.expect(name, key, session)
        self._share()
        return session, {"socket": str(self._door.path), "session": name, "key": key}

    def over(self, session: WalkSession, why: str) -> None:
        """The worker of this session has ended, whatever it said before."""
        session.lost(why)
        self._room.release()
        self._share()

    def link(self, session: WalkSession | None = None) -> str:
        """A URL that works once: to one session, or to all there are and will be."""
        return self._server.origin + self._pages.link(session.name if session is not None else ALL)

    def close(self) -> None:
        """Nothing listens any more."""
        self._closed.set()
        for session in self._pages.sessions.values():
            session.end("the walkthrough was closed")
        self._server.close()
        self._door.close()

    def _share(self) -> None:
        going_on = [one for one in self._pages.sessions.values() if not one.over]
        for session in going_on:
            session.attention.shares = len(going_on)

    def _tick(self) -> None:
        while not self._closed.wait(_TICK_S):
            for session in tuple(self._pages.sessions.values()):
                session.look_at_the_clock()
                if session.idle():
                    session.end()
