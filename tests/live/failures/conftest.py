"""A small workspace with a shop of its own, the real command line, and a look at what was left behind."""

import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.asked import Asked, Said

SPECIMEN = Path(__file__).parent / "specimen"


class Shop(Asked):
    """The specimen, copied."""

    def edit(self, file: str, old: str, new: str) -> None:
        """Change one file; what is to be changed must be there."""
        self.replace_in(file, old, new)

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
