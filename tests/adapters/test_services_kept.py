"""Containers kept for reuse: runs that want one at once get the same, stopped ones go on or are made anew."""

import subprocess
import sys
import threading
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.adapters.host import Host
from harness.adapters.processes import Processes
from harness.adapters.services import kept as keeping
from harness.adapters.services.access import Access
from harness.adapters.services.alone import alone
from harness.adapters.services.engine import KeptContainer, NoEngineError
from harness.adapters.services.kept import Kept
from harness.adapters.services.under import KindFailedError, Under, Wanted
from harness.model.service import Kind, Preset, Service

HOLDS = """
import sys, time
from pathlib import Path
from harness.adapters.host import Host
from harness.adapters.services.alone import alone
with alone(Path(sys.argv[1]), 1.0, Host(), lambda: None):
    print("held", flush=True)
    time.sleep(600)
"""


@dataclass
class Docker:
    """An engine that knows containers by number; `sick` ones never let anybody in again."""

    states: dict[str, str] = field(default_factory=dict)
    sick: frozenset[str] = frozenset()
    refuses_to_wake: bool = False
    looks: list[int] = field(default_factory=list)
    looked_twice: threading.Event = field(default_factory=threading.Event)

    def kept(self, _: str) -> KeptContainer | None:
        self.looks.append(1)
        if len(self.looks) > 1:
            self.looked_twice.set()
        found = sorted(self.states.items(), key=lambda one: one[1] != "running")
        return KeptContainer(*found[0], {"POSTGRES_PASSWORD": "made-up"}) if found else None

    def wake(self, kept: KeptContainer) -> None:
        if self.refuses_to_wake:
            raise NoEngineError("the Docker engine answered 500: its folder is gone")
        self.states[kept.id] = "running"

    def published(self, container: str, port: int) -> tuple[tuple[str, int], ...]:
        return (("127.0.0.1", port),) if self.states.get(container) == "running" else ()

    def remove(self, container: str) -> None:
        del self.states[container]

    def state(self, container: str) -> str | None:
        return "its container ended with status 1" if container in self.sick else None


@dataclass
class Looked:
    engine: Docker
    id: str

    def ended(self) -> str | None:
        return self.engine.state(self.id)


@pytest.fixture
def wanted(tmp_path):
    service = Service(name="db", preset=Preset.POSTGRESQL, kinds=(Kind.CONTAINER,), image="i", port=5432, reuse=True)
    return Wanted(service=service, root=tmp_path, env={}, password="made-up", space="space")


@pytest.fixture
def enter(tmp_path, wanted, monkeypatch):
    """Enter the kept container as a run of that name; gives which one it was."""
    (tmp_path / "drafts").mkdir()

    def in_at_once(_, access: Access, __, ___, ended) -> str:
        if why := ended():
            raise KindFailedError(why)
        return "PostgreSQL"

    monkeypatch.setattr(keeping, "wait_until_in", in_at_once)
    monkeypatch.setattr(keeping, "apart", lambda _, server, stood, *rest: Under(stood=stood, url="", access=server))

    def as_run(engine: Docker, run: str, patience_s: float = 0.0) -> str:
        processes = Processes(Host(), run, tmp_path / "drafts" / run)
        seen: list[str] = []

        def watch(container: str, _: Host) -> Looked:
            seen.append(container)
            return Looked(engine, container)

        def start() -> None:
            engine.looked_twice.wait(patience_s)  # for another to look too, should nobody hold it back
            engine.states[f"made by {run}"] = "running"

        try:
            Kept(wanted, engine, ("image", "sha256:1"), Host(), processes).entered(start, watch)
        finally:
            processes.close()
        return seen[-1]

    return as_run


def test_the_one_that_runs_is_entered_and_none_is_made(enter):
    engine = Docker({"old": "exited", "here": "running"})
    assert enter(engine, "one") == "here"
    assert engine.states == {"old": "exited", "here": "running"}


@pytest.mark.parametrize("state", ["exited", "created", "paused"])
def test_one_that_was_stopped_goes_on(enter, state):
    engine = Docker({"here": state})
    assert enter(engine, "one") == "here"
    assert engine.states == {"here": "running"}


@pytest.mark.parametrize("how", [{"sick": frozenset({"here"})}, {"refuses_to_wake": True}])
def test_one_that_cannot_go_on_is_removed_and_made_anew(enter, how):
    engine = Docker({"here": "exited"}, **how)
    assert enter(engine, "one") == "made by one"
    assert engine.states == {"made by one": "running"}


def both(enter, engine: Docker, patience_s: float) -> set[str]:
    """Two runs that want it at the same time; gives what they entered."""
    entered: list[str] = []
    runs = [threading.Thread(target=lambda run=run: entered.append(enter(engine, run, patience_s))) for run in "ab"]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    return set(entered)


def test_two_runs_at_once_have_one_container(enter):
    engine = Docker()
    assert len(both(enter, engine, 0.3)) == 1
    assert len(engine.states) == 1


def test_control_without_the_lock_each_makes_one(enter, monkeypatch):
    monkeypatch.setattr(keeping, "alone", lambda *_: nullcontext())
    engine = Docker()
    both(enter, engine, 30.0)
    assert len(engine.states) == 2


def test_no_lock_file_stays(enter, tmp_path):
    enter(Docker(), "one")
    assert list((tmp_path / "drafts").iterdir()) == []


def test_a_lock_goes_with_whoever_is_killed_and_holds_everybody_else_back_until_then(tmp_path):
    path = tmp_path / ".kept-1"
    holder = subprocess.Popen([sys.executable, "-c", HOLDS, str(path)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(KindFailedError, match="another run has been making it ready"),
            alone(path, 0.3, Host(), lambda: None),
        ):
            pass
        with (
            pytest.raises(KindFailedError, match="the run was interrupted"),
            alone(path, 60.0, Host(), lambda: "the run was interrupted"),
        ):
            pass
    finally:
        holder.kill()
        holder.communicate()
    assert Path(path).exists()
    with alone(path, 5.0, Host(), lambda: None):
        pass
    assert not path.exists()
