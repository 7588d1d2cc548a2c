"""A server that misbehaves by path, and the load engine run against it as the runner runs it."""

import dataclasses
import gzip
import socket
import socketserver
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import trustme

from harness.formats.limit_sentences import read_limit
from harness.formats.load_figures import read_figures
from harness.model.evidence import Observations
from harness.model.figures import Figures, OperationFigures
from harness.model.load import Bounds, ClosedModel, OpenModel, Profile, Stage, Watch
from harness.model.plan import Check, Job, LoadWork, Promise
from harness.model.process import Ended, Surroundings, Target
from harness.model.tier import Suite
from harness.runners import load

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"ok": true}'
Answer = Callable[[socket.socket], bool]


def _ok(conn: socket.socket) -> bool:
    conn.sendall(OK)
    return True


def _sent(*parts: bytes, keep: bool = True) -> Answer:
    def answer(conn: socket.socket) -> bool:
        for part in parts:
            conn.sendall(part)
            time.sleep(0.01)
        return keep

    return answer


def _reset(conn: socket.socket) -> bool:
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()
    return False


def _stall(conn: socket.socket) -> bool:
    conn.settimeout(20)
    conn.recv(1)
    return False


def _drip(conn: socket.socket) -> bool:
    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
    for _ in range(500):
        conn.sendall(b".")
        time.sleep(0.05)
    return False


def _endless(conn: socket.socket) -> bool:
    conn.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        conn.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def _bomb() -> bytes:
    packed = gzip.compress(b"\0" * 50_000_000)
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed


_PLAIN = b"HTTP/1.1 200 OK\r\n"
_HELLO = gzip.compress(b"hello")
ANSWERS: dict[str, Answer] = {
    "/ok": _ok,
    "/chunked": _sent(_PLAIN + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel", b"lo\r\n0\r", b"\n\r\n"),
    "/until-close": _sent(_PLAIN + b"\r\nhel", b"lo", keep=False),
    "/slow-head": _sent(b"HT", b"TP/1.1 200 OK\r\nContent-", b"Length: 5\r\n\r", b"\nhello"),
    "/204": _sent(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "/304": _sent(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"),
    "/100": _sent(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" + OK),
    "/gzip": _sent(_PLAIN + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(_HELLO) + _HELLO),
    "/http10": _sent(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", keep=False),
    "/closes-quietly": _sent(OK, keep=False),
    "/close": _sent(_PLAIN + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello", keep=False),
    "/500": _sent(b"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno"),
    "/404": _sent(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
    "/cookie": _sent(_PLAIN + b"Set-Cookie: sid=abc; Path=/\r\nContent-Length: 0\r\n\r\n"),
    "/reset": _reset,
    "/stall": _stall,
    "/drip": _drip,
    "/cut": _sent(_PLAIN + b"Content-Length: 500\r\n\r\nhalf", keep=False),
    "/headless": _sent(b"HTTP/1.1 200 OK\r\nContent-Le", keep=False),
    "/silent": _sent(keep=False),
    "/garbage": _sent(b"\x16\x03\x01 this is not HTTP at all\r\n\r\n", keep=False),
    "/endless": _endless,
    "/huge": _sent(_PLAIN + b"Content-Length: 1000000000\r\n\r\n" + b"x" * 1000, keep=False),
    "/bomb": _sent(_bomb()),
}


class Wire:
    """The server: its address, what it was asked, and a lock that freezes it while it is held."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[tuple[str, bytes]] = []
        self.frozen = threading.Lock()
        self.on_request: Callable[[int], None] = lambda count: None
        self._served: dict[str, Callable[[], str]] = {}
        wire = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                conn = self.request
                try:
                    if tls is not None:
                        conn = tls.wrap_socket(conn, server_side=True)
                    while wire._one(conn):
                        pass
                except OSError:
                    pass
                finally:
                    conn.close()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 1024
            allow_reuse_address = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def _one(self, conn: socket.socket) -> bool:
        raw = b""
        while b"\r\n\r\n" not in raw:
            more = conn.recv(65536)
            if not more:
                return False
            raw += more
        path = raw.split(b" ", 2)[1].decode().partition("?")[0]
        self.asked.append((path, raw))
        self.on_request(len(self.asked))
        with self.frozen:
            pass
        if path.startswith("/to/"):
            conn.sendall(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %b\r\n\r\n" % path[4:].encode())
            return True
        if path in self._served:
            body = self._served[path]().encode()
            head = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            conn.sendall(_PLAIN + head + body)
            return True
        return ANSWERS.get(path, _ok)(conn)

    def serve(self, path: str, body: str | Callable[[], str]) -> None:
        """Answer a path with a JSON body, or with what is made anew each time."""
        self._served[path] = body if callable(body) else lambda: body

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def wire() -> Iterator[Wire]:
    server = Wire()
    yield server
    server.close()


@pytest.fixture
def other_wire() -> Iterator[Wire]:
    server = Wire()
    yield server
    server.close()


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls_wire(authority: trustme.CA) -> Iterator[Wire]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = Wire(context)
    yield server
    server.close()


@dataclasses.dataclass
class Ran:
    """What one run of the engine left."""

    ended: Ended
    observations: Observations
    figures: Figures | None

    def operation(self, name: str) -> OperationFigures:
        assert self.figures is not None
        return next(one for one in self.figures.operations if one.name == name)

    @property
    def outcomes(self) -> dict[str, str]:
        return {one.check.removeprefix("load:it/"): one.outcome.value for one in self.observations.observations}


@dataclasses.dataclass
class Engine:
    """Starts the load engine exactly as the runner's command says, in a folder of the test."""

    folder: Path
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    warm_up_s: float = 0.0
    bounds: Bounds = dataclasses.field(default_factory=Bounds)
    work: dict[str, Any] = dataclasses.field(default_factory=dict)

    def job(self, model: OpenModel | ClosedModel, limits: tuple[str, ...], watches: tuple[Watch, ...]) -> Job:
        read = tuple(read_limit("all", text) for text in limits)
        return Job(
            id="load:it",
            suite=Suite.LOAD,
            work=LoadWork(
                spec="load/it.toml",
                system="it",
                users_file="load/it.py",
                users_class="It",
                profile=Profile(name="p", model=model, warm_up_s=self.warm_up_s),
                limits=read,
                watches=watches,
                bounds=self.bounds,
                **self.work,
            ),
            checks=tuple(
                Check(id=f"load:it/{one.measure}", suite=Suite.LOAD, promise=Promise.LIMIT, title=one.text)
                for one in read
            ),
            seed=1,
            deadline_s=60,
        )

    def start(
        self, script: str, url: str, job: Job, runner: ModuleType = load
    ) -> tuple[subprocess.Popen[bytes], Path, Surroundings]:
        (self.folder / "load").mkdir(exist_ok=True)
        (self.folder / "load" / "it.py").write_text(script)
        scratch = self.folder / "scratch"
        scratch.mkdir()
        around = Surroundings(
            run="r",
            tier="test",
            root=str(self.folder),
            python=sys.executable,
            targets={"it": Target(name="it", base_url=url, headers=self.headers)},
            environment={"PYTHONPATH": str(Path(__file__).parents[3])},
        )
        command = runner.command(job, around)
        for name, body in command.files.items():
            (scratch / name).write_bytes(body)
        process = subprocess.Popen(
            [part.replace("{scratch}", str(scratch)) for part in command.argv],
            cwd=command.workdir,
            env={"HOME": str(scratch), "PATH": "/usr/bin:/bin", **command.env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        return process, scratch, around

    def run(
        self,
        script: str,
        url: str,
        model: OpenModel | ClosedModel,
        limits: tuple[str, ...] = ("errors < 1 %", "requests >= 1"),
        watches: tuple[Watch, ...] = (),
        meanwhile: Callable[[subprocess.Popen[bytes], Path], None] = lambda process, scratch: None,
    ) -> Ran:
        return self.carry(load, script, url, self.job(model, limits, watches), meanwhile)

    def carry(
        self,
        runner: ModuleType,
        script: str,
        url: str,
        job: Job,
        meanwhile: Callable[[subprocess.Popen[bytes], Path], None] = lambda process, scratch: None,
    ) -> Ran:
        """Carry a job out as a runner says."""
        process, scratch, around = self.start(script, url, job, runner)
        try:
            meanwhile(process, scratch)
            out, err = process.communicate(timeout=job.deadline_s)
        finally:
            process.kill()
            process.communicate()
        names = runner.command(job, around).collect
        files = {name: (scratch / name).read_bytes() for name in names if (scratch / name).exists()}
        status = process.returncode
        ended = Ended(
            exit_status=status if status >= 0 else None,
            killed_by=None if status >= 0 else f"signal {-status}",
            stdout=out,
            stderr=err,
            files=files,
        )
        body = files.get("figures.json")
        return Ran(ended, runner.observe(job, around, ended), read_figures(body) if body else None)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path)


def arrivals(rate_per_s: float, for_s: float) -> OpenModel:
    return OpenModel(stages=(Stage(rate_per_s=rate_per_s, for_s=for_s),))
