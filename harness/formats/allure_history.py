"""The history of reports, tier by tier: a run of one tier never stands between two of another.

Allure keeps one line a report. Ours keep one line a run and tier; a report over several tiers gets the newest points
of each laid over one another, newest over newest, so that each tier's trend is its own.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Point = Mapping[str, Any]
LIMIT = 30


def read_points(body: bytes) -> tuple[Point, ...]:
    """The points of a history file, oldest first; a line that can't be read is no point."""
    found = []
    for line in body.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and isinstance(value.get("testResults"), dict):
            found.append(value)
    return tuple(found)


def write_points(points: Iterable[Point]) -> bytes:
    """A history file."""
    return b"".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for one in points)


def is_of_run(point: Point, tier: str, started_ms: int) -> bool:
    """Whether a point was made from this very run: its verdict's result has that time."""
    results = point["testResults"].values()
    return any(one.get("fullName") == f"verdict:{tier}" and one.get("start") == started_ms for one in results)


def of_tier(point: Point, tier: str) -> Point:
    """What a point says of one tier."""
    results = {key: one for key, one in point["testResults"].items() if one.get("environment") == tier}
    cases = {key.partition(".")[0] for key in results}
    metrics = {key: value for key, value in point.get("metrics", {}).items() if key.startswith(f"{tier}.")}
    known = [case for case in point.get("knownTestCaseIds", ()) if case in cases]
    return {**point, "testResults": results, "knownTestCaseIds": known, "metrics": metrics}


def laid_over(by_tier: Iterable[Sequence[Point]]) -> tuple[Point, ...]:
    """One history of several tiers: the newest points of all are one, those before them one, and so on."""
    columns = [list(reversed(points)) for points in by_tier if points]
    rows = ([column[index] for column in columns if index < len(column)] for index in range(LIMIT))
    return tuple(_joined(row) for row in reversed([row for row in rows if row]))


def _joined(row: Sequence[Point]) -> Point:
    newest = max(row, key=lambda one: one.get("timestamp", 0))
    known = dict.fromkeys(case for one in row for case in one.get("knownTestCaseIds", ()))
    return {
        **newest,
        "testResults": {key: value for one in row for key, value in one["testResults"].items()},
        "knownTestCaseIds": list(known),
        "metrics": {key: value for one in row for key, value in one.get("metrics", {}).items()},
    }
