"""A small process that outlives a killed harness and clears what its run left. Started by path, in its own session.

Usage: `python -I -S watchdog.py RUN SCRATCH`, with a pipe on standard input that only the harness holds. A line on the
pipe means that the harness cleared up by itself; the pipe's end without one means that it is dead. The engine may still
be making a container that the dead had asked for, so there are several looks, the last after ten seconds.
"""

import os
import signal
import sys
import time
from pathlib import Path

_LOOKS_S = (0.0, 0.5, 1.0, 2.0, 3.0, 3.5)


def main(argv: list[str]) -> None:
    """Wait for the harness's word or its death; in the second case, clear."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.buffer.read(1):
        return
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from harness.adapters.services.clearing import clear_run

    for pause in _LOOKS_S:
        time.sleep(pause)
        clear_run(argv[1], Path(argv[2]), os.environ)


if __name__ == "__main__":
    main(sys.argv)
