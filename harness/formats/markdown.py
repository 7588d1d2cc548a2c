"""A run as Markdown, for the summary page of a CI step.

Hostile names stay text: no links, no pictures, no HTML, no mentions, no table that falls apart.
"""

import re
from collections.abc import Iterator

from harness.formats.left_out_words import left_out_in
from harness.formats.mock_text import debt_lines
from harness.formats.sentences import say, what_to_do
from harness.formats.terminal_text import tame
from harness.formats.terminal_words import counted, word
from harness.model.evidence import Code, Outcome, Reason, Record
from harness.model.plan import Plan
from harness.model.verdict import Decision, Ground, Verdict
from harness.rules.summing import JobSum, job_sums

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~>-])")
_SIGN = {Decision.PASS: "✅", Decision.FAIL: "❌", Decision.UNDECIDED: "❔"}
_MOST = 100


def write_markdown(
    plan: Plan, record: Record | None, verdict: Verdict, *, evidence: str = "", language: str = "en"
) -> str:
    """The summary: verdict, a table of jobs, failures and doubts with the way out of each, and what was left out."""
    decision = f"{_SIGN[verdict.decision]} {word(verdict.decision.value, language)}"
    scope = f" · --only {plain(' '.join(plan.only))}" if plan.only else ""
    lines = [f"## {decision}: {plain(plan.tier)}{scope}", ""]
    if plan.release:
        lines += [plain(plan.release.name), ""]
    lines += [*_table(job_sums(plan, record), language), ""]
    grounds = (*verdict.failures, *verdict.doubts)
    for ground in grounds[:_MOST]:
        lines += _ground(plan, ground, language)
    if len(grounds) > _MOST:
        lines.append(f"- {counted('more', len(grounds) - _MOST, language)}")
    for what, why in left_out_in(plan, language):
        lines.append(f"- {word('left out', language)}: {plain(what)}: {plain(why)}")
    lines += [f"- {plain(line)}" for line in (debt_lines(record, language) if record is not None else ())]
    if evidence:
        lines += ["", f"{word('evidence', language)}: {code(evidence)}"]
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    escaped = tame(text).replace("&", "&amp;").replace("<", "&lt;")
    escaped = _SPECIAL.sub(r"\\\1", escaped)
    # mentions, bare addresses
    return escaped.replace("@", "&#64;").replace("://", "&#58;//").replace("www.", "www&#46;")


def code(text: str) -> str:
    """A code span on one line, however many backticks are in it."""
    text = tame(text)
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _table(sums: tuple[JobSum, ...], language: str) -> Iterator[str]:
    if not sums:
        yield word("nothing", language)
        return
    heads = [word(outcome.value, language) for outcome in Outcome]
    yield f"| | {' | '.join(heads)} | {word('unreported', language)} | s |"
    yield "|---|" + "---:|" * (len(heads) + 2)
    for one in sums:
        figures = [str(one.outcomes.get(outcome, 0) or "") for outcome in Outcome]
        seconds = "" if one.seconds is None else f"{one.seconds:.1f}"
        yield f"| {plain(one.job.id)} | {' | '.join(figures)} | {one.unreported or ''} | {seconds} |"


def _ground(plan: Plan, ground: Ground, language: str) -> Iterator[str]:
    reason = Reason(code=ground.reason.code, values=(("tier", plan.tier), *ground.reason.values))
    yield f"- **{plain(ground.check or word('the run', language))}**: {plain(say(reason, language))}"
    todo = what_to_do(reason, language)
    yield f"  <br>{code(todo) if ground.reason.code is Code.FINDING else plain(todo)}"
