"""The watchdog of a run: set when it begins, dismissed when it has cleared up by itself."""

import contextlib
import subprocess
from pathlib import Path

from harness.adapters.host import Host

_WATCHDOG = str(Path(__file__).with_name("watchdog.py"))
_ENOUGH_S = 5.0
_KEPT = ("PATH", "HOME", "DOCKER_HOST", "XDG_RUNTIME_DIR")


class Watchdog:
    """Knows the run and its private draft. It sees our death by a pipe that closes when we are gone."""

    def __init__(self, host: Host, run: str, scratch: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - ours
            (host.python, "-I", "-S", _WATCHDOG, run, str(scratch)),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={key: host.environ[key] for key in _KEPT if key in host.environ},
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def dismiss(self) -> None:
        """All is cleared: it may go."""
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._process.communicate(b"\n", timeout=_ENOUGH_S)
