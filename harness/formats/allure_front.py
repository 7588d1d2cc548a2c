"""The first page of a report: verdict, reasons, what was left out and who signed stand above the list of checks.

Allure shows a few facts on top, the errors of the whole run beside its results, and files that belong to none of
them. Reasons are told there as errors, the summary as such a file; a verdict of pass has no errors to show.
"""

from collections.abc import Iterator

from harness.formats.allure_environment import environment_properties, properties
from harness.formats.allure_result import Files, uuid_for
from harness.formats.left_out_words import left_out_in
from harness.formats.report_page import report_page
from harness.formats.report_words import said, sign_off_line
from harness.formats.sentences import say, what_to_do
from harness.formats.terminal_words import counted, word
from harness.model.evidence import Reason
from harness.model.report import Account, Chapter
from harness.model.tier import Suite

_MOST, _AT_FIRST = 200, 6


def front_files(account: Account, language: str = "en") -> Files:
    """What is laid beside the results of all chapters, by file name."""
    files = Files()
    runs = [one.plan.run for one in account.chapters]
    page = f"{uuid_for('summary', *runs)}-attachment.html"
    files.written[page] = report_page(account, language)
    last = max((one.record.ended_ms for one in account.chapters), default=0)
    shown = {"name": said("summary", language), "source": page, "type": "text/html", "timestamp": last}
    errors = [error for one in account.chapters for error in _errors(one, language)]
    files.add_json(f"{uuid_for('front', *runs)}-globals.json", {"attachments": [shown], "errors": errors})
    for one in account.chapters:
        files.add_json(f"{uuid_for('figures', one.plan.run)}-perf.json", list(_figures(one)))
    files.written["environment.properties"] = _facts(account, language)
    return files


def _errors(one: Chapter, language: str) -> Iterator[dict[str, object]]:
    """Every reason as an error of the run, with the way out."""
    grounds = (*one.verdict.failures, *one.verdict.doubts)
    for ground in grounds[:_MOST]:
        reason = Reason(code=ground.reason.code, values=(("tier", one.plan.tier), *ground.reason.values))
        about = ground.check or word("the run", language)
        message = f"{one.plan.tier} · {about}: {say(reason, language)}"
        trace = f"→ {what_to_do(reason, language)}"
        yield {"message": message, "trace": trace, "timestamp": one.record.ended_ms, "environment": one.plan.tier}
    if len(grounds) > _MOST:
        more = said("more", language, len(grounds) - _MOST)
        yield {"message": more, "timestamp": one.record.ended_ms, "environment": one.plan.tier}


def _facts(account: Account, language: str) -> bytes:
    """`environment.properties`: what a person asks first comes first, then the facts of each run."""
    first = {said("verdict", language): word(account.decision.value, language)}
    several = len(account.chapters) > 1
    for one in account.chapters if several else ():
        first[f"{said('verdict', language)} {one.plan.tier}"] = word(one.verdict.decision.value, language)
    reasons = [(one, ground) for one in account.chapters for ground in (*one.verdict.failures, *one.verdict.doubts)]
    for number, (one, ground) in enumerate(reasons[: max(1, _AT_FIRST - 2 - len(first))], 1):
        reason = Reason(code=ground.reason.code, values=(("tier", one.plan.tier), *ground.reason.values))
        first[f"{said('reason', language)} {number}/{len(reasons)}"] = (
            f"{ground.check or word('the run', language)}: {say(reason, language)}"
        )
    first[said("sign-off", language)] = sign_off_line(account, language)
    left = [f"{what} ({why})" for one in account.chapters for what, why in left_out_in(one.plan, language)]
    first[said("left", language)] = "; ".join(dict.fromkeys(left)) or said("nothing left out", language)
    first[said("checks", language)] = counted("check", sum(len(one.plan.checks) for one in account.chapters), language)
    body = properties(first)
    for one in account.chapters:
        body += environment_properties(one.plan, one.record, one.verdict, before=f"{one.plan.tier}." if several else "")
    return body


def _figures(one: Chapter) -> Iterator[dict[str, object]]:
    """Measured figures of load checks, which the report follows over the runs; a tier's own key keeps tiers apart."""
    for seen in one.record.seen:
        if not seen.check.startswith(f"{Suite.LOAD}:"):
            continue
        for measure in seen.measures:
            yield {
                "id": uuid_for(one.plan.run, seen.check, measure.name),
                "key": f"{one.plan.tier}.{seen.check}.{measure.name}",
                "value": measure.value,
                "start": seen.started_ms,
                "stop": seen.ended_ms,
                "title": f"{one.plan.tier} · {seen.check.partition(':')[2]} · {measure.limit or measure.name}",
                "unit": measure.unit,
                "group": one.plan.tier,
                "groupTitle": one.plan.tier,
                "better": "higher" if measure.name == "rate" else "lower",
            }
