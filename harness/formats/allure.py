"""A run as Allure result files: one result for each promised check, and one for the verdict.

Allure displays and never decides. A check that was never reported is there as broken; several attempts at one
check are steps of one result with the worst outcome, so that no later attempt can hide a failed one; what
allure-pytest wrote for a demonstration is told inside the result of its check, never beside it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from harness.formats.allure_environment import environment_properties
from harness.formats.allure_pytest import (
    Written,
    author_attachments,
    author_labels,
    author_list,
    full_name_of,
    read_written,
    told_steps,
    without_lost,
)
from harness.formats.allure_result import (
    Files,
    Json,
    details,
    finding_step,
    label,
    loose,
    measure_parameters,
    step,
    steps_of,
    tier_parameter,
    uuid_for,
    withheld_steps,
)
from harness.formats.sentences import say
from harness.model.evidence import Code, Evidence, Outcome, Reason, Record, Seen
from harness.model.plan import Check, Job, MockWork, Plan, Promise, UatWork
from harness.model.tier import Suite
from harness.model.verdict import Decision, Verdict

_WORST_FIRST = (Outcome.FAILED, Outcome.BROKEN, Outcome.SKIPPED, Outcome.PASSED)
_TOOLS = {Suite.CONTRACT: "schemathesis", Suite.LOAD: "locust", Suite.UAT: "playwright", Suite.MOCK: "harness"}
_LAYERS = {Suite.CONTRACT: "api", Suite.LOAD: "performance", Suite.UAT: "uat", Suite.MOCK: "mock"}
_SEVERITIES = {"must": "critical", "should": "normal", "could": "minor", "wont": "trivial"}
_STATUS = {Decision.PASS: Outcome.PASSED, Decision.FAIL: Outcome.FAILED, Decision.UNDECIDED: Outcome.BROKEN}
_KEPT_FROM_SEEN = ("criterion", "moscow", "phase", "owner")


def allure_files(
    plan: Plan, record: Record, verdict: Verdict, results: Iterable[Evidence] = (), language: str = "en"
) -> Files:
    """The files of `allure-results/`. `results` are allure-pytest's own, redacted; evidence is named by its SHA-256."""
    files = Files()
    telling = _Telling(plan=plan, record=record, files=files, written=read_written(results), language=language)
    attempts: defaultdict[str, list[Seen]] = defaultdict(list)
    for seen in record.seen:
        attempts[seen.check].append(seen)
    shaped = [telling.check(job, check, attempts.pop(check.id, [])) for job in plan.jobs for check in job.checks]
    shaped += [telling.stray(seen[0].check, seen) for seen in attempts.values()]
    shaped += [telling.unclaimed(result) for each in telling.written.results.values() for result in each]
    shaped.append(telling.verdict(verdict))
    files.written |= telling.written.beside
    there = {**files.written, **files.links}
    for result in shaped:
        files.add_json(f"{result['uuid']}-result.json", without_lost(result, there))
    for container in telling.written.containers(there):
        name = uuid_for(record.run, "fixtures", str(container.get("uuid")))
        files.add_json(f"{name}-container.json", {**container, "uuid": name})
    files.written["environment.properties"] = environment_properties(plan, record, verdict)
    files.add_json("executor.json", {"name": "harness", "type": "harness", "buildName": record.run})
    return files


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """What all results of one run have in common."""

    plan: Plan
    record: Record
    files: Files
    written: Written
    language: str

    def check(self, job: Job, check: Check, attempts: Sequence[Seen]) -> Json:
        """The one result of a promised check."""
        own = self._written_for(job, check, attempts)
        reasons = tuple(reason for seen in _worst(attempts) for reason in seen.reasons)
        if not attempts:
            reasons = (Reason.of(Code.NOT_REPORTED),)
        result = self._shell(check.id, check.title, _outcome(attempts), attempts)
        if check.promise is Promise.SCRIPT and len(own) == 1:
            result["name"] = own[0].get("name", check.title)
        result["statusDetails"] = self._details(reasons, attempts, own)
        result["description"] = "\n\n".join(self._description(job, check))
        codes = dict.fromkeys(reason.code.value for reason in reasons)
        result["labels"] = [
            *self._labels(check.suite, check.id, attempts, own),
            *(label("reason", code) for code in codes),
        ]
        result["links"] = author_list(own, "links")
        of_author = author_list(own, "parameters") if len(own) == 1 else []
        measures = measure_parameters(measure for seen in attempts for measure in seen.measures)
        result["parameters"] = [*_outside_identity(of_author), *measures, tier_parameter(self.plan.tier)]
        result["steps"] = [*self._steps(attempts, own), *self._relied(job)]
        result["attachments"] = [
            *(one for each in own[:1] if len(own) == 1 for one in author_attachments(each)),
            *(self.files.attach(kept) for seen in attempts for kept in loose(seen.steps, seen.attachments)),
        ]
        return result

    def stray(self, check: str, attempts: Sequence[Seen]) -> Json:
        """Reported and never planned: shown as such, never as passed."""
        result = self._shell(check, check, Outcome.BROKEN, attempts)
        result["statusDetails"] = details((Reason.of(Code.NOT_PLANNED),), self.language)
        suite = next((suite for suite in Suite if check.startswith(f"{suite}:")), Suite.UAT)
        result["labels"] = self._labels(suite, check, attempts, ())
        return result

    def unclaimed(self, written: Json) -> Json:
        """A pytest result that no check speaks of, with our tier and labels; it decides nothing."""
        name = str(written.get("fullName", "?"))
        kept = {key: value for key, value in written.items() if key not in {"historyId", "testCaseId"}}
        parameters = author_list((written,), "parameters")
        labels = [*author_labels((written,)), *self._common(Suite.UAT, "pytest", name.partition("#")[0])]
        identity = {"testCaseId": name, "parameters": [*parameters, tier_parameter(self.plan.tier)]}
        theirs = str(written.get("uuid"))
        self.written.told_in[theirs] = ours = uuid_for(self.record.run, "written", theirs)
        return {**kept, **identity, "labels": labels, "uuid": ours}

    def verdict(self, verdict: Verdict) -> Json:
        """The verdict itself, each ground a step."""
        grounds = [(ground, Outcome.FAILED) for ground in verdict.failures]
        grounds += [(ground, Outcome.BROKEN) for ground in verdict.doubts]
        title = f"verdict on {self.plan.tier}: {verdict.decision}"
        result = self._shell(f"verdict:{self.plan.tier}", title, _STATUS[verdict.decision], ())
        lines = [f"{g.check or 'the run'}: {say(g.reason, self.language)}" for g, _ in grounds]
        result["statusDetails"] = {"message": "\n".join(lines)} if lines else {}
        result["steps"] = [step(line, outcome) for line, (_, outcome) in zip(lines, grounds, strict=True)]
        result["labels"] = self._common("verdict", "harness", self.plan.tier)
        return result

    def _shell(self, identity: str, title: str, outcome: Outcome, attempts: Sequence[Seen]) -> Json:
        """Identity, outcome and times; the run's own times where nothing was seen."""
        started = min((seen.started_ms for seen in attempts if seen.started_ms), default=self.record.started_ms)
        ended = max((seen.ended_ms for seen in attempts if seen.ended_ms), default=started)
        return {
            "uuid": uuid_for(self.record.run, identity),
            "fullName": identity,
            "testCaseId": identity,
            "name": title,
            "status": outcome.value,
            "stage": "finished",
            "start": started,
            "stop": max(started, ended),
            "parameters": [tier_parameter(self.plan.tier)],
        }

    def _details(self, reasons: Sequence[Reason], attempts: Sequence[Seen], own: Sequence[Json]) -> Json:
        tier = (("tier", self.plan.tier),)
        told = details([replace(one, values=(*tier, *one.values)) for one in reasons], self.language)
        traces = [
            t for o in own if isinstance(d := o.get("statusDetails"), dict) and isinstance(t := d.get("trace"), str)
        ]
        if traces:
            told["trace"] = "\n\n".join(traces)
        if len({seen.outcome for seen in attempts}) > 1:
            told["flaky"] = True
        return told

    def _steps(self, attempts: Sequence[Seen], own: Sequence[Json]) -> list[Json]:
        """Steps, findings and what was withheld; several attempts are a step each."""
        if len(attempts) == 1:
            return self._steps_of_one(attempts[0], own)
        told = []
        for number, seen in enumerate(attempts, 1):
            whole = step(f"attempt {number}", seen.outcome, started_ms=seen.started_ms, ended_ms=seen.ended_ms)
            share = own[number - 1 : number] if len(own) == len(attempts) else ()
            whole["statusDetails"] = details(seen.reasons, self.language)
            whole["steps"] = self._steps_of_one(seen, share)
            told.append(whole)
        return told

    def _steps_of_one(self, seen: Seen, own: Sequence[Json]) -> list[Json]:
        if own:
            steps = told_steps(own, seen.steps, seen.attachments, self.files)
        else:
            steps = steps_of(seen.steps, seen.attachments, self.files)
        stem = uuid_for(self.record.run, seen.check)
        found = [finding_step(finding, stem, self.files) for finding in seen.findings]
        return [*steps, *found, *withheld_steps(seen.attachments)]

    def _relied(self, job: Job) -> list[Json]:
        """What the run relied on a mock for."""
        if not isinstance(job.work, MockWork):
            return []
        relied = [one for one in self.record.relied if one.dependency == job.work.dependency]
        return [step(f"{r.operation} answered {r.status} × {r.count}, from {r.source}", Outcome.PASSED) for r in relied]

    def _written_for(self, job: Job, check: Check, attempts: Sequence[Seen]) -> list[Json]:
        if not isinstance(job.work, UatWork):
            return []
        folder, uuid = job.work.folder, uuid_for(self.record.run, check.id)
        tests = dict.fromkeys(dict(seen.labels).get("test", "") for seen in attempts)
        return [one for test in tests if test for one in self.written.take(full_name_of(folder, test), uuid)]

    def _labels(self, suite: Suite, check: str, attempts: Sequence[Seen], own: Sequence[Json]) -> list[Json]:
        told = dict(pair for seen in attempts for pair in seen.labels)
        kept = [label(name, told[name]) for name in _KEPT_FROM_SEEN if told.get(name)]
        if severity := _SEVERITIES.get(told.get("moscow", "")):
            kept.append(label("severity", severity))
        subject = check.partition(":")[2].partition("/")[0] or check
        common = self._common(suite, _TOOLS[suite], subject)
        ours = {(str(one["name"]), str(one["value"])) for one in (*kept, *common)}
        of_author = [one for one in author_labels(own) if (str(one.get("name")), str(one.get("value"))) not in ours]
        return [*common, label("layer", _LAYERS[suite]), *kept, *of_author]

    def _common(self, suite: str, tool: str, subject: str) -> list[Json]:
        release = self.plan.release.name if self.plan.release else None
        labels = [
            label("tier", self.plan.tier),
            label("tool", tool),
            label("parentSuite", suite),
            label("suite", subject),
        ]
        return [*labels, label("release", release)] if release else labels

    def _description(self, job: Job, check: Check) -> Iterator[str]:
        if isinstance(job.work, UatWork) and check.promise is Promise.CRITERION:
            name = check.id.partition("/")[2]
            for criterion in job.work.criteria:
                if criterion.id == name:
                    yield from (text for text in (criterion.statement.en, criterion.statement.zh) if text)
        cells = [cell for cell in self.record.cells if f"{job.id}/{cell.operation}" == check.id]
        if cells:
            yield "answered: " + ", ".join(f"{cell.status} × {cell.count}" for cell in cells)
        if check.place:
            yield f"promised in {check.place}"


def _worst(attempts: Sequence[Seen]) -> list[Seen]:
    return [seen for seen in attempts if seen.outcome is _outcome(attempts)]


def _outcome(attempts: Sequence[Seen]) -> Outcome:
    return min((seen.outcome for seen in attempts), key=_WORST_FIRST.index, default=Outcome.BROKEN)


def _outside_identity(parameters: Iterable[Json]) -> list[Json]:
    """A script's own parameters are shown; the identity is the check's."""
    return [{**one, "excluded": True} for one in parameters]
