"""From the journal of a mock to what the run's record says of it: two checks, and what was relied on.

`requests`: everything the system under test sent keeps the dependency's contract. `answers`: nothing the mock
answered breaks it. A mock that nobody called proves nothing: both are then broken, not passed.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from harness.formats.documents import write_document
from harness.mocks.messages import Source
from harness.mocks.relying import contract_of_use
from harness.mocks.standing import COUNTED_MS, extend, stood_in
from harness.model.evidence import (
    Cell,
    Code,
    Evidence,
    Measure,
    Observation,
    Observations,
    Outcome,
    Reason,
    Relied,
    StoodIn,
)
from harness.model.plan import Job, MockWork

_SHOWN = 20
_EXERCISED = frozenset({Source.STUB.value, Source.EXAMPLE.value, Source.GENERATED.value, Source.STATE.value})


@dataclass(slots=True)
class _Tally:
    """The journal, counted."""

    calls: int = 0
    wrong_requests: list[str] = field(default_factory=list)
    wrong_request_count: int = 0
    wrong_answers: list[str] = field(default_factory=list)
    wrong_answer_count: int = 0
    places: dict[str, str] = field(default_factory=dict)
    lying: str = ""
    used: Counter[str] = field(default_factory=Counter)
    relied: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    unmatched: Counter[str] = field(default_factory=Counter)
    torn: int = 0
    standing: dict[str, Any] = field(default_factory=dict)
    called: list[tuple[int, int]] = field(default_factory=list)
    started_ms: int = 0
    ended_ms: int = 0


USES = "contract-of-use.json"


def observe(job: Job, journal: bytes, uses: bytes = b"") -> Observations:
    """The observations of a mock's job. `journal` is the NDJSON that the mock wrote, empty where it wrote none.

    `uses` are the whole interactions that it kept: what was relied on becomes a contract of use among the job's files.
    """
    assert isinstance(job.work, MockWork)
    tally = _tallied(journal)
    dependency = job.work.dependency
    observations = tuple(
        _observation(check.id, tally, dependency, job.work) for check in job.checks if check.id.startswith("mock:")
    )
    relied = tuple(
        Relied(dependency=dependency, operation=operation, status=status, source=source, count=count)
        for (operation, status, source), count in sorted(tally.relied.items())
    )
    cells = tuple(
        Cell(operation=f"{dependency}:{operation}", status=str(status), count=count)
        for (operation, status), count in sorted(_by_cell(tally).items())
    )
    return Observations(
        observations=observations,
        cells=cells,
        relied=relied,
        stood_in=(stood_in(dependency, job.work.folder, tally.standing, tuple(tally.called)),),
        notes=tuple(_notes(tally, dependency)),
        series=_in_use(tally, job.work, uses, relied),
    )


def _in_use(tally: _Tally, work: MockWork, uses: bytes, relied: tuple[Relied, ...]) -> tuple[Evidence, ...]:
    if not relied:
        return ()
    found = replace(
        contract_of_use(work.dependency, work.folder, uses, tally.standing, relied),
        unused=tuple(_unused(tally)),
        unmatched=tuple(tally.unmatched.most_common(_SHOWN)),
    )
    return (Evidence(name=USES, media_type="application/json", body=write_document(found)),)


def _unused(tally: _Tally) -> list[str]:
    return sorted(set(tally.places) - set(tally.used))


def answers_that_broke(journal: bytes) -> tuple[str, ...]:
    """What a mock itself says of its answers that broke the contract, each kind once."""
    tally = _tallied(journal)
    return tuple(dict.fromkeys(f"an answer broke the contract: {one}" for one in tally.wrong_answers))[:_SHOWN]


def how_it_stood_in(dependency: str, folder: str, journal: bytes) -> StoodIn:
    """What results stand on that were obtained through a mock, also where nothing was asked about the mock itself."""
    tally = _tallied(journal)
    return stood_in(dependency, folder, tally.standing, tuple(tally.called))


def _observation(check: str, tally: _Tally, dependency: str, work: MockWork) -> Observation:
    reasons: tuple[Reason, ...] = ()
    outcome = Outcome.PASSED
    requests = check.endswith("/requests")
    wrong, count = (
        (tally.wrong_requests, tally.wrong_request_count)
        if requests
        else (tally.wrong_answers, tally.wrong_answer_count)
    )
    if tally.calls == 0:
        outcome, reasons = Outcome.BROKEN, (Reason.of(Code.NEVER_CALLED, dependency=dependency),)
    elif wrong:
        code = Code.REQUEST_BROKE_CONTRACT if requests else Code.ANSWER_BROKE_CONTRACT
        place = tally.places.get(tally.lying, work.folder)
        outcome = Outcome.FAILED
        reasons = (Reason.of(code, dependency=dependency, count=count, first=wrong[0], place=place),)
    elif tally.torn:
        why = f"{tally.torn} lines of the mock's journal cannot be read"
        outcome = Outcome.BROKEN
        reasons = (Reason.of(Code.OUTPUT_UNREADABLE, engine="mock", file="journal", why=why),)
    evidence: tuple[Evidence, ...] = ()
    if wrong:
        body = "".join(f"{line}\n" for line in wrong[:_SHOWN]).encode()
        name = "requests that broke the contract" if requests else "answers that broke the contract"
        evidence = (Evidence(name=name, media_type="text/plain", body=body),)
    return Observation(
        check=check,
        outcome=outcome,
        reasons=reasons,
        measures=(Measure(name="calls", value=float(tally.calls), unit="count"),),
        evidence=evidence,
        started_ms=tally.started_ms,
        ended_ms=tally.ended_ms,
    )


def _tallied(journal: bytes) -> _Tally:
    tally = _Tally()
    for entry in _entries(journal, tally):
        at_ms = entry.get("at_ms")
        if isinstance(at_ms, int):
            tally.started_ms = tally.started_ms or at_ms
            tally.ended_ms = at_ms
        match entry.get("kind"):
            case "started":
                tally.places |= {str(stub["name"]): str(stub["place"]) for stub in entry.get("stubs", ())}
                tally.standing = entry
            case "lost":
                tally.torn += int(entry.get("count", 1))
            case "interaction":
                _count(tally, entry, 1)
                extend(tally.called, at_ms)
            case "counted":
                _count(tally, entry, int(entry.get("count", 0)))
                extend(tally.called, at_ms, COUNTED_MS)
    return tally


def _count(tally: _Tally, entry: dict[str, Any], count: int) -> None:
    tally.calls += count
    status, source = int(entry.get("status", 0)), str(entry.get("source"))
    operation, stub = entry.get("operation"), entry.get("stub")
    label = f"{entry.get('method', '')} {entry.get('path', '')}".strip() or str(operation)
    if stub is not None:
        tally.used[str(stub)] += count
    if operation is not None and source in _EXERCISED:
        tally.relied[(str(operation), status, source)] += count
    if source == Source.UNMATCHED.value:
        tally.unmatched[f"{label} → {status}"] += count
        tally.wrong_requests.append(f"{label}: the contract has no such operation")
        tally.wrong_request_count += count
    if entry.get("violations"):
        tally.wrong_requests.append(f"{label} ({operation}): {_said(entry['violations'])}")
        tally.wrong_request_count += count
    if entry.get("drift"):
        who = f"stub `{stub}`" if stub is not None else "the mock"
        tally.wrong_answers.append(f"{who} for {label}: {_said(entry['drift'])}")
        tally.wrong_answer_count += count
        tally.lying = tally.lying or str(stub)
    elif entry.get("kind") == "counted" and entry.get("wrong") and source != Source.UNMATCHED.value:
        tally.wrong_request_count += count


def _said(violations: list[dict[str, Any]]) -> str:
    shown = []
    for one in violations[:3]:
        pointer = f" {one['pointer']}" if one.get("pointer") else ""
        shown.append(f"{one.get('where')}{pointer}: {one.get('message')}")
    return "; ".join(shown)


def _entries(journal: bytes, tally: _Tally) -> Iterator[dict[str, Any]]:
    for line in journal.splitlines():
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            tally.torn += 1
            continue
        if isinstance(entry, dict):
            yield entry


def _by_cell(tally: _Tally) -> Counter[tuple[str, int]]:
    found: Counter[tuple[str, int]] = Counter()
    for (operation, status, _), count in tally.relied.items():
        found[(operation, status)] += count
    return found


def _notes(tally: _Tally, dependency: str) -> Iterator[str]:
    if unused := _unused(tally):
        yield f"stubs of the mock `{dependency}` that no request used: {', '.join(unused)}"
    if tally.unmatched:
        listed = ", ".join(f"{label} ({count} x)" for label, count in tally.unmatched.most_common(10))
        yield f"requests to the mock `{dependency}` that nothing answers: {listed}"
