"""What killed runs left behind: removed by the next start, and nothing else is."""

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
