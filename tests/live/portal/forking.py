"""A portal that starts again at once: a process that has everything imported forks the server, and is told to again.

What is forked is the server as anybody starts it: it reads keys and database anew. Only Python's imports are saved.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from harness.adapters.host import Host
from tests.live.portal.serving import Serving

_MOTHER = """
import os, signal, sys
from harness.portal import environment
from harness.portal.first_start import make_keys
make_keys(environment.read(os.environ).data)
os.environ["DJANGO_SETTINGS_MODULE"] = "harness.portal.settings"
import django
django.setup()
import gunicorn.workers.gthread
from harness.portal import urls, server, wsgi
from harness.portal.__main__ import main
{patch}
for line in sys.stdin:
    act, _, value = line.strip().partition(" ")
    if act == "start":
        child = os.fork()
        if not child:
            os.setsid()
            out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0), os.dup2(out, 1), os.dup2(out, 2)
            os._exit(main(["start", "--port", value]))
        print(child, flush=True)
    else:
        os.waitpid(int(value), 0)
        print("ended", flush=True)
"""


class Forked(Serving):
    """Such a portal; `mother` forks it."""

    mother: subprocess.Popen[str] | None = None
    child: int = 0
    patch: str = ""
    before: tuple[str, ...] = ()

    def open(self) -> None:
        """Start the process that forks."""
        self.witness.mkdir(parents=True, exist_ok=True)
        with (self.root / "mother.txt").open("ab") as errors:
            self.mother = subprocess.Popen(
                [*self.before, sys.executable, "-c", _MOTHER.format(patch=self.patch), str(self.root / "stdout.txt")],
                env=self.environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def start(self, *words: str) -> None:
        """Fork the server and wait until it answers."""
        assert not words
        self.child = int(self._said(f"start {self.port}"))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/health").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.02)
        raise AssertionError(f"the portal does not answer: {(self.root / 'stdout.txt').read_text()[-2000:]}")

    def kill(self) -> None:
        """As a power switch would: the whole process group, at once."""
        os.killpg(self.child, signal.SIGKILL)
        self._said(f"wait {self.child}")
        self.child = 0

    def stop(self) -> None:
        """As an administrator would, and the process that forks too."""
        if self.child:
            self.kill()
        if self.mother is not None:
            self.mother.communicate(timeout=30)

    def _said(self, words: str) -> str:
        assert self.mother is not None and self.mother.stdin is not None and self.mother.stdout is not None
        self.mother.stdin.write(f"{words}\n")
        self.mother.stdin.flush()
        said = self.mother.stdout.readline().strip()
        assert said, (self.root / "mother.txt").read_text()
        return said


@contextmanager
def forked(root: Path, database: str = "", patch: str = "", before: tuple[str, ...] = ()) -> Iterator[Forked]:
    """Such a portal for as long as it is needed; `patch` is Python that makes it another, `before` what watches it."""
    root.mkdir(parents=True, exist_ok=True)
    made = Forked(root=root, port=Host().free_port(), database=database)
    made.patch, made.before = patch, before
    made.open()
    try:
        made.start()
        yield made
    finally:
        made.stop()
        made.client.close()
