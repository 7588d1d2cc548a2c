"""A hub in a process of its own, for tests that need a real server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.sample.faults import Fault

ROOT = Path(__file__).resolve().parents[2]
SECRET = "secret-of-the-live-tests"


@contextmanager
def running_hub(*faults: Fault) -> Iterator[str]:
    """Its address; it is ended at the end."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    given = {"SAMPLE_FAULTS": ",".join(faults), "SAMPLE_CLIENT_SECRET": SECRET}
    process = subprocess.Popen(
        [sys.executable, "-m", "harness.sample", "--port", "0"],
        cwd=ROOT,
        env={**kept, **given},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        found = re.search(r"on (http://\S+)", said)
        assert found, said
        yield found[1]
    finally:
        process.terminate()
        process.communicate(timeout=20)
