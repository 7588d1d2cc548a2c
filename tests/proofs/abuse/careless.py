"""The control of the abuse proof: a server that does what a mock must not.

It reads files that a path names, calls addresses that a request names, holds whole bodies, and waits for ever.
"""

import socketserver
import sys
import urllib.request
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote

FOLDER = Path(sys.argv[1])


class Careless(BaseHTTPRequestHandler):
    """Every carelessness in one."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Whatever is asked for is looked for."""
        body = b'{"id":"7f9c24e8-3b12-4fef-91d0-56a2d7f0c001"}'
        with suppress(OSError, ValueError):
            body = (FOLDER / "__files" / unquote(self.path).lstrip("/").replace("\\", "/")).read_bytes()
        for name in ("X-Callback", "Referer"):
            with suppress(OSError, ValueError):
                if self.headers.get(name):
                    urllib.request.urlopen(self.headers[name], timeout=0.3).close()
        self._answer(body)

    def do_POST(self) -> None:
        """The whole body, however large."""
        with suppress(ValueError):
            type(self).held = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(b"{}")

    do_PUT = do_POST  # noqa: N815 - the names that http.server looks for
    do_DELETE = do_POST  # noqa: N815

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class Server(socketserver.ThreadingTCPServer):
    """Open to everybody."""

    daemon_threads = allow_reuse_address = True


with Server(("0.0.0.0", 0), Careless) as server:
    print(f'{{"ready": true, "url": "http://127.0.0.1:{server.server_address[1]}"}}', flush=True)
    server.serve_forever()
