"""A whole run on a real database: it says what it stood on, and each way to lose the database has its word."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from harness.adapters.host import Host
from harness.adapters.marks import marked
from harness.adapters.services.engine import find_engine
from harness.runners.contract_events import EVENTS
from tests.live.services.conftest import NO_DOCKER, Workspace, containers_of, ended, left_of

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
MOMENTS, SIDE_BY_SIDE, LATEST_S = 8, 4, 12.0
GONE_WITHIN_S = 15.0
SLOW = {"SLOW_S": "0.3"}


def until(so, seconds=60.0):
    end = time.monotonic() + seconds
    while not so() and time.monotonic() < end:
        time.sleep(0.05)
    return so()


def postmaster(run):
    """The server of a run: of its processes in the service's session, the one that has a data folder."""
    for pid in marked(f"{run}/service:services.db"):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if words[0].endswith(b"postgres") and b"--single" not in words:
            return pid
    return None


def told_of_answers(run):
    """Whether the engine of a run has written down anything yet."""
    files = [root / run / "contract-keeper" / EVENTS for root in Host().scratch_roots()]
    return any(file.stat().st_size > 0 for file in files if file.exists())


def only_run(workspace: Workspace) -> str:
    assert until(workspace.drafts)
    return workspace.drafts()[0]


def record(workspace: Workspace, run: str):
    return json.loads((workspace.root / ".harness" / "runs" / run / "record.json").read_text())


@pytest.mark.needs("postgresql")
def test_a_run_on_a_real_database_passes_and_names_what_it_stood_on(workspace):
    said = workspace.run()
    assert said.exit == 0, said.all
    assert "services db: PostgreSQL 1" in said.all
    assert "as a process of this machine" in said.all
    (run,) = workspace.all_runs()
    (stood,) = record(workspace, run)["services"]
    assert (stood["kind"], stood["preset"]) == ("process", "postgresql")
    folder = workspace.root / ".harness" / "runs" / run
    assert "ready to accept connections" in (folder / "jobs" / "services.db" / "log.txt").read_text()


@pytest.mark.needs("postgresql")
def test_falling_to_a_process_is_in_the_record_and_on_the_terminal(workspace):
    workspace.edit('kinds  = ["process"]', 'kinds  = ["container", "process"]')
    said = workspace.run(DOCKER_HOST=NO_DOCKER)
    assert said.exit == 0
    assert "no container: no Docker engine answers" in said.all
    (run,) = workspace.all_runs()
    (stood,) = record(workspace, run)["services"]
    assert stood["fell"][0]["kind"] == "container"


def test_a_service_that_cannot_stand_is_undecided_with_every_reason(workspace):
    workspace.edit('kinds  = ["process"]', 'kinds  = ["container", "process"]\nbinaries = "/nowhere"')
    said = workspace.run(DOCKER_HOST=NO_DOCKER)
    assert said.exit == 3
    assert "the service `db` (postgresql) could not be started" in said.all
    assert "container: no Docker engine answers" in said.all
    assert "process: no postgres and initdb in /nowhere" in said.all
    assert "[services.db]" in said.all


@pytest.mark.needs("postgresql")
def test_the_password_of_a_service_is_in_no_argument_and_in_nothing_that_is_kept(workspace):
    process = workspace.begin(**SLOW)
    run = only_run(workspace)
    assert until(lambda: marked(f"{run}/contract:keeper"))
    environ = b"".join(Path(f"/proc/{pid}/environ").read_bytes() for pid in marked(f"{run}/service:keeper"))
    url = next(word for word in environ.split(b"\0") if word.startswith(b"DATABASE_URL="))
    password = url.partition(b"@")[0].rpartition(b":")[2]
    assert len(password) == 32
    arguments = b"".join(_bytes(entry / "cmdline") for entry in Path("/proc").glob("[0-9]*"))
    assert password not in arguments
    said = ended(process)
    assert said.exit == 0
    kept = b"".join(path.read_bytes() for path in (workspace.root / ".harness").rglob("*") if path.is_file())
    assert password not in kept + said.all.encode()


@pytest.mark.needs("postgresql")
def test_a_place_with_a_password_is_refused_in_an_argument(workspace):
    workspace.edit('"--port", "{port}"]', '"--port", "{port}", "{services.db.url}"]')
    said = workspace.run()
    assert said.exit == 3
    assert "unknown place {services.db.url}" in said.all
    assert "{services.db.url} in `env`" in said.all


@pytest.mark.needs("postgresql")
def test_a_database_killed_in_mid_run_is_the_reason_and_not_a_failure_of_the_system(workspace):
    process = workspace.begin(**SLOW)
    run = only_run(workspace)
    assert until(lambda: marked(f"{run}/contract:keeper"))
    assert until(lambda: told_of_answers(run))
    os.kill(postmaster(run), signal.SIGKILL)
    said = ended(process)
    assert said.exit == 3, said.all
    assert "`services.db` stopped answering in mid-run (its process ended with signal 9" in said.all
    assert "UNDECIDED" in said.all
    assert "Traceback" not in said.all


@pytest.mark.needs("docker")
def test_a_container_killed_in_mid_run_is_the_reason_too(workspace, images):
    workspace.edit('kinds  = ["process"]', f'kinds  = ["container"]\nimage = "{images["HARNESS_SERVICES_DB_IMAGE"]}"')
    process = workspace.begin(**SLOW)
    run = only_run(workspace)
    assert until(lambda: marked(f"{run}/contract:keeper"))
    (container,) = containers_of(run)
    os.kill(_pid_in(container), signal.SIGKILL)
    said = ended(process)
    assert said.exit == 3, said.all
    assert "`services.db` stopped answering in mid-run (its container ended with status 137" in said.all


@pytest.mark.needs("docker")
def test_an_engine_that_dies_in_mid_run_is_the_reason_and_the_next_start_clears_what_it_kept(
    workspace, images, tmp_path
):
    workspace.edit('kinds  = ["process"]', f'kinds  = ["container"]\nimage = "{images["HARNESS_SERVICES_DB_IMAGE"]}"')
    with engine_that_dies(tmp_path / "docker.sock") as (address, die):
        process = workspace.begin(**SLOW, DOCKER_HOST=address)
        run = only_run(workspace)
        assert until(lambda: marked(f"{run}/contract:keeper"))
        die()
        said = ended(process)
    assert said.exit == 3, said.all
    assert "`services.db` stopped answering in mid-run (no Docker engine answers at unix://" in said.all
    assert "Traceback" not in said.all
    assert left_of(run) == [f"container of {run}"]  # nobody could end it
    assert workspace.run().exit == 0
    assert left_of(run) == []


@contextmanager
def engine_that_dies(path):
    """The engine of this machine behind a socket of our own, until `die` is called."""
    at = find_engine(os.environ).at.removeprefix("unix://")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen(64)
    open_ones = []

    def pump(source, target):
        with suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def serve():
        with suppress(OSError):
            while True:
                near, _ = server.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(at)
                open_ones.extend((near, far))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    def die():
        path.unlink(missing_ok=True)
        for one in (server, *open_ones):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"unix://{path}", die
    finally:
        die()


@pytest.mark.needs("postgresql")
def test_an_interrupt_while_the_database_starts_ends_everything(workspace):
    process = workspace.begin()
    run = only_run(workspace)
    assert until(lambda: marked(f"{run}/service:services.db"))
    process.send_signal(signal.SIGINT)
    said = ended(process)
    assert said.exit == 130, said.all
    assert left_of(run) == []


@pytest.mark.needs("postgresql")
def test_a_harness_killed_at_any_moment_leaves_nothing_for_long(workspace):
    seed = random.randrange(2**31)
    chance = random.Random(seed)
    whole = [(chance.uniform(0.4, LATEST_S), False) for _ in range(MOMENTS // 2)]
    in_its_making = [(chance.uniform(0.0, 1.5), True) for _ in range(MOMENTS // 2)]  # the hardest to clear
    print(f"{MOMENTS} moments (seed {seed}), all gone within {_killed(workspace, *whole, *in_its_making):.1f} s")


@pytest.mark.needs("docker")
def test_a_harness_killed_beside_a_container_leaves_nothing_for_long(workspace, images):
    workspace.edit('kinds  = ["process"]', f'kinds  = ["container"]\nimage = "{images["HARNESS_SERVICES_DB_IMAGE"]}"')
    seed = random.randrange(2**31)
    chance = random.Random(seed)
    moments = [(chance.uniform(0.8, LATEST_S), False) for _ in range(MOMENTS)]
    print(f"{MOMENTS} moments (seed {seed}), all gone within {_killed(workspace, *moments):.1f} s")


@pytest.mark.needs("postgresql", "rabbitmq")
def test_a_broker_and_its_port_mapper_are_gone_after_a_kill_too(workspace):
    workspace.edit("[systems.keeper]", '[services.queue]\npreset = "rabbitmq"\nkinds = ["process"]\n[systems.keeper]')
    process = workspace.begin(**SLOW)
    run = only_run(workspace)
    assert until(lambda: b"epmd" in b"".join(map(_command, marked(f"{run}/service:services.queue"))))
    assert until(lambda: marked(f"{run}/service:keeper"))  # so the broker stands
    process.kill()
    process.communicate()
    assert until(lambda: left_of(run) == [], GONE_WITHIN_S), left_of(run)


@pytest.mark.needs("postgresql")
def test_what_the_watchdog_could_not_clear_the_next_start_does(workspace):
    process = workspace.begin(**SLOW)
    run = only_run(workspace)
    assert until(lambda: marked(f"{run}/contract:keeper"))
    os.kill(_watchdog(run), signal.SIGKILL)
    process.kill()
    process.communicate()
    assert left_of(run) != []  # the control: without its watchdog, a killed run leaves something
    said = workspace.run()
    assert said.exit == 0, said.all
    assert f"removed what the killed run {run} left" in said.all
    assert left_of(run) == []


def _killed(workspace: Workspace, *moments: tuple[float, bool]) -> float:
    """Kill -9 at each moment, some side by side; how long it took until nothing was left of the slowest, for good."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        ended = tuple(pool.map(lambda one: _killed_after(workspace, one[0], *one[1]), enumerate(moments)))
    runs = [run for some, _ in ended for run in some]
    assert until(lambda: not any(map(_watchdog, runs)))  # nothing comes back either: each had its last look
    assert [one for run in runs for one in left_of(run)] == []
    return max(took for _, took in ended)


def _killed_after(workspace: Workspace, number: int, seconds: float, since_service: bool) -> tuple[list[str], float]:
    """Kill -9 after that time, since the start or the service's: its runs, and how long anything of them was left."""
    place = Workspace(root=workspace.root.with_name(f"{workspace.root.name}-{number}"))
    shutil.copytree(workspace.root, place.root)
    process = place.begin(**SLOW)
    if since_service:
        assert until(lambda: any(marked(f"{run}/service:services.db") for run in place.drafts()))
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.kill()
    process.communicate()
    began = time.monotonic()
    runs = place.all_runs()
    gone = until(lambda: not [one for run in runs for one in left_of(run)], GONE_WITHIN_S)
    assert gone, (seconds, [one for run in runs for one in left_of(run)])
    return runs, time.monotonic() - began


def _watchdog(run) -> int | None:
    for entry in Path("/proc").glob("[0-9]*"):
        words = _bytes(entry / "cmdline").split(b"\0")
        if run.encode() in words and any(word.endswith(b"watchdog.py") for word in words):
            return int(entry.name)
    return None


def _pid_in(container):
    """The container's first process, as this machine counts."""
    for entry in Path("/proc").glob("[0-9]*"):
        groups = _bytes(entry / "cgroup")
        if container.encode() in groups and _bytes(entry / "cmdline").split(b"\0")[0].endswith(b"/postgres"):
            return int(entry.name)
    raise AssertionError("no process of that container")


def _command(pid):
    return _bytes(Path(f"/proc/{pid}/cmdline"))


def _bytes(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""
