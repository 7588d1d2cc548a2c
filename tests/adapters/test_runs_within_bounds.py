"""Runs are kept within a size: the oldest go first, what a declared release counts on never, whoever kills us when."""

import shutil

import pytest

from harness.actions import archiving
from harness.actions.archiving import prune
from harness.adapters.run_directory import RUNS, load_run
from harness.cli import main
from harness.model.verdict import Decision
from tests.adapters.test_gate import proof

PIECE = 50_000


@pytest.fixture
def world(tmp_path):
    """A release that passes, older than twenty runs of nobody, of 50 kB and a little each."""
    world = proof.built(tmp_path)
    counted = world.runs[0].rename(world.path(RUNS) / "19990101T000000Z-0000")
    world.runs[:] = [counted]
    made = proof.ran(world, release=None)
    (made / "jobs").mkdir()
    (made / "jobs" / "log.txt").write_bytes(b"x" * PIECE)
    for number in range(20):
        shutil.copytree(made, world.path(RUNS) / f"20000101T0000{number:02}Z-0000")
    shutil.rmtree(made)
    return world


def names(world):
    return sorted(path.name for path in world.path(RUNS).iterdir())


def test_the_oldest_go_until_the_rest_fits_and_what_counts_stays(world):
    removed, kept = prune(world.root, keep=None, most_bytes=11 * PIECE)
    assert names(world)[0] == world.runs[0].name
    assert [path.name for path in kept] == [world.runs[0].name]
    left = names(world)[1:]
    assert left == [f"20000101T0000{number:02}Z-0000" for number in range(20 - len(left), 20)]
    assert 8 <= len(left) <= 10
    assert len(removed) == 20 - len(left)


def test_where_all_fits_nothing_goes(world):
    assert prune(world.root, keep=None, most_bytes=10**9) == ((), ())
    assert len(names(world)) == 21


def test_nothing_is_small_enough_to_take_what_counts(world):
    prune(world.root, keep=None, most_bytes=0)
    assert names(world) == [world.runs[0].name]


def test_what_lies_there_under_two_names_is_counted_once(world):
    newest = world.path(RUNS) / names(world)[-1]
    before = archiving._size(newest)
    (newest / "again.txt").hardlink_to(newest / "jobs" / "log.txt")
    assert archiving._size(newest) == before


@pytest.mark.parametrize("moment", range(10))
def test_whoever_kills_it_at_any_moment_leaves_whole_runs_and_the_next_time_goes_on(world, monkeypatch, moment):
    real, done = shutil.rmtree, []

    def killed(path, ignore_errors=False):
        done.append(path)
        if len(done) == moment + 2:
            next(path.rglob("*.json")).unlink()
            raise KeyboardInterrupt
        real(path, ignore_errors=ignore_errors)

    monkeypatch.setattr(archiving.shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        prune(world.root, keep=None, most_bytes=5 * PIECE)
    monkeypatch.undo()
    assert all(load_run(world.path(RUNS) / name)[2] is not None for name in names(world))
    prune(world.root, keep=None, most_bytes=5 * PIECE)
    assert len(names(world)) <= 6
    assert world.path(".harness/removed").is_dir() is False or not list(world.path(".harness/removed").iterdir())


def test_on_the_terminal_a_size_is_written_with_its_unit(world, monkeypatch, capsys):
    monkeypatch.chdir(world.root)
    assert main(["runs", "--prune", "--most", "1 MB"]) == 0
    assert f"kept {world.runs[0].name}" in capsys.readouterr().err
    assert main(["runs", "--most", "1 MB"]) == 2
    assert main(["runs", "--prune", "--most", "much"]) == 2
    assert "5 GB" in capsys.readouterr().err


def test_control_the_release_still_passes_and_without_its_run_it_would_not(world):
    prune(world.root, keep=None, most_bytes=0)
    shutil.rmtree(world.runs[0])
    assert world.ruling().decision is Decision.UNDECIDED
