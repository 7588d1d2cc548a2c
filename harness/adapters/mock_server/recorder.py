"""Standing between a client and a real system, and writing down what goes by: on disk before the client has its answer.

Binds to 127.0.0.1 alone, and does nothing that a web page from elsewhere says. What is written has passed the redactor;
a credential goes on to the real system and nowhere else. What the disk does not take is not
acknowledged: the client gets a 507.
"""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn

from harness.adapters.http import Answer, NoAnswerError, fetch
from harness.errors import AskedWrongly
from harness.formats.redact_body import redact_body
from harness.formats.shape import to_json
from harness.mocks.pages import from_elsewhere
from harness.mocks.recording import kept
from harness.model.uses import Use
from harness.rules.redacting import Redactor

_MOST = 10 * 1024**2
_DEADLINE_S = 60.0
_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "host",
     "content-length", "accept-encoding", "expect")
)  # fmt: skip

Headers = list[tuple[str, str]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Recorder:
    """An ASGI application that hands requests on to `upstream` and keeps what came of them in `log`."""

    def __init__(self, upstream: str, log: Path, redactor: Redactor, tell: Callable[[Use], None]) -> None:
        self._upstream = upstream.rstrip("/")
        self._redactor = redactor
        self._tell = tell
        self._file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        if from_elsewhere(dict(headers).get, loopback=True):
            await _answered(send, 403, (), b"")
            return
        body = await _body(receive)
        if body is None:
            await _answered(send, 413, (), b"")
            return
        path, query = scope["raw_path"].decode("latin-1").partition("?")[0], scope["query_string"].decode("latin-1")
        try:
            answer = await asyncio.to_thread(self._asked, scope["method"], path, query, headers, body)
        except NoAnswerError as error:
            told = json.dumps({"type": "about:blank", "title": str(error), "status": 502}).encode()
            await _answered(send, 502, (("content-type", "application/problem+json"),), told)
            return
        said = [(name, self._here(name, value)) for name, value in answer.headers.items() if name not in _HOP]
        use = self._safe(scope["method"], path, query, headers, body, said, answer)
        try:
            self._write(use)
        except OSError as error:
            told = json.dumps({"type": "about:blank", "title": f"not recorded: {error}", "status": 507}).encode()
            await _answered(send, 507, (("content-type", "application/problem+json"),), told)
            return
        self._tell(use)
        await _answered(send, answer.status, tuple(said), answer.body)

    def close(self) -> None:
        """Nothing more comes."""
        os.close(self._file)

    def _asked(self, method: str, path: str, query: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
        sent = {name.title(): value for name, value in headers if name not in _HOP}
        return fetch(
            self._upstream + path + (f"?{query}" if query else ""),
            method=method,
            headers={**sent, "Accept-Encoding": "identity"},
            body=body or None,
            deadline_s=_DEADLINE_S,
            most_bytes=_MOST,
        )

    def _here(self, name: str, value: str) -> str:
        """Who is sent elsewhere stays with us."""
        return value.removeprefix(self._upstream) or "/" if name == "location" else value

    def _safe(
        self, method: str, path: str, query: str, headers: Headers, body: bytes, said: Headers, answer: Answer
    ) -> Use:
        """What is written down: whatever looks like a secret is taken out first, then what is named like one."""
        clean = [self._clean(one) for one in (path.encode(), query.encode(), body, answer.body)]
        known = [one for one in clean if one is not None]
        if len(known) < len(clean) or known[0] != path.encode():
            why = "a secret in it could not be taken out"
            at = (clean[0] or b"/").decode("utf-8", "replace")
            return Use(operation="", method=method, path=at, status=answer.status, source="recorded", withheld=why)
        kept_headers = [(name, (self._clean(value.encode()) or b"").decode()) for name, value in said]
        return kept(
            method, path, known[1].decode(), headers, known[2], answer.status, kept_headers, known[3]
        )  # fmt: skip

    def _clean(self, body: bytes) -> bytes | None:
        """A text without what looks like a secret; None where it can't be taken out. What is no text is never kept."""
        try:
            return redact_body(self._redactor, body, "text/plain", "body.txt").body if body.decode() else body
        except UnicodeDecodeError:
            return body

    def _write(self, use: Use) -> None:
        body = json.dumps(to_json(use), separators=(",", ":")).encode() + b"\n"
        while body:
            body = body[os.write(self._file, body) :]
        os.fsync(self._file)


def record(recorder: Recorder, port: int, ready: Callable[[str], None]) -> None:
    """Stand there until told to stop. `ready` is told the URL."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(("127.0.0.1", port))
        except OSError as error:
            raise AskedWrongly(f"cannot listen on 127.0.0.1:{port}: {error.strerror}", hint="give --port 0") from error
        bound.listen(256)
        config = uvicorn.Config(
            recorder, log_level="warning", access_log=False, ws="none", lifespan="off", timeout_graceful_shutdown=2
        )
        server = _Quiet(config)
        ready(f"http://127.0.0.1:{bound.getsockname()[1]}")
        with suppress(KeyboardInterrupt):
            server.run(sockets=[bound])


class _Quiet(uvicorn.Server):
    """Ends at SIGINT and SIGTERM, and leaves it at that."""

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Asked to end; the signal is not raised once more afterwards."""
        super().handle_exit(sig, frame)
        self._captured_signals = [one for one in self._captured_signals if one not in {signal.SIGINT, signal.SIGTERM}]


async def _body(receive: Receive) -> bytes | None:
    pieces, size = [], 0
    while True:
        message = await receive()
        piece = message.get("body", b"")
        size += len(piece)
        if size > _MOST:
            return None
        pieces.append(piece)
        if not message.get("more_body"):
            return b"".join(pieces)


async def _answered(send: Send, status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
    sent = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if status not in {204, 304}:
        sent.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body})
