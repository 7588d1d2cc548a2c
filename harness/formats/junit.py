"""A run as JUnit XML, for the tools that read nothing else.

It can't be greener than the verdict: broken and unreported checks are errors, every failed attempt stays, and
a suite named `verdict` fails unless the verdict is a pass.
"""

import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from harness.formats.sentences import say, what_to_do
from harness.model.evidence import Code, Outcome, Reason, Record, Seen
from harness.model.plan import Check, Job, Plan
from harness.model.verdict import Decision, Verdict
from harness.rules.summing import attempts_by_check

# what XML 1.0 can't hold, and the controls that terminals obey
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def write_junit(plan: Plan, record: Record | None, verdict: Verdict, *, language: str = "en") -> bytes:
    """One `<testsuites>` document in UTF-8: a suite for each job, one for the verdict."""
    attempts = attempts_by_check(record)
    suites = [
        _suite(job.id, [_case(plan, job, check, attempts, language) for check in job.checks]) for job in plan.jobs
    ]
    suites.append(_suite("verdict", [_verdict_case(plan, verdict, language)]))
    body = "\n".join(suites)
    properties = _properties(plan, verdict)
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name={_quoted(plan.run)}>'
    return f"{head}\n{properties}\n{body}\n</testsuites>\n".encode()


def _properties(plan: Plan, verdict: Verdict) -> str:
    pairs = [("run", plan.run), ("tier", plan.tier), ("seed", str(plan.seed)), ("verdict", verdict.decision.value)]
    if plan.release:
        pairs.append(("release", plan.release.name))
    inner = "".join(f"<property name={_quoted(name)} value={_quoted(value)}/>" for name, value in pairs)
    return f"<properties>{inner}</properties>"


def _suite(name: str, cases: list[tuple[str, str]]) -> str:
    kinds = [kind for kind, _ in cases]
    counts = (
        f'tests="{len(cases)}" failures="{kinds.count("failure")}" '
        f'errors="{kinds.count("error")}" skipped="{kinds.count("skipped")}"'
    )
    return "\n".join((f"<testsuite name={_quoted(name)} {counts}>", *(case for _, case in cases), "</testsuite>"))


def _case(
    plan: Plan, job: Job, check: Check, attempts: Mapping[str, tuple[Seen, ...]], language: str
) -> tuple[str, str]:
    seen = attempts.get(check.id, ())
    seconds = sum(max(0, one.ended_ms - one.started_ms) for one in seen) / 1000
    results = list(_results(plan, seen, language))
    head = f'<testcase classname={_quoted(job.id)} name={_quoted(check.id)} time="{seconds:.3f}"'
    if check.place:
        head += f" file={_quoted(check.place)}"
    kind = next((kind for kind in ("failure", "error", "skipped") if any(kind == one for one, _ in results)), "")
    inner = "".join(text for one, text in results if one == kind)
    return (kind, f"{head}>{inner}</testcase>" if inner else f"{head}/>")


def _results(plan: Plan, seen: tuple[Seen, ...], language: str) -> Iterator[tuple[str, str]]:
    if not seen:
        yield _result("error", plan, Reason.of(Code.NOT_REPORTED), language)
    for one in seen:
        match one.outcome:
            case Outcome.FAILED:
                fallback = Reason.of(Code.FAILED_ATTEMPT, failed=1, times=len(seen))
                yield from (_result("failure", plan, reason, language) for reason in one.reasons or (fallback,))
            case Outcome.BROKEN:
                fallback = Reason.of(Code.NOT_REPORTED)
                yield from (_result("error", plan, reason, language) for reason in one.reasons or (fallback,))
            case Outcome.SKIPPED:
                fallback = Reason.of(Code.WAS_SKIPPED, why="")
                yield from (_result("skipped", plan, reason, language) for reason in one.reasons[:1] or (fallback,))
            case Outcome.PASSED:
                pass


def _verdict_case(plan: Plan, verdict: Verdict, language: str) -> tuple[str, str]:
    head = f'<testcase classname="verdict" name={_quoted(plan.tier)} time="0.000"'
    if verdict.decision is Decision.PASS:
        return "", f"{head}/>"
    kind = "failure" if verdict.decision is Decision.FAIL else "error"
    grounds = "\n".join(
        f"{ground.check or plan.run}: {say(_filled(plan, ground.reason), language)}"
        for ground in (*verdict.failures, *verdict.doubts)
    )
    return kind, f"{head}><{kind} message={_quoted(verdict.decision.value)}>{_text(grounds)}</{kind}></testcase>"


def _result(kind: str, plan: Plan, reason: Reason, language: str) -> tuple[str, str]:
    filled = _filled(plan, reason)
    sentence, todo = say(filled, language), what_to_do(filled, language)
    if kind == "skipped":
        return kind, f"<skipped message={_quoted(sentence)}/>"
    return kind, f"<{kind} type={_quoted(reason.code.value)} message={_quoted(sentence)}>{_text(todo)}</{kind}>"


def _filled(plan: Plan, reason: Reason) -> Reason:
    return Reason(code=reason.code, values=(("tier", plan.tier), *reason.values))


def _quoted(text: str) -> str:
    return quoteattr(_safe(text), {"\n": "&#10;", "\t": "&#9;"})


def _text(text: str) -> str:
    return escape(_safe(text))


def _safe(text: str) -> str:
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
