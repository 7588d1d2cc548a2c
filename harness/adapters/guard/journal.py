"""What the guard saw, job by job: every attempt that it refused as a line on disk, and the rest in figures."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

_MOST_LINES = 2000
_MOST_TIMES = 50_000


class Journal:
    """The guard's memory of one run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.let_through: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._unreached: set[tuple[str, str]] = set()
        self.own_ms: dict[str, list[float]] = {}
        self.waited_ms: dict[str, list[float]] = {}

    def refuse(self, job: str, shown: str, why: str, at_ms: int) -> None:
        """An attempt that did not leave; on disk before its answer is."""
        self.refused[job] += 1
        if sum(self.refused.values()) <= _MOST_LINES:
            self._write({"event": "refused", "job": job, "request": shown, "why": why, "at_ms": at_ms})

    def unreachable(self, job: str, shown: str, why: str) -> None:
        """A request that was allowed and found no server; each cause once."""
        if (job, why) not in self._unreached:
            self._unreached.add((job, why))
            self._write({"event": "unreachable", "job": job, "request": shown, "why": why})

    def stopped(self, why: str, at_ms: int) -> None:
        """All traffic ended."""
        self._write({"event": "stopped", "why": why, "at_ms": at_ms})

    def passed(self, job: str, own_s: float, waited_s: float) -> None:
        """A request that left and was answered: what the guard itself cost, and how long it was held for the cap."""
        self.let_through[job] += 1
        own = self.own_ms.setdefault(job, [])
        if len(own) < _MOST_TIMES:
            own.append(own_s * 1000)
            self.waited_ms.setdefault(job, []).append(waited_s * 1000)

    def figures(self, job: str) -> dict[str, Any]:
        """What one job came to."""
        own, waited = sorted(self.own_ms.get(job, ())), sorted(self.waited_ms.get(job, ()))
        return {
            "let_through": self.let_through[job],
            "refused": self.refused[job],
            "own_p50_ms": _at(own, 0.5),
            "own_p99_ms": _at(own, 0.99),
            "waited": sum(one > 1 for one in waited),
            "waited_max_ms": waited[-1] if waited else 0.0,
        }

    def _write(self, line: dict[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _at(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))] if times else 0.0
