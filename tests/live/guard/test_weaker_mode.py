"""Where the machine gives no networks of their own, the guard still stands in front, and the record says weaker."""

import json
from pathlib import Path

import pytest

from harness.actions import guarding
from harness.actions.running import run
from harness.adapters.host import Host
from harness.cli.live import Silent
from tests.live.guard.test_planted_secrets import environment, workspace

pytestmark = [pytest.mark.live, pytest.mark.needs("engines", "namespaces")]
__all__ = ["workspace"]


@pytest.mark.parametrize(("isolates", "said"), [(False, "weaker: "), (True, "every engine in a network of its own")])
def test_the_record_names_how_strong_the_guard_was(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, isolates: bool, said: str
) -> None:
    monkeypatch.setattr(guarding, "can_isolate", lambda _host: isolates)
    done = run(Host(environ=environment()), workspace, "test", Silent(), only=("contract:shop",))
    tools = {one[0]: one[1] for one in json.loads((done.path / "record.json").read_bytes())["tools"]}
    assert tools["guard"].startswith(said)
    assert any("the guard let " in note for job in done.record.jobs for note in job.notes)
