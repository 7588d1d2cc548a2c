"""Runs as evidence: from their folders or from the single `.zip` of each, read strictly and whole.

What can't be read is given back as unreadable, never left out. A draft is evidence too: what it saw
until it was killed counts as an interrupted run, so that a failure in it isn't lost.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from harness.adapters.exhibit_events import disagree, seen_in
from harness.adapters.run_archive import Archive
from harness.errors import HarnessError
from harness.formats.documents import digest, read_document
from harness.formats.dsse import NotTrusted
from harness.formats.run_statements import FILE, claim_in, disagreement
from harness.model.attestation import Signature
from harness.model.evidence import Attachment, Closed, Record, Seen
from harness.model.gate import Exhibit, Unreadable
from harness.model.plan import Plan

Read = Callable[[str], bytes | None]


def exhibits_in(path: Path, keys: tuple[str, ...] = ()) -> Iterator[Exhibit | Unreadable]:
    """Every run in a place: a run's folder, an archive, or a folder of these. `keys` are those of pinned runners."""
    if (path / "plan.json").exists():
        yield exhibit_from(str(path), folder_reader(path), draft=path.parent.name == "drafts", keys=keys)
    elif path.is_dir():
        try:
            inner = sorted(one for one in path.iterdir() if one.is_dir() or one.suffix == ".zip")
        except OSError as error:
            yield Unreadable(source=str(path), why=error.strerror or "can't be opened")
            return
        for one in inner:
            if one.is_dir() and not (one / "plan.json").exists():
                yield Unreadable(source=str(one), why="there is no plan.json in it")
            else:
                yield from exhibits_in(one, keys)
    else:
        yield _from_archive(path, keys)


def exhibit_from(source: str, read: Read, *, draft: bool = False, keys: tuple[str, ...] = ()) -> Exhibit | Unreadable:
    """One run from whatever gives its files by name (None: not there)."""
    try:
        plan_body = read("plan.json")
        if plan_body is None:
            return Unreadable(source=source, why="there is no plan.json in it")
        plan = read_document(Plan, plan_body, "plan.json")
        record_body = None if draft else read("record.json")
        events = read("events.ndjson")
        if record_body is None:
            record, changed = _cut_short(plan, digest(plan_body), seen_in(events, lenient=True)), ""
        else:
            record = read_document(Record, record_body, "record.json")
            differ = disagree(record_body, record, events)
            changed = "the record and its events" if differ else _changed_evidence(record, read)
        exhibit = Exhibit(
            source=source,
            plan=plan,
            plan_sha256=digest(plan_body),
            record=record,
            record_sha256=digest(record_body) if record_body is not None else "",
            told=_told(read("verdict.json")) if record_body is not None else "",
            changed=changed,
        )
        return _with_signature(exhibit, read(FILE) if keys and record_body is not None else None, keys)
    except HarnessError as error:
        return Unreadable(source=source, why=error.problems[0].message)
    except (OSError, ValueError, RecursionError, zipfile.BadZipFile) as error:
        return Unreadable(source=source, why=str(error) or type(error).__name__)


def folder_reader(path: Path) -> Read:
    """Reads files of a run by name from its folder."""

    def read(name: str) -> bytes | None:
        try:
            return (path / name).read_bytes()
        except FileNotFoundError:
            return None

    return read


def _with_signature(exhibit: Exhibit, body: bytes | None, keys: tuple[str, ...]) -> Exhibit:
    """What the statement that lies with a run says of it under the pinned keys."""
    if body is None:
        return exhibit
    try:
        claim = claim_in(body, keys)
        wrong = disagreement(claim, exhibit.plan, exhibit.plan_sha256, exhibit.record_sha256)
    except NotTrusted as error:
        wrong = str(error)
    else:
        wrong = f"what was signed has another value for {wrong}" if wrong else ""
    return replace(exhibit, signature=Signature.WRONG if wrong else Signature.GOOD, missigned=wrong)


def _from_archive(path: Path, keys: tuple[str, ...]) -> Exhibit | Unreadable:
    try:
        with Archive(path) as archive:
            return exhibit_from(str(path), archive.read, keys=keys)
    except HarnessError as error:
        return Unreadable(source=str(path), why=error.problems[0].message)


def _cut_short(plan: Plan, sealed: str, seen: tuple[Seen, ...]) -> Record | None:
    if not seen:
        return None
    times = [one.ended_ms for one in seen] + [one.started_ms for one in seen]
    return Record(
        run=plan.run,
        tier=plan.tier,
        plan_sha256=sealed,
        started_ms=min(times),
        ended_ms=max(times),
        closed=Closed.INTERRUPTED,
        seen=seen,
    )


def _changed_evidence(record: Record, read: Read) -> str:
    """Evidence that is not what the record names, empty where all is."""
    for one in _attachments(record):
        if one.withheld is not None:
            continue
        if not (len(one.sha256) == 64 and one.sha256.isalnum()):
            return f"evidence `{one.name}`"
        body = read(f"evidence/{one.sha256}")
        if body is None or hashlib.sha256(body).hexdigest() != one.sha256:
            return f"evidence `{one.name}`"
    return ""


def _attachments(record: Record) -> Iterator[Attachment]:
    for seen in record.seen:
        yield from seen.attachments
    for job in record.jobs:
        yield from job.files


def _told(body: bytes | None) -> str:
    """What verdict.json claims; a claim that can't be read is one that no evidence agrees with."""
    if body is None:
        return ""
    try:
        data = json.loads(body)
        return str(data["decision"]) or "unreadable"
    except (ValueError, KeyError, TypeError, RecursionError):
        return "unreadable"
