"""A guard that is killed takes all traffic with it: engines have no other way, and the run is undecided."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.adapters.marks import marked
from tests.live.guard.test_planted_secrets import environment, workspace

pytestmark = [pytest.mark.live, pytest.mark.needs("engines", "namespaces")]
__all__ = ["workspace"]
LOAD = {
    "shop.toml": 'users = "users.py:Users"\n[profiles.short]\narrivals = "20 /s for 8 s"\n'
    '[limits]\nall = ["errors < 1 %"]\n[tiers]\ntest = "short"\n',
    "users.py": "from locust import task\nfrom harness.kit.load import ApiUser\n\n\nclass Users(ApiUser):\n"
    '    @task\n    def one(self):\n        self.client.get("/list")\n',
}


def arrivals(workspace: Path) -> int:
    """How many requests the shop has written down so far, in whatever folder its log lies."""
    return len((workspace / "arrived").read_text().splitlines()) if (workspace / "arrived").exists() else 0


@pytest.mark.parametrize("killed", [True, False])
def test_nothing_arrives_after_the_guard_was_killed(workspace: Path, killed: bool) -> None:
    server = workspace / "server.py"
    noted = "        open('arrived', 'a').write(self.path + '\\n')\n        bare = self.path"
    server.write_text(server.read_text().replace("        bare = self.path", noted))
    tier = workspace / "environments" / "test.toml"
    tier.write_text(tier.read_text().replace('suites = ["contract", "uat"]', 'suites = ["load"]'))
    (workspace / "load").mkdir()
    for name, text in LOAD.items():
        (workspace / "load" / name).write_text(text)
    argv = [sys.executable, "-m", "harness", "run", "test", "--no-report"]
    process = subprocess.Popen(argv, cwd=workspace, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    end = time.monotonic() + 60
    while arrivals(workspace) < 30 and time.monotonic() < end:
        time.sleep(0.02)
    (run,) = [path.name for path in (workspace / ".harness" / "drafts").iterdir()]
    guards = marked(f"{run}/service:guard")
    assert guards
    for pid in guards if killed else ():
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    at_once = arrivals(workspace)
    time.sleep(1.5)
    assert (arrivals(workspace) == at_once) is killed  # the control: where it lives, more arrives
    said = process.communicate(timeout=120)[0].decode()
    assert process.returncode == (3 if killed else 0), said
    assert ("all traffic is ended" in said or "`guard` stopped answering" in said) is killed
