"""Get the means that are no Python packages: a browser and the report tool. Silent where nothing was to be done."""

import sys

from harness.actions.doctor import fix
from harness.errors import HarnessError


def main() -> int:
    """Fetch what is missing. What cannot be had is said with the way to it: much goes on without."""
    for name in ("browser", "report"):
        try:
            for line in fix(name):
                print(f"set-up: {line}", flush=True)
        except HarnessError as error:
            for problem in error.problems:
                print(f"set-up: {problem.message}\nhint: {problem.hint}", file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
