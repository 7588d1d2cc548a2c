"""The recorder in front of production writes down whatever arrives, in whatever pieces, and changes none of it."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from harness.sample.recorded import Recorder

ROOT = Path(__file__).resolve().parents[2]
REQUEST = b"POST /orders?token=x HTTP/1.1\r\nHost: a\r\nX-Synthetic-Run: r-1\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def recorded_hub(log: Path) -> Iterator[int]:
    """Its port; it is ended at the end."""
    argv = [sys.executable, "-m", "harness.sample.recorded", "--port", "0"]
    given = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    with log.open("w") as out:
        process = subprocess.Popen(argv, cwd=ROOT, env=given, stdout=out, stderr=subprocess.PIPE, text=True)
        try:
            assert process.stderr is not None
            found = next(found for line in process.stderr if (found := re.search(r"recorder .*:(\d+)", line)))
            yield int(found[1])
        finally:
            process.terminate()
            process.communicate(timeout=20)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_request_is_written_down_once_in_whatever_pieces_it_comes(
    capsys: pytest.CaptureFixture[str], size: int
) -> None:
    recorder, both = Recorder(0), REQUEST + REQUEST.replace(b"X-Synthetic-Run", b"X-Other").replace(b"POST", b"DELETE")
    for at in range(0, len(both), size):
        recorder.read(both[at : at + size])
    told = [line.partition(" s   ")[2] for line in capsys.readouterr().out.splitlines()]
    assert told == ["POST /orders   run r-1", "DELETE /orders   no run named"]


def test_what_is_no_http_is_written_down_too(capsys: pytest.CaptureFixture[str]) -> None:
    Recorder(0).read(b"\x16\x03\x01hello")
    assert "? not HTTP   no run named" in capsys.readouterr().out


def test_the_hub_answers_through_the_recorder_as_without_it(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    with recorded_hub(log) as port:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            assert client.get("/health").json()["status"] == "ok"
            assert client.delete("/orders/1").status_code in {401, 405}
        with socket.create_connection(("127.0.0.1", port), 5) as raw:
            raw.sendall(b"nonsense\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 400")
    told = [line.partition(" s   ")[2] for line in log.read_text().splitlines()]
    assert told == ["GET /health   no run named", "DELETE /orders/1   no run named", "? not HTTP   no run named"]


def test_the_hub_ends_with_the_recorder(tmp_path: Path) -> None:
    with recorded_hub(tmp_path / "log.txt"):
        (hub,) = _hubs()
    with pytest.raises(ProcessLookupError):
        os.kill(hub, 0)


def _hubs() -> list[int]:
    """Hubs that a recorder of this very process started."""
    found = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in found.splitlines()]
    ours = {pid for pid, parent, words in rows if "harness.sample.recorded" in words and parent == str(os.getpid())}
    return [int(pid) for pid, parent, words in rows if parent in ours and "harness.sample --port" in words]
