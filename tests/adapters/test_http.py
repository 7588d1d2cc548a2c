"""One small request: whatever the other side does, an answer or a reason, within the deadline."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from harness.adapters.http import NoAnswerError, fetch

Reply = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Seen: Yes\r\n\r\nhi"
DRIP_S = 30.0  # how long a dripping server goes on: far beyond the deadlines below
SOON_S = 10.0  # the claim: a deadline of half a second ends a request long before the dripping does


class Serving:
    """Serves one connection per call with whatever `reply` sends; `over` is set when the test is."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self._bound: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __call__(self, reply: Reply) -> str:
        bound = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=self._answer, args=(bound, reply))
        thread.start()
        self._bound.append(bound)
        self._threads.append(thread)
        return f"http://127.0.0.1:{bound.getsockname()[1]}"

    def close(self) -> None:
        self.over.set()
        for bound in self._bound:
            with suppress(OSError):
                bound.shutdown(socket.SHUT_RDWR)
            bound.close()
        for thread in self._threads:
            thread.join()

    @staticmethod
    def _answer(bound: socket.socket, reply: Reply) -> None:
        with suppress(OSError):
            connection, _ = bound.accept()
            with connection:
                connection.settimeout(5)
                reply(connection)


@pytest.fixture
def serve() -> Iterator[Serving]:
    serving = Serving()
    yield serving
    serving.close()


def saying(body: bytes) -> Reply:
    def reply(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(body)

    return reply


def dripping(head: bytes, over: threading.Event) -> Reply:
    def reply(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(head)
        end = time.monotonic() + DRIP_S
        while time.monotonic() < end and not over.wait(0.05):
            connection.sendall(b"x")

    return reply


def test_an_answer_comes_back_whole(serve):
    answer = fetch(serve(saying(OK)) + "/path?q=1")
    assert (answer.status, answer.body, answer.headers["x-seen"]) == (200, b"hi", "Yes")


def test_what_is_sent_is_what_was_asked_for(serve):
    got: list[bytes] = []

    def reply(connection: socket.socket) -> None:
        got.append(connection.recv(65536))
        connection.sendall(OK)

    fetch(serve(reply) + "/a?b=c", method="PUT", headers={"X-Token": "t"}, body=b"x=1")
    head, _, _ = got[0].partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /a?b=c HTTP/1.1\r\n")
    assert b"X-Token: t" in head


def test_a_redirect_is_told_and_not_followed(serve):
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n"
    answer = fetch(serve(saying(moved)))
    assert (answer.status, answer.headers["location"]) == (302, "http://elsewhere.example/")


def test_an_answer_is_cut_at_the_cap(serve):
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000
    assert len(fetch(serve(saying(endless)), most_bytes=1000).body) == 1000


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b"HTTP/1.1 ",
        b"",
    ],
    ids=["length", "connection: close", "http/1.0", "chunked", "header", "status line", "nothing"],
)
def test_a_server_that_drips_is_left_at_the_deadline(serve, head):
    began = time.monotonic()
    with pytest.raises(NoAnswerError, match=r"no whole answer within 0\.5 s"):
        fetch(serve(dripping(head, serve.over)), deadline_s=0.5)
    assert time.monotonic() - began < SOON_S


def test_a_server_that_says_nothing_is_left_at_the_deadline(serve):
    began = time.monotonic()
    with pytest.raises(NoAnswerError):
        fetch(serve(lambda connection: serve.over.wait(DRIP_S)), deadline_s=0.5)
    assert time.monotonic() - began < SOON_S


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (b"", "the connection was closed without an answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not an HTTP answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", "the answer broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "not an HTTP answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n", "not an HTTP answer"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", "not an HTTP answer"),
    ],
    ids=["closed at once", "ssh", "half", "bad chunk", "too many headers", "too long a header"],
)
def test_what_is_no_whole_http_answer_is_a_reason(serve, reply, said):
    with pytest.raises(NoAnswerError, match=said):
        fetch(serve(saying(reply)))


def test_nobody_there_is_a_reason():
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    with pytest.raises(NoAnswerError, match="connection refused"):
        fetch(f"http://127.0.0.1:{port}/")


def test_a_plain_server_behind_https_is_a_reason(serve):
    url = serve(saying(OK)).replace("http:", "https:")
    with pytest.raises(NoAnswerError, match=r"TLS|broke|reset|not an HTTP"):
        fetch(url, deadline_s=5)


@pytest.mark.parametrize(
    "url",
    ["", "localhost:80", "ftp://x/", "file:///etc/passwd", "http://", "http://h:99999/", "http://h:x/", "http://[::1"],
)
def test_what_is_no_web_address_is_a_reason(url):
    with pytest.raises(NoAnswerError, match="is not an http or https address"):
        fetch(url)


def test_a_name_that_cannot_be_one_is_a_reason():
    with pytest.raises(NoAnswerError):
        fetch(f"http://{'a' * 70}.invalid/")


def test_a_name_that_is_never_looked_up_costs_the_deadline_and_no_more(monkeypatch):
    over = threading.Event()

    def hangs(*_: object, **__: object) -> list[object]:
        over.wait(DRIP_S)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    began = time.monotonic()
    try:
        with pytest.raises(NoAnswerError, match=r"the name was not looked up within 0.5 s"):
            fetch("http://orders.example/", deadline_s=0.5)
    finally:
        over.set()
    assert time.monotonic() - began < SOON_S


def test_the_next_address_of_a_name_is_tried_where_the_first_refuses(monkeypatch, serve):
    url = serve(lambda connection: (connection.recv(4096), connection.sendall(OK))[1])
    port = int(url.rpartition(":")[2])
    with socket.socket() as taken:
        taken.bind(("127.0.0.2", 0))
        both = [(socket.AF_INET, 1, 6, "", ("127.0.0.2", taken.getsockname()[1]))]
        both.append((socket.AF_INET, 1, 6, "", ("127.0.0.1", port)))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
        assert fetch(f"http://orders.example:{port}/").body == b"hi"
