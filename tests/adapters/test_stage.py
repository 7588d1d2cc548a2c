"""The stage: who stands is reached, who cannot stand is a reason, and nobody is left standing."""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.adapters.host import Host
from harness.adapters.processes import Processes
from harness.adapters.secrets import Secrets
from harness.adapters.stage import Stage
from harness.formats.sentences import say, what_to_do
from harness.model.evidence import Code
from harness.model.tier import Dependency, Probe, SecretRef, Start, System, Tier

SERVER = """
import json, os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        status = 503 if self.path == "/ill" else 200
        body = json.dumps({"build": {"version": "1.2"}, "erp": os.environ.get("ERP_URL"), "key": os.environ.get("KEY")})
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())
    def log_message(self, *args):
        pass

print("listening", flush=True)
HTTPServer(("127.0.0.1", int(sys.argv[1])), Answers).serve_forever()
"""


@pytest.fixture
def serving(tmp_path) -> Path:
    path = tmp_path / "serving.py"
    path.write_text(SERVER)
    return path


@pytest.fixture
def processes(tmp_path) -> Iterator[Processes]:
    made = Processes(Host(), f"test-stage-{os.getpid()}", tmp_path / "scratch")
    yield made
    made.close()


@pytest.fixture
def stage(processes, tmp_path):
    made: list[Stage] = []

    def set_up(*systems: System, dependencies: tuple[Dependency, ...] = (), environ: dict[str, str] | None = None):
        tier = Tier(name="test", systems=systems, dependencies=dependencies)
        told: list[str] = []
        secrets = Secrets(environ or {}, tmp_path)
        one = Stage(Host(), processes, tmp_path, tier, secrets, told.append)
        made.append(one)
        one.up()
        return one

    yield set_up
    for one in made:
        one.down()


def started(serving: Path, name: str = "hub", health: str = "/health", **more: object) -> System:
    command = ("python", str(serving), "{port}")
    start = Start(command=command, env=more.pop("env", ()), ready_s=more.pop("ready_s", 30.0))
    probe = Probe(method="GET", path=health)
    return System(
        name=name, base_url=more.pop("base_url", "http://127.0.0.1:{port}"), health=probe, start=start, **more
    )


def reason(stage: Stage, name: str = "hub") -> str:
    found = stage.failed[name]
    return f"{say(found)}; {what_to_do(found)}"


def test_a_system_is_started_on_a_free_port_and_says_what_it_is(stage, serving):
    version = Probe(method="GET", path="/version", field="build.version")
    up = stage(started(serving, version=version))
    assert up.failed == {}
    assert up.urls["hub"].startswith("http://127.0.0.1:")
    assert up.version_of(up.tier.systems[0], {}) == "1.2"
    assert up.fallen() == {}
    running = up.running["hub"]
    up.down()
    assert not running.alive


def test_a_dependency_stands_before_the_system_that_is_told_its_address(stage, serving):
    erp = Dependency(name="erp", start=Start(command=("python", str(serving), "{port}")))
    hub = started(serving, env=(("ERP_URL", "{dependencies.erp.url}"), ("KEY", SecretRef(kind="env", at="HUB_KEY"))))
    up = stage(hub, dependencies=(erp,), environ={"HUB_KEY": "s3cr3t"})
    assert up.failed == {}
    assert tuple(up.running) == ("erp", "hub")
    field = Probe(method="GET", path="/", field="erp")
    assert up.version_of(System(name="hub", base_url="", version=field), {}) == up.urls["erp"]
    assert up.secrets.known() == {"HUB_KEY": "s3cr3t"}


def test_a_port_in_use_is_said_with_the_way_out(stage, serving):
    first = stage(started(serving))
    taken = first.urls["hub"]
    second = stage(started(serving, name="other", base_url=taken))
    assert "is already in use" in reason(second, "other")
    assert taken.rpartition(":")[2] in reason(second, "other")
    assert second.running == {}


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ((sys.executable, "-c", "import sys; sys.exit('no database')"), 'status 1, having said: "no database"'),
        (("/no/such/program",), "status 127"),
        ((sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"), "signal 9"),
        ((sys.executable, "-c", "print('{nowhere}')"), "unknown place {nowhere}"),
        ((sys.executable, "-c", "print('{dependencies.crm.url}')"), "unknown place {dependencies.crm.url}"),
    ],
)
def test_a_system_that_does_not_start_says_why(stage, command, said):
    up = stage(System(name="hub", base_url="http://127.0.0.1:{port}", start=Start(command=command)))
    assert up.failed["hub"].code is Code.NOT_STARTED
    assert said in reason(up)


def test_a_system_that_never_gets_ready_is_left_after_its_time(stage, serving):
    up = stage(started(serving, health="/ill", ready_s=1.0))
    assert "not ready after 1 s: GET /ill answered 503" in reason(up)


def test_a_value_that_no_environment_can_hold_is_a_reason(stage, serving):
    up = stage(started(serving, env=(("KEY", SecretRef(kind="env", at="HUB_KEY")),)), environ={"HUB_KEY": "a\0b"})
    assert up.failed["hub"].code is Code.NOT_STARTED
    assert "a\0b" not in reason(up)


def test_a_system_of_somebody_else_must_answer(stage, serving):
    url = f"http://127.0.0.1:{Host().free_port()}"
    up = stage(System(name="hub", base_url=url))
    assert up.failed["hub"].code is Code.SYSTEM_UNREACHABLE
    assert "connection refused" in reason(up)
    assert up.version_of(System(name="hub", base_url=url, version=Probe(method="GET", path="/")), {}) is None


def test_a_real_dependency_that_is_ill_is_a_reason(stage, serving):
    hub = stage(started(serving))
    erp = Dependency(name="erp", real=hub.urls["hub"], health=Probe(method="GET", path="/ill"))
    up = stage(dependencies=(erp,))
    assert "GET /ill answered 503" in reason(up, "erp")


def test_a_mock_that_cannot_stand_is_a_reason_and_so_is_whoever_needs_its_address(stage, serving, tmp_path):
    erp = Dependency(name="erp", mock="mocks/nowhere")
    up = stage(started(serving, env=(("ERP_URL", "{dependencies.erp.url}"),)), dependencies=(erp,))
    assert "the mock of `erp` could not be started (it ended with status 2: " in reason(up, "erp")
    assert "mocks/nowhere" in reason(up, "erp")
    assert up.fallen() == {}
    assert up.failed["hub"].code is Code.NOT_STARTED
    assert "hub" not in up.running
    assert up.journal("erp") == b""


def test_who_fell_is_told_with_its_last_words(stage, serving):
    up = stage(started(serving))
    up.running["hub"].process.kill()
    up.running["hub"].process.wait()
    fallen = up.fallen()["hub"]
    assert fallen.code is Code.SYSTEM_DIED
    assert 'signal 9, having said: "listening"' in say(fallen)


def test_a_version_that_nobody_can_read_is_unknown(stage, serving):
    up = stage(started(serving))
    for field in ("nothing", "build.nothing", "build.version.deeper"):
        asked = System(name="hub", base_url="", version=Probe(method="GET", path="/", field=field))
        assert up.version_of(asked, {}) == "unknown"


def test_a_version_that_only_those_who_sign_in_are_told_is_asked_for_again_signed_in(stage, tmp_path, serving):
    refusing = SERVER.replace('503 if self.path == "/ill" else 200', '200 if self.headers.get("X-Key") else 401')
    serving.write_text(refusing)
    system = System(
        name="hub",
        base_url="http://127.0.0.1:{port}",
        start=Start(command=("python", str(serving), "{port}")),
        version=Probe(method="GET", path="/version", field="build.version"),
    )
    up = stage(system)
    assert up.version_of(system, {"X-Key": "k"}) == "1.2"
    assert up.version_of(system, {}) == "unknown"  # the control: a refusal that looks like an answer is none


def ended(up: Stage) -> None:
    up.running["hub"].process.kill()
    up.running["hub"].process.wait()


def until_told(up: Stage):
    while up.reviving["hub"].is_alive():
        up.reviving["hub"].join()
    return up.revivals()


def test_a_system_that_ends_is_started_again_as_often_as_its_tier_says(stage, serving):
    hub = started(serving)
    assert hub.start is not None
    up = stage(replace(hub, start=replace(hub.start, restarts=1)))
    ended(up)
    assert tuple(up.fallen()) == ("hub",)
    assert up.revive("hub")
    assert until_told(up) == (("hub", None),)
    assert (up.fallen(), up.restarted, tuple(up.earlier)) == ({}, {"hub": 1}, ("hub-ended-1",))
    ended(up)
    assert not up.revive("hub"), "its tier allows one"
    assert tuple(up.fallen()) == ("hub",)


def test_who_is_started_again_is_waited_for_by_nobody_who_watches(stage, serving, tmp_path):
    gate = tmp_path / "gate"
    serving.write_text(SERVER.replace('self.path == "/ill"', f"os.path.exists({str(gate)!r})"))
    hub = started(serving)
    assert hub.start is not None
    up = stage(replace(hub, start=replace(hub.start, restarts=1)))
    ended(up)
    gate.touch()
    assert up.revive("hub")
    assert (up.revivals(), up.fallen()) == ((), {}), "on its way: neither back nor lost"
    gate.unlink()
    assert until_told(up) == (("hub", None),)


def test_who_does_not_come_back_is_told_as_lost(stage, serving):
    hub = started(serving)
    assert hub.start is not None
    up = stage(replace(hub, start=replace(hub.start, restarts=1)))
    ended(up)
    serving.write_text("raise SystemExit(3)")
    assert up.revive("hub")
    ((name, why),) = until_told(up)
    assert (name, why is not None and why.code) == ("hub", Code.SYSTEM_DIED)


def test_one_that_ends_again_before_it_is_back_has_fallen_once_more(stage, serving):
    hub = started(serving)
    assert hub.start is not None
    up = stage(replace(hub, start=replace(hub.start, restarts=2)))
    ended(up)
    serving.write_text("raise SystemExit(3)")
    assert up.revive("hub")
    assert until_told(up) == ()
    serving.write_text(SERVER)
    assert tuple(up.fallen()) == ("hub",)
    assert up.revive("hub")
    assert until_told(up) == (("hub", None),)
