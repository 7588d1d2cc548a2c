"""What `harness --help` and `--version` cost beside a bare start of the same interpreter.

    python tests/bench/cli_start.py [--rounds 15]

The three are started in turn, so that a busy machine slows all of them alike; medians are compared.
At most 4 is wanted; the figures are told, whatever they are.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

MOST = 4.0
HARNESS = Path(sys.executable).with_name("harness")
STARTS = {
    "python -c pass": (sys.executable, "-c", "pass"),
    "harness --help": (str(HARNESS), "--help"),
    "harness --version": (str(HARNESS), "--version"),
    "python -m harness --help": (sys.executable, "-m", "harness", "--help"),
}


def main() -> int:
    """Print a line for each; exit 0 whatever the figures are, for a figure is not a verdict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_known_args()[0].rounds
    seconds: dict[str, list[float]] = {name: [] for name in STARTS}
    for _ in range(rounds):
        for name, argv in STARTS.items():
            seconds[name].append(timed(argv))
    bare = statistics.median(seconds["python -c pass"])
    for name, each in seconds.items():
        middle = statistics.median(each)
        ratio = middle / bare
        note = "" if ratio <= MOST else f"   more than the {MOST:g} that are wanted"
        print(f"{name:<26}{middle * 1000:>8.1f} ms   {ratio:>5.2f} x a bare start{note}")
    return 0


def timed(argv: tuple[str, ...]) -> float:
    """Wall seconds of one start."""
    began = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
