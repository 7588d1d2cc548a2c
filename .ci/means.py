"""Get the means that are no Python packages: a browser and the report tool. Silent where nothing was to be done."""

import sys

from harness.actions.doctor import fix
from harness.errors import HarnessError


def main() -> int:
    """Fetch what is missing. What cannot be had is said with the way to it: much goes on without."""
    if got("browser"):
        got("chinese-font")  # a browser that was there keeps its fonts; a fresh one has none of its own
    got("report")
    return 0


def got(name: str) -> bool:
    """Whether something had to be done and was."""
    done = False
    try:
        for line in fix(name):
            print(f"set-up: {line}", flush=True)
            done = True
    except HarnessError as error:
        for problem in error.problems:
            print(f"set-up: {problem.message}\nhint: {problem.hint}", file=sys.stderr, flush=True)
    return done


if __name__ == "__main__":
    sys.exit(main())
