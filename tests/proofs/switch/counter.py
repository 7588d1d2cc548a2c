"""A server that only counts: `counter.py PORT_FILE LOG`. Each line of the log: a moment, and how many arrived in it.

It is far quicker than whoever sends, so that what it counts is what was sent.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import TextIO

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
END = b"\r\n\r\n"


class Counting(asyncio.Protocol):
    """Requests without bodies; each end of a head is one."""

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody came."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Whole heads are answered, the rest of one waits."""
        whole = self._rest + data
        arrived = whole.count(END)
        self._rest = whole[whole.rfind(END) + 4 :] if arrived else whole
        if arrived:
            self._lines.write(f"{time.monotonic():.6f} {arrived}\n")
            self._transport.write(ANSWER * arrived)


async def main(port_file: Path, log: Path) -> None:
    """Serve until ended; the port is written when we listen."""
    with log.open("a", buffering=1) as lines:
        server = await asyncio.get_running_loop().create_server(lambda: Counting(lines), "127.0.0.1", 0)
        port_file.with_suffix(".new").write_text(str(server.sockets[0].getsockname()[1]))
        port_file.with_suffix(".new").rename(port_file)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
