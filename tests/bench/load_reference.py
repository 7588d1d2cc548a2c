"""The open-model reference of the freeze benchmark: nothing but arrivals, sockets and a clock.

`load_reference.py PORT RATE SECS OUT`: every arrival is sent when it is due, on an idle connection or a new one; its
time counts from when it was due to the last byte of its answer. Writes all times in ms as a JSON list.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

import uvloop

REQUEST = b"GET /customers/7f9c24e8-3b12-4fef-91d0-56a2d7f0c001 HTTP/1.1\r\nHost: it\r\n\r\n"


class Line(asyncio.Protocol):
    """One connection; `due` is when the request it carries was due."""

    def __init__(self, idle: list["Line"], times: list[float]) -> None:
        self.idle, self.times, self.due, self.read = idle, times, 0.0, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def ask(self, due: float) -> None:
        self.due = due
        self.transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        self.read += data
        head, end, body = self.read.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            self.read = b""
            self.times.append((time.perf_counter() - self.due) * 1000)
            self.idle.append(self)


async def drive(port: int, rate: float, secs: float) -> list[float]:
    idle: list[Line] = []
    times: list[float] = []
    loop = asyncio.get_running_loop()

    async def arrive(due: float) -> None:
        line = idle.pop() if idle else (await loop.create_connection(lambda: Line(idle, times), "127.0.0.1", port))[1]
        line.ask(due)

    begun, running = time.perf_counter() + 0.2, set()
    for number in range(round(rate * secs)):
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        running.add(task := asyncio.create_task(arrive(due)))
        task.add_done_callback(running.discard)
    give_up = time.perf_counter() + 15
    while len(times) < round(rate * secs) and time.perf_counter() < give_up:
        await asyncio.sleep(0.05)
    return times


Path(sys.argv[4]).write_text(json.dumps(uvloop.run(drive(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])))))
