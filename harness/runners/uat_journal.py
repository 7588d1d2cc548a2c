"""What the UAT session wrote down, from bytes to values: one session, and each attempt of each test.

A line that can't be read is kept as such, never skipped in silence: an attempt with one
in it can't be trusted to have passed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.model.evidence import Outcome

_NEEDED: Mapping[str, frozenset[str]] = {
    "collected": frozenset({"nodes"}),
    "not-collected": frozenset({"file", "message"}),
    "test-started": frozenset({"node", "folder"}),
    "phase": frozenset({"when", "outcome"}),
    "expectation": frozenset({"holds"}),
    "step-started": frozenset({"step", "parent", "title"}),
    "step-ended": frozenset({"step", "outcome"}),
    "evidence": frozenset({"step", "kind", "file", "media-type"}),
    "console": frozenset({"text"}),
    "note": frozenset({"text"}),
    "made": frozenset({"what"}),
    "cleaned": frozenset({"what"}),
    "overdue": frozenset({"where"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How a phase (`setup`, `call`, `teardown`) of a test went wrong. `kind` as the kit names it."""

    when: str
    kind: str
    message: str
    place: str
    text: str = ""
    gone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A piece of evidence in the attempt's folder; `step` None = of the test as a whole."""

    kind: str
    file: str
    media_type: str
    step: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """A step as it was seen. `ended_ms` None: the process ended inside it."""

    number: int
    parent: int | None
    en: str
    zh: str
    outcome: Outcome
    started_ms: int
    ended_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt of one test. `finished` only where its journal says so."""

    node: str
    folder: str
    started_ms: int
    ended_ms: int
    finished: bool
    phases: tuple[tuple[str, str], ...]
    troubles: tuple[Trouble, ...]
    shown: int
    steps: tuple[Acted, ...]
    kept: tuple[Kept, ...]
    requests: tuple[Mapping[str, Any], ...]
    console: tuple[str, ...]
    notes: tuple[str, ...]
    left_behind: tuple[str, ...]
    overdue: str | None
    unreadable: int

    @property
    def test(self) -> str:
        """The node without its parameters."""
        return self.node.partition("[")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSeen:
    """The whole session. `closed` only where its last line says so; `not_collected` pairs files with why."""

    started: bool
    closed: bool
    nodes: tuple[str, ...]
    not_collected: tuple[tuple[str, str], ...]
    attempts: tuple[Attempt, ...]


def read_session(files: Mapping[str, bytes], folder: str = "uat") -> SessionSeen:
    """The session from the files collected below `folder`."""
    lines, _ = _lines(files.get(f"{folder}/session.ndjson", b""))
    attempts = [_attempt(line, files, folder) for line in lines if line["event"] == "test-started"]
    return SessionSeen(
        started=any(line["event"] == "session-started" for line in lines),
        closed=any(line["event"] == "session-finished" for line in lines),
        nodes=tuple(node for line in lines if line["event"] == "collected" for node in line["nodes"]),
        not_collected=tuple((line["file"], line["message"]) for line in lines if line["event"] == "not-collected"),
        attempts=tuple(attempts),
    )


def _attempt(start: Mapping[str, Any], files: Mapping[str, bytes], folder: str) -> Attempt:
    lines, unreadable = _lines(files.get(f"{folder}/{start['folder']}/events.ndjson", b""))
    by_event: dict[str, list[Mapping[str, Any]]] = {}
    for line in lines:
        by_event.setdefault(line["event"], []).append(line)
    phases = by_event.get("phase", [])
    return Attempt(
        node=start["node"],
        folder=f"{folder}/{start['folder']}",
        started_ms=start["at-ms"],
        ended_ms=lines[-1]["at-ms"] if lines else start["at-ms"],
        finished="finished" in by_event,
        phases=tuple((line["when"], line["outcome"]) for line in phases),
        troubles=tuple(_trouble(line) for line in phases if "kind" in line),
        shown=sum(1 for line in by_event.get("expectation", []) if line["holds"]),
        steps=_steps(by_event),
        kept=tuple(
            Kept(kind=line["kind"], file=line["file"], media_type=line["media-type"], step=line["step"])
            for line in by_event.get("evidence", [])
        ),
        requests=tuple(by_event.get("request", [])),
        console=tuple(line["text"] for line in by_event.get("console", [])),
        notes=tuple(line["text"] for line in by_event.get("note", [])),
        left_behind=_left_behind(by_event),
        overdue=next((line["where"] for line in by_event.get("overdue", [])), None),
        unreadable=unreadable,
    )


def _trouble(line: Mapping[str, Any]) -> Trouble:
    return Trouble(
        when=line["when"],
        kind=line["kind"],
        message=line.get("message", ""),
        place=line.get("place", ""),
        text=line.get("text", ""),
        gone=line.get("gone", ""),
    )


def _steps(by_event: Mapping[str, list[Mapping[str, Any]]]) -> tuple[Acted, ...]:
    ends = {line["step"]: line for line in by_event.get("step-ended", [])}
    return tuple(
        Acted(
            number=line["step"],
            parent=line["parent"],
            en=line["title"]["en"],
            zh=line["title"]["zh"],
            outcome=Outcome(ends[line["step"]]["outcome"]) if line["step"] in ends else Outcome.BROKEN,
            started_ms=line["at-ms"],
            ended_ms=ends[line["step"]]["at-ms"] if line["step"] in ends else None,
        )
        for line in by_event.get("step-started", [])
    )


def _left_behind(by_event: Mapping[str, list[Mapping[str, Any]]]) -> tuple[str, ...]:
    """What was made and never removed: its clean-up failed, or never came."""
    cleaned = [line["what"] for line in by_event.get("cleaned", [])]
    left = []
    for line in by_event.get("made", []):
        if line["what"] in cleaned:
            cleaned.remove(line["what"])
        else:
            left.append(line["what"])
    return tuple(left)


def _lines(body: bytes) -> tuple[list[dict[str, Any]], int]:
    """The events of a journal, and how many of its lines are none."""
    events, unreadable = [], 0
    for raw in body.splitlines():
        try:
            line = json.loads(raw)
        except ValueError:
            unreadable += 1
            continue
        if _is_event(line):
            events.append(line)
        else:
            unreadable += 1
    return events, unreadable


def _is_event(line: object) -> bool:
    """Whether a line has what its event needs to be read."""
    if not isinstance(line, dict) or not isinstance(line.get("event"), str) or not isinstance(line.get("at-ms"), int):
        return False
    return _NEEDED.get(line["event"], frozenset()) <= line.keys()
