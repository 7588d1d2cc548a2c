"""Evidence that wants to run: opened in Chromium as a signer would, it calls nobody and reads nothing.

The control serves the very same files without the portal's protections: most of them fire.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Error, sync_playwright
from playwright.sync_api import TimeoutError as NotInTime

from harness.adapters.browsers import find_browser, launch_flags
from harness.adapters.host import Host
from tests.live.portal.hostile import Hostile, corpus
from tests.live.portal.people import Office, open_office
from tests.live.portal.serving import served
from tests.portal.publication import RELEASE, TIER, criterion, publication

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]
MUST_FIRE = 40


@dataclass
class Canary:
    """Whom hostile files would call. `files` are what it serves itself, unprotected, by their place."""

    url: str = ""
    called: set[str] = field(default_factory=set)
    files: tuple[Hostile, ...] = ()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        _, kind, *_ = f"{urlsplit(request.path).path}//".split("/")
        place = request.path.rsplit("/", 1)[1]
        if kind == "file" and place.isdecimal():
            one = self.files[int(place)]
            self._send(request, one.media_type, one.body)
        else:
            self.called.add(kind)
            self._send(request, "text/plain", b"")

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, media_type: str, body: bytes) -> None:
        request.send_response(200)
        request.send_header("Content-Type", media_type)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("Access-Control-Allow-Origin", "*")
        request.end_headers()
        request.wfile.write(body)


@contextmanager
def canary() -> Iterator[Canary]:
    bird = Canary()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            bird.answer(self)

        def do_POST(self) -> None:
            bird.answer(self)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    bird.url = f"http://127.0.0.1:{server.server_address[1]}"
    bird.files = corpus(bird.url)
    try:
        yield bird
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_hostile_evidence_calls_nobody_from_the_portal_and_does_without_its_protections(tmp_path: Path) -> None:
    host = Host()
    browser = find_browser(host)
    assert browser
    with canary() as bird, served(tmp_path / "portal") as portal, sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=browser.path, args=list(launch_flags(host)))
        office = open_office(portal)
        li = office.signer("li", "order-desk")
        code = _frozen(office, bird)
        context = chromium.new_context()
        context.add_cookies([{"name": name, "value": said, "url": portal.url} for name, said in li.cookies.items()])
        page = context.new_page()
        page.goto(f"{portal.url}/packages/{code}/order-desk/try/HOS-1", wait_until="load")
        links = [one.get_attribute("href") or "" for one in page.locator("ul.evidence a").all()]
        assert len(links) == len(bird.files) >= 60
        assert {urlsplit(one).netloc for one in links} == {f"127.0.0.1:{portal.port}"}, "an origin of its own"
        _open_all(context, links)
        assert bird.called == set(), "nobody was called"

        _open_all(context, [f"{bird.url}/file/{place}" for place in range(len(bird.files))])
        assert len(bird.called) >= MUST_FIRE, "the control: unprotected they do call"
        chromium.close()


def _open_all(context: BrowserContext, addresses: list[str]) -> None:
    """Each as its link would open it; one that is a download is one."""
    pages = []
    for address in addresses:
        pages.append(context.new_page())
        try:
            pages[-1].goto(address, wait_until="load")
        except Error as error:
            assert any(one in str(error) for one in ("Download is starting", "interrupted", "ERR_ABORTED")), error
    for page in pages:
        with suppress(NotInTime):  # one that never comes to rest has had its time to call
            page.wait_for_load_state("networkidle", timeout=10_000)
        page.close()


def _frozen(office: Office, bird: Canary) -> str:
    """A package about one criterion whose title, statement and evidence are hostile."""
    asked = criterion("HOS-1", "order-desk")
    files = tuple((one.name, one.media_type, one.body) for one in bird.files)
    body, kept = publication(criteria=(asked,), pictures=(), attached=files, run="run-hostile", nonce="f" * 32)
    headers = {"Authorization": f"Bearer {office.token}", "Host": f"localhost:{office.portal.port}"}
    client = office.portal.client
    answer = client.post("/api/v1/projects/order-hub/runs", content=body, headers=headers)
    for sha in answer.json()["missing"]:
        assert client.put(f"/api/v1/evidence/{sha}", content=kept[sha], headers=headers).status_code == 201
    where = f"/board/order-hub/{RELEASE}/{TIER}"
    run = office.quinn.get(where).text.split('name="run" value="')[1].split('"')[0]
    goal = f'"><script src="{bird.url}/goal"></script><img src="{bird.url}/goal">'
    sent = {"run": run, "phase": "1", "goal_en": goal, "goal_zh": goal, "due": "2030-01-10", "expires": "2030-02-10"}
    answer = office.quinn.post(where, **sent)
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"]).rsplit("/", 1)[1]
