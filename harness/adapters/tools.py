"""Asking a tool of the machine something: start, wait at most so long, give back what it said.

For tools that answer and end (`--version`, a package manager). It never raises for what a tool does,
and what a tool started itself is ended with it.
"""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a tool said. `status` None: it could not be started, or had to be ended at its deadline."""

    status: int | None
    out: str = ""
    err: str = ""

    @property
    def well(self) -> bool:
        """Whether it ended with 0."""
        return self.status == 0

    @property
    def last_words(self) -> str:
        """The last line that says something, wherever it was written: enough for a sentence."""
        lines = [line.strip() for line in (self.out + "\n" + self.err).splitlines() if line.strip()]
        return lines[-1][:300] if lines else "it said nothing"


def ask(
    argv: Sequence[str | Path], *, deadline_s: float, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Said:
    """Run a tool to its end. `env` is the whole environment, by default ours."""
    try:
        process = subprocess.Popen(  # noqa: S603 - the commands are ours, no shell reads them
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    except OSError as error:
        return Said(status=None, err=f"{argv[0]}: {error.strerror}")
    try:
        out, err = process.communicate(timeout=deadline_s)
    except subprocess.TimeoutExpired:
        _end(process)
        return Said(status=None, err=f"{Path(argv[0]).name} did not end within {deadline_s:g} s")
    except BaseException:
        _end(process)
        raise
    return Said(status=process.returncode, out=out.decode("utf-8", "replace"), err=err.decode("utf-8", "replace"))


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the tool and whatever it started; its pipes are closed, whoever else may hold them."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
