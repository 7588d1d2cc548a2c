"""The load engine's entry: `python -m harness.kit.load SETTINGS.json`, started by the load runner."""

import sys
from pathlib import Path

import locust  # noqa: F401 - first: it patches the standard library for gevent

from harness.kit.load.engine import run
from harness.kit.load.settings import take_settings

if __name__ == "__main__":
    sys.exit(run(take_settings(Path(sys.argv[1]))))
