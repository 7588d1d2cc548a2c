"""While a run goes on: no secret in any argument, none with an engine on a guarded tier, nothing that others may read.

R53 of the field's list. Control: the system itself was given its secrets, and the same search finds them there.
"""

import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.adapters.host import Host
from harness.adapters.services.lent import lent_root
from tests.live.guard.test_planted_secrets import KNOWN, environment, workspace

pytestmark = [pytest.mark.live, pytest.mark.needs("engines")]
__all__ = ["workspace"]
SYSTEM = "service:shop"


def processes(run: str) -> Iterator[tuple[str, bytes, bytes]]:
    """(job, arguments, environment) of every living process of a run."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environ, words = (entry / "environ").read_bytes(), (entry / "cmdline").read_bytes()
        except OSError:
            continue
        for variable in environ.split(b"\0"):
            if variable.startswith(b"HARNESS_JOB=" + run.encode()):
                yield variable.partition(b"/")[2].decode(), words, environ


def opened_to_others(folder: Path) -> list[str]:
    """What a stranger could enter or read: nothing below a folder that is closed to him counts."""
    if not folder.exists() or not folder.stat().st_mode & stat.S_IXOTH:
        return []
    found = [str(path) for path in folder.iterdir() if path.is_file() and path.stat().st_mode & stat.S_IROTH]
    return found + [one for path in folder.iterdir() if path.is_dir() for one in opened_to_others(path)]


def test_no_secret_is_in_an_argument_nor_with_an_engine_nor_open_to_others(workspace: Path) -> None:
    argv = [sys.executable, "-m", "harness", "run", "test", "--only", "contract:shop", "--no-report"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(argv, cwd=workspace, env=environment(), **quiet)
    known = [value.encode() for value in KNOWN.values()]
    jobs: set[str] = set()
    told: set[str] = set()
    given: set[str] = set()
    opened: set[str] = set()
    while process.poll() is None:
        for run in (path.name for path in workspace.glob(".harness/drafts/*")):
            for job, words, environ in processes(run):
                jobs.add(job)
                told |= {job for value in known if value in words}
                given |= {job for value in known if value in environ}
            for root in Host().scratch_roots():
                opened |= {one for each in (root, lent_root(root)) for one in opened_to_others(each / run)}
        time.sleep(0.02)
    assert jobs >= {SYSTEM, "service:guard", "contract:shop"}
    assert told == set()
    assert given == {SYSTEM}  # the control: the system's own secrets are seen where they belong
    assert opened == set()


def test_what_a_crash_writes_and_what_config_shows_hold_no_secret(workspace: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import harness.actions.running as r\ndef boom(*a, **k):\n    token = __import__('os').environ['SHOP_TOKEN']\n"
        "    raise RuntimeError('broken')\nr.load_tier = boom\n"
    )
    environ = {**environment(), "PYTHONPATH": str(broken), "TMPDIR": str(tmp_path)}
    argv = [sys.executable, "-m", "harness"]
    crashed = subprocess.run([*argv, "run", "test"], cwd=workspace, env=environ, capture_output=True)
    shown = subprocess.run([*argv, "config", "test"], cwd=workspace, env=environment(), capture_output=True)
    assert crashed.returncode == 70
    assert shown.returncode == 0
    (report,) = tmp_path.glob("harness-bug-*")
    assert b"boom" in report.read_bytes()
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    for body in (report.read_bytes(), crashed.stdout, crashed.stderr, shown.stdout):
        assert not any(value.encode() in body for value in KNOWN.values())


@pytest.mark.parametrize(("mode", "refused"), [(0o644, True), (0o640, True), (0o600, False)])
def test_a_secrets_file_that_others_may_read_is_refused_before_anything_starts(
    workspace: Path, mode: int, refused: bool
) -> None:
    file = workspace / "token"
    file.write_text(KNOWN["SHOP_TOKEN"])
    file.chmod(mode)
    tier = workspace / "environments" / "test.toml"
    tier.write_text(tier.read_text().replace('token = { env = "SHOP_TOKEN" }', 'token = { file = "token" }'))
    argv = [sys.executable, "-m", "harness", "run", "test", "--only", "contract:shop", "--no-report"]
    said = subprocess.run(argv, cwd=workspace, env=environment(), capture_output=True)
    assert (said.returncode == 2) is refused, said.stderr.decode()
    assert (b"chmod 600" in said.stderr) is refused
