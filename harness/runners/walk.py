"""A demonstration before a person: the same job as an ordinary one, slower, and the person's answer decides.

*Yes* passes only what the script itself saw work. *No* fails, *I can't tell* and silence leave it open, and so does a
demonstration that stopped: that is our problem and nobody's answer, whatever the script had seen by then.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.model.criteria import Criterion
from harness.model.evidence import Code, Evidence, Observation, Observations, Outcome, Reason
from harness.model.plan import Job, UatWork
from harness.model.process import Command, Ended, Surroundings
from harness.model.walk import Answer, Feedback, Item, Phase
from harness.runners import uat

FEEDBACK = "feedback"
_LONGEST_S = 4 * 3600.0
_PNG = "image/png"


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What a walkthrough came to beside the engine's own files. `pictures` are marked ones, by name."""

    items: tuple[Item, ...]
    reports: tuple[Feedback, ...] = ()
    pictures: Mapping[str, bytes]
    painted_ms: tuple[int, ...] = ()


def command(job: Job, around: Surroundings, told: Mapping[str, str]) -> Command:
    """The UAT job's command with our worker in pytest's place; `told` is how it finds the server."""
    plain = uat.command(job, around)
    settings = json.loads(plain.files["uat-settings.json"])
    settings["test-s"] = _LONGEST_S
    at = plain.argv.index("pytest")
    return replace(
        plain,
        argv=(*plain.argv[:at], "harness.kit.walk", *plain.argv[at + 1 :]),
        env={**plain.env, "HARNESS_WALK": json.dumps(dict(told))},
        files={**plain.files, "uat-settings.json": json.dumps(settings, ensure_ascii=False, indent=1).encode()},
        deadline_s=_LONGEST_S,
    )


def items_of(job: Job) -> tuple[Item, ...]:
    """What will be shown, in the order of the criteria."""
    assert isinstance(job.work, UatWork)
    return tuple(
        Item(
            node=one.demonstration,
            criterion=one.id,
            title=one.title,
            statement=one.statement,
            version=one.sha256,
        )
        for one in job.work.criteria
        if one.demonstration
    )


def observe(job: Job, around: Surroundings, ended: Ended, walked: Walked) -> Observations:
    """What the script saw, and over it what the person said."""
    assert isinstance(job.work, UatWork)
    seen = uat.observe(job, around, ended)
    by_id: Mapping[str, Criterion] = {one.id: one for one in job.work.criteria}
    observations = tuple(_judged(one, by_id.get(one.check.partition("/")[2]), walked) for one in seen.observations)
    return replace(seen, observations=observations, notes=(*seen.notes, *_notes(walked)))


def _judged(seen: Observation, criterion: Criterion | None, walked: Walked) -> Observation:
    if criterion is None:
        return seen
    items = tuple(one for one in walked.items if one.criterion == criterion.id)
    outcome, reasons = _outcome(seen, items)
    answers = ",".join(one.answer.value if one.answer is not None else "none" for one in items)
    named: tuple[tuple[str, str], ...] = ()
    if ("criterion", criterion.id) not in seen.labels:
        named = (("criterion", criterion.id), ("criterion-version", criterion.sha256[:12]))
    return replace(
        seen,
        outcome=outcome,
        reasons=reasons,
        evidence=(*seen.evidence, *_evidence(criterion, items, walked)),
        labels=(*seen.labels, *named, ("walkthrough", "assisted"), ("answer", answers)),
    )


def _outcome(seen: Observation, items: tuple[Item, ...]) -> tuple[Outcome, tuple[Reason, ...]]:
    said_no = tuple(one for one in items if one.answer is Answer.NO)
    if said_no:
        return Outcome.FAILED, tuple(Reason.of(Code.PERSON_SAID_NO, words=one.words or "–") for one in said_no)
    halted = tuple(one for one in items if one.phase is Phase.STOPPED)
    if halted:
        why = halted[0].stopped or "it ended early"
        return Outcome.BROKEN, (Reason.of(Code.DEMONSTRATION_STOPPED, why=why), *seen.reasons)
    unsure = tuple(one for one in items if one.answer is Answer.CANNOT_TELL)
    if unsure:
        return Outcome.BROKEN, tuple(Reason.of(Code.PERSON_CANNOT_TELL, words=one.words or "–") for one in unsure)
    if not items or any(one.answer is None for one in items):
        return Outcome.BROKEN, (Reason.of(Code.NOBODY_ANSWERED), *seen.reasons)
    return seen.outcome, seen.reasons


def _evidence(criterion: Criterion, items: tuple[Item, ...], walked: Walked) -> tuple[Evidence, ...]:
    marked = tuple(one.picture for one in items if one.picture)
    reports = tuple(one for one in walked.reports if one.criterion == criterion.id)
    found = [
        Evidence(name="marked picture", media_type=_PNG, body=walked.pictures[name])
        for name in dict.fromkeys((*marked, *(one.picture for one in reports)))
        if name in walked.pictures
    ]
    if reports:
        document = [
            {name: str(getattr(one, name)) for name in Feedback.__slots__ if name != "at_ms"} | {"at": one.at_ms}
            for one in reports
        ]
        body = json.dumps(document, ensure_ascii=False, indent=1).encode()
        found.append(Evidence(name=FEEDBACK, media_type="application/json", body=body))
    return tuple(found)


def _notes(walked: Walked) -> tuple[str, ...]:
    said = [
        f"{one.criterion}: whoever tried it answered {one.answer.value if one.answer is not None else 'nothing'}"
        for one in walked.items
    ]
    reported = [f"{one.id}: {one.kind.value}, {one.criterion}" for one in walked.reports]
    if walked.painted_ms:
        ordered = sorted(walked.painted_ms)
        p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        said.append(f"the person saw {len(ordered)} frames, 95 % of them within {p95} ms of their capture")
    return (*said, *reported)
