"""Inside the proof's own network: start a server under strace, attack it, and say of each claim whether it held."""

import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from hostile import ABUSES, INJECTIONS, POKES, TRAVERSALS, ask, body_of, chunked_flood, connect

ROOT = Path(__file__).resolve().parents[3]
SECRET = b"PLANTED-9f3c-SECRET"
CUSTOMER = "7f9c24e8-3b12-4fef-91d0-56a2d7f0c001"
GET = f"GET /customers/{CUSTOMER} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


class Attacked:
    """The server, the files it opened, the calls it made."""

    def __init__(self, which: str, folder: Path) -> None:
        self.folder = folder
        self.trace = folder / "trace.txt"
        self.packets = folder / "packets.txt"
        mock = self._laid_out()
        serve = ["-m", "harness", "mock", "serve", str(mock), "--port", "0", "--json", "--journal", str(folder / "j")]
        argv = serve if which == "mock" else [str(Path(__file__).with_name("careless.py")), str(mock)]
        self.wire = subprocess.Popen(
            ["tcpdump", "-i", "lo", "-n", "-l", "--immediate-mode", "not", "net", "127.0.0.0/8"],
            stdout=self.packets.open("wb"), stderr=subprocess.DEVNULL,
        )  # fmt: skip
        strace = ["strace", "-f", "-qq", "-e", "trace=open,openat,connect,sendto", "-o", str(self.trace)]
        env = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}
        self.process = subprocess.Popen(
            [*strace, sys.executable, *argv], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, env=env
        )
        assert self.process.stdout is not None
        ready = json.loads(self.process.stdout.readline())
        self.port = int(ready["url"].rpartition(":")[2])
        time.sleep(1.0)
        self.started = self.trace.stat().st_size
        self.pid = next(pid for pid in _children(self.process.pid))

    def _laid_out(self) -> Path:
        sys.path.insert(0, str(ROOT / "tests" / "bench"))
        from mocks import contract, folder_for

        (self.folder / "contract.json").write_text(json.dumps(contract()))
        mock = folder_for(self.folder, "mock", 5)
        (mock / "__files").mkdir()
        (mock / "__files" / "fine.json").write_text("{}")
        beside = self.folder / "mock-secret"
        beside.mkdir()
        for place in (beside, self.folder, mock):
            (place / "secret.txt").write_bytes(SECRET)
        bomb = {"request": {"urlPathPattern": "/customers/(a+)+b"}, "response": {"status": 404}}
        (mock / "mappings" / "bomb.json").write_text(json.dumps(bomb))
        return mock

    def opened_outside(self) -> list[str]:
        """Files opened since the start that are neither the interpreter's own nor the journal."""
        own = (sys.prefix, sys.base_prefix, str(ROOT / "harness"), "/usr/lib", "/lib", str(self.folder / "j"))
        lines = self.trace.read_text(errors="replace")[self.started :].splitlines()
        found = [re.search(r'open(?:at)?\((?:[^,]*, )?"([^"]*)"', line) for line in lines]
        return [one[1] for one in found if one is not None and not one[1].startswith(own)]

    def calls(self) -> list[str]:
        """Connections that the server itself opened since the start, and packets that left."""
        lines = self.trace.read_text(errors="replace")[self.started :].splitlines()
        calls = [line for line in lines if "connect(" in line and "AF_INET" in line]
        return calls + self.packets.read_text(errors="replace").splitlines()

    def rss_mib(self) -> float:
        """Memory of the server now."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024

    def cpu_s(self) -> float:
        """Processor time of the server so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def listens(self) -> set[str]:
        """The addresses that it listens on, as /proc writes them."""
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and int(row[1][-4:], 16) == self.port}

    def serves(self) -> bool:
        """Whether an honest client is still answered."""
        return ask(self.port, GET, 10).startswith(b"HTTP/1.1 200")

    def end(self) -> None:
        """Stop server and wire."""
        os.kill(self.pid, signal.SIGTERM)
        self.process.wait(20)
        self.wire.terminate()
        self.wire.wait(10)


def _children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def files_and_calls(server: Attacked) -> Iterator[tuple[str, bool, str]]:
    """R36: not a proxy, not a file server, not open."""
    answers = [ask(server.port, request) for request in (*TRAVERSALS, *INJECTIONS)]
    leaks = [answer for answer in answers if SECRET in answer or b"root:x:" in answer]
    sent = len(answers)
    yield f"{sent} requests leak no planted secret", not leaks, f"{len(leaks)} answers held one"
    evaluated = [answer for answer in answers if b"49-evaluated" in answer or b"7777777" in answer]
    yield "no template of a request is carried out", not evaluated, f"{len(evaluated)} were"
    outside = server.opened_outside()
    yield f"{sent} requests open no file", not outside, f"{len(outside)} opened {outside[:2]}"
    time.sleep(1.0)
    calls = server.calls()
    yield f"{sent} requests make it call nobody", not calls, f"{len(calls)} calls and packets {calls[:1]}"
    loop = server.listens() == {"0100007F"}
    yield "it listens on 127.0.0.1 alone", loop, f"on {sorted(server.listens())}"
    before = body_of(ask(server.port, GET))
    pokes = [ask(server.port, request) for request in POKES]
    open_ = [one for one in pokes if b"access-control-allow" in one.lower() or not re.match(rb"HTTP/1.1 4", one)]
    same = body_of(ask(server.port, GET)) == before
    yield f"{len(pokes)} requests of another origin change no stub", same and not open_, f"{len(open_)} let in"


def abuses(server: Attacked, *, scaled: bool) -> Iterator[tuple[str, bool, str]]:
    """R37: every abuse ends in a 4xx or a close, in bounded memory, and others are served meanwhile."""
    for name, requests in ABUSES.items():
        ends = [ask(server.port, request, 10) for request in requests]
        bad = [end for end in ends if not (end == b"" or re.match(rb"HTTP/1.1 [24]", end)) or b"Traceback" in end]
        good = not bad and server.serves()
        yield f"{name}: {len(requests)} answered with a refusal or a close", good, f"{len(bad)} otherwise {bad[:1]}"
    yield from floods(server, 64 if scaled else 1024)
    yield from crowd(server, 500 if scaled else 5000)
    if not scaled:
        yield from slow(server)
    yield from remembered(server)


def floods(server: Attacked, size: int) -> Iterator[tuple[str, bool, str]]:
    """Bodies that are too large are refused before they are there."""
    for name, flood in (("declared", False), ("chunked", True)):
        taken = chunked_flood(server.port, size, declared=not flood)
        fine = taken <= 32 and server.serves()
        yield f"a body of {size} MB, {name}, is refused early", fine, f"{taken} MB taken"


def remembered(server: Attacked) -> Iterator[tuple[str, bool, str]]:
    """What stays of it all, in memory and on disk."""
    memory = server.rss_mib()
    yield "memory stays below 300 MB", memory < 300, f"{memory:.0f} MB at its highest"
    journal = server.folder / "j"
    large = journal.stat().st_size / 2**20 if journal.exists() else 999
    yield "the journal stays below 20 MB", large < 20, f"{large:.1f} MB"


def crowd(server: Attacked, count: int) -> Iterator[tuple[str, bool, str]]:
    """Idle connections beside an honest client, whose time is told; it costs no more processor than before."""
    alone, alone_cpu = honest(server)
    idle: list[socket.socket] = []
    for _ in range(count):
        idle.append(connect(server.port))
    together, together_cpu = honest(server)
    open_ = sum(one.fileno() >= 0 for one in idle)
    for one in idle:
        one.close()
    ratio = together / alone if alone else 99
    cpu = together_cpu / max(alone_cpu, 0.01)
    told = f"p99 {alone:.2f} → {together:.2f} ms ({ratio:.2f} x), processor {cpu:.2f} x"
    fine = open_ == count and together > 0 and (ratio < 2 or cpu < 2)
    yield f"{count} idle connections do not slow an honest client to twice its time", fine, told


def honest(server: Attacked, rounds: int = 3, each: int = 1000) -> tuple[float, float]:
    """The median p99 in ms of an honest client over some rounds, and the server's processor time; 0 where wrong."""
    found = []
    before = server.cpu_s()
    for _ in range(rounds):
        with connect(server.port) as one:
            taken = []
            for _ in range(each):
                begun = time.perf_counter()
                one.sendall(GET)
                if not one.recv(65536).startswith(b"HTTP/1.1 200"):
                    return 0.0, 0.0
                taken.append(time.perf_counter() - begun)
        found.append(sorted(taken)[each * 99 // 100] * 1000)
    return statistics.median(found), server.cpu_s() - before


def slow(server: Attacked) -> Iterator[tuple[str, bool, str]]:
    """Slowloris: heads and bodies that never end are let go within their time."""
    drips = [b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n{"]
    clients = [connect(server.port) for _ in range(20)]
    gone = [False] * len(clients)

    def drip(at: int) -> None:
        one = clients[at]
        one.settimeout(0.5)
        one.sendall(drips[at % 2])
        end = time.monotonic() + 45
        while time.monotonic() < end and not gone[at]:
            try:
                one.sendall(b"X-A: b\r\n" if at % 2 == 0 else b" ")
                gone[at] = one.recv(1000) in {b""} or True
            except TimeoutError:
                continue
            except OSError:
                gone[at] = True

    threads = [threading.Thread(target=drip, args=(at,)) for at in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in clients:
        one.close()
    yield "clients that drip are let go within 45 s", all(gone) and server.serves(), f"{sum(gone)} of {len(gone)} gone"


CONTROLLED = (
    "leak no planted",
    "open no file",
    "call nobody",
    "127.0.0.1 alone",
    "change no stub",
    "declared",
    "let go",
    "memory stays",
)


def main() -> int:
    """Attack one server; a line of JSON for every claim. The careless one must fail those that it is careless about."""
    which, folder, scaled = sys.argv[1], Path(sys.argv[2]), "--scaled" in sys.argv
    server = Attacked(which, folder)
    try:
        sources = [files_and_calls(server)]
        if which == "mock":
            sources.append(abuses(server, scaled=scaled))
        elif scaled:
            sources.append(floods(server, 64))
        else:
            sources += [floods(server, 400), slow(server), remembered(server)]
        for claim, held, why in (one for source in sources for one in source):
            if which == "mock" or any(part in claim for part in CONTROLLED):
                print(json.dumps({"claim": claim, "held": held, "why": why}), flush=True)
    finally:
        server.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
