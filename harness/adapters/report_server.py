"""A report in many files, shown from this machine to this machine: a browser reads no other files from disk.

Read only, on the loopback address, under the name that it was asked by, until it is stopped.
"""

from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_HERE = "127.0.0.1"


class ReportServer(ThreadingHTTPServer):
    """Serves one folder."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0) -> None:
        super().__init__((_HERE, port), partial(_Handler, directory=str(folder)))

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{_HERE}:{self.server_address[1]}/"


class _Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        """Nothing for a page elsewhere that made its own name lead here."""
        if self._asked_rightly():
            super().do_GET()

    def do_HEAD(self) -> None:
        """The same without a body."""
        if self._asked_rightly():
            super().do_HEAD()

    def list_directory(self, _path: object) -> None:
        """No listing of folders."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def _asked_rightly(self) -> bool:
        if self.headers.get("Host") == f"{_HERE}:{self.connection.getsockname()[1]}":
            return True
        self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
        return False

    def end_headers(self) -> None:
        """What was served is not kept and not embedded elsewhere."""
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "SAMEORIGIN")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the standard library
        """Silent."""
