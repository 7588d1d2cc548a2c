"""Results of a run in another language: what was written once is told again from plan and record.

Only what is ours is told anew: the title of a promise, its reasons, the verdict. Authors' steps and what systems
answered stay as they were.
"""

import re
from collections import defaultdict
from dataclasses import replace

from harness.formats.allure_result import Json, details
from harness.formats.sentences import say
from harness.formats.terminal_words import word
from harness.model.evidence import Code, Outcome, Reason, Seen
from harness.model.plan import Check, Plan, Promise, UatWork
from harness.model.report import Chapter

_WORST_FIRST = (Outcome.FAILED, Outcome.BROKEN, Outcome.SKIPPED, Outcome.PASSED)
_TITLES = (
    (r"(.+) keeps its contract", r"\1 遵守其契约"),
    (r"(.+) answers (\S+)", r"\1 返回 \2"),
    (r"every request to (.+) keeps (.+)'s contract", r"发往 \1 的每个请求都遵守其契约"),
    (r"every answer of the mock keeps (.+)'s contract", r"模拟服务的每个应答都遵守 \1 的契约"),
    (r"the real (.+) answers (\S+) as its mock did", r"真实的 \1 对 \2 的应答与其模拟服务一致"),
    (r"(.+) survives it when (\S+) of (.+) fails: (\S+)", r"当 \3 的 \2 出现故障（\4）时，\1 能够承受"),
    (r"(.+) survives it when (\S+) of (.+) fails", r"当 \3 的 \2 出现故障时，\1 能够承受"),
)


class Retold:
    """One run, told in `language`."""

    def __init__(self, chapter: Chapter, language: str) -> None:
        self._chapter, self._language = chapter, language
        self._checks = {check.id: check for check in chapter.plan.checks}
        self._titles = dict(_criteria(chapter.plan, language))
        self._seen: defaultdict[str, list[Seen]] = defaultdict(list)
        for seen in chapter.record.seen:
            self._seen[seen.check].append(seen)

    def result(self, result: Json) -> Json:
        """A result file's content with our words in the language; what is not ours comes back as it is."""
        name = result.get("fullName")
        if name == f"verdict:{self._chapter.plan.tier}":
            return self._verdict(result)
        check = self._checks.get(str(name))
        if check is None:
            return result
        told = details(self._reasons(check.id), self._language)
        old = result.get("statusDetails")
        kept = {key: value for key, value in old.items() if key != "message"} if isinstance(old, dict) else {}
        changed: Json = {**result, "statusDetails": {**kept, **told}}
        if check.promise is not Promise.SCRIPT:
            changed["name"] = self._title(check)
        return changed

    def _verdict(self, result: Json) -> Json:
        verdict, tier = self._chapter.verdict, self._chapter.plan.tier
        grounds = (*verdict.failures, *verdict.doubts)
        lines = [f"{g.check or word('the run', self._language)}: {say(g.reason, self._language)}" for g in grounds]
        decision = word(verdict.decision.value, self._language)
        title = f"{tier} 的结论：{decision}" if self._language == "zh" else f"verdict on {tier}: {decision}"
        steps = [step for step in _steps(result) if isinstance(step, dict)]
        if len(steps) == len(lines):
            steps = [{**step, "name": line} for step, line in zip(steps, lines, strict=True)]
        return {
            **result,
            "name": title,
            "steps": steps,
            "statusDetails": {"message": "\n".join(lines)} if lines else {},
        }

    def _reasons(self, check: str) -> tuple[Reason, ...]:
        attempts = self._seen[check]
        if not attempts:
            return (Reason.of(Code.NOT_REPORTED),)
        worst = min((seen.outcome for seen in attempts), key=_WORST_FIRST.index)
        told = (reason for seen in attempts if seen.outcome is worst for reason in seen.reasons)
        tier = (("tier", self._chapter.plan.tier),)
        return tuple(replace(one, values=(*tier, *one.values)) for one in told)

    def _title(self, check: Check) -> str:
        if check.id in self._titles:
            return self._titles[check.id]
        if self._language != "zh":
            return check.title
        return title_in_chinese(check.title)


def title_in_chinese(title: str) -> str:
    """The title of a check that is no criterion; one that is not known stays as it is."""
    found = ((re.fullmatch(pattern, title), zh) for pattern, zh in _TITLES)
    return next((match.expand(zh) for match, zh in found if match), title)


def _criteria(plan: Plan, language: str) -> list[tuple[str, str]]:
    works = [(job, job.work) for job in plan.jobs if isinstance(job.work, UatWork)]
    return [(f"{job.id}/{one.id}", one.title.in_language(language)) for job, work in works for one in work.criteria]


def _steps(result: Json) -> list[object]:
    steps = result.get("steps")
    return steps if isinstance(steps, list) else []
