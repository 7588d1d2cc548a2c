"""`ApiUser` is a real Locust user: Locust's own command, tags, shapes, processes and web page work with it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from harness.model.load import OpenModel, Stage

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]

USERS = """
from locust import LoadTestShape, constant_pacing, tag, task
from harness.kit.load import ApiUser

class It(ApiUser):
    wait_time = constant_pacing(0.02)

    @tag("read")
    @task
    def read(self):
        self.client.get("/ok", name="read")

    @tag("write")
    @task
    def write(self):
        self.client.post("/ok", json={}, name="write")
"""
SHAPE = """
class Steps(LoadTestShape):
    def tick(self):
        if self.get_run_time() > 2.5:
            return None
        return (2, 10) if self.get_run_time() < 1 else (4, 10)
"""


def locust(folder: Path, script: str, *options: str, **env: str) -> subprocess.Popen[bytes]:
    (folder / "it.py").write_text(script)
    return subprocess.Popen(
        [sys.executable, "-m", "locust", "-f", "it.py", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def headless(folder: Path, script: str, url: str, *options: str) -> dict[str, dict[str, object]]:
    process = locust(folder, script, "--headless", "--json", "--host", url, "--stop-timeout", "5", *options)
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, err.decode()
    return {entry["name"]: entry for entry in _documents(out.decode())}


def _documents(text: str) -> list[dict[str, object]]:
    """Every process of Locust prints a list; only the one that counted has entries."""
    entries, at = [], 0
    while at < len(text):
        found, at = json.JSONDecoder().raw_decode(text, at)
        entries += found
        at += len(text[at:]) - len(text[at:].lstrip())
    return entries


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def asked(wire, method: bytes) -> int:
    return sum(raw.startswith(method) for _, raw in wire.asked)


def assert_counted(seen, wire) -> None:
    """Locust counts what the server saw, less what it cut off itself at the very end: at most one for each user."""
    counted = sum(entry["num_requests"] for entry in seen.values())
    assert 0 < counted <= len(wire.asked) <= counted + 4
    assert not any(entry["num_failures"] for entry in seen.values())


def test_tags_choose_tasks(tmp_path, wire):
    seen = headless(tmp_path, USERS, wire.url, "-u", "3", "-r", "3", "-t", "2s", "--tags", "write")
    assert set(seen) == {"write"}
    assert len(wire.asked) == asked(wire, b"POST")
    assert_counted(seen, wire)


def test_a_shape_drives_the_users(tmp_path, wire):
    seen = headless(tmp_path, USERS + SHAPE, wire.url)
    assert_counted(seen, wire)


def test_several_processes_add_up_to_what_the_server_saw(tmp_path, wire):
    port = str(free_port())
    one_machine = ("--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port)
    seen = headless(tmp_path, USERS, wire.url, "-u", "4", "-r", "4", "-t", "3s", "--processes", "2", *one_machine)
    assert_counted(seen, wire)


def test_the_web_page_starts_and_shows_a_run(tmp_path, wire):
    page = f"http://127.0.0.1:{free_port()}"
    options = ("--host", wire.url, "--web-host", "127.0.0.1", "--web-port", page.rpartition(":")[2])
    process = locust(tmp_path, USERS, *options)
    try:
        asked_to_start = urllib.parse.urlencode({"user_count": 2, "spawn_rate": 2, "host": wire.url}).encode()
        started = json.loads(_patiently(f"{page}/swarm", asked_to_start))
        assert started["success"] is True
        give_up = time.monotonic() + 30
        while not wire.asked and time.monotonic() < give_up:
            time.sleep(0.1)
        stats = json.loads(_patiently(f"{page}/stats/requests"))
        assert {entry["name"] for entry in stats["stats"]} <= {"read", "write", "Aggregated"}
        assert wire.asked
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _patiently(url: str, body: bytes | None = None) -> bytes:
    """Ask until the page is there."""
    give_up = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, body) as answer:
                return answer.read()
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)


def test_what_one_user_asks_side_by_side_is_not_mixed_up(engine, wire):
    script = """
import gevent
from locust import task
from harness.kit.load import ApiUser

class It(ApiUser):
    timeout_s = 5

    @task
    def side_by_side(self):
        paths = ["/slow-head", "/chunked", "/gzip", "/204", "/404", "/ok"] * 5
        asked = [gevent.spawn(self.client.get, path, name=path) for path in paths]
        gevent.joinall(asked)
        for path, one in zip(paths, asked):
            answer = one.value
            wanted = {"/204": (204, b""), "/404": (404, b""), "/ok": (200, b'{"ok": true}')}.get(path, (200, b"hello"))
            assert (answer.status_code, answer.content) == wanted, path
"""
    ran = engine.run(script, wire.url, OpenModel(stages=(Stage(rate_per_s=2, for_s=1),)))
    assert {one.name: (one.answered, one.failed) for one in ran.figures.operations} == {
        path: (0, 10) if path == "/404" else (10, 0)
        for path in ("/slow-head", "/chunked", "/gzip", "/204", "/404", "/ok")
    }
