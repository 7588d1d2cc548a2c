"""A mock that is served by hand is read again when a file changes, and no request is dropped meanwhile."""

import http.client
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from harness.adapters.mock_server.loading import LoadedMock
from harness.adapters.mock_server.reloading import Reloader


def write(folder: Path, answer: int) -> None:
    """Whole at once, as an editor does it."""
    stub = {"name": "one", "request": {"urlPath": "/n"}, "response": {"status": 200, "jsonBody": {"n": answer}}}
    (folder / "mappings").mkdir(parents=True, exist_ok=True)
    part = folder / "part"
    part.write_text(json.dumps(stub))
    part.replace(folder / "mappings" / "one.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "mock"
    write(made, 1)
    return made


def test_only_what_changed_is_read_and_what_cannot_be_read_says_why(folder: Path) -> None:
    reloader = Reloader(folder, None)
    assert reloader.changed() is None
    write(folder, 22)
    assert isinstance(reloader.changed(), LoadedMock)
    (folder / "certificate.json").write_text("{}")
    assert reloader.changed() is None
    (folder / "mappings" / "one.json").write_text("{")
    assert isinstance(reloader.changed(), str)
    assert reloader.changed() is None


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    words = (sys.executable, "-m", "harness", "mock", "serve", str(folder), "--json")
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(json.loads(process.stdout.readline())["url"].rpartition(":")[2]), process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def until(stream: IO[str] | None, words: str) -> None:
    assert stream is not None
    for line in stream:
        if words in line:
            return
    raise AssertionError(f"never said: {words}")


class Asking(threading.Thread):
    """Asks on one connection without end, and keeps what came."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.answers: list[int] = []
        self.trouble: list[str] = []
        self.enough = threading.Event()
        self.port = port

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            while not self.enough.wait(0.005):
                connection.request("GET", "/n")
                answer = connection.getresponse()
                body: dict[str, Any] = json.loads(answer.read())
                self.answers.append(body.get("n", answer.status))
        except (OSError, http.client.HTTPException) as error:
            self.trouble.append(repr(error))
        finally:
            connection.close()


def test_no_request_is_dropped_while_a_mock_is_read_again(folder: Path) -> None:
    with serving(folder) as (port, process):
        drained = threading.Thread(target=lambda: [None for _ in process.stdout or ()])
        drained.start()
        askers = [Asking(port) for _ in range(4)]
        for one in askers:
            one.start()
        for answer in (2, 33):
            write(folder, answer)
            until(process.stderr, "read again: 1 stubs")
        (folder / "mappings" / "one.json").write_text("{")
        until(process.stderr, "not read again, it goes on as it was")
        before = [len(one.answers) for one in askers]
        while any(len(one.answers) < count + 3 for one, count in zip(askers, before, strict=True)):
            assert all(one.is_alive() for one in askers)
            askers[0].enough.wait(0.02)
        for one in askers:
            one.enough.set()
            one.join()
    drained.join()
    assert [one.trouble for one in askers] == [[], [], [], []]
    for one in askers:
        assert set(one.answers) <= {1, 2, 33}
        assert one.answers == sorted(one.answers)
        assert one.answers[-1] == 33


def test_a_log_that_nobody_reads_holds_no_client_up(folder: Path) -> None:
    with serving(folder) as (port, process):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(1500):  # more lines than a pipe takes
            connection.request("GET", "/" + "x" * 150)
            assert connection.getresponse().read()
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_each_interaction_is_a_line_for_programs(folder: Path) -> None:
    with serving(folder) as (port, process):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/n")
        connection.getresponse().read()
        connection.close()
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert (told["path"], told["status"], told["by"]) == ("/n", 200, "stub one")
