"""Documents that mean harm: read or refused in bounded time and memory, and nothing is fetched that they name.

Each is planned by the real command in a process of its own, with at most 1 GiB and 30 s of a processor. The control
gives what we refuse to the stock tool.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
GIB, SECONDS = 1024**3, 30
TIER = """order = 1
[systems.shop]
base-url = "http://127.0.0.1:9"
contract = "../contracts/a.yaml"
[policy]
suites = ["contract"]
"""
HEAD = 'openapi: 3.1.0\ninfo: {title: t, version: "1"}\n'
ONE = "paths:\n  /a:\n    get:\n      responses: {'200': {description: d}}\n"
USING = (
    "paths:\n  /a:\n    get:\n      responses:\n        '200':\n          description: d\n"
    "          content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}\n"
)


def bomb(form: str) -> str:
    """Nine levels, each nine times the one before it: half a kilobyte that stands for a thousand million values."""
    lines = ["x-0: &l0 {a: 1}" if form == "<<" else "x-0: &l0 [a, a, a, a, a, a, a, a, a]"]
    for level in range(1, 10):
        before = f"*l{level - 1}"
        inner = (
            ", ".join(f"{name}: {{<<: {before}}}" for name in "bcdefghij") if form == "<<" else ", ".join([before] * 9)
        )
        lines.append(f"x-{level}: &l{level} " + (f"{{{inner}}}" if form == "<<" else f"[{inner}]"))
    return HEAD + ONE + "\n".join(lines) + "\n"


def document(paths: int = 1, schemas: int = 0, **more: Any) -> str:
    answer = {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "object"}}}}}
    wide = {
        f"S{number}": {"type": "object", "properties": {f"p{at}": {"description": "d" * 200} for at in range(40)}}
        for number in range(schemas)
    }
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {f"/p{number}": {"get": {"responses": answer}} for number in range(paths)},
            "components": {"schemas": wide},
            **more,
        }
    )


def schema(text: str) -> str:
    return HEAD + USING + f"components: {{schemas: {{{text}}}}}\n"


DOCUMENTS: dict[str, tuple[Callable[[], str], int, str]] = {
    "aliases in aliases": (lambda: bomb("*"), 2, "aliases"),
    "merge keys in merge keys": (lambda: bomb("<<"), 2, "aliases"),
    "twenty honest megabytes": (lambda: document(20, schemas=2000), 0, "40 checks"),
    "seventy megabytes": (lambda: document(**{"x-a": "a" * 70 * 1024**2}), 2, "larger than 64 MiB"),
    "five thousand operations": (lambda: document(5000), 0, "10000 checks"),
    "ten thousand deep": (lambda: HEAD + ONE + "x-a: " + "[" * 10_000 + "]" * 10_000, 2, "nested"),
    "itself": (lambda: schema("A: {properties: {a: {$ref: '#/components/schemas/A'}}}"), 0, "checks"),
    "each other, and nothing else": (
        lambda: schema("A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}"),
        2,
        "says nothing",
    ),
    "itself by allOf": (lambda: schema("A: {allOf: [{$ref: '#/components/schemas/A'}]}"), 0, "checks"),
    "itself by anyOf": (lambda: schema("A: {anyOf: [{$ref: '#/components/schemas/A'}, {}]}"), 0, "checks"),
    "a list of a thousand million": (lambda: schema("A: {type: array, items: {}, minItems: 1000000000}"), 0, "checks"),
    "a pattern that backtracks": (lambda: schema("A: {type: string, pattern: '^(a+)+$'}"), 0, "checks"),
    "a key twice": (lambda: HEAD + ONE + "x-a: 1\nx-a: 2\n", 2, "twice"),
    "a tag of a language": (lambda: HEAD + ONE + "x-a: !!python/object/apply:os.system ['true']\n", 2, "tag"),
}


@pytest.mark.parametrize("name", list(DOCUMENTS))
def test_a_document_is_read_or_refused_within_bounds(tmp_path: Path, name: str) -> None:
    made, exit_, says = DOCUMENTS[name]
    done = planned(tmp_path, made())
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == exit_, said[-600:]
    assert says in said, said[-600:]
    assert "Traceback" not in said


def test_the_control_the_stock_tool_is_brought_down_by_what_we_refuse(tmp_path: Path) -> None:
    (tmp_path / "bomb.yaml").write_text(bomb("*"))
    argv = [str(Path(sys.executable).with_name("st")), "run", "bomb.yaml", "--url", "http://127.0.0.1:9"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, timeout=170, preexec_fn=bounded, check=False)
    assert done.returncode < 0, "its memory or its time is over, and it is gone without a word"


def bounded() -> None:
    """A process may have so much and no more."""
    resource.setrlimit(resource.RLIMIT_AS, (GIB, GIB))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def planned(root: Path, contract: str, *before: str) -> "subprocess.CompletedProcess[str]":
    """`harness plan test` of a workspace with this contract."""
    for folder in ("environments", "contracts"):
        (root / folder).mkdir(exist_ok=True)
    (root / "contracts/a.yaml").write_text(contract)
    (root / "environments/test.toml").write_text(TIER)
    argv = [*before, sys.executable, "-m", "harness", "plan", "test"]
    limits = None if before else bounded
    return subprocess.run(argv, cwd=root, capture_output=True, text=True, timeout=300, preexec_fn=limits, check=False)


class _Decoy(BaseHTTPRequestHandler):
    """Whoever a document names; it remembers who came, and with what."""

    seen: list[str]
    leads_to = ""

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        self.seen.append(f"{self.command} {self.path} {self.headers.get('X-Key', '')}".strip())
        self.send_response(302 if self.leads_to and self.path != "/" else 200)
        self.send_header("Location", f"{self.leads_to}/led")
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def decoy() -> Iterator[tuple[str, list[str]]]:
    seen: list[str] = []
    handler = type("Decoy", (_Decoy,), {"seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
        server.shutdown()
        thread.join()


def test_nothing_that_a_document_names_is_fetched_or_opened(tmp_path: Path, decoy: tuple[str, list[str]]) -> None:
    url, seen = decoy
    secret = tmp_path / "outside" / "secret.yaml"
    secret.parent.mkdir()
    secret.write_text("type: string\n")
    port = url.rpartition(":")[2]
    hosts = ("127.1", "2130706433", "0177.0.0.1", "0x7f000001", "[::ffff:127.0.0.1]", "localhost.", "a@127.0.0.1")
    refs = [
        *(f"http://{host}:{port}/x.json" for host in ("127.0.0.1", *hosts)),
        *(f"//127.0.0.1:{port}/x", f"ftp://127.0.0.1:{port}/x", "data:application/json,{}"),
        *(secret.as_uri(), str(secret), f"../../outside/{secret.name}", r"\\127.0.0.1\share"),
    ]
    named = "".join(f"    S{at}: {{$ref: '{ref}'}}\n" for at, ref in enumerate(refs))
    more = f"servers: [{{url: '{url}'}}]\nexternalDocs: {{url: '{url}/docs'}}\n"
    hostile = HEAD + more + ONE + f"components:\n  schemas:\n    Id: {{$id: '{url}/id', $schema: '{url}/s'}}\n{named}"
    trace = tmp_path / "trace"
    root = tmp_path / "w"
    root.mkdir()
    done = planned(root, hostile, "strace", "-f", "-qq", "-e", "trace=connect,openat", "-o", str(trace))
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert [ref for ref in refs if f"`$ref: {ref}`" not in said] == [], "every one is named"
    assert seen == []
    calls = trace.read_text()
    assert "openat(" in calls, "the control: what was opened is seen"
    assert str(secret) not in calls
    assert [line for line in calls.splitlines() if "connect(" in line and "AF_INET" in line] == []


def test_the_control_the_stock_tool_fetches_what_a_document_names(tmp_path: Path, decoy: tuple[str, list[str]]) -> None:
    url, seen = decoy
    (tmp_path / "a.yaml").write_text(schema(f"A: {{$ref: '{url}/x.json'}}"))
    stock(tmp_path, "a.yaml", "--url", "http://127.0.0.1:9")
    assert any(line.startswith("GET /x.json") for line in seen)


def test_no_credential_goes_where_a_document_or_an_answer_leads(tmp_path: Path, decoy: tuple[str, list[str]]) -> None:
    url, seen = decoy
    flows = f"{{clientCredentials: {{tokenUrl: '{url}/token', scopes: {{}}}}}}"
    schemes = f"a: {{type: oauth2, flows: {flows}}}, b: {{type: openIdConnect, openIdConnectUrl: '{url}/oidc'}}"
    secured = ONE.replace("get:\n", "get:\n      security: [{a: []}, {b: []}]\n")
    bait = HEAD + f"servers: [{{url: '{url}'}}]\n" + secured + f"components: {{securitySchemes: {{{schemes}}}}}\n"
    other: list[str] = []
    handler = type("Own", (_Decoy,), {"seen": other, "leads_to": url})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as own:
        thread = Thread(target=own.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        for folder in ("environments", "contracts"):
            (tmp_path / folder).mkdir()
        (tmp_path / "contracts/a.yaml").write_text(bait)
        auth = '[systems.shop.auth]\nkind = "api-key"\nheader = "X-Key"\nvalue = { env = "BAIT" }\n[policy]'
        tier = TIER.replace("127.0.0.1:9", f"127.0.0.1:{own.server_address[1]}").replace("[policy]", auth)
        (tmp_path / "environments/test.toml").write_text(tier + "contract-examples = 1\n")
        argv = [sys.executable, "-m", "harness", "run", "test", "--no-report", "--seed", "1"]
        env = {"BAIT": "bait-token-1", "PATH": "/usr/bin:/bin"}
        subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, timeout=300, check=False)
        asked, fetched = list(other), list(seen)
        mine = f"http://127.0.0.1:{own.server_address[1]}"
        requests.get(f"{mine}/a", headers={"X-Key": "bait-token-1"}, timeout=30)
        own.shutdown()
        thread.join()
    assert any("bait-token-1" in line for line in asked), "it was asked, with the token"
    assert fetched == []
    assert any("bait-token-1" in line for line in seen), "the control: a plain client takes it where an answer leads"


def stock(folder: Path, *more: str) -> None:
    """`st run` in a folder."""
    argv = [str(Path(sys.executable).with_name("st")), "run", "--phases", "coverage", *more]
    subprocess.run(argv, cwd=folder, capture_output=True, timeout=120, check=False)
