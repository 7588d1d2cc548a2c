"""From the attempts at one test to what they say about a check.

A test with parameters (languages, sizes) is one promise: its n-th attempts count together, and
the worst of them decides. Retries stay apart, as attempts of their own.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from harness.model.criteria import Criterion, EvidenceKind
from harness.model.evidence import Code, Evidence, Measure, Observation, Outcome, Reason, Step
from harness.model.process import Ended, Surroundings
from harness.runners.uat_journal import Acted, Attempt, Kept, SessionSeen, Trouble
from harness.runners.uat_journeys import Route, operations_touched

_PHASES = ("setup", "call", "teardown")
_WORST_FIRST = (Outcome.FAILED, Outcome.BROKEN, Outcome.SKIPPED, Outcome.PASSED)
_SUFFIX = "[chromium]"
_SAID = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The n-th attempts at a test, one for each of its parameters."""

    together: tuple[Attempt, ...]

    @classmethod
    def of(cls, test: str, session: SessionSeen) -> tuple["Attempts", ...]:
        """Every attempt at `test` (a node, with or without parameters), first attempts first."""
        by_turn: dict[int, list[Attempt]] = {}
        turns: dict[str, int] = {}
        for attempt in session.attempts:
            if test in {attempt.test, attempt.node, attempt.node.removesuffix(_SUFFIX)}:
                turns[attempt.node] = turns.get(attempt.node, 0) + 1
                by_turn.setdefault(turns[attempt.node], []).append(attempt)
        return tuple(cls(together=tuple(by_turn[turn])) for turn in sorted(by_turn))


def observed(
    check: str,
    attempts: Attempts,
    criterion: Criterion | None,
    around: Surroundings,
    ended: Ended,
    routes: tuple[Route, ...] = (),
) -> Observation:
    """What one turn at a check came to, with its steps, all its evidence and the operations that it touched."""
    evidence: list[Evidence] = []
    steps: list[Step] = []
    judged: list[tuple[Outcome, tuple[Reason, ...]]] = []
    for attempt in attempts.together:
        places, own = _evidence(attempt, ended, start=len(evidence))
        evidence += own
        steps += _named(attempt, tuple(_tree(attempt, None, places)), several=len(attempts.together) > 1)
        judged.append(_judged(attempt, criterion, around, own))
    worst = min((outcome for outcome, _ in judged), key=_WORST_FIRST.index)
    reasons = tuple(dict.fromkeys(reason for outcome, found in judged if outcome is worst for reason in found))
    return Observation(
        check=check,
        outcome=worst,
        reasons=reasons,
        measures=(_expectations(attempts),),
        evidence=tuple(evidence),
        steps=tuple(steps),
        started_ms=min(attempt.started_ms for attempt in attempts.together),
        ended_ms=max(attempt.ended_ms for attempt in attempts.together),
        labels=(*_labels(criterion, attempts), *_touched(attempts, routes, around)),
    )


def _judged(
    attempt: Attempt, criterion: Criterion | None, around: Surroundings, evidence: list[Evidence]
) -> tuple[Outcome, tuple[Reason, ...]]:
    failed = tuple(trouble for trouble in attempt.troubles if trouble.when == "call" and trouble.kind == "assertion")
    if failed:
        return Outcome.FAILED, tuple(
            Reason.of(Code.ASSERTION_FAILED, message=sentence(trouble.message), place=trouble.place)
            for trouble in failed
        )
    if attempt.overdue is not None:
        return _broken(Code.SCRIPT_BROKE, message="it was still running at its deadline", place=attempt.node)
    if attempt.troubles:
        trouble = attempt.troubles[0]
        if trouble.kind == "skipped":
            return Outcome.SKIPPED, (Reason.of(Code.WAS_SKIPPED, why=f": {sentence(trouble.message)}"),)
        return Outcome.BROKEN, (_why_broken(trouble, around),)
    if not attempt.finished or tuple(when for when, _ in attempt.phases) != _PHASES:
        return _broken(Code.SCRIPT_BROKE, message="the process ended in the middle of it", place=attempt.node)
    if attempt.unreadable or any(outcome != "passed" for _, outcome in attempt.phases):
        return _broken(Code.OUTPUT_UNREADABLE, file=f"{attempt.folder}/events.ndjson", why="damaged lines")
    if not attempt.shown:
        return _broken(Code.NOTHING_SHOWN)
    missing = _missing(criterion, evidence)
    if missing:
        return _broken(Code.EVIDENCE_MISSING, missing=", ".join(missing))
    return Outcome.PASSED, ()


def _broken(code: Code, **values: object) -> tuple[Outcome, tuple[Reason, ...]]:
    return Outcome.BROKEN, (Reason.of(code, **values),)


def _why_broken(trouble: Trouble, around: Surroundings) -> Reason:
    system, target = next(iter(around.targets.items()), ("the system", None))
    url = target.base_url if target is not None else "?"
    message = sentence(trouble.message)
    match trouble.kind:
        case "no-browser":
            return Reason.of(Code.NO_BROWSER, why=message, how="get one with `harness doctor --fix`")
        case "unreachable":
            return Reason.of(Code.SYSTEM_UNREACHABLE, system=system, url=url, why=message, tier=around.tier)
        case "system-gone":
            return Reason.of(Code.SYSTEM_DIED, system=system, why=trouble.gone)
        case "browser-died":
            return Reason.of(Code.SCRIPT_BROKE, message=f"the browser died: {message}", place=trouble.place)
        case _:
            when = {"setup": "while preparing: ", "teardown": "while cleaning up: "}.get(trouble.when, "")
            return Reason.of(Code.SCRIPT_BROKE, message=f"{when}{message}", place=trouble.place)


def sentence(message: str) -> str:
    """What an exception says, on one line, without Playwright's call log and page dump."""
    kept: list[str] = []
    for line in message.strip().splitlines():
        if line.strip().startswith(("Call log:", "Aria snapshot:")):
            break
        head = line.partition("Call log:")[0].strip()
        if head:
            kept.append(head)
    return "; ".join(kept)[:_SAID] or "no words"


def _missing(criterion: Criterion | None, evidence: list[Evidence]) -> tuple[str, ...]:
    there = {one.name.partition(":")[0] for one in evidence}
    return tuple(kind for kind in (criterion.evidence if criterion else ()) if kind not in there)


def _evidence(attempt: Attempt, ended: Ended, start: int) -> tuple[dict[int | None, list[int]], list[Evidence]]:
    """The attempt's evidence, named `kind: step`, and which of it (counted from `start`) belongs to which step."""
    titles = {step.number: step.en for step in attempt.steps}
    places: dict[int | None, list[int]] = {}
    evidence: list[Evidence] = []
    for kept in attempt.kept:
        body = ended.files.get(f"{attempt.folder}/{kept.file}")
        if body:
            places.setdefault(kept.step, []).append(start + len(evidence))
            evidence.append(Evidence(name=_name(kept, titles), media_type=kept.media_type, body=body))
    evidence += _written(attempt)
    return places, evidence


def _name(kept: Kept, titles: dict[int, str]) -> str:
    title = titles.get(kept.step) if kept.step is not None else None
    return f"{kept.kind}: {title}" if title else kept.kind


def _written(attempt: Attempt) -> Iterator[Evidence]:
    """What the journal itself holds for the reader: requests, console errors, the whole text of a trouble."""
    if attempt.requests:
        requests = [{key: one.get(key) for key in ("method", "url", "status", "by", "why")} for one in attempt.requests]
        body = json.dumps(requests, ensure_ascii=False, indent=1).encode()
        yield Evidence(name=EvidenceKind.REQUESTS.value, media_type="application/json", body=body)
    if attempt.console:
        yield Evidence(name="console errors", media_type="text/plain", body="\n".join(attempt.console).encode())
    if attempt.overdue:
        yield Evidence(name="where it stood", media_type="text/plain", body=attempt.overdue.encode())
    for trouble in attempt.troubles:
        if trouble.text:
            yield Evidence(
                name=f"what went wrong ({trouble.when})", media_type="text/plain", body=trouble.text.encode()
            )


def _tree(attempt: Attempt, parent: int | None, places: dict[int | None, list[int]]) -> Iterator[Step]:
    for step in attempt.steps:
        if step.parent == parent:
            yield Step(
                title=_title(step),
                outcome=step.outcome,
                started_ms=step.started_ms,
                ended_ms=attempt.ended_ms if step.ended_ms is None else step.ended_ms,
                attachments=tuple(places.get(step.number, ())),
                steps=tuple(_tree(attempt, step.number, places)),
            )


def _title(step: Acted) -> str:
    return f"{step.en} · {step.zh}" if step.zh else step.en


def _named(attempt: Attempt, steps: tuple[Step, ...], several: bool) -> list[Step]:
    """With several parameters each gets a step of its own around its steps."""
    if not several:
        return list(steps)
    passed = attempt.finished and not attempt.troubles
    whole = Step(
        title=attempt.node.partition("::")[2],
        outcome=Outcome.PASSED if passed else Outcome.FAILED,
        started_ms=attempt.started_ms,
        ended_ms=attempt.ended_ms,
    )
    return [replace(whole, steps=steps)]


def _expectations(attempts: Attempts) -> Measure:
    shown = sum(attempt.shown for attempt in attempts.together)
    return Measure(name="expectations that held", value=float(shown), unit="count")


def _touched(attempts: Attempts, routes: tuple[Route, ...], around: Surroundings) -> tuple[tuple[str, str], ...]:
    requests = (request for attempt in attempts.together for request in attempt.requests)
    return tuple(("operation", name) for name in operations_touched(requests, routes, around))


def _labels(criterion: Criterion | None, attempts: Attempts) -> tuple[tuple[str, str], ...]:
    test = ("test", attempts.together[0].test)
    if criterion is None:
        return (test,)
    return (
        ("criterion", criterion.id),
        ("criterion-version", criterion.sha256[:12]),
        ("moscow", criterion.priority.value),
        ("phase", str(criterion.phase)),
        *((("owner", criterion.owner),) if criterion.owner else ()),
        test,
    )
