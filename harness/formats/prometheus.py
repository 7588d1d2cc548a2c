"""A run as Prometheus text: the newest verdict, checks by outcome and figures of a tier, for a textfile collector.

No run is a label, so that series don't grow with every run. A check that was never reported is counted as such.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from harness.model.evidence import Record
from harness.model.plan import Plan
from harness.model.verdict import Decision, Verdict
from harness.rules.summing import attempts_by_check

_HELP = {
    "harness_verdict": "1 for the decision of the newest run of a tier, 0 for the others",
    "harness_checks": "checks of the newest run by suite and worst outcome",
    "harness_measure": "a figure that the newest run measured, in its unit",
    "harness_run_seconds": "how long the newest run took",
    "harness_run_ended_timestamp_seconds": "when the newest run ended",
}
_WORST = ("failed", "broken", "skipped", "passed")
Samples = list[tuple[str, Mapping[str, str], float]]


def write_prometheus(plan: Plan, record: Record | None, verdict: Verdict) -> str:
    """The exposition, every family with its help."""
    samples: Samples = [*_decisions(plan, verdict), *_checks(plan, record), *_figures(plan, record)]
    lines = []
    for family, said in _HELP.items():
        own = [one for one in samples if one[0] == family]
        if own:
            lines += [f"# HELP {family} {said}", f"# TYPE {family} gauge"]
            lines += [f"{family}{{{_labels(labels)}}} {value!r}" for _, labels, value in own]
    return "\n".join(lines) + "\n"


def _decisions(plan: Plan, verdict: Verdict) -> Iterator[tuple[str, Mapping[str, str], float]]:
    for decision in Decision:
        yield "harness_verdict", {**_of(plan), "decision": decision.value}, float(verdict.decision is decision)


def _checks(plan: Plan, record: Record | None) -> Iterator[tuple[str, Mapping[str, str], float]]:
    attempts = attempts_by_check(record)
    counts: Counter[tuple[str, str]] = Counter()
    for check in plan.checks:
        seen = {one.outcome.value for one in attempts.get(check.id, ())}
        counts[(check.suite.value, next((one for one in _WORST if one in seen), "unreported"))] += 1
    for (suite, outcome), count in sorted(counts.items()):
        yield "harness_checks", {**_of(plan), "suite": suite, "outcome": outcome}, float(count)


def _figures(plan: Plan, record: Record | None) -> Iterator[tuple[str, Mapping[str, str], float]]:
    if record is None:
        return
    found = {(seen.check, one.name, one.unit): one.value for seen in record.seen for one in seen.measures}
    for (check, name, unit), value in sorted(found.items()):
        yield "harness_measure", {**_of(plan), "check": check, "measure": name, "unit": unit}, value
    yield "harness_run_seconds", _of(plan), max(0, record.ended_ms - record.started_ms) / 1000
    yield "harness_run_ended_timestamp_seconds", _of(plan), float(record.ended_ms // 1000)


def _of(plan: Plan) -> Mapping[str, str]:
    return {"tier": plan.tier, "release": plan.release.name if plan.release else ""}


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
