"""Asking the real dependency what a run asked its mock: what to start, and what its answers say of that run.

A check is one operation with one status. It passes where every real answer is what the mock's let the system believe,
fails with the difference in words, and stays open where a request could not be sent or was never kept.
"""

import json
from collections.abc import Iterator
from typing import Any

from harness.formats.shape import to_json
from harness.mocks.asked_apart import ANSWERS, answers_by, asked_apart
from harness.mocks.comparing import differences
from harness.mocks.contracts import Compiled, compile_contract
from harness.model.evidence import Code, Evidence, Measure, Observation, Observations, Outcome, Reason
from harness.model.plan import Check, ConfirmWork, Job, Promise
from harness.model.process import Command, Ended, Surroundings
from harness.model.tier import Suite
from harness.model.uses import Use

EACH_S = 10.0
_GRACE_S = 30.0


def job_for(
    dependency: str,
    contract: str | None,
    run: str,
    uses: tuple[Use, ...],
    seed: int,
    unasked: tuple[tuple[str, str], ...] = (),
) -> Job:
    """The job that confirms what a run relied on, with a check for each operation and status, `unasked` ones too."""
    labels = tuple(dict.fromkeys((*(use.label for use in uses), *(label for label, _ in unasked))))
    return Job(
        id=f"mock:{dependency}",
        suite=Suite.MOCK,
        work=ConfirmWork(dependency=dependency, contract=contract, run=run, uses=uses, unasked=unasked),
        checks=tuple(
            Check(
                id=f"mock:{dependency}/confirm/{label}",
                suite=Suite.MOCK,
                promise=Promise.MOCK,
                title=f"the real {dependency} answers {label.partition('@')[0]} as its mock did",
                place=contract,
            )
            for label in labels
        ),
        seed=seed,
        deadline_s=_GRACE_S + EACH_S * len(uses),
    )


def command(job: Job, around: Surroundings) -> Command:
    """Start whoever sends the requests, in their order; credentials go by a file of their own."""
    work = _work(job)
    target = around.targets[work.dependency]
    order = {"base_url": target.base_url, "each_s": EACH_S, "uses": [to_json(use) for use in work.uses]}
    return asked_apart("harness.kit.confirm", order, target, job, around)


def observe(job: Job, around: Surroundings, ended: Ended) -> Observations:
    """What the answers say, check by check."""
    work = _work(job)
    document = json.loads(around.documents[work.contract]) if work.contract else {}
    compiled = compile_contract(document) if document else Compiled()
    answers = dict(answers_by("number", int, ended.files.get(ANSWERS, b"")))
    told = [
        (use, _compared(use, answers.get(number), compiled, document, ended)) for number, use in enumerate(work.uses)
    ]
    return Observations(
        observations=tuple(
            _observed(check, [pair for pair in told if _is_about(check, pair[0].label)], work, around)
            for check in job.checks
        ),
        notes=(f"what run {work.run} relied on the mock of `{work.dependency}` for was asked of the real one",),
    )


Told = tuple[str, ...] | str
"""The differences of a real answer; a text says why there was none."""


def _compared(use: Use, answer: Any, compiled: Compiled, document: Any, ended: Ended) -> Told:
    if answer is None:
        return (
            "the replay was ended before it was sent" if ended.interrupted or ended.timed_out else "it was never sent"
        )
    if "why" in answer:
        return str(answer["why"])
    headers = tuple((str(name), str(value)) for name, value in answer["headers"])
    body = bytes.fromhex(answer["body"])
    return differences(use, int(answer["status"]), headers, body, compiled, document)


def _observed(check: Check, told: list[tuple[Use, Told]], work: ConfirmWork, around: Surroundings) -> Observation:
    wrong = [(use, one) for use, one in told if not isinstance(one, str) and one]
    open_ = [f"{use.method} {use.path}: {one}" for use, one in told if isinstance(one, str)]
    unasked = [why for label, why in work.unasked if _is_about(check, label)]
    outcome = Outcome.PASSED
    reasons: tuple[Reason, ...] = ()
    if wrong:
        outcome = Outcome.FAILED
        reasons = tuple(_otherwise(use, one, work) for use, one in wrong[:1])
    elif open_ or unasked or not told:
        outcome = Outcome.BROKEN
        why = (*open_, *unasked, "nothing was asked")[0]
        reasons = (Reason.of(Code.NOT_CONFIRMED, why=why, tier=around.tier),)
    lines = (*(line for use, one in told for line in _lines(use, one)), *(f"unasked {why}" for why in unasked))
    body = "".join(f"{line}\n" for line in lines).encode()
    return Observation(
        check=check.id,
        outcome=outcome,
        reasons=reasons,
        measures=(Measure(name="interactions", value=float(len(told)), unit="count"),),
        evidence=(Evidence(name="mock and real", media_type="text/plain", body=body),),
    )


def _otherwise(use: Use, found: Told, work: ConfirmWork) -> Reason:
    who = f"the stub `{use.stub}`" if use.stub else "the mock"
    who_zh = f"桩 `{use.stub}` " if use.stub else "模拟服务"
    return Reason.of(
        Code.ANSWERS_OTHERWISE,
        dependency=work.dependency,
        request=f"{use.method} {use.path}",
        who=who,
        who_zh=who_zh,
        difference="; ".join(found),
        run=work.run,
    )


def _lines(use: Use, told: Told) -> Iterator[str]:
    who = f"   stub {use.stub}" if use.stub else ""
    head = f"{use.method} {use.path}   {use.status} of the mock{who}"
    if isinstance(told, str):
        yield f"open    {head}   {told}"
    elif not told:
        yield f"same    {head}"
    else:
        yield f"differs {head}"
        yield from (f"          {one}" for one in told)


def _is_about(check: Check, label: str) -> bool:
    return check.id.endswith(f"/confirm/{label}")


def _work(job: Job) -> ConfirmWork:
    if not isinstance(job.work, ConfirmWork):
        raise TypeError(f"{job.id} confirms nothing")
    return job.work
