"""HTTP on 127.0.0.1 for the person's browser: a page, its words, what is new, and what the person does.

A link works once: it hands the page a key that the page keeps to itself and sends in a header. There is no cookie, so
no other page and no other port can act in the person's name. What is new comes by asking (`next`): the reply is held
until there is something, and whoever asks slowly gets fewer frames and holds nobody up.
"""

import base64
import binascii
import contextlib
import json
import re
import struct
import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlsplit

from harness.adapters.walk.frames import Frame
from harness.adapters.walk.links import ALL, Pages
from harness.adapters.walk.session import WalkSession
from harness.adapters.walk.telling import card_of
from harness.formats.walk_words import WORDS

_HOLD_S = 10.0
_MOST_BODY = 12 * 1024**2
_MOST_AT_ONCE = 96
_STATIC = {"/walk.js": "text/javascript", "/walk.css": "text/css", "/mark.js": "text/javascript"}
_KEY = re.compile(r"[\w-]{8,64}")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
)


class Server(ThreadingHTTPServer):
    """Serves the pages; no more than so many requests at once."""

    daemon_threads = True

    def __init__(self, pages: Pages, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.pages = pages
        self.room = threading.Semaphore(_MOST_AT_ONCE)
        self.origin = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, name="walk-http", daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away in mid-reply is nothing to tell."""

    def close(self) -> None:
        """Nobody is served any more."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "harness"
    sys_version = ""
    timeout = 60
    disable_nagle_algorithm = True  # else a body waits until its head is confirmed
    server: Server

    def do_GET(self) -> None:
        """Pages and what is new."""
        self._admitted(self._get)

    def do_POST(self) -> None:
        """What the person does."""
        self._admitted(self._post)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nothing is logged: addresses hold keys."""

    def _admitted(self, act: Any) -> None:
        with contextlib.suppress(OSError):
            if not self.server.room.acquire(blocking=False):
                self._plain(HTTPStatus.SERVICE_UNAVAILABLE)
                return
            try:
                if self.headers.get("Host") not in {f"127.0.0.1:{self.server.server_port}"}:
                    self._plain(HTTPStatus.MISDIRECTED_REQUEST)
                else:
                    act()
            except (KeyError, TypeError, ValueError):
                self._plain(HTTPStatus.BAD_REQUEST)
            finally:
                self.server.room.release()

    def _get(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        if url.path.startswith("/enter/"):
            self._enter(url.path.removeprefix("/enter/"), query)
        elif url.path == "/":
            self._page("", "", query)
        elif url.path in _STATIC:
            self._reply(HTTPStatus.OK, _asset(url.path[1:]), _STATIC[url.path])
        elif url.path == "/words.json":
            self._json(WORDS)
        elif url.path == "/api/sessions":
            seen = self._seen()
            if seen is not None:
                self._json({"sessions": [card_of(one.name, one.items, over=one.over) for one in seen.values()]})
        elif url.path.startswith("/api/"):
            self._watch(url.path, query)
        else:
            self._plain(HTTPStatus.NOT_FOUND)

    def _watch(self, path: str, query: Mapping[str, str]) -> None:
        name, _, what = path.removeprefix("/api/").rpartition("/")
        session = self._session(name)
        if session is None:
            return
        if what == "again":
            self._reply(HTTPStatus.OK, b"".join(_packed(None, one) for one in session.frames.again()))
            return
        if what != "next":
            self._plain(HTTPStatus.NOT_FOUND)
            return
        if "painted" in query:
            session.frames.painted_ms.append(min(60_000, max(0, int(query["painted"]))))
        state, frame = session.wait(int(query.get("state", "0")), int(query.get("frame", "0")), _HOLD_S)
        self._reply(HTTPStatus.OK, _packed(state, frame))

    def _post(self) -> None:
        length = int(self.headers.get("Content-Length", "-1"))
        if not 0 <= length <= _MOST_BODY:
            self.close_connection = True
            self._plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        body = self.rfile.read(length)
        name, _, what = urlsplit(self.path).path.removeprefix("/api/").rpartition("/")
        if self.headers.get("Origin") != self.server.origin or what != "do":
            self._plain(HTTPStatus.FORBIDDEN)
            return
        session = self._session(name)
        if session is None:
            return
        asked = json.loads(body)
        if not isinstance(asked, dict) or not _KEY.fullmatch(str(asked.get("key", ""))):
            self._plain(HTTPStatus.BAD_REQUEST)
            return
        picture = _picture(asked.pop("picture", None))
        values = _values(asked) | {"by": self.server.pages.taken_by(self.headers.get("X-Walk-Key", ""))}
        reply = session.asked(str(asked["key"]), str(asked.get("do")), values, picture)
        self._json(reply, HTTPStatus.OK if reply["taken"] else HTTPStatus.CONFLICT)

    def _enter(self, token: str, query: Mapping[str, str]) -> None:
        entered = self.server.pages.entered(token, query.get("by", ""))
        if entered is None:
            self._page("", "", query, HTTPStatus.FORBIDDEN)
        else:
            self._page(entered[0], "" if entered[1] == ALL else entered[1], query)

    def _page(self, key: str, session: str, query: Mapping[str, str], status: HTTPStatus = HTTPStatus.OK) -> None:
        accepted = self.headers.get("Accept-Language", "").strip().lower()
        language = query.get("lang") or ("zh" if accepted.startswith("zh") else "en")
        language = language if language in WORDS else "en"
        body = _asset("walk.html").decode()
        for name, value in {
            "LANG": language,
            "KEY": key,
            "SESSION": session,
            "TITLE": WORDS[language]["page-title"],
        }.items():
            body = body.replace(name, value, 1)
        self._reply(status, body.encode(), "text/html; charset=utf-8")

    def _seen(self) -> dict[str, WalkSession] | None:
        seen = self.server.pages.seen_by(self.headers.get("X-Walk-Key", ""))
        if seen is None:
            self._plain(HTTPStatus.FORBIDDEN)
        return seen

    def _session(self, name: str) -> WalkSession | None:
        seen = self._seen()
        if seen is None:
            return None
        if name not in seen:
            self._plain(HTTPStatus.NOT_FOUND)
        return seen.get(name)

    def _json(self, document: Any, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._reply(status, json.dumps(document, ensure_ascii=False).encode(), "application/json")

    def _plain(self, status: HTTPStatus) -> None:
        self._reply(status, status.phrase.encode(), "text/plain")

    def _reply(self, status: HTTPStatus, body: bytes, media_type: str = "application/octet-stream") -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": media_type,
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Content-Security-Policy": _POLICY.format(ancestors=self.server.pages.ancestors),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _asset(name: str) -> bytes:
    return files("harness.adapters.walk").joinpath("page", name).read_bytes()


def _packed(state: dict[str, Any] | None, frame: Frame | None) -> bytes:
    """Length, JSON, length, picture."""
    head: dict[str, Any] = {"state": state, "frame": None}
    if frame is not None:
        head["frame"] = {
            "number": frame.number,
            "captured": frame.captured_ms,
            "width": frame.width,
            "height": frame.height,
        }
    text = json.dumps(head, ensure_ascii=False).encode()
    body = frame.body if frame is not None else b""
    return struct.pack(">I", len(text)) + text + struct.pack(">I", len(body)) + body


def _values(asked: dict[str, Any]) -> dict[str, Any]:
    """What was asked for, with nothing in it that is no plain value."""
    return {str(name): one for name, one in asked.items() if isinstance(one, str | int | float | bool)}


def _picture(text: object) -> bytes | None:
    if not isinstance(text, str) or not text:
        return None
    try:
        body = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("no picture") from error
    return body if body.startswith(b"\x89PNG\r\n\x1a\n") else None
