"""The guard's own process: doors open, the lease kept, and everything ended at once when it must be.

All traffic ends when the harness says so or is silent for the time of its lease, on a signal, when the stop file
appears, and when the tier's window closes. What is under way is cut: after that nothing arrives at a server.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

from harness.adapters.guard.alarm import alarm_at, watch
from harness.adapters.guard.certificates import Certificates
from harness.adapters.guard.gate import Gate
from harness.adapters.guard.journal import Journal
from harness.adapters.guard.order import Order, Stand, read_origin
from harness.adapters.guard.relay import Relay
from harness.adapters.guard.wire import MOST_HEAD
from harness.model.guard import HARNESS, Door
from harness.rules.windows import is_open

CONTROL, DOORS, JOURNAL = "control.sock", "doors.sock", "journal.ndjson"
FIRST_PORT = 20000
_LOOK_S = 0.1


class Guard:
    """All doors of one run."""

    def __init__(self, order: Order, folder: Path) -> None:
        self._order = order
        self._folder = folder
        self._journal = Journal(folder / JOURNAL)
        self._gate = Gate(order, self._journal)
        self._certificates = Certificates(folder, order.run)
        self._ports: dict[str, int] = {}
        self._servers: list[asyncio.Server] = []
        self._relays: dict[Relay, asyncio.StreamWriter] = {}
        self._heard = time.monotonic()
        self._has_line = False
        self._alarmed: str | None = None
        self._done = asyncio.Event()

    async def run(self) -> None:
        """Until everything is ended."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop, "the guard was told to end")
        await self._gate.pin()
        for index, door in enumerate(self._order.doors):
            await self._open(door, FIRST_PORT + index)
        control = await asyncio.start_unix_server(self._told, self._folder / CONTROL)
        self._take_doors(loop)
        if self._order.alarm is not None:
            await self._heed(self._order.alarm)
        self._say_ready()
        self._heard = time.monotonic()
        while not self._done.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._done.wait()
            self._look()
        control.close()

    def stop(self, why: str) -> None:
        """End all traffic, now."""
        if not self._done.is_set():
            self._gate.closed = why
            self._journal.stopped(why, time.time_ns() // 1_000_000)
        for server in self._servers:
            server.close()
        for relay, writer in tuple(self._relays.items()):
            relay.abort()
            writer.transport.abort()
        self._done.set()

    def _look(self) -> None:
        if time.monotonic() - self._heard > self._order.lease_s:
            self.stop("the harness was not heard of any more")
        elif Path(self._order.stop_file).exists():
            self.stop("the kill switch was used")
        elif self._alarmed is not None:
            self.stop(self._alarmed)
        elif not is_open(self._order.windows, time.time_ns() // 1_000_000):
            self.stop("the tier's window closed")

    async def _heed(self, alarm: str) -> None:
        """Nothing leaves before the alarm was found quiet once, nor after it was not."""
        self._alarmed = self._gate.closed = await asyncio.to_thread(alarm_at, alarm)
        watch(alarm, self._hear)

    def _hear(self, why: str) -> None:
        self._alarmed = why

    async def _open(self, door: Door, port: int) -> None:
        """A listener of our own, or only its number where the engine brings the listener."""
        if self._order.passed and door.job != HARNESS:
            self._ports[door.key] = port
            return
        server = await asyncio.start_server(self._served_by(door), "127.0.0.1", 0, limit=MOST_HEAD)
        self._servers.append(server)
        self._ports[door.key] = server.sockets[0].getsockname()[1]

    def _served_by(self, door: Door) -> Any:
        async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if self._gate.closed:
                writer.transport.abort()
                return
            relay = Relay(self._gate, door, self._aliases(door.job), self._certificates.context)
            self._relays[relay] = writer
            try:
                await relay.serve(reader, writer)
            finally:
                del self._relays[relay]

        return served

    def _aliases(self, job: str) -> dict[str, str]:
        """The addresses of a job's doors, by the origin that they lead to."""
        return {
            f"{host}:{self._ports[door.key]}": door.origin
            for door in self._order.doors
            if door.job == job and door.origin is not None
            for host in ("127.0.0.1", "localhost")
        }

    def _take_doors(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listeners come in over a socket of their own, each with its door's name, from within a namespace."""
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listening.bind(str(self._folder / DOORS))
        os.chmod(self._folder / DOORS, 0o600)  # noqa: PTH101 - beside the socket calls
        listening.listen(64)
        doors = {door.key: door for door in self._order.doors}

        async def opened(listener: socket.socket, door: Door) -> None:
            self._servers.append(await asyncio.start_server(self._served_by(door), sock=listener, limit=MOST_HEAD))

        def take() -> None:
            while True:
                bringer, _ = listening.accept()
                with bringer, contextlib.suppress(OSError):
                    bringer.settimeout(5.0)
                    name, descriptors, _, _ = socket.recv_fds(bringer, 4096, 1)
                    door = doors.get(name.decode("utf-8", "replace"))
                    if not descriptors:
                        continue
                    listener = socket.socket(fileno=descriptors[0])
                    if door is None or door.job == HARNESS:  # our own doors are handed in by nobody
                        listener.close()
                        continue
                    listener.setblocking(False)
                    asyncio.run_coroutine_threadsafe(opened(listener, door), loop).result(5.0)
                    bringer.sendall(b"open")

        threading.Thread(target=take, daemon=True).start()

    async def _told(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The harness's own line: it lives while this is open and something comes by it.

        There is one, from before any engine starts: whoever comes later, a script for example, is not the harness.
        """
        if self._has_line:
            writer.transport.abort()
            return
        self._has_line = True
        (self._folder / CONTROL).unlink(missing_ok=True)
        while line := await reader.readline():
            self._heard = time.monotonic()
            told = json.loads(line)
            answer: dict[str, Any] = {}
            match told["say"]:
                case "stands":
                    self._gate.stands += [Stand(**one) for one in told["stands"]]
                case "origins":
                    self._gate.allow(tuple(read_origin(one) for one in told["origins"]))
                case "figures":
                    answer = self._journal.figures(told["job"])
                case "stop":
                    self.stop(told["why"])
            writer.write(json.dumps(answer).encode() + b"\n")
            with contextlib.suppress(OSError):
                await writer.drain()
        self.stop("the harness is gone")

    def _say_ready(self) -> None:
        ready = {
            "ready": "guard",
            "ports": self._ports,
            "spki": self._certificates.spki,
            "ca_file": str(self._certificates.ca_file),
        }
        print(json.dumps(ready), flush=True)  # noqa: T201 - how a parent learns where we listen
