"""What goes on at a mock that is served by hand: a table that moves on a terminal, a line of JSON for programs.

Told only; whatever goes wrong in the telling, the mock goes on. rich is imported when a terminal is really there.
"""

import json
import os
import queue
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from harness.cli.asking import Out
from harness.formats.terminal_text import tame
from harness.mocks.watching import Row, json_line, words_for

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

_ROWS = 15
_PER_S = 4
_MOST_WAITING = 10_000
_PATIENCE_S = 2.0


class Shown:
    """The last interactions, drawn some times a second from a thread of its own."""

    def __init__(self, out: Out) -> None:
        self._out = out
        self._rows: deque[Row] = deque(maxlen=_ROWS)
        self._lock = threading.Lock()
        self._all = 0
        self._live: Live | None = None

    def begin(self) -> None:
        """The table appears."""
        from rich.console import Console
        from rich.live import Live

        console = Console(file=self._out.stderr, no_color=not self._out.color)
        self._live = Live(get_renderable=self.table, console=console, refresh_per_second=_PER_S)
        self._live.start()

    def hear(self, row: Row) -> None:
        """One interaction more."""
        with self._lock:
            self._rows.append(row)
            self._all += 1

    def table(self) -> "Table":
        """The table as it is now."""
        from rich.table import Table
        from rich.text import Text

        with self._lock:
            rows, count = tuple(self._rows), self._all
        heads, in_all = words_for(self._out.language)
        drawn = Table(caption=f"{in_all}: {count}", show_edge=False)
        for head in heads:
            drawn.add_column(head, overflow="fold")
        for row in rows:
            words = (f"{row.method} {row.path}", str(row.status), row.by, row.why)
            drawn.add_row(*(Text(tame(one)) for one in words))
        return drawn

    def end(self) -> None:
        """The terminal is as it was."""
        if self._live is not None:
            self._live.stop()
            self._live = None


class Lines:
    """A line of JSON for each interaction. Whoever does not read holds nobody up: lines are lost then, and counted."""

    def __init__(self, out: Out) -> None:
        self._out = out
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._lost = 0
        self._thread = threading.Thread(target=self._write, daemon=True)

    def begin(self) -> None:
        """From now on."""
        self._thread.start()

    def hear(self, row: Row) -> None:
        """One interaction more."""
        if self._waiting.qsize() >= _MOST_WAITING:
            self._lost += 1
            return
        if self._lost:
            self._waiting.put(json.dumps({"kind": "lost", "count": self._lost}))
            self._lost = 0
        self._waiting.put(json_line(row))

    def end(self) -> None:
        """What waits is written, if somebody reads."""
        self._waiting.put(None)
        if self._thread.is_alive():
            self._thread.join(_PATIENCE_S)

    def _write(self) -> None:
        self._out.stdout.flush()
        with suppress(OSError):  # nobody reads any more
            file = self._out.stdout.fileno()
            while (line := self._waiting.get()) is not None:
                body = line.encode() + b"\n"
                while body:  # past the stream, whose lock must not be held by a thread that waits for a reader
                    body = body[os.write(file, body) :]


def hearing(out: Out) -> Shown | Lines | None:
    """Who is told each interaction: a table on a terminal, a program that asked for JSON, or nobody."""
    if out.json:
        return Lines(out)
    return Shown(out) if out.interactive and not out.quiet else None
