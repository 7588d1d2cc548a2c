"""What a machine with a token sends: endless, slow, broken or too much of it is refused; memory and disk stay small."""

import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.live.portal.people import Office, open_office
from tests.live.portal.serving import Serving, served
from tests.portal.publication import publication

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
MOST_GROWTH = 200 * 1024**2
GB = 1024**3


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with served(tmp_path_factory.mktemp("portal")) as portal:
        yield open_office(portal)


def resident(process: "subprocess.Popen[str] | None") -> int:
    """Bytes in memory of a server and its workers."""
    assert process is not None
    group, found = os.getpgid(process.pid), 0
    for one in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(one.name)) == group:
                found += int((one / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError):
            continue
    return found


def on_disk(portal: Serving) -> int:
    return sum(one.stat().st_size for one in portal.data.rglob("*") if one.is_file())


def wanted(office: Office, body: bytes) -> str:
    """The portal asks for a file of this content."""
    sent, _ = publication(pictures=(body,), run=f"run-{len(body)}")
    headers = {"Authorization": f"Bearer {office.token}", "Host": f"localhost:{office.portal.port}"}
    answer = office.portal.client.post("/api/v1/projects/order-hub/runs", content=sent, headers=headers)
    assert answer.json()["missing"] == [hashlib.sha256(body).hexdigest()]
    return hashlib.sha256(body).hexdigest()


def raw(office: Office, lines: str, parts: Iterator[bytes]) -> int:
    """A request as no library would send it; its status, 0 where the line was cut instead."""
    head = f"{lines}\r\nHost: localhost:{office.portal.port}\r\nAuthorization: Bearer {office.token}\r\n\r\n"
    with closing(socket.create_connection(("127.0.0.1", office.portal.port), timeout=60)) as line:
        try:
            line.sendall(head.encode())
            for part in parts:
                line.sendall(part)
        except OSError:
            pass  # told before all was sent: the answer may still be there
        try:
            return int(line.recv(64).split(b" ")[1])
        except (OSError, IndexError):
            return 0


def endless(most: int) -> Iterator[bytes]:
    piece = bytes(1024**2)
    for _ in range(most // len(piece)):
        yield b"%x\r\n" % len(piece) + piece + b"\r\n"


def test_an_upload_without_end_length_or_truth_is_refused_and_costs_neither_memory_nor_disk(office: Office) -> None:
    portal, sha = office.portal, wanted(office, b"what was seen")
    memory, disk = resident(portal.process), on_disk(portal)
    put, post = f"PUT /api/v1/evidence/{sha} HTTP/1.1", "POST /api/v1/projects/order-hub/runs HTTP/1.1"
    chunked, typed = "Transfer-Encoding: chunked", "Content-Type: application/json"
    tries = {
        "5 GB without a length": (f"{put}\r\n{chunked}", endless(5 * GB)),
        "5 GB that are announced": (f"{put}\r\nContent-Length: {5 * GB}", endless(5 * GB)),
        "a length of two kinds": (f"{put}\r\nContent-Length: 13\r\nContent-Length: 14", iter([b"what was seen!"])),
        "a negative length": (f"{put}\r\nContent-Length: -1", iter([b"x"])),
        "a run of 5 GB": (f"{post}\r\n{typed}\r\nContent-Length: {5 * GB}", endless(5 * GB)),
        "a run without an end": (f"{post}\r\n{typed}\r\n{chunked}", endless(5 * GB)),
    }
    statuses = {name: raw(office, *one) for name, one in tries.items()}
    assert {name: status for name, status in statuses.items() if not (status == 0 or 400 <= status < 500)} == {}
    assert resident(portal.process) - memory < MOST_GROWTH
    assert on_disk(portal) - disk < 1024**2
    assert not list(portal.data.rglob(".*")), "no draft is left"
    kept = f"{put}\r\nContent-Length: 13"
    assert raw(office, kept, iter([b"what was seen"])) == 201, "the control: as it should be, it is kept"


def test_who_sends_slowly_keeps_nobody_waiting(office: Office) -> None:
    sha = wanted(office, b"what was seen, too")
    head = f"PUT /api/v1/evidence/{sha} HTTP/1.1\r\nHost: localhost:{office.portal.port}\r\nContent-Length: 18\r\n"
    lines = [socket.create_connection(("127.0.0.1", office.portal.port), timeout=60) for _ in range(40)]
    for line in lines:
        line.sendall(head.encode())  # and no more: the head of each is never finished
    try:
        for _ in range(20):
            assert office.portal.client.get("/health").status_code == 200
    finally:
        for line in lines:
            line.close()


@pytest.mark.parametrize("depth", [1_000, 200_000])
def test_a_document_that_is_deep_or_swollen_breaks_nothing(office: Office, depth: int) -> None:
    headers = {"Authorization": f"Bearer {office.token}", "Host": f"localhost:{office.portal.port}"}
    memory = resident(office.portal.process)
    for body in ("[" * depth, '{"plan":' * depth, json.dumps({"plan": "x" * depth, "acts": [[]] * depth})):
        answer = office.portal.client.post("/api/v1/projects/order-hub/runs", content=body, headers=headers)
        assert 400 <= answer.status_code < 500, answer.text
    assert resident(office.portal.process) - memory < MOST_GROWTH


def test_the_measure_would_notice_memory_that_is_taken() -> None:
    """The control: a server that reads whole what it is sent is seen by the same measure."""
    script = f"kept = bytearray(b'x' * {MOST_GROWTH}); print(len(kept), flush=True); input()"
    greedy = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert greedy.stdout is not None
    greedy.stdout.readline()
    try:
        assert resident(greedy) > MOST_GROWTH
    finally:
        greedy.kill()
        greedy.communicate()
