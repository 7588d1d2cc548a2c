"""A recorder in front of a real server: what was acknowledged is there after kill -9, and no secret is."""

import asyncio
import http.client
import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harness.adapters.mock_server.recorder import Recorder
from harness.rules.redacting import Redactor
from tests.live.asked import Asked

SECRET = "hunter2-of-the-recorder"


class Real(BaseHTTPRequestHandler):
    """Answers with what it was asked, and hands out a token."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        told = {"path": self.path, "asked": self.rfile.read(size).decode(), "access_token": SECRET}
        told["signed_in"] = str(self.headers.get("Authorization") == f"Bearer {SECRET}")
        body = json.dumps(told).encode()
        self.send_response(201 if self.command == "POST" else 200)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.send_header("Set-Cookie", f"sid={SECRET}")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815 - the names that the server calls

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""


@pytest.fixture
def upstream() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Real) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def begun(workspace: Asked, upstream: str) -> tuple["subprocess.Popen[str]", int, int]:
    """The recorder, where it listens, and how many interactions it had from before."""
    words = ("mock", "record", "mocks/real", "--upstream", upstream, "--openapi", "real.json", "--json")
    process = workspace.begin(*words)
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    return process, int(told["url"].rpartition(":")[2]), told["interactions"]


def ask(port: int, method: str, path: str, body: str | None = None) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}
        connection.request(method, path, body, headers)
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        return answer
    finally:
        connection.close()


def test_what_was_acknowledged_survives_a_kill_and_becomes_a_mock(tmp_path: Path, upstream: str) -> None:
    workspace = Asked(root=tmp_path)
    process, port, before = begun(workspace, upstream)
    assert before == 0
    for number in range(5):
        assert ask(port, "GET", f"/things/{number}?api_key={SECRET}")["signed_in"] == "True"
    process.send_signal(signal.SIGKILL)
    process.communicate()

    process, port, before = begun(workspace, upstream)
    assert before == 5
    assert ask(port, "POST", "/things", json.dumps({"password": SECRET}))["access_token"] == SECRET
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert json.loads(out.splitlines()[-1]) == {
        "ready": False, "folder": "mocks/real", "interactions": 6, "mappings": 6, "operations": 2,
    }  # fmt: skip

    mappings = json.loads((tmp_path / "mocks" / "real" / "mappings" / "recorded.json").read_text())["mappings"]
    assert {one["request"]["urlPath"] for one in mappings} == {"/things", *(f"/things/{n}" for n in range(5))}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"recorded.ndjson", "recorded.json", "real.json", "mock.toml"}
    assert [path for path in files if SECRET in path.read_text()] == []
    assert SECRET not in out + err

    server = workspace.begin("mock", "serve", "mocks/real", "--json")
    assert server.stdout is not None
    port = int(json.loads(server.stdout.readline())["url"].rpartition(":")[2])
    assert ask(port, "GET", "/things/3?api_key=another")["access_token"] == "hidden"
    server.send_signal(signal.SIGTERM)
    server.communicate()


def test_nothing_is_sent_beyond_this_machine_without_a_word(tmp_path: Path) -> None:
    said = Asked(root=tmp_path).ask("mock", "record", "mocks/real", "--upstream", "http://192.0.2.1")
    assert said.exit == 2
    assert "nothing was sent there yet" in said.all
    assert list(tmp_path.iterdir()) == []


def test_a_recorder_is_for_this_machine_alone(tmp_path: Path, upstream: str) -> None:
    words = ("mock", "record", "mocks/real", "--upstream", upstream, "--host", "0.0.0.0")
    assert Asked(root=tmp_path).ask(*words).exit == 2


def test_what_somebody_wrote_is_not_written_over(tmp_path: Path, upstream: str) -> None:
    (tmp_path / "mocks" / "real" / "mappings").mkdir(parents=True)
    (tmp_path / "mocks" / "real" / "mappings" / "recorded.json").write_text("theirs")
    said = Asked(root=tmp_path).ask("mock", "record", "mocks/real", "--upstream", upstream)
    assert (said.exit, "no recording of ours made it" in said.all) == (2, True)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://localhost:3000"}, {"Host": "elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {}],
    ids=["another port", "a name made to lead here", "another site", "no page"],
)
def test_what_a_web_page_says_reaches_no_real_system(tmp_path: Path, headers: dict[str, str]) -> None:
    told: list[Any] = []
    recorder = Recorder("http://127.0.0.1:9", tmp_path / "log", Redactor(values={}, key=b"k"), told.append)
    sent = {"Host": "127.0.0.1:8080", **headers}
    scope = {
        "type": "http", "method": "DELETE", "raw_path": b"/things/1", "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
    }  # fmt: skip
    answers: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        answers.append(message)

    asyncio.run(recorder(scope, receive, send))
    recorder.close()
    assert (answers[0]["status"], told, (tmp_path / "log").read_bytes()) == (403 if headers else 502, [], b"")
