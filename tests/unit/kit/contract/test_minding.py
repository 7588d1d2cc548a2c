"""One who looks on and breaks ends nobody else; it is told once, and nothing that it would have seen passes."""

import contextlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.kit.contract.__main__ import Watchers, _look_on
from harness.kit.contract.minding import Minding
from harness.kit.contract.telling import Teller

NAMES = ("left_out", "standing", "covering", "announced", "again", "outages", "boundaries")


class Watcher:
    """Counts how often it was asked; one with `breaks` throws."""

    def __init__(self, *, breaks: bool) -> None:
        self.breaks, self.asked = breaks, 0

    def __getattr__(self, name: str) -> Any:
        def look(*_: Any) -> Any:
            self.asked += 1
            if self.breaks:
                raise RecursionError("too deep")
            return None if name == "lost_after" else []

        return look


@pytest.mark.parametrize("broken", NAMES)
def test_whoever_breaks_is_told_once_and_the_others_go_on(tmp_path: Path, broken: str) -> None:
    watchers: dict[str, Any] = {name: Watcher(breaks=name == broken) for name in NAMES}
    recorder = SimpleNamespace(interactions={}, checks={}, cases={})
    event = SimpleNamespace(recorder=recorder, phase=SimpleNamespace(value="fuzzing"), label="GET /items")
    with contextlib.closing(Teller(tmp_path / "e", tmp_path / "p", {}, "")) as teller:
        all_of_them = Watchers(**watchers, minding=Minding(teller=teller))
        for _ in range(2):
            _look_on(event, teller, all_of_them)
    assert all(one.asked >= 2 for one in watchers.values())
    lines = [json.loads(line) for line in (tmp_path / "e").read_text().splitlines()]
    failed = [(one["watcher"], one["why"]) for one in lines if one["event"] == "watcher-failed"]
    assert {name for name, _ in failed} <= {broken.replace("_", " "), "extras"} and failed
    assert len(failed) == len(set(failed)), "each is told once"
