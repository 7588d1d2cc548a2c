"""The target of the load benchmarks: answers at once, counts what it sees, notes when, and can freeze once.

`load_server.py PORT NOTES [FREEZE_AT_S FREEZE_S]`. On SIGUSR1 it writes `NOTES.count`, on SIGTERM `NOTES` (the times
of all arrivals as doubles) and ends. It reads whole requests only, so that a count is a count of requests.
"""

import array
import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import uvloop

BODY = b'{"id": "7f9c24e8-3b12-4fef-91d0-56a2d7f0c001", "name": "Tea House Ltd", "email": "orders@teahouse.example"}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
END = b"\r\n\r\n"


class Target(asyncio.Protocol):
    """One connection."""

    arrivals = array.array("d")
    first = True
    freeze: tuple[float, float] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        data = self.rest + data if self.rest else data
        count = data.count(END)
        self.rest = data[data.rfind(END) + 4 :] if not data.endswith(END) else b""
        if Target.first and Target.freeze is not None:
            Target.first = False
            asyncio.get_running_loop().call_later(Target.freeze[0], time.sleep, Target.freeze[1])
        Target.arrivals.extend([now] * count)
        if count:
            self.transport.write(ANSWER * count)


def main() -> None:
    port, notes = int(sys.argv[1]), Path(sys.argv[2])
    if len(sys.argv) > 4:
        Target.freeze = (float(sys.argv[3]), float(sys.argv[4]))

    def count(*_: object) -> None:
        new = notes.with_suffix(".new")
        new.write_text(str(len(Target.arrivals)))
        new.replace(notes.with_suffix(".count"))

    def end(*_: object) -> None:
        notes.write_bytes(Target.arrivals.tobytes())
        os._exit(0)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, count)
        loop.add_signal_handler(signal.SIGTERM, end)
        server = await loop.create_server(Target, "127.0.0.1", port, backlog=4096)
        await server.serve_forever()

    uvloop.run(serve())


main()
