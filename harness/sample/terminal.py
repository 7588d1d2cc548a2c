"""What the sample says on the terminal when it was asked wrongly."""

import sys

from harness.errors import HarnessError


def complain(error: HarnessError) -> int:
    """Every problem with its way out, on stderr; returns the exit status."""
    for found in error.problems:
        sys.stderr.write(f"error: {found.message}\n")
        if found.hint:
            sys.stderr.write(f"\nhint: {found.hint}\n")
    return error.exit
