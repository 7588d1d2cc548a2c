"""What killed runs left behind: removed by the next start, and nothing else is."""

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.adapters.host import Host
from harness.adapters.leftovers import sweep
from harness.adapters.processes import claimed


@dataclass(frozen=True)
class Elsewhere(Host):
    """A host whose drafts lie in folders of the test, and which has nothing on its PATH."""

    environ: Mapping[str, str] = field(default_factory=dict)
    roots: tuple[Path, ...] = ()

    def scratch_roots(self) -> tuple[Path, ...]:
        return self.roots


def elsewhere(*roots: Path) -> Elsewhere:
    return Elsewhere(roots=roots)


def left(folder: Path) -> Path:
    """A draft whose harness is gone."""
    claimed(folder).close()
    (folder / "contract-orders").mkdir()
    (folder / "contract-orders" / "token").write_text("s3cr3t")
    return folder


def test_the_draft_of_a_killed_run_is_removed_and_told(tmp_path):
    gone = left(tmp_path / "20261120T170301Z-7f3a")
    (sentence,) = sweep(elsewhere(tmp_path))
    assert sentence.startswith("removed what the killed run 20261120T170301Z-7f3a left: ")
    assert "private" in sentence
    assert not gone.exists()


def test_the_draft_of_a_run_that_goes_on_is_left_alone(tmp_path):
    with claimed(tmp_path / "20261120T170301Z-7f3a"):
        gone = left(tmp_path / "20261120T170302Z-0000")
        assert len(sweep(elsewhere(tmp_path))) == 1
        assert not gone.exists()
        assert (tmp_path / "20261120T170301Z-7f3a").is_dir()


def test_every_place_where_drafts_may_lie_is_swept(tmp_path):
    roots = tmp_path / "shm", tmp_path / "tmp"
    for root in roots:
        root.mkdir()
        left(root / "20261120T170301Z-7f3a")
    assert sweep(elsewhere(*roots))
    assert [list(root.iterdir()) for root in roots] == [[], []]


def test_a_draft_in_the_making_and_a_file_are_left_alone(tmp_path):
    (tmp_path / ".20261120T170301Z-7f3a").mkdir()
    (tmp_path / "note.txt").write_text("x")
    assert sweep(elsewhere(tmp_path)) == ()
    assert len(list(tmp_path.iterdir())) == 2


def aged(path: Path) -> Path:
    os.utime(path, (time.time() - 600, time.time() - 600), follow_symlinks=False)
    return path


def door(path: Path, *, listening: bool) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(path))
    if listening:
        made.listen()
    return made


def test_a_door_that_nobody_stands_behind_is_removed_and_one_that_is_open_stays(tmp_path):
    open_one = door(tmp_path / "walk-1.sock", listening=True)
    door(tmp_path / "walk-2.sock", listening=True).close()
    just_made = door(tmp_path / "walk-3.sock", listening=False)
    for number in (1, 2):
        aged(tmp_path / f"walk-{number}.sock")
    with open_one, just_made:
        assert sweep(elsewhere(tmp_path)) == ()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["walk-1.sock", "walk-3.sock"]


def test_a_link_with_the_name_of_a_door_or_a_draft_leads_nowhere(tmp_path):
    root, precious = tmp_path / "root", tmp_path / "precious"
    root.mkdir()
    precious.mkdir()
    for name in ("walk-1.sock", ".20261120T170301Z-7f3a"):
        (root / name).symlink_to(precious)
        aged(root / name)
    sweep(elsewhere(root))
    assert precious.is_dir()


def test_a_draft_that_nobody_came_to_claim_is_removed(tmp_path):
    (tmp_path / ".20261120T170301Z-7f3a").mkdir()
    aged(tmp_path / ".20261120T170301Z-7f3a")
    claim = claimed(tmp_path / "20261120T170302Z-0000")
    (tmp_path / "20261120T170302Z-0000").rename(aged(tmp_path / "20261120T170302Z-0000").with_name(".20261120T170302Z"))
    with claim:
        sweep(elsewhere(tmp_path))
        assert [path.name for path in tmp_path.iterdir()] == [".20261120T170302Z"]
