"""A run as a person reads it: what ran, the verdict, every reason with the way out, and where the evidence lies.

Pure text from plan, record and verdict, in English or Chinese, with or without colour. Everything that may
come from a system under test is made harmless first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from harness.formats.left_out_words import left_out_in
from harness.formats.mock_text import debt_lines
from harness.formats.sentences import say, what_to_do
from harness.formats.service_text import stood_text
from harness.formats.terminal_text import columns, padded, tame, wrapped
from harness.formats.terminal_words import counted, word
from harness.model.evidence import Code, Finding, Outcome, Reason, Record
from harness.model.plan import ConfirmWork, MatrixWork, MockWork, Plan, Promise
from harness.model.tier import Suite
from harness.model.verdict import Decision, Ground, Verdict
from harness.rules.summing import JobSum, attempts_by_check, job_sums

_ALIKE = 3
_MOST_GROUPS = 60
_MOST_NOTES = 8
_LABEL_UP_TO = 40
_SENTENCE_AT_LEAST = 40
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_DECISION_COLOR = {Decision.PASS: "green", Decision.FAIL: "red", Decision.UNDECIDED: "yellow"}


def run_text(
    plan: Plan,
    record: Record | None,
    verdict: Verdict,
    *,
    evidence: str,
    language: str = "en",
    color: bool = False,
    width: int = 100,
) -> str:
    """The whole text, ending with a line break. `record` None = the run was never closed; `evidence` is a path."""
    page = _Page(
        plan=plan, record=record, verdict=verdict, evidence=evidence, language=language, color=color, width=width
    )
    return "\n".join(line.rstrip() for line in page.lines()) + "\n"


def plan_text(plan: Plan, *, language: str = "en", color: bool = False, width: int = 100) -> str:
    """What would run: the jobs, how much each promises, what was left out and why."""
    verdict = Verdict(decision=Decision.UNDECIDED)
    page = _Page(plan=plan, record=None, verdict=verdict, evidence="", language=language, color=color, width=width)
    return "\n".join(line.rstrip() for line in (*page.heading(), *page.promised(), *page.left_out())) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Checks that say the same."""

    checks: tuple[str, ...]
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    plan: Plan
    record: Record | None
    verdict: Verdict
    evidence: str
    language: str
    color: bool
    width: int

    def lines(self) -> Iterator[str]:
        yield from self.heading()
        yield from self._jobs()
        yield from self._decision()
        yield from self.left_out()
        yield from self._services()
        yield from self._mocks()
        yield from self._notes()
        yield from self._ends()

    def heading(self) -> Iterator[str]:
        mocks = sum(isinstance(job.work, MockWork) for job in self.plan.jobs)
        asked = len(self.plan.jobs) - mocks
        counts = [self._counted("job", asked), self._counted("check", len(self.plan.checks))]
        counts += [self._counted("mock", mocks)] if mocks else []
        release = f"   {tame(self.plan.release.name)}" if self.plan.release else ""
        yield f"{self._paint(tame(self.plan.tier), 'bold')}   {', '.join(counts)}{release}"
        yield ""

    def promised(self) -> Iterator[str]:
        """One row for each job, with what it promises."""
        for sums in job_sums(self.plan, None):
            yield "  " + "   ".join((*self._names(sums), self._amount(sums)))
        yield ""

    def left_out(self) -> Iterator[str]:
        """What policy or selection kept away."""
        if not self.plan.left_out:
            return
        for what, why in left_out_in(self.plan, self.language):
            yield self._paint(f"{self._word('left out')}  {tame(what)}: {tame(why)}", "dim")
        yield ""

    def _jobs(self) -> Iterator[str]:
        sums = job_sums(self.plan, self.record)
        states = [self._state(one) for one in sums]
        amounts = [self._amount(one) for one in sums]
        wide_amount = max(map(columns, amounts), default=0)
        wide_state = max((columns(state) for state, _ in states), default=0)
        for one, amount, (state, color) in zip(sums, amounts, states, strict=True):
            seconds = "" if one.seconds is None or one.job.suite is Suite.MOCK else f"{one.seconds:.1f} s"
            cells = (
                *self._names(one),
                padded(amount, wide_amount, right=True),
                self._paint(padded(state, wide_state), color),
                f"{seconds:>8}",
            )
            yield "  " + "   ".join(cells)
        yield from ("",) if sums else ()

    def _names(self, one: JobSum) -> tuple[str, str]:
        wide = max(columns(tame(_name(job.id))) for job in self.plan.jobs)
        return (padded(one.job.suite.value, 8), padded(tame(_name(one.job.id)), wide))

    def _amount(self, one: JobSum) -> str:
        limits = all(check.promise is Promise.LIMIT for check in one.job.checks)
        return self._counted("limit" if limits else "check", len(one.job.checks))

    def _state(self, one: JobSum) -> tuple[str, str]:
        parts = [
            f"{one.outcomes[outcome]} {self._word(outcome.value)}"
            for outcome in (Outcome.FAILED, Outcome.BROKEN, Outcome.SKIPPED)
            if one.outcomes.get(outcome)
        ]
        parts += [f"{one.unreported} {self._word('unreported')}"] if one.unreported else []
        if not parts:
            return self._word("passed"), "green"
        return ", ".join(parts), "red" if one.outcomes.get(Outcome.FAILED) else "yellow"

    def _decision(self) -> Iterator[str]:
        verdict = self.verdict
        counts = [self._counted("failure", len(verdict.failures))] if verdict.failures else []
        counts += [self._counted("doubt", len(verdict.doubts))] if verdict.doubts else []
        said = ", ".join(counts) or self._counted("check", len(self.plan.checks))
        yield f"{self._paint(self._word(verdict.decision.value), 'bold', _DECISION_COLOR[verdict.decision])}   {said}"
        groups = _grouped((*verdict.failures, *verdict.doubts))
        labels = [self._labels(group) for group in groups]
        short = [columns(label) for several in labels for label in several if columns(label) <= _LABEL_UP_TO]
        column = max(short, default=0) + 5
        for several, group in zip(labels[:_MOST_GROUPS], groups, strict=False):
            yield from (f"  {label}" for label in several[:-1])
            yield from self._ground(several[-1], group, min(column, max(8, self.width - _SENTENCE_AT_LEAST)))
        if len(groups) > _MOST_GROUPS:
            yield f"  {self._counted('more', len(groups) - _MOST_GROUPS)}"
        yield ""

    def _labels(self, group: _Group) -> tuple[str, ...]:
        if len(group.checks) <= _ALIKE:
            return tuple(tame(check) or self._word("the run") for check in group.checks)
        jobs = {job.id for job in self.plan.jobs for check in job.checks if check.id in group.checks}
        first = next(iter(jobs)) if len(jobs) == 1 else group.checks[0]
        many = len(group.checks) if len(jobs) == 1 else len(group.checks) - 1
        return (f"{tame(first)} ({self._counted('check' if len(jobs) == 1 else 'more', many)})",)

    def _ground(self, label: str, group: _Group, column: int) -> Iterator[str]:
        reason = self._filled(group)
        room = max(_SENTENCE_AT_LEAST, self.width - column)
        sentence = list(wrapped(tame(say(reason, self.language)), room)) or [""]
        if columns(label) + 5 <= column:
            yield f"  {padded(label, column - 2)}{sentence[0]}"
        else:
            yield f"  {label}"
            yield f"{'':{column}}{sentence[0]}"
        margin = " " * column
        yield from (margin + line for line in sentence[1:])
        finding = self._finding(group)
        if finding is not None:
            for detail in _details(finding):
                yield from (margin + line for line in wrapped(tame(detail), room))
        todo = tame(what_to_do(reason, self.language))
        # a command to copy stays on one line
        told = (todo,) if group.reason.code is Code.FINDING else wrapped(todo, room)
        yield from (margin + self._paint(line, "dim") for line in told)

    def _filled(self, group: _Group) -> Reason:
        """The reason with what the page knows and the reason need not carry; its own values win."""
        job = next((job.id for job in self.plan.jobs for check in job.checks if check.id in group.checks), "")
        known = (("tier", self.plan.tier), ("run", self.plan.run), *((("job", job),) if job else ()))
        return replace(group.reason, values=(*known, *group.reason.values))

    def _finding(self, group: _Group) -> Finding | None:
        if group.reason.code is not Code.FINDING:
            return None
        title = dict(group.reason.values).get("title")
        attempts = attempts_by_check(self.record).get(group.checks[0], ())
        return next((one for seen in attempts for one in seen.findings if one.title == title), None)

    def _services(self) -> Iterator[str]:
        """What stood underneath, and what did not work before it did."""
        stood = self.record.services if self.record is not None else ()
        room = max(_SENTENCE_AT_LEAST, self.width - 10)
        lines = [line for one in stood for line in wrapped(tame(stood_text(one, self.language)), room)]
        yield from (padded("" if at else self._word("services"), 10) + line for at, line in enumerate(lines))
        yield from ("",) if stood else ()

    def _mocks(self) -> Iterator[str]:
        """Which share of what was decided rests on mocks, and on what these stand."""
        told = tuple(debt_lines(self.record, self.language)) if self.record is not None else ()
        room = max(_SENTENCE_AT_LEAST, self.width - 10)
        lines = [line for one in told for line in wrapped(tame(one), room)]
        yield from (padded("" if at else self._word("mocks"), 10) + line for at, line in enumerate(lines))
        yield from ("",) if told else ()

    def _notes(self) -> Iterator[str]:
        notes = tuple(dict.fromkeys(note for one in job_sums(self.plan, self.record) for note in one.notes))
        room = max(_SENTENCE_AT_LEAST, self.width - 10)
        lines = [line for note in notes[:_MOST_NOTES] for line in wrapped(tame(note), room)]
        yield from (padded("" if at else self._word("notes"), 10) + line for at, line in enumerate(lines))
        if len(notes) > _MOST_NOTES:
            yield f"{'':10}{self._counted('more', len(notes) - _MOST_NOTES)}"
        yield from ("",) if notes else ()

    def _ends(self) -> Iterator[str]:
        withheld = self._withheld()
        if withheld:
            names = ", ".join(tame(name) for name, _ in withheld[:3])
            files = self._counted("file", len(withheld))
            yield f"{padded(self._word('withheld'), 10)}{files}: {names} ({tame(withheld[0][1])})"
        if self.evidence:
            yield f"{padded(self._word('evidence'), 10)}{tame(self.evidence)}"
        if self.verdict.decision is not Decision.PASS and self.plan.jobs:
            yield f"{padded(self._word('again'), 10)}{self._again()}"

    def _withheld(self) -> tuple[tuple[str, str], ...]:
        if self.record is None:
            return ()
        files = [file for end in self.record.jobs for file in end.files]
        files += [file for seen in self.record.seen for file in seen.attachments]
        return tuple(dict.fromkeys((file.name, file.withheld) for file in files if file.withheld))

    def _again(self) -> str:
        wrong = {ground.check for ground in (*self.verdict.failures, *self.verdict.doubts)}
        jobs = [job for job in self.plan.jobs if any(check.id in wrong for check in job.checks)]
        confirmed = [job.work for job in self.plan.jobs if isinstance(job.work, ConfirmWork)]
        if confirmed:
            one = confirmed[0]
            return f"harness mock confirm {tame(one.dependency)} --tier {tame(self.plan.tier)} --run {tame(one.run)}"
        tried = [job.work for job in self.plan.jobs if isinstance(job.work, MatrixWork)]
        if tried:
            seed = f" --seed {self.plan.seed}" if self.verdict.failures else ""
            return f"harness mock matrix {tame(tried[0].dependency)} --tier {tame(self.plan.tier)}{seed}"
        words = ["harness run", tame(self.plan.tier)]
        if None not in wrong and 0 < len(jobs) < len(self.plan.jobs):
            words += [f"--only {tame(job.id)}" for job in jobs if job.suite is not Suite.MOCK or len(jobs) == 1]
        if any(job.suite is Suite.CONTRACT for job in jobs) and self.verdict.failures:
            words.append(f"--seed {self.plan.seed}")
        return " ".join(words)

    def _word(self, key: str) -> str:
        return word(key, self.language)

    def _counted(self, key: str, count: int) -> str:
        return counted(key, count, self.language)

    def _paint(self, text: str, *colors: str) -> str:
        if not self.color or not text.strip():
            return text
        return f"\x1b[{';'.join(_CODES[color] for color in colors)}m{text}\x1b[0m"


def _name(job: str) -> str:
    return job.partition(":")[2] or job


def _details(finding: Finding) -> Iterator[str]:
    if finding.expected or finding.actual:
        yield f"expected {finding.expected or '?'}; got {finding.actual or '?'}"
    if finding.place:
        yield f"--> {finding.place}"


def _grouped(grounds: tuple[Ground, ...]) -> tuple[_Group, ...]:
    """Grounds in their order; what several checks say alike, or checks and the run, is said once."""
    by_reason: dict[Reason, list[str]] = {}
    for ground in grounds:
        by_reason.setdefault(ground.reason, []).append(ground.check or "")
    groups: list[_Group] = []
    for reason, named in by_reason.items():
        checks = [check for check in named if check] or named[:1]
        groups.append(_Group(checks=tuple(checks), reason=reason))
    return tuple(groups)
