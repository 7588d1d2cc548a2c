"""The one place where a request may leave: allowed or refused, then rate and concurrency, then an open connection.

Names are looked up once, when the guard starts, and only the address found then is ever connected to. A job that
was refused something gets nothing more through.
"""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NoReturn

from harness.adapters.guard.journal import Journal
from harness.adapters.guard.order import Order, Stand
from harness.adapters.guard.wire import MOST_HEAD
from harness.model.guard import Asked, Origin
from harness.rules.guarding import refusal
from harness.rules.pacing import Pace

_CONNECT_S = 10.0
_LONGEST_WAIT_S = 60.0

Addresses = tuple[tuple[int, str], ...]
LookUp = Callable[[str, int], Awaitable[Addresses]]


class RefusedError(Exception):
    """This request does not leave; the text says why."""


class UnreachableError(Exception):
    """The server can't be reached; the text says why."""


async def look_up(host: str, port: int) -> Addresses:
    """Family and address of a name, in the order of preference."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys((int(family), str(address[0])) for family, _, _, _, address in found))


class Gate:
    """Everything that all doors share. `closed` says why nothing leaves any more."""

    def __init__(self, order: Order, journal: Journal, find: LookUp = look_up) -> None:
        self.order = order
        self.journal = journal
        self.closed: str | None = None
        self.origins = {origin.name: origin for origin in order.origins}
        self.stands: list[Stand] = []
        self._by_server = {(one.scheme, one.host, one.port): one for one in reversed(order.origins) if one.only is None}
        self._find = find
        self._pinned: dict[tuple[str, int], Addresses] = {}
        self._contexts: dict[str | None, ssl.SSLContext] = {}
        self._pace = Pace(order.rate_per_s)
        self._turn = asyncio.Lock()
        self._room = asyncio.Semaphore(order.concurrency) if order.concurrency else None
        self.allow(order.origins)

    def allow(self, origins: tuple[Origin, ...]) -> None:
        """Servers that may be reached; who was allowed first at an address stays."""
        for origin in origins:
            self.origins[origin.name] = origin
            if origin.only is None:
                self._by_server.setdefault((origin.scheme, origin.host, origin.port), origin)

    async def pin(self) -> None:
        """Look every allowed name up, once."""
        for origin in self.order.origins:
            with contextlib.suppress(UnreachableError, RefusedError):
                await self._addresses(origin)

    def origin_at(self, scheme: str, host: str, port: int) -> Origin | None:
        """The allowed server at an address, if there is one."""
        return self._by_server.get((scheme, host, port))

    def judge(self, job: str, asked: Asked, origin: Origin | None) -> None:
        """RefusedError where a request may not leave; it is written down first."""
        why = self.closed or refusal(asked, origin, most_bytes=self.order.most_bytes)
        if why is None and self.journal.refused[job]:
            raise RefusedError("this job was refused something before and gets nothing more through")
        if why is not None:
            self.refuse(job, asked.shown, why)

    def refuse(self, job: str, shown: str, why: str) -> NoReturn:
        """Write an attempt down and raise."""
        if self.closed is None:
            self.journal.refuse(job, shown, why, time.time_ns() // 1_000_000)
        raise RefusedError(why)

    @contextlib.asynccontextmanager
    async def place(self, origin: Origin) -> AsyncIterator[Callable[[], Awaitable[float]]]:
        """A place among the requests under way. What it gives waits for the rate and says how long, in seconds."""
        if not origin.counted:
            yield self._at_once
            return
        if self._room is None:
            yield self._in_turn
            return
        async with self._room:
            yield self._in_turn

    async def _at_once(self) -> float:
        return 0.0

    async def _in_turn(self) -> float:
        begun = time.monotonic()
        async with self._turn:
            while wait := self._pace.wait_s(time.monotonic()):
                if time.monotonic() - begun > _LONGEST_WAIT_S or self.closed:
                    raise UnreachableError("the cap on the rate left no room for it")
                await asyncio.sleep(wait)
        return time.monotonic() - begun

    async def connect(self, origin: Origin) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to an allowed server at the address that its name had when the run began."""
        tls = self._tls(origin) if origin.scheme == "https" else None
        said = "it has no address"
        for _family, address in await self._addresses(origin):
            try:
                async with asyncio.timeout(_CONNECT_S):
                    return await asyncio.open_connection(
                        address,
                        origin.port,
                        ssl=tls,
                        server_hostname=origin.host if tls else None,
                        limit=MOST_HEAD,
                    )
            except ssl.SSLCertVerificationError as error:
                raise UnreachableError(f"TLS: {error.verify_message}") from error
            except (OSError, TimeoutError) as error:
                said = str(error) or "no answer in time"
        raise UnreachableError(said)

    async def _addresses(self, origin: Origin) -> Addresses:
        key = (origin.host, origin.port)
        if key not in self._pinned:
            try:
                found = await self._find(*key)
            except OSError as error:
                raise UnreachableError(f"{origin.host}: {error.strerror}") from error
            self._pinned[key] = tuple(one for one in found if _fits(origin.host, one[1]))
        return self._pinned[key]

    def _tls(self, origin: Origin) -> ssl.SSLContext:
        if origin.ca not in self._contexts:
            self._contexts[origin.ca] = ssl.create_default_context(cafile=origin.ca)
            self._contexts[origin.ca].set_alpn_protocols(["http/1.1"])
        return self._contexts[origin.ca]


def _fits(host: str, address: str) -> bool:
    """A name that is not this machine's own may not lead to this machine, to a link's neighbours or to nobody."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or found
    if host == "localhost" or host.endswith(".localhost"):
        return bool(mapped.is_loopback)
    try:
        return ipaddress.ip_address(host) == found
    except ValueError:
        return not (mapped.is_loopback or mapped.is_link_local or mapped.is_multicast or mapped.is_unspecified)
