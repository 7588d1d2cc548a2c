"""Whatever is wrong with the way to a system is told as that: undecided with a named reason, never a failed product."""

import json
import os
import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
import trustme

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
_ANSWER = {"description": "d", "content": {"application/json": {"schema": {"type": "object"}}}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {path: {"get": {"responses": {"200": _ANSWER, "405": _ANSWER}}} for path in ("/a", "/b")},
}
TIER = """order = 1
[systems.shop]
base-url = "{url}"
contract = "../contracts/a.json"
health = "GET /health"
[policy]
suites = ["contract"]
contract-examples = 1
"""
JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
NO_METHOD = JSON.replace(b"200 OK", b"405 No\r\nAllow: GET")
PAGE = b"<!doctype html><title>Sign in</title><form></form>"
LOGIN = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(PAGE) + PAGE
)
OFF = b"HTTP/1.1 503 Off\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def honest(request: bytes) -> bytes | None:
    return JSON if request.startswith(b"GET ") else NO_METHOD


@contextmanager
def serving(answer: object, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that answers each connection as told: bytes, a function of the request, or a word for what it does."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        listener.settimeout(0.1)
        open_, over = [], []

        def serve() -> None:
            while not over:
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                open_.append(connection)
                Thread(target=_one, args=(connection, answer, tls), daemon=True).start()

        thread = Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        over.append(True)
        thread.join()
        for connection in open_:
            connection.close()


def _one(connection: socket.socket, answer: object, tls: ssl.SSLContext | None) -> None:
    try:
        connection.settimeout(20)
        wire = tls.wrap_socket(connection, server_side=True) if tls is not None else connection
        request = wire.recv(65536)
        if answer == "reset":
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            wire.close()
        elif answer == "half":
            wire.shutdown(socket.SHUT_WR)
        elif answer != "silent":
            said = answer(request) if callable(answer) else answer
            assert isinstance(said, bytes)
            wire.sendall(said)
            wire.close()
    except OSError:
        return  # the client does not like it, which is what is tested


def run(root: Path, url: str, trusted: Path | None = None) -> tuple[int, str]:
    """`harness run test` there: its exit status and all that it said."""
    for folder in ("environments", "contracts"):
        (root / folder).mkdir()
    (root / "contracts/a.json").write_text(json.dumps(DOCUMENT))
    (root / "environments/test.toml").write_text(TIER.format(url=url))
    argv = [sys.executable, "-m", "harness", "run", "test", "--no-report", "--seed", "1"]
    env = {**os.environ, **({"SSL_CERT_FILE": str(trusted)} if trusted else {})}
    done = subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("reset", "connection reset"),
        ("half", "without an answer"),
        ("silent", "no whole answer within 5 s"),
        (OFF, "GET /health answered 503"),
        (LOGIN, "every answer is an HTML page"),
    ],
    ids=["reset", "half closed", "silent", "off", "login page"],
)
def test_the_way_to_a_system_is_what_is_told(tmp_path: Path, answer: object, says: str) -> None:
    with serving(answer) as port:
        exit_, said = run(tmp_path, f"http://127.0.0.1:{port}")
    assert (exit_, says in said) == (3, True), said


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def context(authority: trustme.CA, name: str = "127.0.0.1", *, expired: bool = False) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    until = datetime.now(UTC) - timedelta(days=2) if expired else None
    authority.issue_cert(name, not_after=until).configure_cert(made)
    return made


@pytest.mark.parametrize(
    ("name", "expired", "trusted", "says"),
    [
        ("127.0.0.1", True, True, "certificate has expired"),
        ("other.example", False, True, "IP address mismatch"),
        ("127.0.0.1", False, False, "unable to get local issuer certificate"),
    ],
    ids=["expired", "another host's", "nobody's"],
)
def test_a_certificate_is_never_taken_on_trust(
    tmp_path: Path, authority: trustme.CA, name: str, expired: bool, trusted: bool, says: str
) -> None:
    (tmp_path / "ca.pem").write_bytes(authority.cert_pem.bytes())
    with serving(honest, context(authority, name, expired=expired)) as port:
        exit_, said = run(tmp_path, f"https://127.0.0.1:{port}", tmp_path / "ca.pem" if trusted else None)
    assert (exit_, says in said) == (3, True), said


def test_the_control_an_honest_server_passes(tmp_path: Path) -> None:
    with serving(honest) as port:
        exit_, said = run(tmp_path, f"http://127.0.0.1:{port}")
    assert exit_ == 0, said
