"""A portal in miniature: what a publisher and the gate need of one, with everything it was sent kept."""

import hashlib
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "hpt_test"


@dataclass
class Kept:
    """What was brought; `fail_after` breaks the line after so many files, `lies` says that nothing is missing."""

    runs: dict[str, dict] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    bundle: bytes = b""
    asked: list[str] = field(default_factory=list)
    fail_after: int = 10**9
    moved: bool = False


@contextmanager
def portal():
    kept = Kept()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _allowed(self) -> bool:
            kept.asked.append(self.path)
            if kept.moved:
                self._answer(302, b"")
            elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self._answer(401, b'{"error": "a token is needed"}')
            else:
                return True
            return False

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not self._allowed():
                return
            sent = json.loads(body)
            new = sent["record"] not in kept.runs
            kept.runs[sent["record"]] = sent
            record = json.loads(sent["record"])
            wanted = {
                one["sha256"] for seen in record["seen"] for one in seen.get("attachments", ()) if "withheld" not in one
            }
            self._answer(201 if new else 200, json.dumps({"missing": sorted(wanted - set(kept.files))}).encode())

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            sha256 = self.path.rpartition("/")[2]
            if not self._allowed():
                return
            if len(kept.puts) >= kept.fail_after:
                self._answer(503, b'{"error": "full"}')
                return
            assert hashlib.sha256(body).hexdigest() == sha256
            kept.puts.append(sha256)
            kept.files[sha256] = body
            self._answer(201, b"{}")

        def do_GET(self) -> None:
            if self._allowed():
                self._answer(200, kept.bundle)

        def log_message(self, *_) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
