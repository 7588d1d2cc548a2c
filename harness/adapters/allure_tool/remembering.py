"""What reports remember, on disk: `.harness/history/<tier>.jsonl`, one writer at a time, whole or as it was before."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from harness.formats.allure_history import LIMIT, Point, is_of_run, laid_over, of_tier, read_points, write_points

HISTORY = ".harness/history"


class Memory:
    """The histories of one workspace."""

    def __init__(self, root: Path) -> None:
        self._folder = root / HISTORY

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the histories; others wait."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def before(self, runs: tuple[tuple[str, int], ...]) -> bytes:
        """The history that a report of these runs (tier and start) is shown with: everything but themselves."""
        tiers = dict.fromkeys(tier for tier, _ in runs)
        own = [[one for one in self._points(tier) if not _is_any(one, runs)] for tier in tiers]
        return write_points(laid_over(own))

    def add(self, made: bytes, runs: tuple[tuple[str, int], ...]) -> None:
        """Keep the last point of a history that a report was drawn with, for each of its runs that is new here."""
        points = read_points(made)
        for tier, started_ms in runs if points else ():
            kept = self._points(tier)
            if any(is_of_run(one, tier, started_ms) for one in kept):
                continue
            target = self._file(tier)
            part = target.with_name(f".{target.name}.part")
            part.write_bytes(write_points((*kept, of_tier(points[-1], tier))[-LIMIT:]))
            part.replace(target)

    def _points(self, tier: str) -> tuple[Point, ...]:
        file = self._file(tier)
        return read_points(file.read_bytes()) if file.is_file() else ()

    def _file(self, tier: str) -> Path:
        """A tier's name may come from a run of another machine: it never leads out of the folder."""
        return self._folder / f"{quote(tier, safe='')}.jsonl"


def _is_any(point: Point, runs: tuple[tuple[str, int], ...]) -> bool:
    return any(is_of_run(point, tier, started_ms) for tier, started_ms in runs)
