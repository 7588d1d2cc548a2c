"""A run as lines of the Elastic Common Schema, one an attempt and one for the verdict: what a log store reads.

Nothing is greener than the verdict: only what passed is a success, what could not be told is unknown, and what was
promised and never reported has its line, too.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from harness.formats.sentences import say
from harness.model.evidence import Code, Outcome, Reason, Record, Seen
from harness.model.plan import Check, Plan
from harness.model.verdict import Decision, Verdict
from harness.rules.summing import attempts_by_check

_VERSION = "8.11.0"
_OUTCOMES = {
    Outcome.PASSED: ("success", "info"),
    Outcome.FAILED: ("failure", "error"),
    Outcome.BROKEN: ("unknown", "warn"),
    Outcome.SKIPPED: ("unknown", "warn"),
}
_DECISIONS = {
    Decision.PASS: ("success", "info"),
    Decision.FAIL: ("failure", "error"),
    Decision.UNDECIDED: ("unknown", "warn"),
}


def write_ecs(plan: Plan, record: Record | None, verdict: Verdict, *, language: str = "en") -> str:
    """NDJSON, each line with a newline."""
    attempts = attempts_by_check(record)
    ended = record.ended_ms if record else 0
    lines = [
        line
        for check in plan.checks
        for line in _check(plan, check, tuple(attempts.get(check.id, ())), ended, language)
    ]
    lines.append(_verdict(plan, verdict, record, language))
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _check(
    plan: Plan, check: Check, attempts: tuple[Seen, ...], ended: int, language: str
) -> Iterator[dict[str, object]]:
    if not attempts:
        why = say(Reason.of(Code.NOT_REPORTED), language)
        yield _line(plan, check.id, f"{check.title}: {why}", ("unknown", "warn"), 0, ended)
    for number, seen in enumerate(attempts, 1):
        reasons = "; ".join(say(reason, language) for reason in seen.reasons)
        message = f"{check.title}: {reasons}" if reasons else check.title
        line = _line(plan, check.id, message, _OUTCOMES[seen.outcome], seen.started_ms, seen.ended_ms or ended)
        measures = {one.name: one.value for one in seen.measures}
        yield {**line, "harness": {"attempt": number, "outcome": seen.outcome.value, "measures": measures}}


def _verdict(plan: Plan, verdict: Verdict, record: Record | None, language: str) -> dict[str, object]:
    grounds = (*verdict.failures, *verdict.doubts)
    reasons = "; ".join(f"{one.check or plan.run}: {say(one.reason, language)}" for one in grounds[:20])
    started, ended = (record.started_ms, record.ended_ms) if record else (0, 0)
    said = _DECISIONS[verdict.decision]
    line = _line(plan, "verdict", f"{verdict.decision.value}: {reasons}" if reasons else "pass", said, started, ended)
    return {**line, "harness": {"verdict": verdict.decision.value, "reasons": len(grounds)}}


def _line(
    plan: Plan, what: str, message: str, said: tuple[str, str], started_ms: int, ended_ms: int
) -> dict[str, object]:
    outcome, level = said
    event: dict[str, object] = {"kind": "event", "dataset": "harness.run", "action": what, "outcome": outcome}
    if started_ms and ended_ms >= started_ms:
        event |= {"start": _time(started_ms), "end": _time(ended_ms), "duration": (ended_ms - started_ms) * 1_000_000}
    labels = {"run": plan.run, "tier": plan.tier, "suite": what.partition(":")[0]}
    if plan.release:
        labels["release"] = plan.release.name
    return {
        "@timestamp": _time(ended_ms),
        "ecs": {"version": _VERSION},
        "event": event,
        "log": {"level": level, "logger": "harness"},
        "message": message,
        "labels": labels,
    }


def _time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}Z"
