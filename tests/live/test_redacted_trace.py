"""A real Playwright trace without its secrets still opens in Playwright's own viewer."""

import io
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import playwright
import pytest
from playwright.sync_api import expect, sync_playwright

from harness.adapters.browsers import find_browser
from harness.adapters.host import Host
from harness.formats.redact_body import redact_body
from harness.formats.redact_scan import survivors
from harness.rules.redacting import redactor_for

pytestmark = [pytest.mark.live, pytest.mark.needs("browser")]

TOKEN = "c4n4ry-T0ken/with+signs=and-length"
TYPED = "typed-by-hand-and-known-to-nobody"
HIDES = redactor_for({"TOKEN": TOKEN}, key=b"key")
VIEWER = Path(playwright.__file__).parent / "driver" / "package" / "lib" / "vite" / "traceViewer"
PAGE = f"""<!doctype html><title>desk</title><label>Name <input id=name></label>
<label>Password <input type=password></label><p>{TOKEN}</p><script>console.log("token", "{TOKEN}")</script>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A folder with the viewer and the page, on loopback."""
    for path in VIEWER.rglob("*"):
        target = tmp_path / path.relative_to(VIEWER)
        if path.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    (tmp_path / "desk.html").write_text(PAGE)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", tmp_path
        server.shutdown()


@pytest.fixture
def browser() -> Iterator[Any]:
    """The browser that runs use."""
    found = find_browser(Host())
    assert found is not None
    args = ["--disable-background-networking", *(["--no-sandbox"] if Host().is_root else [])]
    with sync_playwright() as engine:
        started = engine.chromium.launch(executable_path=found.path, args=args)
        yield started
        started.close()


def recorded(browser: Any, url: str, path: Path) -> bytes:
    context = browser.new_context(extra_http_headers={"Authorization": f"Bearer {TOKEN}"})
    context.tracing.start(screenshots=True, snapshots=True, sources=True)
    page = context.new_page()
    page.goto(f"{url}/desk.html")
    page.get_by_label("Name").fill("globex")
    page.get_by_label("Password").fill(TYPED)
    context.tracing.stop(path=path)
    context.close()
    return path.read_bytes()


def test_a_redacted_trace_holds_no_secret_and_still_opens(
    site: tuple[str, Path], browser: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url, folder = site
    trace = recorded(browser, url, tmp_path_factory.mktemp("trace") / "trace.zip")
    # control: both are in what Playwright wrote
    assert any(survivors(HIDES, trace, "trace.zip"))
    assert TYPED in _everything(trace)

    result = redact_body(HIDES, trace, "application/zip", "trace.zip")
    assert result.body is not None, result.withheld
    assert not any(survivors(HIDES, result.body, "trace.zip"))
    assert TOKEN not in _everything(result.body)
    assert TYPED not in _everything(result.body)
    (folder / "trace.zip").write_bytes(result.body)
    page = browser.new_page()
    page.goto(f"{url}/index.html?trace={url}/trace.zip")
    expect(page.get_by_text('Fill "globex"').first).to_be_visible(timeout=60_000)
    expect(page.get_by_text('Fill "[redacted]"').first).to_be_visible(timeout=60_000)
    page.close()


def _everything(body: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
