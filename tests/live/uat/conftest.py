"""A stand for the UAT runner: a tiny page on a free port, scripts in a workspace of their own, a real browser."""

import re
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType

import pytest

from harness.adapters.browsers import find_browser
from harness.adapters.host import Host
from harness.adapters.processes import Processes
from harness.model.criteria import Criterion, Priority, Text
from harness.model.evidence import Observation, Observations
from harness.model.plan import Check, Job, Promise, UatWork
from harness.model.process import Ended, Surroundings, Target
from harness.model.tier import Suite
from harness.runners import uat

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Lamps</title></head><body><main>
<h1>Lamps</h1><label>Quantity <input id="quantity" type="number" value="2"></label>
<label>Password <input type="password"></label>
<button onclick="document.querySelector('output').textContent = document.querySelector('#quantity').value * 12.5">Total
</button><output></output></main></body></html>"""
ZH = PAGE.replace('lang="en"', 'lang="zh"').replace("Lamps", "灯具").replace("Quantity", "数量")
ZH = ZH.replace("Password", "密码").replace(">Total", ">合计")
BROKEN = """<!doctype html><html lang="en"><head><title>Broken</title></head><body><main><h1>Broken</h1>
<input id="unlabelled"><p style="color:#ccc;background:#fff">pale</p><script>console.error("it broke")</script>
<div style="width:3000px">wide</div></main></body></html>"""


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = {"/": PAGE, "/zh": ZH, "/broken": BROKEN}.get(self.path.partition("?")[0])
        if self.path == "/whoami":
            page = self.headers.get("Authorization", "nobody")
        body = (page or "not here").encode()
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_DELETE(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="session")
def page_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Stand:
    """Runs scripts as one UAT job. What came back last is in `ended` and `observations`."""

    def __init__(self, folder: Path, url: str) -> None:
        self.root = folder / "workspace"
        (self.root / "uat").mkdir(parents=True)
        self.host = Host()
        self.run = self.host.new_run_id()  # its own: whoever is ended by this mark is nobody else's
        self.scratch = folder / "scratch"
        self.scratch.mkdir(mode=0o700)
        self.url = url
        self.headers: dict[str, str] = {}
        found = find_browser(self.host)
        assert found is not None, "the live UAT tests need a Chromium: harness doctor --fix"
        self.browser: str | None = found.path
        self.deadline_s = 240.0
        self.evidence: tuple[str, ...] = ()
        self.ended: Ended | None = None
        self.observations: Observations | None = None

    def demonstrate(
        self, script: str, *tests: str, file: str = "test_lamps.py", write: bool = True
    ) -> list[Observation]:
        """Write `script`, promise `tests` of it as criteria C-1, C-2 …, run, and give what was observed."""
        if write:
            (self.root / "uat" / file).write_text(script, "utf-8")
        return self._carried_out(tuple(self._criterion(f"C-{n}", f"{file}::{test}") for n, test in enumerate(tests, 1)))

    def demonstrate_together(
        self, scripts: Mapping[str, tuple[str, tuple[str, ...]]], absent: Mapping[str, str] = MappingProxyType({})
    ) -> dict[str, list[Observation]]:
        """Every script (name: its text, evidence required of it) in one session, each in a file of its own.

        What is promised of a script are its tests, in their order, and last the one that is `absent` from it.
        """
        criteria: list[Criterion] = []
        for name, (script, evidence) in scripts.items():
            (self.root / "uat" / f"test_{name}.py").write_text(script, "utf-8")
            self.evidence = evidence
            tests = [
                *re.findall(r"^def (test_\w+)\(", script, re.MULTILINE),
                *([absent[name]] if name in absent else []),
            ]
            criteria += [self._criterion(f"{name}-{test}", f"test_{name}.py::{test}") for test in tests]
        found: dict[str, list[Observation]] = {name: [] for name in scripts}
        for one in self._carried_out(tuple(criteria)):
            found[one.check.partition("/")[2].partition("-")[0]].append(one)
        return found

    def _carried_out(self, criteria: tuple[Criterion, ...]) -> list[Observation]:
        checks = tuple(
            Check(id=f"uat:lamps/{one.id}", suite=Suite.UAT, promise=Promise.CRITERION, title=one.title.en)
            for one in criteria
        )
        work = UatWork(folder="uat", criteria=criteria)
        job = Job(id="uat:lamps", suite=Suite.UAT, work=work, checks=checks, seed=1, deadline_s=self.deadline_s)
        around = self._around()
        processes = Processes(self.host, self.run, self.scratch)
        try:
            self.ended = processes.spawn(uat.command(job, around), job.id)
        finally:
            processes.close()
        self.observations = uat.observe(job, around, self.ended)
        return list(self.observations.observations)

    def _criterion(self, name: str, demonstration: str) -> Criterion:
        return Criterion(
            id=name,
            title=Text(en=name),
            statement=Text(en=name),
            priority=Priority.MUST,
            demonstration=demonstration,
            evidence=self.evidence,
        )

    def _around(self) -> Surroundings:
        return Surroundings(
            run=self.run,
            tier="test",
            root=str(self.root),
            python=self.host.python,
            targets={"lamps": Target(name="lamps", base_url=self.url, headers=self.headers)},
            browser=self.browser,
            no_sandbox=self.host.is_root,
        )


@pytest.fixture
def stand(tmp_path: Path, page_url: str) -> Stand:
    return Stand(tmp_path, page_url)
