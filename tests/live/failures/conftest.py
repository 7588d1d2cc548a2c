"""A small workspace with a shop of its own, the real command line, and a look at what was left behind."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SPECIMEN = Path(__file__).parent / "specimen"
ENDED_BY_S = 180


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command came to."""

    exit: int
    out: str
    err: str

    @property
    def all(self) -> str:
        """Everything, on one line each blank, so that a sentence is found however it was wrapped."""
        return " ".join((self.out + " " + self.err).split())


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A workspace in a folder of its own."""

    root: Path

    def edit(self, file: str, old: str, new: str) -> None:
        """Change one file; what is to be changed must be there."""
        path = self.root / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def ask(self, *words: str, **environment: str) -> Said:
        """`harness …` in the workspace, to its end."""
        process = self.begin(*words, **environment)
        out, err = process.communicate(timeout=ENDED_BY_S)
        return Said(exit=process.returncode, out=out, err=err)

    def begin(self, *words: str, **environment: str) -> "subprocess.Popen[str]":
        """`harness …`, going on."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("HARNESS_", "COLUMNS"))}
        return subprocess.Popen(
            [sys.executable, "-m", "harness", *words],
            cwd=self.root,
            env={**kept, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, **environment: str) -> Said:
        """`harness run test` without the report."""
        return self.ask("run", "test", "--no-report", *words, **environment)

    def runs(self) -> list[str]:
        """The runs that were closed."""
        return sorted(path.name for path in (self.root / ".harness" / "runs").glob("*"))

    def drafts(self) -> list[str]:
        """The runs that were not."""
        return sorted(path.name for path in (self.root / ".harness" / "drafts").glob("*"))

    def left_behind(self) -> list[str]:
        """Processes that any run of this workspace started and that still live."""
        marks = [f"HARNESS_RUN={name}".encode() for name in (*self.runs(), *self.drafts())]
        return [name for name, environ, cwd in _processes() if cwd.startswith(str(self.root)) or _has(environ, marks)]


def _has(environ: bytes, marks: list[bytes]) -> bool:
    return bool(set(marks) & set(environ.split(b"\0")))


def _processes() -> Iterator[tuple[str, bytes, str]]:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z":
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                yield f"{entry.name} {command}", (entry / "environ").read_bytes(), str((entry / "cwd").readlink())
        except OSError:
            continue


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """The specimen, copied; at the end nothing that its runs started may still be there."""
    root = tmp_path / "shop"
    shutil.copytree(SPECIMEN, root)
    workspace = Shop(root=root)
    yield workspace
    assert workspace.left_behind() == []


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def silent_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def is_clear(said: Said) -> None:
    """Never a traceback, never a pass, always a verdict or an error."""
    assert "Traceback" not in said.out + said.err
    assert "bug in the harness" not in said.err
    assert not re.search(r"^PASS\b", said.out, re.MULTILINE)
    assert re.search(r"^(FAIL|UNDECIDED|error:)", said.out + said.err, re.MULTILINE)


@pytest.fixture
def clear():
    """The check that every failure has to stand."""
    return is_clear
