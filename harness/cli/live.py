"""How a run goes on, told while it goes on: a table that moves on a terminal, plain lines everywhere else.

Narration only: it goes to stderr and decides nothing, so it never raises. What engines say is made harmless
before it is shown. rich is imported when a terminal is really there.
"""

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, TextIO

from harness.formats.sentences import say
from harness.formats.terminal_text import tame
from harness.formats.terminal_words import word
from harness.model.evidence import Outcome, Reason
from harness.model.plan import Job

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

_SILENT_FOR_S = 10.0
_REDRAWS_PER_S = 4
_LONGEST = 160
_MOST_FOUND = 10


class Narrator(Protocol):
    """Who is told."""

    def job_started(self, job: Job) -> None:
        """A job began."""

    def job_progress(self, job_id: str, text: str) -> None:
        """A job said something."""

    def job_found(self, job_id: str, text: str) -> None:
        """A job came upon what looks like a failure; whether it is one, its end says."""

    def check_failed(self, check_id: str, reasons: tuple[Reason, ...]) -> None:
        """A check of a job that ended has failed."""

    def job_ended(self, job_id: str, outcomes: Mapping[Outcome, int], seconds: float) -> None:
        """A job ended, with how many checks came to what."""

    def note(self, text: str) -> None:
        """Anything else worth a line."""

    def close(self) -> None:
        """Nothing more comes; the terminal is as it was."""


def narrator(
    stream: TextIO, *, interactive: bool, quiet: bool = False, color: bool = False, language: str = "en"
) -> Narrator:
    """Who tells it: nobody (`quiet`), a moving table (`interactive`: a terminal, not CI), or plain lines."""
    if quiet:
        return Silent()
    if interactive:
        return Moving(stream, color=color, language=language)
    return Lines(stream, language=language)


class Silent:
    """Says nothing."""

    def job_started(self, job: Job) -> None:
        """Not told."""

    def job_progress(self, job_id: str, text: str) -> None:
        """Not told."""

    def job_found(self, job_id: str, text: str) -> None:
        """Not told."""

    def check_failed(self, check_id: str, reasons: tuple[Reason, ...]) -> None:
        """Not told."""

    def job_ended(self, job_id: str, outcomes: Mapping[Outcome, int], seconds: float) -> None:
        """Not told."""

    def note(self, text: str) -> None:
        """Not told."""

    def close(self) -> None:
        """Nothing to put away."""


class Lines:
    """One line when a job starts, one when it ends, and in between at most one in ten seconds for each job."""

    def __init__(self, stream: TextIO, *, language: str = "en") -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._told_at: dict[str, float] = {}
        self._failures = Failures(language)

    def job_started(self, job: Job) -> None:
        """`contract:orders   started, 18 checks`."""
        self._told_at[job.id] = time.monotonic()
        self._write(f"{tame(job.id)}   started, {len(job.checks)} {'check' if len(job.checks) == 1 else 'checks'}")

    def job_progress(self, job_id: str, text: str) -> None:
        """The newest word of a job, if it was silent for a while."""
        now = time.monotonic()
        if now - self._told_at.get(job_id, 0.0) >= _SILENT_FOR_S:
            self._told_at[job_id] = now
            self._write(f"{tame(job_id)}   {_short(text)}")

    def job_found(self, job_id: str, text: str) -> None:
        """`contract:orders   found   POST /orders: Server error (500)`, at once."""
        for line in self._failures.found(job_id, text):
            self._write(line)

    def check_failed(self, check_id: str, reasons: tuple[Reason, ...]) -> None:
        """`contract:orders/createOrder   failed   POST /orders fails with 500 on …`."""
        self._write(self._failures.failed(check_id, reasons))

    def job_ended(self, job_id: str, outcomes: Mapping[Outcome, int], seconds: float) -> None:
        """`contract:orders   17 passed, 1 failed in 12.4 s`."""
        self._write(f"{tame(job_id)}   {counts(outcomes)} in {seconds:.1f} s")

    def note(self, text: str) -> None:
        """The sentence."""
        self._write(_short(text))

    def close(self) -> None:
        """Nothing to put away."""

    def _write(self, line: str) -> None:
        with self._lock:
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                # whoever listened went away: the run goes on
                return


class Moving:
    """A table of jobs: state, time, and the last thing each said."""

    def __init__(self, stream: TextIO, *, color: bool, language: str = "en") -> None:
        self._stream = stream
        self._failures = Failures(language)
        self._color = color
        self._lock = threading.Lock()
        self._rows: dict[str, _Row] = {}
        self._live: Live | None = None

    def job_started(self, job: Job) -> None:
        """A new row."""
        with self._lock:
            self._rows[job.id] = _Row(promised=len(job.checks), started=time.monotonic())
            if self._live is None:
                self._live = self._opened()

    def job_progress(self, job_id: str, text: str) -> None:
        """The row's last sentence."""
        with self._lock:
            if job_id in self._rows:
                self._rows[job_id].said = _short(text)

    def job_found(self, job_id: str, text: str) -> None:
        """A line above the table, at once."""
        for line in self._failures.found(job_id, text):
            self._above(line)

    def check_failed(self, check_id: str, reasons: tuple[Reason, ...]) -> None:
        """A line above the table."""
        self._above(self._failures.failed(check_id, reasons))

    def job_ended(self, job_id: str, outcomes: Mapping[Outcome, int], seconds: float) -> None:
        """The row's outcome."""
        with self._lock:
            row = self._rows.setdefault(job_id, _Row(promised=0, started=time.monotonic()))
            row.seconds, row.outcomes, row.said = seconds, dict(outcomes), ""

    def note(self, text: str) -> None:
        """A line above the table."""
        self._above(_short(text))

    def close(self) -> None:
        """Take the table away: the result says all of it again."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _above(self, line: str) -> None:
        if self._live is not None:
            self._live.console.print(line, markup=False, highlight=False)
        else:
            Lines(self._stream).note(line)

    def _opened(self) -> "Live":
        from rich.console import Console
        from rich.live import Live

        console = Console(file=self._stream, no_color=not self._color, force_terminal=True, highlight=False)
        live = Live(
            console=console,
            get_renderable=self._table,
            refresh_per_second=_REDRAWS_PER_S,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        live.start()
        return live

    def _table(self) -> "Table":
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, show_header=False, padding=(0, 2, 0, 1), expand=False)
        for _ in range(3):
            table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for job_id, row in tuple(self._rows.items()):
            elapsed = time.monotonic() - row.started if row.seconds is None else row.seconds
            state, style = row.state()
            table.add_row(tame(job_id), Text(state, style=style), f"{elapsed:5.1f} s", Text(row.said, style="dim"))
        return table


class Failures:
    """Lines for what looks like a failure as soon as it is seen, and for what is one once its job has ended."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._found: dict[str, set[str]] = {}

    def found(self, job_id: str, text: str) -> tuple[str, ...]:
        """Each thing once; of very many only the first."""
        line = _short(text)
        known = self._found.setdefault(job_id, set())
        if line in known or len(known) > _MOST_FOUND:
            return ()
        known.add(line)
        if len(known) > _MOST_FOUND:
            return (f"{tame(job_id)}   {word('found', self._language)}   …",)
        return (f"{tame(job_id)}   {word('found', self._language)}   {line}",)

    def failed(self, check_id: str, reasons: tuple[Reason, ...]) -> str:
        """The check and the first of its reasons."""
        why = _short(say(reasons[0], self._language)) if reasons else ""
        return f"{tame(check_id)}   {word('failed', self._language)}   {why}".rstrip()


class _Row:
    """One job on the table."""

    def __init__(self, *, promised: int, started: float) -> None:
        self.promised = promised
        self.started = started
        self.said = ""
        self.seconds: float | None = None
        self.outcomes: dict[Outcome, int] = {}

    def state(self) -> tuple[str, str]:
        """What to show, and its style."""
        if self.seconds is None:
            return f"running, {self.promised} {'check' if self.promised == 1 else 'checks'}", "cyan"
        if self.outcomes.get(Outcome.FAILED):
            return counts(self.outcomes), "red"
        wholly = self.outcomes.get(Outcome.PASSED, 0) == sum(self.outcomes.values()) > 0
        return counts(self.outcomes), "green" if wholly else "yellow"


def counts(outcomes: Mapping[Outcome, int]) -> str:
    """`17 passed, 1 failed`; what did not happen is not named."""
    return (
        ", ".join(f"{outcomes[outcome]} {outcome.value}" for outcome in Outcome if outcomes.get(outcome))
        or "nothing seen"
    )


def _short(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    line = tame(lines[-1].strip() if lines else "")
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
