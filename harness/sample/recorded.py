"""`python -m harness.sample.recorded --port P`: the order hub behind a recorder that writes down whatever arrives.

The recorder knows nothing of the harness and its guard: it counts at the door of production, as somebody else would.
One line on stdout for each request, in the order of arrival, whatever becomes of it:

    arrived 12.345 s   GET /orders   run 20261120T170301Z-7f3a
"""

import argparse
import asyncio
import contextlib
import re
import signal
import subprocess
import sys
import threading
import time
from typing import IO

import httptools

from harness.errors import HarnessError
from harness.sample.terminal import announce, complain, listen

_MARK = b"x-synthetic-run"
_PIECE = 64 * 1024
_WHERE = re.compile(r"on (http://\S+:(\d+))")


class Recorder:
    """Reads along on one connection and writes down each request when its head is complete."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._parser = httptools.HttpRequestParser(self)
        self._path, self._mark = b"", b""

    def read(self, piece: bytes) -> None:
        """What was just sent; what is no HTTP is written down as such, once."""
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            return
        except httptools.HttpParserError:
            self._write("?", "not HTTP")

    def on_message_begin(self) -> None:
        """A new request."""
        self._path, self._mark = b"", b""

    def on_url(self, url: bytes) -> None:
        """Its target, in pieces."""
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        if name.lower() == _MARK:
            self._mark = value

    def on_headers_complete(self) -> None:
        """All that is written down is known."""
        self._write(self._parser.get_method().decode("latin-1"), self._path.partition(b"?")[0].decode("latin-1"))

    def _write(self, method: str, path: str) -> None:
        run = f"run {self._mark.decode('latin-1')}" if self._mark else "no run named"
        sys.stdout.write(f"arrived {time.monotonic() - self._began:.3f} s   {method} {path}   {run}\n")
        sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """The exit status of the hub."""
    parser = argparse.ArgumentParser(prog="python -m harness.sample.recorded", description="The hub behind a recorder.")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one and says which")
    asked = parser.parse_args(arguments)
    try:
        bound = listen("127.0.0.1", asked.port)
    except HarnessError as error:
        return complain(error)
    hub = subprocess.Popen((sys.executable, "-m", "harness.sample", "--port", "0"), stderr=subprocess.PIPE, text=True)
    assert hub.stderr is not None
    port = _port_of(hub.stderr)
    if port is None:
        return hub.wait()
    threading.Thread(target=_told_on, args=(hub.stderr,), daemon=True).start()
    announce("recorder in front of the order hub", bound)

    async def serve() -> None:
        began = time.monotonic()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, hub.terminate)
        server = await asyncio.start_server(lambda r, w: _relay(r, w, port, Recorder(began)), sock=bound)
        async with server:
            await asyncio.to_thread(hub.wait)

    try:
        asyncio.run(serve())
    finally:
        hub.terminate()
    return hub.wait()


def _port_of(said: IO[str]) -> int | None:
    """Where the hub listens, by its own word; what it says instead is handed on."""
    for line in said:
        sys.stderr.write(line)
        if found := _WHERE.search(line):
            return int(found[2])
    return None


def _told_on(said: IO[str]) -> None:
    for line in said:
        sys.stderr.write(line)


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, recorder: Recorder) -> None:
    """Both directions of one connection, byte for byte."""
    try:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        writer.close()
        return
    with contextlib.suppress(ConnectionError):
        await asyncio.gather(_pipe(reader, inner_writer, recorder), _pipe(inner_reader, writer, None))
    for each in (writer, inner_writer):
        with contextlib.suppress(ConnectionError):
            each.close()


async def _pipe(source: asyncio.StreamReader, target: asyncio.StreamWriter, recorder: Recorder | None) -> None:
    while piece := await source.read(_PIECE):
        if recorder is not None:
            recorder.read(piece)
        target.write(piece)
        await target.drain()
    if target.can_write_eof():
        target.write_eof()


if __name__ == "__main__":
    sys.exit(main())
