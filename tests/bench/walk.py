"""How old the live picture of a walkthrough is when a person sees it, for 1, 2 and 4 sessions; and that 8 lose nothing.

    python tests/bench/walk.py [--sessions 1,2,4,8] [--seconds 10] [--check]

Each session is a worker with a browser of its own on a page that changes ten times a second; each is watched by a page
in another browser, and two more viewers of each session ask once and then never read. Told per row: frames painted per
second, and the age of a frame (captured by the browser → painted for the person) at p50 and p95. With 8 sessions the
viewers are simulated, frames get fewer, and every step, heartbeat and answer must be there. `--check` ends with 1 where
one session's p95 is 250 ms or more, or anything was lost.
"""

import argparse
import http.client
import json
import secrets
import socket
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from harness.adapters.browsers import find_browser  # noqa: E402
from harness.adapters.host import Host  # noqa: E402
from harness.model.walk import Answer, Phase  # noqa: E402
from tests.live.uat.walking import Shown, WalkStand, stood  # noqa: E402

LIMIT_MS = 250
PAGE = b"""<!doctype html><html lang="en"><head><title>Ticks</title></head><body><main><h1>Ticks</h1>
<p id="count" style="font-size:4rem">0</p></main><script>
let n = 0; setInterval(() => { document.getElementById("count").textContent = ++n; }, 100);
</script></body></html>"""
SCRIPT = """
from harness.kit.uat import *

def test_total(page):
    with step("Open"):
        page.goto("/")
        expect(page.locator("h1")).to_have_text("Ticks")
    with step("Look"):
        expect(page.locator("h1")).to_have_text("Ticks")
    with step("Look again"):
        expect(page.locator("h1")).to_have_text("Ticks")
"""


class _Ticks(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table."""

    sessions: int
    painted_per_s: float
    p50_ms: int
    p95_ms: int
    lost: tuple[str, ...]

    def __str__(self) -> str:
        lost = "; ".join(self.lost) or "nothing"
        return (
            f"{self.sessions} sessions   {self.painted_per_s:5.1f} frames/s each   captured→painted"
            f" p50 {self.p50_ms} ms   p95 {self.p95_ms} ms   lost: {lost}"
        )


class Viewer:
    """A person's browser, simulated: asks for what is new, says next, answers."""

    def __init__(self, link: str) -> None:
        self.port = int(link.rpartition(":")[2].partition("/")[0])
        body = self._ask("GET", "/" + link.partition("://")[2].partition("/")[2], None, {})
        self.key = body.partition(b'walk-key" content="')[2].partition(b'"')[0].decode()
        self.state: dict = {"version": 0}
        self.frame = 0
        self.painted: list[int] = []

    def look(self, session: str) -> None:
        path = f"/api/{session}/next?state={self.state['version']}&frame={self.frame}"
        body = self._ask("GET", path, None, {"X-Walk-Key": self.key})
        size = struct.unpack(">I", body[:4])[0]
        head = json.loads(body[4 : 4 + size])
        self.state = head["state"] or self.state
        if head["frame"]:
            self.frame = head["frame"]["number"]
            self.painted.append(int(time.time() * 1000) - head["frame"]["captured"])

    def do(self, session: str, what: str, **values: object) -> dict:
        headers = {"X-Walk-Key": self.key, "Origin": f"http://127.0.0.1:{self.port}"}
        body = json.dumps({"key": secrets.token_hex(8), "do": what, **values})
        return json.loads(self._ask("POST", f"/api/{session}/do", body, headers))

    def stall(self, session: str) -> socket.socket:
        """Ask and never read."""
        asked = socket.create_connection(("127.0.0.1", self.port))
        head = f"Host: 127.0.0.1:{self.port}\r\nX-Walk-Key: {self.key}\r\n\r\n"
        asked.sendall(f"GET /api/{session}/next?state=0&frame=0 HTTP/1.1\r\n{head}".encode() * 3)
        return asked

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            return connection.getresponse().read()
        finally:
            connection.close()


@contextmanager
def ticks() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Ticks)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def lead(stand: WalkStand, shown: Shown, seconds: float, *, simulated: bool) -> tuple[Viewer, list[str]]:
    """One person: first step, watch for a while, the other steps, yes. What went wrong is told."""
    session = shown.session
    assert session is not None
    viewer = Viewer(stand.server.link(session))
    lost: list[str] = []
    stalled = [viewer.stall(session.name) for _ in range(2)]
    for number in range(1, 4):
        while viewer.state.get("items", [{}])[0].get("coming") != number:
            viewer.look(session.name)
        if not viewer.do(session.name, "next", at=number)["taken"]:
            lost.append(f"{session.name}: step {number}")
        end = time.monotonic() + (seconds if number == 1 else 0)
        while simulated and time.monotonic() < end:
            viewer.look(session.name)
        if not simulated and number == 1:
            time.sleep(seconds)
    while viewer.state["items"][0]["phase"] not in {"asking", "stopped"}:
        viewer.look(session.name)
    if not viewer.do(session.name, "answer", answer="yes")["taken"]:
        lost.append(f"{session.name}: the answer")
    for one in stalled:
        one.close()
    return viewer, lost


def measure(sessions: int, seconds: float, chromium: str) -> Row:
    simulated = sessions > 4
    with tempfile.TemporaryDirectory() as folder, ticks() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=not Host().is_root)
        with stood(Path(folder), url, chromium, most=sessions) as stand:
            shown = [stand.show(SCRIPT) for _ in range(sessions)]
            if not simulated:
                for one in shown:
                    browser.new_context().new_page().goto(stand.server.link(one.session))
            told: list[tuple[Viewer, list[str]]] = []
            people = [
                threading.Thread(target=lambda one=one: told.append(lead(stand, one, seconds, simulated=simulated)))
                for one in shown
            ]
            for person in people:
                person.start()
            while any(person.is_alive() for person in people):
                if simulated:
                    time.sleep(0.05)
                else:
                    browser.contexts[0].pages[0].wait_for_timeout(50)
            observed = [one.over(120) for one in shown]
            lost = [what for _, some in told for what in some]
            lost += [one.session.name for one in shown if [i.answer for i in one.session.items] != [Answer.YES]]
            lost += [one.session.name for one in shown if [i.phase for i in one.session.items] != [Phase.FINISHED]]
            lost += [f"{one.session.name}: heartbeats" for one in shown if one.session.beats_lost]
            lost += [f"{o.check}: {o.outcome}" for one in observed for o in one.observations if o.outcome != "passed"]
            ages = sorted(
                age
                for one, (viewer, _) in zip(shown, told, strict=False)
                for age in (viewer.painted if simulated else one.session.frames.painted_ms)
            )
        browser.close()
    return Row(
        sessions=sessions,
        painted_per_s=len(ages) / sessions / seconds,
        p50_ms=ages[len(ages) // 2],
        p95_ms=ages[min(len(ages) - 1, int(len(ages) * 0.95))],
        lost=tuple(lost),
    )


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--sessions", default="1,2,4,8")
    asked.add_argument("--seconds", type=float, default=10.0)
    asked.add_argument("--check", action="store_true")
    args = asked.parse_args()
    found = find_browser(Host())
    if found is None:
        print("error: no browser: harness doctor --fix", file=sys.stderr)
        return 3
    rows = []
    for sessions in (int(one) for one in args.sessions.split(",")):
        rows.append(measure(sessions, args.seconds, found.path))
        print(rows[-1], flush=True)
    bad = [row for row in rows if row.lost or (row.sessions == 1 and row.p95_ms >= LIMIT_MS)]
    return 1 if args.check and bad else 0


if __name__ == "__main__":
    sys.exit(main())
