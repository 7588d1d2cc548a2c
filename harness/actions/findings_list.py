"""The improvement list: everything that people reported in walkthroughs, newest last, and what became of it.

Read from the evidence of closed runs and from the journals of those that were killed: what somebody said is never
lost with a run. What was decided stands in `uat/findings.toml`, beside the criteria.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.adapters.run_directory import drafts, load_plan, load_record, runs
from harness.adapters.walk.journal import FILE as JOURNAL
from harness.errors import HarnessError
from harness.formats.findings_toml import FILE, read_rulings
from harness.model.walk import Feedback, FeedbackKind, FindingState, Hurts, Improvement, Ruled
from harness.runners.walk import FEEDBACK

_TEXTS = ("id", "criterion", "version", "words", "step", "picture")


def improvements(root: Path) -> tuple[Improvement, ...]:
    """The whole list; a report that is in a journal and in evidence is one."""
    rulings = _rulings(root)
    found: dict[str, Improvement] = {}
    for run, tier, feedback in (*_closed(root), *_killed(root)):
        ruled = rulings.get(feedback.id, Ruled(finding=feedback.id, state=FindingState.NEW))
        found.setdefault(feedback.id, Improvement(feedback=feedback, run=run, tier=tier, ruled=ruled))
    return tuple(sorted(found.values(), key=lambda one: one.feedback.at_ms))


def _rulings(root: Path) -> Mapping[str, Ruled]:
    file = root / FILE
    return {one.finding: one for one in read_rulings(file.read_bytes())} if file.is_file() else {}


def _closed(root: Path) -> Iterator[tuple[str, str, Feedback]]:
    for path in runs(root):
        try:
            record = load_record(path)
        except HarnessError:
            continue
        attached = (one for seen in record.seen for one in seen.attachments if one.name == FEEDBACK and one.sha256)
        for one in attached:
            yield from ((record.run, record.tier, said) for said in _read(path / "evidence" / one.sha256))


def _killed(root: Path) -> Iterator[tuple[str, str, Feedback]]:
    for path, _ in drafts(root):
        journal = path / JOURNAL
        if not journal.is_file():
            continue
        try:
            tier = load_plan(path).tier
        except HarnessError:
            tier = ""
        for line in journal.read_bytes().splitlines():
            if (said := _feedback(_object(line))) is not None:
                yield path.name, tier, said


def _read(file: Path) -> Iterator[Feedback]:
    try:
        document = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return
    for one in document if isinstance(document, list) else ():
        if (said := _feedback(one)) is not None:
            yield said


def _object(line: bytes) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None  # the last line of whoever was killed while writing it


def _feedback(one: object) -> Feedback | None:
    """A report; None for anything else that a journal holds."""
    if not isinstance(one, dict) or one.get("event", "report") != "report":
        return None
    told: dict[str, Any] = {name: str(one.get(name, "")) for name in _TEXTS}
    try:
        kind, hurts, at_ms = FeedbackKind(one["kind"]), Hurts(one["hurts"]), int(one["at"])
    except (KeyError, ValueError, TypeError):
        return None
    return Feedback(**told, kind=kind, hurts=hurts, at_ms=at_ms)
