"""Serving a mock until told to stop: one event loop, nothing lost at the end.

Binds to 127.0.0.1 unless told otherwise. `now_ms` and `instance` are given by the caller; the loop's own
clock measures timeouts and delays.
"""

import asyncio
import contextlib
import resource
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.adapters.mock_server.connection import Connection
from harness.adapters.mock_server.journal import Journal
from harness.adapters.mock_server.limits import Limits
from harness.adapters.mock_server.loading import LoadedMock
from harness.adapters.mock_server.uses import Uses
from harness.errors import AskedWrongly, CouldNotTell
from harness.mocks.answering import PROBLEM, dumped, problem, reply_from
from harness.mocks.asked import Interaction
from harness.mocks.engine import Mock
from harness.mocks.messages import Reply, Request, Source
from harness.mocks.misbehaving import Player, told_to_play
from harness.mocks.watching import Watched

if TYPE_CHECKING:
    from harness.mocks.admin.api import Admin

HEALTH = "/__admin/health"
_SHOWN = 10
_LOOK_S = 0.5
_FAULT = "/__harness/fault"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What came of serving a mock: stubs that nobody used, and requests that nothing answers with how often."""

    interactions: int
    unused: tuple[str, ...]
    unmatched: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Onlooker:
    """Who watches: `hear` is told each interaction, `tell` sentences; `renew` gives the mock anew, or why it cannot."""

    hear: Callable[[Interaction, Mock], None] | None = None
    tell: Callable[[str], None] = lambda _line: None
    renew: Callable[[], LoadedMock | str | None] | None = None


class MockServer:
    """What all connections of one mock share. With `read_body` (the files that stubs may name) it has an admin API."""

    def __init__(
        self,
        mock: Mock,
        journal: Journal,
        limits: Limits,
        loop: asyncio.AbstractEventLoop,
        instance: str = "",
        *,
        read_body: Callable[[str], bytes] | None = None,
        loopback: bool = True,
        player: Player | None = None,
        hear: Callable[[Interaction, Mock], None] | None = None,
    ) -> None:
        self.mock = mock
        mock.now_ms = journal.now_ms
        self.journal = journal
        self.limits = limits
        self.loop = loop
        self.clock = loop.time
        self.stopping = False
        self.player = player
        self.health = reply_from(
            200,
            (("content-type", "application/json"),),
            dumped({"status": "healthy", "name": mock.settings.name, "instance": instance}),
            source=Source.UNMATCHED,
        )
        self.asked = None if read_body is None else Watched(None if hear is None else lambda one: hear(one, self.mock))
        self._read_body = read_body
        self._loopback = loopback
        self._admin: Admin | None = None
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    def administer(self, request: Request) -> Reply:
        """The answer to a request below `/__admin`."""
        if request.path == HEALTH and request.method == "GET":
            return self.health
        if self._read_body is None or self.asked is None:
            return _no_admin()
        if self._admin is None:
            # here, so that a mock that nobody administers starts without it
            from harness.mocks.admin.api import Admin

            self._admin = Admin(
                self.mock, self.asked, read_body=self._read_body, changed=self.journal.changed, loopback=self._loopback
            )
        return self._admin.answer(request)

    def shown(self, request: Request) -> Reply:
        """The answer to a request below `/__harness`: what is played, or what the mock shows of itself."""
        if self.player is not None and request.path == _FAULT:
            return told_to_play(self.player, request)
        # here, so that a mock that nobody looks at starts without it
        from harness.adapters.mock_server.showing import shown

        return shown(request, self.mock, self.asked, loopback=self._loopback)

    def take(self, loaded: LoadedMock) -> None:
        """From the next request on the mock is another; what is under way is answered as it was."""
        self.mock = loaded.mock
        self.mock.now_ms = self.journal.now_ms
        self._read_body, self._admin = loaded.read_body, None

    async def listen(self, host: str, port: int) -> int:
        """Open the door; gives the real port. AskedWrongly where the port is taken."""
        try:
            self._server = await self.loop.create_server(lambda: Connection(self), host, port, backlog=2048)
        except OSError as error:
            raise AskedWrongly(
                f"cannot listen on {host}:{port}: {error.strerror or error}",
                hint="end whoever listens there, or give --port 0 for a free one",
            ) from error
        self._sweep()
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """No new clients; those with an answer under way get it, then everything is closed and written."""
        self.stopping = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.finish()
        end = self.clock() + self.limits.grace_s
        while self._connections and self.clock() < end:
            await asyncio.sleep(0.01)
        self.journal.close()

    def admit(self, connection: Connection) -> bool:
        """Whether there is room for one more."""
        if len(self._connections) >= self.limits.connections:
            return False
        self._connections.add(connection)
        return True

    def dismiss(self, connection: Connection) -> None:
        """A client is gone."""
        self._connections.discard(connection)

    def _sweep(self) -> None:
        now = self.clock()
        for connection in tuple(self._connections):
            connection.sweep(now)
        self.journal.settle()
        self._sweeper = self.loop.call_later(1.0, self._sweep)


def serve(
    mock: Mock,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    journal: Path | None = None,
    uses: Path | None = None,
    now_ms: Callable[[], int],
    instance: str = "",
    standing: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    read_body: Callable[[str], bytes] | None = None,
    player: Player | None = None,
    onlooker: Onlooker | None = None,
    ready: Callable[[str], None] = lambda _url: None,
) -> Served:
    """Serve until SIGTERM or SIGINT. `ready` is told the URL. With `read_body` it can be administered while it serves.

    `standing` is what the mock stands on, for the first line of the journal; `uses` is where interactions are kept
    that can be asked of the real dependency later. A `player` lets failures be played on demand; an
    `onlooker` is told what goes on, and may give the mock anew.
    """
    facts = {"instance": instance, **(standing or {})}
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        kept = None if uses is None else Uses(uses, mock.compiled)
        told = Journal(journal, now_ms, kept)
        given = (limits or Limits(), facts, read_body, player, onlooker, ready)
        return runner.run(_served(mock, host, port, told, *given))


def _no_admin() -> Reply:
    why = "nobody changes this mock: it writes a journal for a run, or others than this machine reach it"
    told = dumped(problem(404, why, detail="`harness mock serve --admin` would allow it"))
    return reply_from(404, (("content-type", PROBLEM),), told, source=Source.UNMATCHED)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address of ours."""
    return host in _LOOPBACK


async def _served(
    mock: Mock,
    host: str,
    port: int,
    journal: Journal,
    limits: Limits,
    facts: Mapping[str, Any],
    read_body: Callable[[str], bytes] | None,
    player: Player | None,
    onlooker: Onlooker | None,
    ready: Callable[[str], None],
) -> Served:
    loop = asyncio.get_running_loop()
    _allow_many_files()
    server = MockServer(
        mock, journal, limits, loop, facts["instance"],
        read_body=read_body, loopback=is_loopback(host), player=player, hear=onlooker.hear if onlooker else None,
    )  # fmt: skip
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, ValueError):
            loop.add_signal_handler(number, stop.set)
    bound = await server.listen(host, port)
    url = f"http://{f'[{host}]' if ':' in host else host}:{bound}{mock.base_path}"
    journal.start(name=mock.settings.name, url=url, stubs=_stubs(mock), **facts)
    ready(url)
    renewing = None if onlooker is None else asyncio.create_task(_renewed(server, onlooker))
    await stop.wait()
    if renewing is not None:
        renewing.cancel()
    await server.stop()
    if journal.lost:
        raise CouldNotTell(
            f"{journal.lost} lines of the journal could not be written: {journal.why_lost}",
            hint="make room on the disk: without a whole journal nobody can say what the mock was asked",
        )
    unused = tuple(sorted({one["name"] for one in _stubs(server.mock)} - journal.used))
    return Served(
        interactions=journal.interactions, unused=unused, unmatched=tuple(journal.unmatched.most_common(_SHOWN))
    )


async def _renewed(server: MockServer, onlooker: Onlooker) -> None:
    """Read the mock again whenever its files changed; that is done beside, and no request waits for it."""
    while onlooker.renew is not None:
        await asyncio.sleep(_LOOK_S)
        found = await asyncio.to_thread(onlooker.renew)
        if isinstance(found, LoadedMock):
            server.take(found)
            onlooker.tell(f"read again: {len(found.mappings)} stubs; what it remembered is forgotten")
        elif found is not None:
            onlooker.tell(f"not read again, it goes on as it was: {found}")


def _stubs(mock: Mock) -> list[dict[str, str]]:
    return [{"name": stub.mapping.name, "place": stub.mapping.place} for stub in mock.stubs.all]


def _allow_many_files() -> None:
    with contextlib.suppress(ValueError, OSError):
        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    if sys.platform != "win32":
        with contextlib.suppress(ImportError):
            import uvloop

            factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
            return factory
    return asyncio.new_event_loop


def free_socket(host: str = "127.0.0.1") -> socket.socket:
    """A bound, not yet listening socket on a free port."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.bind((host, 0))
    return bound
