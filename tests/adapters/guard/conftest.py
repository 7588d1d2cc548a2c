"""A guard as the harness starts it, and a server behind it that remembers all that arrived."""

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from harness.adapters.guard.order import Order
from harness.adapters.guard.standing import StandingGuard
from harness.adapters.host import Host
from harness.adapters.processes import Processes
from harness.model.guard import Door, Origin


@dataclass
class Recorder:
    """What arrived: (when, method, path, headers). `answers` may be changed by a test."""

    server: ThreadingHTTPServer
    seen: list[tuple[float, str, str, dict[str, str]]] = field(default_factory=list)
    location: str = ""
    delay_s: float = 0.0

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    @property
    def asked(self) -> list[str]:
        return [f"{method} {path}" for _, method, path, _ in self.seen]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    recorder: Recorder

    def _any(self) -> None:
        self.recorder.seen.append((time.monotonic(), self.command, self.path, dict(self.headers.items())))
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(self.recorder.delay_s)
        if self.path == "/drop":
            self.close_connection = True
            return
        if self.headers.get("Upgrade") == "websocket":
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            self.wfile.write(self.rfile.read(5))
            self.close_connection = True
            return
        body = b"hello"
        self.send_response(302 if self.recorder.location else 200)
        if self.recorder.location:
            self.send_header("Location", self.recorder.location)
        self.send_header("Alt-Svc", 'h3=":443"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._any
        raise AttributeError(name)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """A client that goes away is what these tests are about."""


Recording = Callable[..., Recorder]


@pytest.fixture
def recording() -> Iterator[Recording]:
    """Makes recorders; with a certificate they speak TLS."""
    made: list[_Server] = []

    def record(certificate: trustme.LeafCert | None = None) -> Recorder:
        server = _Server(("127.0.0.1", 0), Handler)
        recorder = Recorder(server)
        server.RequestHandlerClass = type("Bound", (Handler,), {"recorder": recorder})
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        made.append(server)
        return recorder

    yield record
    for server in made:
        server.shutdown()
        server.server_close()


@dataclass
class Set:
    """A guard that stands, and plain talk with its doors."""

    guard: StandingGuard
    processes: Processes
    stop_file: Path

    def port(self, origin: str | None = "shop", job: str = "job") -> int:
        return self.guard.ports[Door(job=job, origin=origin).key]

    def talk(self, request: bytes, *, origin: str | None = "shop", job: str = "job", seconds: float = 20.0) -> bytes:
        """Everything that comes back for these bytes."""
        with socket.create_connection(("127.0.0.1", self.port(origin, job)), timeout=seconds) as client:
            client.sendall(request)
            parts = []
            try:
                while part := client.recv(65536):
                    parts.append(part)
            except ConnectionResetError:
                pass
            return b"".join(parts)

    def ask(self, line: str, *more: str, **how: Any) -> int:
        """The status that one request gets; 0 where the connection only closes."""
        fields = "".join(f"{one}\r\n" for one in more)
        answer = self.talk(f"{line} HTTP/1.1\r\nHost: x\r\n{fields}Connection: close\r\n\r\n".encode(), **how)
        return int(answer.split(b" ", 2)[1]) if answer else 0

    @property
    def refused(self) -> list[str]:
        return [f"{one.request}: {one.why}" for one in self.guard.refused()]


Guarding = Callable[..., Set]


@pytest.fixture
def guarding(tmp_path: Path) -> Iterator[Guarding]:
    """Makes guards, each with doors for the jobs `job` and `other`."""
    made: list[Set] = []

    def guard(*origins: Origin, **how: Any) -> Set:
        processes = Processes(Host(), f"test-guard-{os.getpid()}-{len(made)}", tmp_path / f"scratch{len(made)}")
        whole: dict[str, Any] = {
            "run": "run-1",
            "origins": origins,
            "doors": tuple(
                Door(job=job, origin=name) for job in ("job", "other") for name in (*(o.name for o in origins), None)
            ),
            "rate_per_s": None,
            "concurrency": None,
            "most_bytes": 1000,
            "windows": (),
            "lease_s": 3.0,
            "stop_file": str(tmp_path / "stop"),
            "passed": False,
        }
        one = Set(StandingGuard(Host(), processes, Order(**{**whole, **how})), processes, tmp_path / "stop")
        made.append(one)
        return one

    yield guard
    for one in made:
        one.guard.close()
        one.processes.stop(one.guard.running)
        one.processes.close()


def shop(port: int, **how: Any) -> Origin:
    """The server behind a guard, read-only unless said otherwise."""
    whole: dict[str, Any] = {"name": "shop", "scheme": "http", "host": "127.0.0.1", "methods": ("GET", "HEAD")}
    return Origin(**{**whole, "port": port, **how})
