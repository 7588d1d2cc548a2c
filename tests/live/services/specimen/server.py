"""What it keeps, it keeps in PostgreSQL; without its database it can answer nothing but 500."""

import argparse
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg


class Keeper(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        try:
            with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=2) as connection:
                names = [name for (name,) in connection.execute("SELECT name FROM items")]
        except psycopg.Error as error:
            return self.reply(500, {"error": str(error)})
        if path == "/health":
            return self.reply(200, {"status": "ok"})
        time.sleep(float(os.environ["SLOW_S"]))
        if path != "/items":
            return self.reply(404, {"error": "not here"})
        if self.command == "GET":
            return self.reply(200, [{"name": name} for name in names])
        return self.reply(405, {"error": "no"}, allow="GET")

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


parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int)
ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Keeper).serve_forever()
