"""A small shop with a switchboard of faults, for tests of the contract suite: `specimen.serving("crash-on-limit")`."""

import json
import os
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "specimen-token"
FAULTS = {
    "crash-on-limit": "a name of the greatest length ends in 500",
    "wrong-type": "an item's price is a text",
    "undocumented-status": "creating answers 202",
    "illegal-accepted": "a negative price is accepted",
    "empty-accepted": "an item without a price is accepted",
    "open-door": "the list answers without credentials",
    "limit-refused": "a name of the greatest length is refused",
    "html": "the list says that it is HTML",
    "stale": "a deleted item can still be read",
    "refuses-everybody": "401 for everything that is secured",
    "dies": "the server ends itself after a while",
    "wrong-base": "everything answers 404",
    "locks-out": "after a while everybody is signed out",
    "drips-headers": "the list sends a header a second and never ends them",
    "bomb": "the list is two hundred megabytes of spaces in a small gzip",
    "huge": "the list is a gigabyte",
    "undecodable": "the list says gzip and is none",
    "redirects-for-ever": "the list leads to itself",
    "silent": "the list takes the request and says nothing",
    "continues": "the list says 100 Continue for ever",
    "streams": "the list is a stream of events without an end",
    "packed": "the list says that it is packed twenty times over",
    "long-header": "the list has a header of a hundred megabytes",
    "wide": "the list is in UTF-16, with its mark",
    "not-numbers": "the list holds NaN and a key twice",
    "lies-about-length": "the list says that it is longer than it is",
    "deep": "the list is an array in an array, half a million deep",
    "speaks-commands": "the list's detail is full of commands for a build server",
    "drips": "one operation never finishes its answer",
    "crash-on-header": "every operation ends in 500 where X-Trace is longer than eight characters",
    "crash-always": "the list always ends in 500",
    "bad-problem": "no refusal has the member that the contract requires",
    "cuts-off": "a name of the greatest length ends the connection without an answer",
    "ends-itself": "a name of the greatest length ends the process",
    "ends-by-itself": "the process ends a while after it was started, whatever it is asked, and not when started again",
    "crash-on-nul": "an id with a NUL in it ends in 500",
    "crash-on-token": "the list ends in 500 where `_token` is given",
}

_BAD_WAYS = frozenset(
    ("drips", "drips-headers", "bomb", "huge", "undecodable", "redirects-for-ever", "lies-about-length", "deep")
) | {"speaks-commands", "silent", "continues", "streams", "packed", "long-header", "wide", "not-numbers"}
_BOMB = zlib.compress(b" " * 200_000_000, 1, wbits=31)
COMMANDS = "\x1b[2J::error::gotcha\n::set-output name=a::b\n##vso[task.complete]\r\n</script><script>PASS"

_PRICE = {"type": "integer", "minimum": 0, "maximum": 1000}
_NEW = {
    "type": "object",
    "required": ["name", "price"],
    "additionalProperties": False,
    "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 20, "pattern": "^[a-z]+$"}, "price": _PRICE},
}
_ITEM = {**_NEW, "required": ["id", *_NEW["required"]], "properties": {"id": {"type": "string"}, **_NEW["properties"]}}  # type: ignore[misc,dict-item]


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "as described", "content": {"application/json": {"schema": schema}}}


_PROBLEM = _json({"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}})
_TRACE = {"name": "X-Trace", "in": "header", "schema": {"type": "string", "maxLength": 8}}
_TOKEN = {"name": "_token", "in": "query", "schema": {"type": "string", "pattern": "^[a-z]+$"}}
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^i[0-9]+$"}}
_REFUSALS = {"401": _PROBLEM, "405": _PROBLEM}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Specimen", "version": "1"},
    "security": [{"token": []}],
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/items": {
            "get": {
                "operationId": "listItems",
                "parameters": [_TRACE, _TOKEN],
                "responses": {"200": _json({"type": "array", "items": _ITEM}), "400": _PROBLEM, **_REFUSALS},
            },
            "post": {
                "operationId": "createItem",
                "requestBody": {"required": True, "content": {"application/json": {"schema": _NEW}}},
                "responses": {
                    "201": {
                        **_json(_ITEM),
                        "links": {
                            "read": {"operationId": "readItem", "parameters": {"id": "$response.body#/id"}},
                            "delete": {"operationId": "deleteItem", "parameters": {"id": "$response.body#/id"}},
                        },
                    },
                    "400": _PROBLEM,
                    "415": _PROBLEM,
                    **_REFUSALS,
                },
            },
        },
        "/items/{id}": {
            "parameters": [_ID],
            "get": {
                "operationId": "readItem",
                "parameters": [_TRACE],
                "responses": {"200": _json(_ITEM), "400": _PROBLEM, "404": _PROBLEM, **_REFUSALS},
            },
            "delete": {
                "operationId": "deleteItem",
                "responses": {
                    "204": {"description": "gone"},
                    "400": _PROBLEM,
                    "404": _PROBLEM,
                    **_REFUSALS,
                },
            },
        },
    },
}


class _Shop(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, faults: frozenset[str], port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.faults = faults
        self.items: dict[str, dict[str, Any]] = {"i1": {"id": "i1", "name": "tea", "price": 4}}
        self.answered = 0
        self.made = 1
        self.seen: list[tuple[str, str]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body leave apart: each answer would wait 40 ms for the client's word
    server: _Shop

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        self.server.answered += 1
        self.server.seen.append((self.command, self.path))
        faults = self.server.faults
        if "ends-by-itself" in faults and self.server.answered > 60 and not Path("ended-once").exists():
            Path("ended-once").write_text("")
            os._exit(1)
        if "dies" in faults and self.server.answered > 150:
            self.server.socket.close()
            threading.Thread(target=self.server.shutdown, daemon=True).start()
            self.close_connection = True
            return
        if "wrong-base" in faults:
            self._send(404, {"detail": "nothing here"})
            return
        name = path.removeprefix("/items").strip("/")
        known = {"": ("GET", "POST")}.get(name, ("GET", "DELETE"))
        if self.command not in known:
            self._send(405, {"detail": "no such method"}, Allow=", ".join(known))
        elif self._crashes(name):
            self._send(500, {"detail": "boom"})
        elif self._is_shut_out(name):
            self._send(401, {"detail": "who are you"}, **{"WWW-Authenticate": "Bearer"})
        elif self.command == "GET" and self._breaks_a_parameter(name):
            self._send(400, {"detail": "a parameter is wrong"})
        elif name == "":
            self._collection(body)
        else:
            self._one(name)

    def _crashes(self, name: str) -> bool:
        faults = self.server.faults
        listing = name == "" and self.command == "GET"
        return (
            ("crash-on-header" in faults and len(self.headers.get("X-Trace", "")) > 8)
            or ("crash-always" in faults and listing)
            or ("crash-on-nul" in faults and "%00" in name)
            or ("crash-on-token" in faults and listing and "_token=" in self.path)
        )

    def _breaks_a_parameter(self, name: str) -> bool:
        given = [
            value for key, value in parse_qsl(urlsplit(self.path).query, keep_blank_values=True) if key == "_token"
        ]
        listing = name == ""
        wrong = any(not value or not all("a" <= letter <= "z" for letter in value) for value in given)
        return len(self.headers.get("X-Trace", "")) > 8 or (listing and wrong)

    def _is_shut_out(self, name: str) -> bool:
        ended = "locks-out" in self.server.faults and self.server.answered > 100
        if "refuses-everybody" in self.server.faults or ended:
            return True
        is_open = "open-door" in self.server.faults and name == "" and self.command == "GET"
        return self.headers.get("Authorization") != f"Bearer {TOKEN}" and not is_open

    def _collection(self, body: bytes) -> None:
        faults = self.server.faults
        if self.command == "GET":
            kind = "text/html" if "html" in faults else "application/json"
            if not self._misbehaves(faults):
                self._send(200, [self._shown(item) for item in self.server.items.values()][:3], kind)
            return
        if self.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
            self._send(415, {"detail": "only JSON"})
            return
        new = _read(body) or ("empty-accepted" in faults and _read_without_price(body)) or None
        if new is not None and len(new["name"]) == 20 and "ends-itself" in faults:
            os._exit(1)
        if new is not None and len(new["name"]) == 20 and "cuts-off" in faults:
            self.close_connection = True
        elif new is not None and len(new["name"]) == 20 and "crash-on-limit" in faults:
            self._send(500, {"detail": "boom"})
        elif new is None or (new["price"] < 0 and "illegal-accepted" not in faults):
            self._send(400, {"detail": "not an item"})
        elif len(new["name"]) == 20 and "limit-refused" in faults:
            self._send(400, {"detail": "name too long"})
        else:
            self.server.made += 1
            id_ = f"i{self.server.made}"
            self.server.items[id_] = {"id": id_, **new}
            self._send(202 if "undocumented-status" in faults else 201, self._shown(self.server.items[id_]))

    def _one(self, name: str) -> None:
        if not (name[:1] == "i" and name[1:].isascii() and name[1:].isdecimal()):
            self._send(400, {"detail": "not an id"})
        elif name not in self.server.items:
            self._send(404, {"detail": "no such item"})
        elif self.command == "DELETE":
            if "stale" not in self.server.faults:
                del self.server.items[name]
            self._send(204, None)
        else:
            self._send(200, self._shown(self.server.items[name]))

    def _shown(self, item: dict[str, Any]) -> dict[str, Any]:
        return {**item, "price": str(item["price"])} if "wrong-type" in self.server.faults else item

    def _misbehaves(self, faults: frozenset[str]) -> bool:
        """Answer the list in one of the bad ways; whether there was one."""
        match next((fault for fault in faults if fault in _BAD_WAYS), ""):
            case "drips":
                self._drip()
            case "drips-headers":
                self._drip_headers()
            case "bomb":
                self._raw(_BOMB, {"Content-Encoding": "gzip"})
            case "silent":
                threading.Event().wait(60)
            case "continues":
                self._again_and_again(b"HTTP/1.1 100 Continue\r\n\r\n")
            case "streams":
                head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
                self._again_and_again(b"data: {}\n\n", head)
            case "packed":
                self._raw(b"[]", {"Content-Encoding": ", ".join(["gzip"] * 20)})
            case "long-header":
                self._raw(b"[]", {"X-Long": "a" * 100_000_000})
            case "wide":
                self._raw("[]".encode("utf-16"), {})
            case "not-numbers":
                self._raw(b'[{"id": NaN, "id": 1}]', {})
            case "undecodable":
                self._raw(b"this is no gzip", {"Content-Encoding": "gzip"})
            case "lies-about-length":
                self._raw(b"[]", {"Content-Length": "5000"})
                self.close_connection = True
            case "deep":
                self._raw(b"[" * 500_000 + b"]" * 500_000, {})
            case "speaks-commands":
                self._raw(json.dumps({"detail": COMMANDS}).encode(), {})
            case "redirects-for-ever":
                self._send(302, None, Location="/items")
            case "huge":
                self._pour()
            case _:
                return False
        return True

    def _raw(self, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(200)
        for name, said in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, said)
        self.end_headers()
        self.wfile.write(body)

    def _pour(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(1024**3))
        self.end_headers()
        self.close_connection = True
        for _ in range(1024):
            self.wfile.write(b" " * 1024**2)

    def _drip_headers(self) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        waiting = threading.Event()
        for number in range(60):
            self.wfile.write(b"X-%d: drip\r\n" % number)
            self.wfile.flush()
            waiting.wait(1)

    def _again_and_again(self, piece: bytes, head: bytes = b"") -> None:
        self.close_connection = True
        waiting = threading.Event()
        for number in range(600):
            try:
                self.wfile.write((b"" if number else head) + piece)
            except OSError:
                return
            waiting.wait(0.1)

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "100000")
        self.end_headers()
        waiting = threading.Event()
        for _ in range(600):
            self.wfile.write(b" ")
            self.wfile.flush()
            waiting.wait(0.2)

    def _send(self, status: int, value: object, kind: str = "application/json", **headers: str) -> None:
        if "bad-problem" in self.server.faults and status >= 400:
            value = {"error": "no"}
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        if body:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, said in headers.items():
            self.send_header(name, said)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _read(body: bytes) -> dict[str, Any] | None:
    """The item that a body describes, by every rule of the document but the least price; None for anything else."""
    try:
        new = json.loads(body)
    except ValueError:
        return None
    if not isinstance(new, dict) or set(new) != {"name", "price"}:
        return None
    name, price = new["name"], new["price"]
    if not isinstance(name, str) or not 1 <= len(name) <= 20 or not all("a" <= letter <= "z" for letter in name):
        return None
    whole = isinstance(price, int | float) and not isinstance(price, bool) and price == int(price)
    return {"name": name, "price": int(price)} if whole and price <= 1000 else None


def _read_without_price(body: bytes) -> dict[str, Any] | None:
    try:
        new = json.loads(body)
    except ValueError:
        return None
    lacking = isinstance(new, dict) and set(new) == {"name"} and isinstance(new["name"], str)
    return {"name": new["name"][:20] or "a", "price": 1} if lacking else None


@contextmanager
def serving(*faults: str, port: int = 0) -> Iterator[tuple[str, _Shop]]:
    """Its address and the server itself; ended at the end."""
    unknown = set(faults) - set(FAULTS)
    assert not unknown, unknown
    shop = _Shop(frozenset(faults), port)
    thread = threading.Thread(target=shop.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{shop.server_address[1]}", shop
    finally:
        shop.shutdown()
        shop.server_close()
        thread.join(timeout=10)


if __name__ == "__main__":
    with serving(*filter(None, os.environ.get("FAULTS", "").split(",")), port=int(sys.argv[1])) as (_, one):
        log = os.environ.get("LOG")
        while log:
            time.sleep(0.05)
            Path(log).write_text("".join(f"{method} {path}\n" for method, path in one.seen))
        threading.Event().wait()
