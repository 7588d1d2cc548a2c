"""How fast the mock is beside a bare handler, and beside WireMock where one is given. Ratios within a round count.

    python tests/bench/mocks.py [--rounds 3] [--seconds 5] [--wiremock wiremock-standalone.jar] [--check]
                                [--starts-only] [--document FILE ...]

Everything on loopback; the server on one core, the generator on another where there are two. The generator is
`wrk` where it is installed, else a plain asyncio client (slower than the servers: ratios are then a lower bound).
The mock runs as a user runs it: contract, 50 stub mappings, requests and answers checked, journal on disk.
Ratios are of requests per second of the server's own processor time: on a busy machine the wall clock says
nothing. `--check` ends with 1 where a promised ratio is missed in the median round.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CUSTOMER = "7f9c24e8-3b12-4fef-91d0-56a2d7f0c001"
GET = f"/customers/{CUSTOMER}"
ORDER = {
    "customer_id": CUSTOMER,
    "channel": "web",
    "lines": [
        {"sku": "ABC-1001", "quantity": 2, "price": {"amount": 129.9, "currency": "EUR"}},
        {"sku": "XYZ-2002", "quantity": 10, "price": {"amount": 4.5, "currency": "EUR"}},
    ],
    "notes": "Deliver to gate four, call before nine.",
}
BODY = json.dumps(ORDER, separators=(",", ":"))
MONEY = {
    "type": "object",
    "required": ["amount", "currency"],
    "additionalProperties": False,
    "properties": {"amount": {"type": "number", "minimum": 0}, "currency": {"enum": ["EUR", "USD", "GBP"]}},
}
LINE = {
    "type": "object",
    "required": ["sku", "quantity", "price"],
    "additionalProperties": False,
    "properties": {
        "sku": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 1000},
        "price": MONEY,
    },
}
NEW_ORDER = {
    "type": "object",
    "required": ["customer_id", "lines"],
    "additionalProperties": False,
    "properties": {
        "customer_id": {"type": "string", "format": "uuid"},
        "channel": {"enum": ["web", "phone", "edi"]},
        "notes": {"type": "string", "maxLength": 500},
        "lines": {"type": "array", "minItems": 1, "maxItems": 50, "items": LINE},
    },
}
ANSWER = {
    "id": CUSTOMER,
    "name": "Acme Logistics B.V.",
    "email": "office@acme.example",
    "tags": ["a", "b"],
    "notes": "x" * 380,
}
CREATED = {"id": "ORD-000123", **ORDER}

BARE = """
import sys, uvicorn
GET, POST = open(sys.argv[2], "rb").read(), open(sys.argv[3], "rb").read()
HEADERS = [(b"content-type", b"application/json")]
async def app(scope, receive, send):
    post = scope["method"] == "POST"
    while post and (await receive()).get("more_body"):
        pass
    body = POST if post else GET
    headers = [*HEADERS, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 201 if post else 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), http="httptools", loop="uvloop", log_level="warning",
            access_log=False, lifespan="off")
"""


def contract(pad: int = 24) -> dict[str, Any]:
    """Orders and customers, and `pad` further collections beside them."""

    def media(schema: dict[str, Any], example: Any = None) -> dict[str, Any]:
        shown = {} if example is None else {"example": example}
        return {"description": "", "content": {"application/json": {"schema": schema, **shown}}}

    uuid = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}]
    customer = {
        "type": "object",
        "required": ["id", "name", "email"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "name": {"type": "string"},
            "email": {"format": "email"},
        },
    }
    problem = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}
    answers = {"200": media(customer, ANSWER), "400": media(problem, {"title": "no"}), "404": media(problem)}
    created = {**NEW_ORDER, "properties": {**NEW_ORDER["properties"], "id": {"type": "string"}}}
    paths: dict[str, Any] = {
        "/customers/{id}": {"parameters": uuid, "get": {"operationId": "getCustomer", "responses": answers}},
        "/orders": {
            "post": {
                "operationId": "createOrder",
                "requestBody": {"required": True, "content": {"application/json": {"schema": NEW_ORDER}}},
                "responses": {"201": media(created, CREATED), "400": media(problem, {"title": "no"})},
            }
        },
    }
    for index in range(pad):
        get = {"operationId": f"get{index}", "responses": answers}
        paths[f"/things{index}/{{id}}"] = {"parameters": uuid, "get": get}
    return {"openapi": "3.1.0", "info": {"title": "bench", "version": "1"}, "paths": paths}


def mappings(count: int, *, answering: bool) -> Iterator[dict[str, Any]]:
    """`count` stubs that the requests do not hit; with `answering` those that do, as WireMock needs them."""
    typed = {"Content-Type": "application/json"}
    for index in range(count):
        url = {"urlPath": f"/things{index % 24}/{index:08d}-0000-4000-8000-000000000000"}
        yield {"request": {"method": "GET", **url}, "response": {"status": 200, "headers": typed, "jsonBody": ANSWER}}
    if answering:
        yield {
            "request": {"method": "GET", "urlPathTemplate": "/customers/{id}"},
            "response": {"status": 200, "headers": typed, "jsonBody": ANSWER},
        }
        yield {
            "request": {
                "method": "POST",
                "urlPath": "/orders",
                "bodyPatterns": [{"matchesJsonSchema": json.dumps(NEW_ORDER), "schemaVersion": "V202012"}],
            },
            "response": {"status": 201, "headers": typed, "jsonBody": CREATED},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one load came to."""

    per_s: float
    per_cpu_s: float
    p50_ms: float
    p99_ms: float
    wrong: int


@dataclass(slots=True)
class Server:
    """A server under load, on a core of its own."""

    name: str
    command: str
    path: str = ""
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    cold_s: float = 0.0

    def start(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        begun = time.perf_counter()
        argv = shlex.split(self.command.replace("{port}", str(self.port)))
        self.process = subprocess.Popen([*pinned(0), *argv], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while time.perf_counter() - begun < 60:
            with contextlib.suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", self.path or GET)
                if connection.getresponse().status == 200 or self.path:
                    self.cold_s = time.perf_counter() - begun
                    return
            time.sleep(0.01)
        raise SystemExit(f"{self.name} did not start: {self.command}")

    def rss_mib(self) -> float:
        assert self.process is not None
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def cpu_s(self) -> float:
        """Processor time of the server so far, all its threads."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        if self.process is not None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()


def pinned(core: int) -> list[str]:
    """The prefix that keeps a process on one core, where there are two and the tool for it."""
    return ["taskset", "-c", str(core)] if shutil.which("taskset") and (os.cpu_count() or 1) > 1 else []


def load(server: Server, *, post: bool, seconds: float, folder: Path) -> Figures:
    """32 connections for some seconds."""
    before = server.cpu_s()
    if shutil.which("wrk"):
        per_s, p50, p99, wrong = _wrk(server.port, post=post, seconds=seconds, folder=folder)
    else:
        per_s, p50, p99, wrong = asyncio.run(_plain_load(server, post=post, seconds=seconds))
    used = max(server.cpu_s() - before, 0.01)
    return Figures(per_s=per_s, per_cpu_s=per_s * seconds / used, p50_ms=p50, p99_ms=p99, wrong=int(wrong))


def _wrk(port: int, *, post: bool, seconds: float, folder: Path) -> tuple[float, float, float, float]:
    script = folder / ("post.lua" if post else "get.lua")
    set_up = (
        f"wrk.method='POST'; wrk.headers['Content-Type']='application/json'; wrk.body=[==[{BODY}]==]\n" if post else ""
    )
    script.write_text(
        set_up + "function done(s, l, r) io.write(string.format('RES %f %f %f %d\\n', s.requests/(s.duration/1e6), "
        "l:percentile(50)/1000, l:percentile(99)/1000, s.errors.status+s.errors.connect+s.errors.read)) end"
    )
    argv = [*pinned(1), "wrk", "-t1", "-c32", f"-d{seconds:g}s", "-s", str(script)]
    url = f"http://127.0.0.1:{port}{'/orders' if post else GET}"
    said = subprocess.run([*argv, url], capture_output=True, text=True, check=True).stdout
    per_s, p50, p99, wrong = next(line.split()[1:] for line in said.splitlines() if line.startswith("RES"))
    return float(per_s), float(p50), float(p99), float(wrong)


async def _plain_load(port: int, *, post: bool, seconds: float) -> tuple[float, float, float, float]:
    typed = f"Content-Type: application/json\r\nContent-Length: {len(BODY)}"
    head = f"POST /orders HTTP/1.1\r\nHost: x\r\n{typed}\r\n\r\n{BODY}"
    sent = (head if post else f"GET {GET} HTTP/1.1\r\nHost: x\r\n\r\n").encode()
    taken: list[float] = []
    wrong = 0
    end = time.perf_counter() + seconds

    async def one() -> None:
        nonlocal wrong
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (begun := time.perf_counter()) < end:
            writer.write(sent)
            answer = await reader.readuntil(b"\r\n\r\n")
            wrong += not answer.startswith(b"HTTP/1.1 20")
            length = int(answer.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            taken.append(time.perf_counter() - begun)
        writer.close()

    await asyncio.gather(*(one() for _ in range(32)))
    taken.sort()
    return len(taken) / seconds, taken[len(taken) // 2] * 1000, taken[len(taken) * 99 // 100] * 1000, wrong


def folder_for(root: Path, name: str, stubs: int, *, stateful: bool = False) -> Path:
    """A mock folder over the bench contract."""
    made = root / name
    (made / "mappings").mkdir(parents=True)
    (made / "mock.toml").write_text(f'contract = "../contract.json"\nstateful = {"true" if stateful else "false"}\n')
    (made / "mappings" / "all.json").write_text(json.dumps({"mappings": list(mappings(stubs, answering=False))}))
    return made


def servers(root: Path, wiremock: str | None) -> list[Server]:
    """Who is measured."""
    (root / "contract.json").write_text(json.dumps(contract()))
    (root / "get.json").write_text(json.dumps(ANSWER))
    (root / "post.json").write_text(json.dumps(CREATED))
    (root / "bare.py").write_text(BARE)
    python = sys.executable
    found = [
        Server(
            "bare uvicorn + httptools + uvloop", f"{python} {root}/bare.py {{port}} {root}/get.json {root}/post.json"
        )
    ]
    for name, stubs in (("mock, 50 stubs", 50), ("mock, 1 stub", 1), ("mock, 1000 stubs", 1000)):
        folder = folder_for(root, f"mock{stubs}", stubs)
        journal = root / f"journal{stubs}.ndjson"
        found.append(Server(name, f"{python} -m harness mock serve {folder} --port {{port}} --journal {journal} -q"))
    if wiremock:
        (root / "wm" / "mappings").mkdir(parents=True)
        (root / "wm" / "mappings" / "all.json").write_text(json.dumps({"mappings": list(mappings(50, answering=True))}))
        found.append(
            Server(
                "WireMock, 50 stubs",
                _wiremock(wiremock, root / "wm"),
            )
        )
    return found


def stubs_of(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One stub for each operation, as a user of WireMock would have them."""
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            yield {
                "request": {"method": method.upper(), "urlPathTemplate": path},
                "response": {"status": 200, "headers": {"Content-Type": "application/json"}, "jsonBody": ANSWER},
            }


def starts(root: Path, wiremock: str, document: Path, rounds: int) -> bool:
    """Cold start and memory beside WireMock, alternating; whether both promises hold in the median round."""
    read = json.loads(document.read_bytes())
    folder = root / f"wm-{document.stem}"
    (folder / "mappings").mkdir(parents=True)
    stubs = list(stubs_of(read))
    (folder / "mappings" / "all.json").write_text(json.dumps({"mappings": stubs}))
    first = next((path for path, item in read["paths"].items() if "get" in item), "/")
    mock = f"{sys.executable} -m harness mock serve {document} --port {{port}} -q"
    base = _base_path(document)
    rows: list[tuple[float, float, float]] = []
    for _ in range(rounds):
        ours = Server("mock", mock, path=base + first.replace("{", "").replace("}", ""))
        theirs = Server("WireMock", _wiremock(wiremock, folder), path=first.replace("{", "").replace("}", ""))
        figures = []
        for server in (ours, theirs):
            try:
                server.start()
                figures.append((server.cold_s, server.cpu_s(), server.rss_mib()))
            finally:
                server.end()
        rows.append(tuple(one / other for one, other in zip(*figures, strict=True)))  # type: ignore[arg-type]
        told = "   ".join(f"{cold:.2f} s {cpu:.2f} cpu-s {rss:.0f} MiB" for cold, cpu, rss in figures)
        print(f"{document.name}: {len(stubs)} operations, {document.stat().st_size} bytes   ours, WireMock: {told}")
    cold, cpu, rss = (statistics.median(column) for column in zip(*rows, strict=True))
    print(f"{cold:6.2f} x  cold start of WireMock's over {document.name} (promised: at most 0.40; cpu {cpu:.2f})")
    print(f"{rss:6.2f} x  memory of WireMock's over {document.name} (promised: at most 0.60)", flush=True)
    return cold <= 0.4 and rss <= 0.6


def _base_path(document: Path) -> str:
    from harness.adapters.mock_server.loading import load_mock

    return load_mock(document).mock.base_path


def _wiremock(jar: str, folder: Path) -> str:
    return (
        f"java -jar {jar} --port {{port}} --bind-address 127.0.0.1 --root-dir {folder} --disable-banner"
        " --no-request-journal"
    )


METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}
AT_LEAST = (
    ("GET of the bare handler", "mock, 50 stubs", "get", "bare", "get", 0.6),
    ("POST of the bare handler", "mock, 50 stubs", "post", "bare", "post", 0.5),
    ("1,000 stubs of one", "mock, 1000 stubs", "get", "mock, 1 stub", "get", 1 / 1.5),
    ("GET of WireMock", "mock, 50 stubs", "get", "WireMock", "get", 8.0),
    ("POST of WireMock", "mock, 50 stubs", "post", "WireMock", "post", 6.0),
)
AT_MOST = (("p99 of GET beside WireMock's p50", "mock, 50 stubs", "p99", "WireMock", "p50", 1.0),)


def main() -> int:
    """Measure and print; 1 with `--check` where a promise is not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--wiremock", default=os.environ.get("HARNESS_BENCH_WIREMOCK"))
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--starts-only", action="store_true", help="cold start and memory beside WireMock, no load")
    parser.add_argument("--document", type=Path, action="append", default=[], help="a contract to start with as well")
    asked = parser.parse_args()
    started = True
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "bench-1-MB.json"
        large.write_text(json.dumps(contract(pad=760)))
        for document in (large, *asked.document) if asked.wiremock else ():
            started &= starts(Path(folder), asked.wiremock, document, asked.rounds)
    if asked.starts_only:
        return 0 if started or not asked.check else 1
    seen: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for round_ in range(asked.rounds):
            (root / str(round_)).mkdir()
            for server in servers(root / str(round_), asked.wiremock):
                _measure(server, asked.seconds, root / str(round_), seen)
    kept = [_kept(seen, *promise, least=True) for promise in AT_LEAST]
    kept += [_kept(seen, *promise, least=False) for promise in AT_MOST]
    return 0 if (all(kept) and started) or not asked.check else 1


def _kept(
    seen: dict[str, dict[str, list[float]]], said: str, ours: str, what: str, other: str, its: str, bound: float,
    *, least: bool,
) -> bool:  # fmt: skip
    """Whether a promised ratio holds in the median round; true where the other was not measured."""
    theirs = next((seen[name] for name in seen if name.startswith(other)), None)
    if theirs is None:
        return True
    ratios = [one / two for one, two in zip(seen[ours][what], theirs[its], strict=True)]
    ratio = statistics.median(ratios)
    rounds = ", ".join(f"{one:.2f}" for one in ratios)
    print(f"{ratio:6.2f} x  {said} (promised: at {'least' if least else 'most'} {bound:.2f}; rounds {rounds})")
    return ratio >= bound if least else ratio <= bound


def _measure(server: Server, seconds: float, folder: Path, seen: dict[str, dict[str, list[float]]]) -> None:
    server.start()
    try:
        warm = 20 if server.name.startswith("WireMock") else 2
        load(server, post=False, seconds=warm / 2, folder=folder)
        load(server, post=True, seconds=warm / 2, folder=folder)
        get = load(server, post=False, seconds=seconds, folder=folder)
        post = load(server, post=True, seconds=seconds, folder=folder)
        rss = server.rss_mib()
    finally:
        server.end()
    figures = seen.setdefault(server.name, {"get": [], "post": [], "p50": [], "p99": [], "cold": [], "rss": []})
    for name, value in zip(
        figures, (get.per_cpu_s, post.per_cpu_s, get.p50_ms, get.p99_ms, server.cold_s, rss), strict=True
    ):
        figures[name].append(value)
    told = "   ".join(
        f"{verb} {one.per_s:7.0f}/s {one.per_cpu_s:7.0f}/cpu-s p50 {one.p50_ms:6.2f} p99 {one.p99_ms:7.2f} ms"
        for verb, one in (("GET", get), ("POST", post))
    )
    print(
        f"{server.name:34} {told}   wrong {get.wrong + post.wrong}   cold {server.cold_s:.2f} s   {rss:.0f} MiB",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
