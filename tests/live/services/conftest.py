"""Real databases and brokers for one test, a small workspace that stands on one, and a look at what is left of them."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.adapters.host import Host
from harness.adapters.marks import marked
from harness.adapters.processes import Processes
from harness.adapters.secrets import Secrets
from harness.adapters.services.clearing import runs_with_containers
from harness.adapters.services.engine import NoEngineError, find_engine, owner
from harness.adapters.services.lent import lent_root
from harness.adapters.services.standing import Services
from harness.model.service import IMAGES, PORTS, Kind, Preset, Service
from tests.live.asked import Asked, ended

__all__ = ["ended"]
ROOT = Path(__file__).resolve().parents[3]
SPECIMEN = Path(__file__).parent / "specimen"
NO_DOCKER = "unix:///nowhere/docker.sock"


@dataclass(kw_only=True)
class Beneath:
    """Services of a run of its own, and whom they told."""

    services: Services
    told: list[str]

    def up(self, preset: Preset, *kinds: Kind, **more: object) -> Service:
        """Ask for one by name `db`."""
        given = {"name": "db", "image": IMAGES[preset], "port": PORTS[preset], **more}
        service = Service(preset=preset, kinds=kinds, **given)
        self.services.up(service)
        return service

    def why_not(self) -> str:
        """Why it does not stand."""
        return dict(self.services.failed["db"].values)["why"]


@pytest.fixture
def beneath(tmp_path: Path) -> Iterator[Callable[..., Beneath]]:
    """Makes services of a fresh run; at the end nothing of them may be left."""
    made: list[Beneath] = []

    def make(host: Host | None = None) -> Beneath:
        host = host or Host()
        run = f"{host.new_run_id()}-services"
        told: list[str] = []
        processes = Processes(host, run, host.scratch_root() / run)
        services = Services(host, processes, tmp_path, Secrets({}, tmp_path), told.append)
        made.append(Beneath(services=services, told=told))
        return made[-1]

    yield make
    for one in made:
        one.services.down()
        one.services.processes.close()
    assert [left for one in made for left in left_of(one.services.processes.run)] == []


def left_of(run: str) -> list[str]:
    """Whatever is still there of a run: processes, folders, containers."""
    host = Host()
    roots = host.scratch_roots()
    left = [f"process {pid}" for pid in marked(f"{run}/")]
    folders = [folder / run for root in roots for folder in (root, lent_root(root)) if (folder / run).exists()]
    left += [f"folder {folder}" for folder in folders]
    for folder in (entry / "cwd" for entry in Path("/proc").glob("[0-9]*")):
        try:
            left += [f"process in {folder.readlink()}"] if run in str(folder.readlink()) else []
        except OSError:
            continue
    left += [f"shared memory {path}" for path in Path("/dev/shm").glob("PostgreSQL.*") if not _is_used(path)]
    left += [f"container of {name}" for name in runs_with_containers(host.environ, roots) if name == run]
    return left


def _is_used(memory: Path) -> bool:
    """Whether a living process has it open: a server of somebody else's, then."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str(memory).encode() in (entry / "maps").read_bytes():
                return True
        except OSError:
            continue
    return False


def containers_of(run: str) -> tuple[str, ...]:
    """The ids of a run's containers."""
    try:
        engine = find_engine(os.environ)
    except NoEngineError:
        return ()
    return tuple(found for found, _ in engine.containers_of(owner(Host().scratch_root()), run))


@pytest.fixture(scope="session")
def images() -> dict[str, str]:
    """The names of self-made images, made once for this machine."""
    names = ("HARNESS_SERVICES_DB_IMAGE", "HARNESS_SERVICES_QUEUE_IMAGE")
    if all(name in os.environ for name in names):
        return {name: os.environ[name] for name in names}
    said = subprocess.run([ROOT / ".ci" / "images.sh"], stdout=subprocess.PIPE, text=True, check=True, timeout=900)
    lines = [line.removeprefix("export ").partition("=") for line in said.stdout.splitlines()]
    return {name: value for name, _, value in lines}


class Workspace(Asked):
    """The specimen, copied."""

    def edit(self, old: str, new: str) -> None:
        """Change its tier; what is to be changed must be there."""
        self.replace_in("environments/test.toml", old, new)

    def begin(self, *words: str, **environment: str) -> "subprocess.Popen[str]":
        """`harness run test`, going on, where nothing else is said."""
        return super().begin(*(words or ("run", "test", "--no-report")), **environment)

    def all_runs(self) -> list[str]:
        """Every run, closed or not."""
        return [*self.drafts(), *self.runs()]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """The specimen in a folder of its own; at the end nothing of its runs may be left."""
    root = tmp_path / "keeper"
    shutil.copytree(SPECIMEN, root)
    made = Workspace(root=root)
    yield made
    assert [one for run in made.all_runs() for one in left_of(run)] == []
