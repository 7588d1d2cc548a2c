"""A shop with two operations and known ways to go wrong, chosen by FAULT."""

import argparse
import contextlib
import json
import os
import pathlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAULT = os.environ.get("FAULT", "")
SEEN = [0]


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        if path == "/health":
            return self.reply(200, {"status": "ok"})
        SEEN[0] += 1
        if FAULT == "dies" and SEEN[0] > 5:
            os._exit(1)
        if FAULT == "fills-the-disk" and SEEN[0] > 3:
            fill()
        if FAULT == "echoes":
            return self.reply(
                500, {"error": "broke", "request": dict(self.headers), "body": body.decode("utf-8", "replace")}
            )
        if FAULT == "locked":
            return self.reply(401, {"error": "who are you?"})
        if path != "/items":
            return self.reply(404, {"error": "not here"})
        if self.command == "GET":
            return self.reply(200, [{"name": "tea"}])
        if self.command == "POST":
            try:
                item = json.loads(body)
                ok = isinstance(item, dict) and isinstance(item.get("name"), str)
            except ValueError:
                ok = False
            if not ok:
                return self.reply(400, {"error": "a name is needed"})
            return self.reply(201, {"name": item["name"]})
        return self.reply(405, {"error": "no"}, allow="GET, POST")

    def reply(self, status, content, allow=None):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if allow:
            self.send_header("Allow", allow)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args):
        pass


def fill():
    with pathlib.Path("ballast").open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(65536))


parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int)
ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Shop).serve_forever()
