"""An engine in a network of its own reaches the guard's doors and nothing else."""

import json
import sys

import pytest

from harness.adapters.host import Host
from harness.adapters.processes import can_isolate
from harness.model.guard import Door
from harness.model.process import Command, WayOut
from tests.adapters.guard.conftest import shop

pytestmark = pytest.mark.live

TRIES = """
import json, pathlib, socket, sys, urllib.request

def tried(act):
    try:
        act()
    except OSError as error:
        return type(error).__name__
    return "reached"

door, server = map(int, sys.argv[1:3])
told = {
    "door": urllib.request.urlopen(f"http://127.0.0.1:{door}/page", timeout=5).status,
    "server": tried(lambda: socket.create_connection(("127.0.0.1", server), 3)),
    "elsewhere": tried(lambda: socket.create_connection(("192.0.2.1", 80), 3)),
    "six": tried(lambda: socket.create_connection(("2001:db8::1", 80), 3)),
    "datagram": tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))),
    "back": tried(lambda: __import__("subprocess").run(["nsenter", "-t", "1", "-n", "true"], check=True)
                  and None) if pathlib.Path("/usr/bin/nsenter").exists() else "CalledProcessError",
}
print(json.dumps(told))
"""
TRIES = TRIES.replace("except OSError as error", "except Exception as error")


def reached(guarding, recorder, way_out):
    guard = guarding(shop(recorder.port), passed=way_out)
    doors = tuple((key, port) for key, port in guard.guard.ports.items() if key.startswith("job>"))
    door = guard.guard.ports[Door(job="job", origin="shop").key]
    command = Command(
        argv=(sys.executable, "tries.py", str(door), str(recorder.port)),
        files={"tries.py": TRIES.encode()},
        way_out=WayOut(socket=guard.guard.doors_socket, doors=doors) if way_out else None,
    )
    ended = guard.processes.spawn(command, "job")
    assert ended.exit_status == 0, ended.stderr.decode()
    return json.loads(ended.stdout)


@pytest.fixture
def isolation():
    assert can_isolate(Host()), "this machine gives no networks of their own; the record would say `weaker`"


def test_only_the_doors_are_reached_from_a_network_of_its_own(guarding, recording, isolation):
    recorder = recording()
    told = reached(guarding, recorder, True)
    assert told.pop("door") == 200
    assert "reached" not in told.values(), told
    assert recorder.asked == ["GET /page"]


def test_control_without_it_the_server_is_reached(guarding, recording):
    recorder = recording()
    told = reached(guarding, recorder, False)
    assert told["server"] == "reached"
