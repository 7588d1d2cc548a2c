"""Proof: the same mock gives the same bytes, whoever starts it and when, and nobody else's server is taken for it.

    mock_repeats.py             3 starts x 500 requests for every Python there is, each start with another hash seed
    mock_repeats.py --scaled    2 starts x 100 requests, this Python alone

Other Pythons are those in HARNESS_PROOF_PYTHONS (paths, parted by `:`), else python3.12 to python3.14 where they are
installed; one without the packages gets the locked ones in an environment of its own under .harness/. Answers are
compared byte by byte as they come from the wire. Control: a mock with another seed must differ.
"""

import argparse
import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = "import httptools, jsonschema_rs, uvloop, yaml"
SEEDS = ("0", "1", "4242")


def pythons() -> Iterator[Path]:
    """This interpreter, and every other one with the locked packages in an environment of its own."""
    yield Path(sys.executable)
    named = [one for one in os.environ.get("HARNESS_PROOF_PYTHONS", "").split(":") if one]
    found = [shutil.which(f"python3.{minor}") for minor in (12, 13, 14)]
    for other in named or [one for one in found if one is not None]:
        version = subprocess.run(
            [other, "-c", "import sys; print(sys.version.split()[0])"], capture_output=True, text=True
        )
        if version.returncode != 0 or version.stdout.split(".")[:2] == sys.version.split(".")[:2]:
            continue
        if subprocess.run([other, "-c", PACKAGES], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            yield Path(other)
            continue
        home = ROOT / ".harness" / "proofs" / f"python{version.stdout.strip()}"
        python = home / "bin" / "python"
        if not (home / "ready").exists():
            subprocess.run([other, "-m", "venv", str(home)], check=True)
            install = [python, "-m", "pip", "install", "-q", "-r", str(ROOT / ".locks" / "core.txt")]
            subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
            (home / "ready").touch()
        yield python


def folder_for(made: Path, seed: int) -> Path:
    """The sample's ERP with state on and a random delay, by a seed."""
    mock = made / f"mock{seed}"
    (mock / "mappings").mkdir(parents=True)
    shutil.copy(ROOT / "contracts" / "erp.openapi.yaml", made / "erp.yaml")
    (mock / "mock.toml").write_text(f'contract = "../erp.yaml"\nstateful = true\nseed = {seed}\n')
    shutil.copy(ROOT / "mocks" / "erp" / "mappings" / "out-of-stock.json", mock / "mappings" / "out-of-stock.json")
    return mock


class Started:
    """A mock on a free port, as a user starts it."""

    def __init__(self, python: Path, mock: Path, hash_seed: str) -> None:
        argv = [str(python), "-m", "harness", "mock", "serve", str(mock), "--port", "0", "--json"]
        env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, cwd=ROOT)
        assert self.process.stdout is not None
        self.told = json.loads(self.process.stdout.readline())
        self.port = int(self.told["url"].rpartition(":")[2])

    def answers(self, count: int) -> str:
        """A digest of everything that comes back for `count` requests of many kinds."""
        digest = hashlib.sha256()
        with socket.create_connection(("127.0.0.1", self.port), 10) as one:
            for index in range(count):
                one.sendall(_request(index))
                digest.update(_answer(one))
        return digest.hexdigest()

    def end(self) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait(10)


def _request(index: int) -> bytes:
    sku = ("TEA-100", "CUP-200", "bad", "NEW-300")[index % 4]
    body = json.dumps({"reference": f"ord-{index:012d}", "lines": [{"sku": sku, "quantity": index % 40}]}).encode()
    session = f"harness-session: s{index % 3}\r\n" + ("prefer: dynamic=true\r\n" if index % 5 == 0 else "")
    asked = (
        ("GET", f"/stock/{sku}", b""),
        ("POST", "/reservations", body),
        ("GET", "/stock", b""),
        ("GET", "/none", b""),
    )
    method, path, sent = asked[index % len(asked)]
    typed = f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n" if sent else ""
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{session}{typed}\r\n".encode() + sent


def _answer(one: socket.socket) -> bytes:
    found = b""
    while b"\r\n\r\n" not in found:
        found += one.recv(65536)
    head, _, body = found.partition(b"\r\n\r\n")
    lines = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lines[0].partition(b":")[2]) if lines else 0
    while len(body) < length:
        body += one.recv(65536)
    return head + b"\r\n\r\n" + body


def repeated(folder: Path, starts: int, count: int, found: list[Path]) -> Iterator[tuple[str, bool, str]]:
    """The same bytes at every start; others for another seed."""
    mock = folder_for(folder, 11)
    digests = {}
    for python in found:
        for hash_seed in SEEDS[:starts]:
            started = Started(python, mock, hash_seed)
            digests[f"{python.parent.parent.name} hash seed {hash_seed}"] = started.answers(count)
            started.end()
    same = len(set(digests.values())) == 1
    yield f"{len(digests)} starts x {count} requests, byte for byte", same, f"{len(found)} Pythons"
    other = Started(found[0], folder_for(folder, 12), "0")
    differs = other.answers(count) not in digests.values()
    other.end()
    yield "control: another seed gives other bytes", differs, ""


def ports(folder: Path) -> Iterator[tuple[str, bool, str]]:
    """Port 0 is a real one that is told; a taken one ends with a sentence; instances are told apart."""
    mock = folder_for(folder, 13)
    one, other = (Started(Path(sys.executable), mock, "0") for _ in range(2))
    connection = http.client.HTTPConnection("127.0.0.1", one.port, timeout=5)
    connection.request("GET", "/__admin/health")
    health = json.loads(connection.getresponse().read())
    mine = health["instance"] == one.told["instance"] != other.told["instance"]
    yield (
        "a client can tell whose server it speaks to",
        one.port != other.port and mine,
        f"ports {one.port}, {other.port}",
    )
    argv = [sys.executable, "-m", "harness", "mock", "serve", str(mock), "--port", str(one.port)]
    ended = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, timeout=30, check=False)
    named = ended.returncode == 2 and str(one.port) in ended.stderr and not ended.stdout
    yield (
        "a port in use ends with status 2 and names the port",
        named,
        ended.stderr.splitlines()[0] if ended.stderr else "",
    )
    for started in (one, other):
        started.end()


def main() -> int:
    """Print each claim; 1 where one did not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scaled", action="store_true")
    asked = parser.parse_args()
    found = [Path(sys.executable)] if asked.scaled else list(pythons())
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="mock-repeats-") as folder:
        starts, count = (2, 100) if asked.scaled else (3, 500)
        for claims in (repeated(Path(folder), starts, count, found), ports(Path(folder))):
            for name, good, told in claims:
                passed, failed = passed + good, failed + (not good)
                print(f"{'ok  ' if good else 'FAIL'}  {name}: {told}", flush=True)
    if len(found) == 1 and not asked.scaled:
        print("      one Python only: give another in HARNESS_PROOF_PYTHONS")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
