"""A portal as it is started by anybody: a process of its own, on a free port, its data in a folder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from harness.adapters.host import Host


@dataclass
class Serving:
    """One portal and what is around it."""

    root: Path
    port: int
    database: str = ""
    more: dict[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = ("-m", "harness.portal")
    process: subprocess.Popen[str] | None = None
    client: httpx.Client = field(init=False)
    said: str = ""

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, timeout=30)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def witness(self) -> Path:
        return self.root / "witness"

    @property
    def environ(self) -> dict[str, str]:
        return {
            **os.environ,
            "HARNESS_PORTAL_DATA": str(self.data),
            "HARNESS_PORTAL_PORT": str(self.port),
            "HARNESS_PORTAL_WITNESSES": str(self.witness),
            "HARNESS_PORTAL_DATABASE": self.database,
            **self.more,
        }

    def add(self, email: str, name: str, title: str, side: str, *roles: str) -> str:
        """`harness portal user add`: gives the one-time link."""
        words = ["user", "add", "--email", email, "--name", name, "--title", title, "--side", side]
        words += [word for role in roles for word in ("--role", role)]
        done = subprocess.run(
            [sys.executable, "-m", "harness.portal", *words],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def start(self, *words: str) -> None:
        """Start it and wait until it answers."""
        self.witness.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, *self.program, "start", "--port", str(self.port), *words]
        with (self.root / "stderr.txt").open("ab") as errors, (self.root / "stdout.txt").open("wb") as out:
            self.process = subprocess.Popen(
                command, env=self.environ, stdout=out, stderr=errors, text=True, start_new_session=True
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.root / "stderr.txt").read_text()
            try:
                if httpx.get(f"{self.url}/health").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("the portal does not answer")

    def key(self) -> str:
        """The public key as the portal prints it when it starts."""
        printed = (self.root / "stdout.txt").read_text()
        return printed.split('portal = ["')[1].split('"')[0]

    def kill(self) -> None:
        """As a power switch would: the whole process group, at once."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """As an administrator would."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def served(
    root: Path, database: str = "", program: tuple[str, ...] = ("-m", "harness.portal"), **more: str
) -> Iterator[Serving]:
    """A portal for as long as it is needed."""
    root.mkdir(parents=True, exist_ok=True)
    made = Serving(root=root, port=Host().free_port(), database=database, more=more, program=program)
    made.start()
    try:
        yield made
    finally:
        made.stop()
        made.client.close()
