"""A mock on a real socket: it answers in order, breaks connections as asked, and no client can hurt it."""

import asyncio
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.adapters.mock_server.connection import Connection
from harness.adapters.mock_server.journal import Journal
from harness.adapters.mock_server.limits import Limits
from harness.adapters.mock_server.serving import MockServer
from harness.mocks.engine import compile_mock
from harness.model.mock import (
    Dribble,
    Fault,
    FixedDelay,
    MockSettings,
    RequestPattern,
    StubMapping,
    StubResponse,
    UrlKind,
)

THING = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {
                "operationId": "get",
                "responses": {
                    "200": {"description": "", "content": {"application/json": {"schema": THING, "example": {"id": 1}}}}
                },
            },
        },
        "/things": {
            "post": {
                "operationId": "create",
                "requestBody": {"required": True, "content": {"application/json": {"schema": THING}}},
                "responses": {"201": {"description": "", "content": {"application/json": {"schema": THING}}}},
            }
        },
    },
}
LIMITS = Limits(head_s=0.3, request_s=0.6, idle_s=1.0, body_bytes=100_000, connections=50, grace_s=2.0)


def stub(path: str, **response: Any) -> StubMapping:
    return StubMapping(
        name=path,
        place="m.json:1",
        request=RequestPattern(url_kind=UrlKind.PATH, url=path),
        response=StubResponse(**response),
    )


MAPPINGS = (
    stub("/things/100", body=b'{"id": 100}', delay=FixedDelay(ms=300)),
    stub("/things/101", body=b'{"id": 101}', dribble=Dribble(pieces=4, total_ms=200)),
    *(stub(f"/things/{200 + index}", fault=fault) for index, fault in enumerate(Fault)),
)


class Running:
    """A server in a thread of its own."""

    def __init__(self, journal: Path | None, limits: Limits = LIMITS) -> None:
        self.mock = compile_mock(DOCUMENT, MAPPINGS, MockSettings())
        self._ready = threading.Event()
        self._journal = journal
        self._limits = limits
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        self._ready.wait(10)

    def _run(self) -> None:
        async def main() -> None:
            self.loop = asyncio.get_running_loop()
            self._done = asyncio.Event()
            self.server = MockServer(self.mock, Journal(self._journal, lambda: 7), self._limits, self.loop)
            self.port = await self.server.listen("127.0.0.1", 0)
            self._ready.set()
            await self._done.wait()
            await self.server.stop()

        asyncio.run(main())

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self._done.set)
        self.thread.join(10)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    server = Running(tmp_path / "journal.ndjson")
    try:
        yield server
    finally:
        server.end()


def everything(client: socket.socket) -> bytes:
    """What comes until the other side closes."""
    received = b""
    try:
        while piece := client.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def raw(running: Running, sent: bytes) -> bytes:
    with running.connect() as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        return everything(client)


def test_a_request_is_answered_and_journalled_before_the_answer_leaves(running: Running, tmp_path: Path) -> None:
    assert running.ask("GET", "/things/1")[0] == 200
    line = json.loads((tmp_path / "journal.ndjson").read_text().splitlines()[-1])
    assert (line["method"], line["path"], line["operation"], line["status"]) == ("GET", "/things/1", "get", 200)


def test_a_body_may_come_chunked_and_in_single_bytes(running: Running) -> None:
    sent = (
        b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        b"Connection: close\r\n\r\n4\r\n{\"id\r\n6\r\n\": 12}\r\n0\r\n\r\n"
    )  # fmt: skip
    with running.connect() as client:
        for index in range(len(sent)):
            client.sendall(sent[index : index + 1])
        assert everything(client).startswith(b"HTTP/1.1 201")


def test_pipelined_requests_are_answered_in_order_though_the_first_waits(running: Running) -> None:
    get = b"GET /things/%d HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /things/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with running.connect() as client:
        client.sendall(get % 100 + get % 1 + last)
        received = everything(client)
    assert received.count(b"HTTP/1.1 200") == 3
    assert received.index(b'{"id": 100}') < received.index(b'{"id":1}')


def test_one_connection_serves_many_requests_and_closes_when_asked(running: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)
    for _ in range(3):
        connection.request("GET", "/things/1")
        assert connection.getresponse().read() == b'{"id":1}'
    connection.close()
    assert b"connection: close" in raw(running, b"GET /things/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"connection: close" in raw(running, b"GET /things/1 HTTP/1.0\r\n\r\n")


def test_head_has_the_length_and_no_body(running: Running) -> None:
    received = raw(running, b"HEAD /things/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"content-length: 8" in received
    assert received.endswith(b"\r\n\r\n")


def test_a_client_that_waits_for_100_is_told_to_go_on_or_refused_at_once(running: Running) -> None:
    head = b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
    with running.connect() as client:
        client.sendall(head + b"Content-Length: 9\r\nConnection: close\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 100")
        client.sendall(b'{"id": 3}')
        assert everything(client).startswith(b"HTTP/1.1 201")
    with running.connect() as client:
        client.sendall(head + b"Content-Length: 9999999\r\n\r\n")
        assert everything(client).startswith(b"HTTP/1.1 413")


def test_an_empty_answer_is_a_close_without_a_byte(running: Running) -> None:
    assert raw(running, b"GET /things/200 HTTP/1.1\r\nHost: x\r\n\r\n") == b""


def test_a_reset_is_a_reset(running: Running) -> None:
    with running.connect() as client:
        client.sendall(b"GET /things/201 HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            client.recv(100)


def test_a_malformed_answer_begins_well_and_ends_in_garbage(running: Running) -> None:
    received = raw(running, b"GET /things/202 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    with pytest.raises(http.client.HTTPException):
        running.ask("GET", "/things/202")


def test_random_data_is_no_http(running: Running) -> None:
    received = raw(running, b"GET /things/203 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert received
    assert not received.startswith(b"HTTP/")


HOSTILE = [
    ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20),
    ("HTTP/0.9", b"GET /\r\n\r\n"),
    ("a long header line", b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 100_000 + b"\r\n\r\n"),
    ("a header line that never ends", b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 300_000),
    ("many headers", b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 10_000 + b"\r\n"),
    ("a long target", b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    ("a body beyond the limit", b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n" + b"a" * 99),
    ("a chunked body beyond the limit",
     b"POST /things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1000\r\n" + b"a" * 4096 * 60),
    ("a bad chunk", b"POST /things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n"),
    ("two lengths", b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    ("a length and chunks",
     b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("a negative length", b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
    ("no host", b"GET /things/1 HTTP/1.1\r\n\r\n"),
    ("a bare line feed in a header", b"GET /things/1 HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"),
    ("invalid UTF-8 in the path", b"GET /things/\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    ("a climbing path", b"GET /things/../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    ("an encoded climbing path", b"GET /%2e%2e%2fetc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    ("another host", b"GET http://169.254.169.254/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    ("CONNECT", b"CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
]  # fmt: skip


@pytest.mark.parametrize("sent", [one[1] for one in HOSTILE], ids=[one[0] for one in HOSTILE])
def test_hostile_bytes_get_a_clean_4xx_or_a_close_and_the_server_goes_on(running: Running, sent: bytes) -> None:
    with running.connect() as client:
        try:
            client.sendall(sent)
            received = everything(client)
        except (BrokenPipeError, ConnectionResetError):
            received = b""
    assert received == b"" or received.startswith(b"HTTP/1.1 4")
    assert running.ask("GET", "/things/1")[0] == 200


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET /th",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
    ],
    ids=["idle", "half a line", "half a head", "half a body"],
)
def test_a_client_that_takes_too_long_is_let_go(running: Running, begun: bytes) -> None:
    with running.connect() as client:
        client.sendall(begun)
        received = everything(client)
    assert received == b"" or received.startswith(b"HTTP/1.1 408")


def test_drip_feeding_a_head_does_not_keep_a_connection(running: Running) -> None:
    with running.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(OSError):
            for _ in range(200):
                client.sendall(b"A: b\r\n")
                time.sleep(0.02)


def test_too_many_connections_are_refused_and_the_others_still_served(running: Running) -> None:
    clients = [running.connect() for _ in range(50)]
    try:
        time.sleep(0.1)
        with running.connect() as late:
            assert everything(late).startswith(b"HTTP/1.1 503")
        clients[0].sendall(b"GET /things/1 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert clients[0].recv(15) == b"HTTP/1.1 200 OK"
    finally:
        for client in clients:
            client.close()


def test_a_client_that_resets_in_mid_body_leaves_nothing_behind(running: Running) -> None:
    client = running.connect()
    client.sendall(b"POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{")
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    assert running.ask("GET", "/things/1")[0] == 200


def test_a_secret_in_a_query_does_not_reach_the_journal(running: Running, tmp_path: Path) -> None:
    running.ask("GET", "/things/1?api_key=hunter2&x=1", Authorization="Bearer hunter3")
    written = (tmp_path / "journal.ndjson").read_text()
    assert "hunter" not in written
    assert "api_key=%2A%2A%2A&x=1" in written


def test_the_health_of_a_mock_is_not_an_interaction(running: Running, tmp_path: Path) -> None:
    assert running.ask("GET", "/__admin/health")[0] == 200
    assert not (tmp_path / "journal.ndjson").exists() or "__admin" not in (tmp_path / "journal.ndjson").read_text()


def test_a_journal_stays_small_whatever_the_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.adapters.mock_server.journal._TOLD_EACH", 3)
    server = Running(tmp_path / "j")
    for _ in range(20):
        server.ask("GET", "/things/1")
    for _ in range(5):
        server.ask("GET", "/things/x")
    server.end()
    lines = [json.loads(line) for line in (tmp_path / "j").read_text().splitlines()]
    told = [one for one in lines if one["kind"] == "interaction"]
    assert len(told) == 6
    assert sum(one["count"] for one in lines if one["kind"] == "counted") == 19


def test_stopping_lets_a_waiting_client_have_its_answer(tmp_path: Path) -> None:
    server = Running(tmp_path / "j")
    with server.connect() as client:
        client.sendall(b"GET /things/100 HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.1)
        server.end()
        assert everything(client).endswith(b'{"id": 100}')
    assert json.loads((tmp_path / "j").read_text().splitlines()[-1])["path"] == "/things/100"


def _started(tmp_path: Path, *more: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    (tmp_path / "contract.json").write_text(json.dumps({"info": {"title": "t", "version": "1"}, **DOCUMENT}))
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "mock", "serve", str(tmp_path / "contract.json"), "--json", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    return process, json.loads(line) if line.startswith('{"ready"') else {}


def _ended(process: subprocess.Popen[str], number: int) -> int:
    os.kill(process.pid, number)
    process.communicate(timeout=10)
    return process.returncode


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_prints_where_it_listens_and_ends_well_when_told(tmp_path: Path, number: int) -> None:
    process, ready = _started(tmp_path, "--port", "0", "--journal", str(tmp_path / "j"))
    connection = http.client.HTTPConnection(ready["url"].removeprefix("http://"), timeout=5)
    connection.request("GET", "/things/1")
    assert connection.getresponse().status == 200
    connection.close()
    assert _ended(process, number) == 0
    assert '"path":"/things/1"' in (tmp_path / "j").read_text()


def test_the_command_lists_at_its_end_what_was_not_used_and_what_nothing_answers(tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    for name in ("used", "idle"):
        stub = {"name": name, "request": {"urlPath": f"/{name}"}, "response": {"status": 200}}
        (tmp_path / "mappings" / f"{name}.json").write_text(json.dumps(stub))
    argv = [sys.executable, "-m", "harness", "mock", "serve", str(tmp_path)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    port = int(process.stdout.readline().split("http://127.0.0.1:")[1].split()[0])
    for path in (b"/used", b"/missing", b"/missing"):
        with socket.create_connection(("127.0.0.1", port), 5) as one:
            one.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            while one.recv(65536):
                pass
    os.kill(process.pid, signal.SIGTERM)
    said = process.communicate(timeout=10)[1]
    assert "3 requests answered" in said
    assert "stubs that no request used: idle\n" in said
    assert "nothing answers GET /missing (2 x)" in said


def test_what_was_answered_before_a_kill_is_in_the_journal(tmp_path: Path) -> None:
    process, ready = _started(tmp_path, "--journal", str(tmp_path / "j"))
    connection = http.client.HTTPConnection(ready["url"].removeprefix("http://"), timeout=5)
    for _ in range(20):
        connection.request("GET", "/things/1")
        connection.getresponse().read()
    connection.close()
    _ended(process, signal.SIGKILL)
    assert (tmp_path / "j").read_text().count('"path":"/things/1"') == 20


def test_a_port_in_use_is_told_and_nobody_elses_server_is_used(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (tmp_path / "contract.json").write_text(json.dumps({"info": {"title": "t", "version": "1"}, **DOCUMENT}))
        argv = [sys.executable, "-m", "harness", "mock", "serve", str(tmp_path / "contract.json"), "--port", str(port)]
        ended = subprocess.run(argv, capture_output=True, text=True, timeout=20)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"cannot listen on 127.0.0.1:{port}" in ended.stderr


def test_a_journal_that_cannot_be_written_is_told_and_the_client_still_served(tmp_path: Path) -> None:
    (tmp_path / "contract.json").write_text(json.dumps({"info": {"title": "t", "version": "1"}, **DOCUMENT}))
    process, ready = _started(tmp_path, "--journal", "/dev/full")
    connection = http.client.HTTPConnection(ready["url"].removeprefix("http://"), timeout=5)
    connection.request("GET", "/things/1")
    assert connection.getresponse().status == 200
    connection.close()
    assert _ended(process, signal.SIGTERM) == 3


def test_a_client_that_does_not_read_holds_up_only_itself(running: Running) -> None:
    with running.connect() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.setblocking(False)
        sent = b"GET /things/1 HTTP/1.1\r\nHost: x\r\n\r\n" * 200
        for _ in range(400):
            try:
                slow.send(sent)
            except BlockingIOError:
                break
        assert running.ask("GET", "/things/1")[0] == 200


def test_nothing_is_answered_after_the_client_asked_to_close(running: Running) -> None:
    one = b"GET /things/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert raw(running, one * 3).count(b"HTTP/1.1 200") == 1


class Writes(asyncio.Transport):
    """A transport that keeps each write."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))

    def resume_reading(self) -> None:
        pass


def test_a_body_that_dribbles_goes_out_in_pieces_and_what_is_behind_it_waits() -> None:
    wire = Writes()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        mock = compile_mock(DOCUMENT, MAPPINGS, MockSettings())
        connection = Connection(MockServer(mock, Journal(None, lambda: 7), LIMITS, loop))
        connection.connection_made(wire)
        for path in (b"/things/101", b"/things/7"):
            connection.data_received(b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path)
        while len(wire.written) < 6:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(main(), 60))
    head, *pieces, behind = wire.written
    assert head.endswith(b"\r\n\r\n")
    assert pieces == [b'{"i', b'd":', b" 10", b"1}"]
    assert behind.startswith(b"HTTP/1.1 200")


def test_a_body_that_dribbles_arrives_whole(running: Running) -> None:
    assert running.ask("GET", "/things/101")[2] == b'{"id": 101}'


def test_a_client_that_leaves_in_the_middle_of_a_dribble_leaves_nothing(running: Running) -> None:
    client = running.connect()
    client.sendall(b"GET /things/101 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert client.recv(65536).startswith(b"HTTP/1.1 200")
    client.close()
    assert running.ask("GET", "/things/7")[0] == 200
