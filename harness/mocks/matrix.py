"""What a dependency's failures do to the system: trials made from two contracts, and what came of each.

A trial is survived where the system answers in its time, as its own contract says and with a status that is right
without the dependency, and serves as before once the dependency is well. A fault that never reached it proves nothing;
what was promised and cannot be tried stays open.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from harness.formats.shape import to_json
from harness.mocks.asked_apart import ANSWERS, answers_by, asked_apart
from harness.mocks.contracts import Compiled, CompiledOperation, compile_contract
from harness.mocks.drifting import answer_violations
from harness.mocks.matrix_steps import steps_for
from harness.mocks.misbehaving import PLAYED_BY_MOCK, UNUSABLE, WITH_A_BODY
from harness.model.contract import Contract
from harness.model.evidence import Code, Evidence, Measure, Observation, Observations, Outcome, Reason
from harness.model.matrix import Matrix, Misbehaviour, Trial
from harness.model.plan import Check, Job, MatrixWork, Promise
from harness.model.process import Command, Ended, Surroundings
from harness.model.tier import Suite

_GRACE_S = 30.0
_SAID = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """A matrix laid out: what is tried, what has no sense, and what was promised but cannot be tried, with reasons."""

    trials: tuple[Trial, ...]
    left_out: tuple[tuple[str, str], ...]
    unasked: tuple[tuple[str, str], ...]


def trials_for(matrix: Matrix, theirs: Contract, ours: Contract) -> Trials:
    """Every trial of a matrix, and the cells without one; CannotLead and LookupError name what is wrong."""
    compiled = compile_contract(theirs.document)
    trials: list[Trial] = []
    left_out: list[tuple[str, str]] = []
    unasked: list[tuple[str, str]] = []
    for name in matrix.uncalled:
        if name not in compiled.operations:
            raise LookupError(f"`{name}` is no operation of {theirs.path}")
        left_out.append((name, "matrix.toml says that it is never called"))
    for lead in matrix.leads:
        steps = steps_for(ours, lead.steps)
        for name in lead.to:
            if name not in compiled.operations:
                raise LookupError(f"`{name}` is no operation of {theirs.path}")
            for fault in matrix.faults:
                trial = Trial(operation=name, fault=fault, steps=steps, without=lead.without)
                why = _pointless(compiled.operations[name], fault)
                if why is None:
                    trials.append(trial)
                else:
                    promised = matrix.chosen and fault not in PLAYED_BY_MOCK
                    (unasked if promised else left_out).append((trial.name, why))
    told = {name for lead in matrix.leads for name in lead.to} | set(matrix.uncalled)
    unasked += [(name, "nothing in matrix.toml leads to it") for name in compiled.operations if name not in told]
    return Trials(trials=tuple(trials), left_out=tuple(left_out), unasked=tuple(unasked))


def job_for(dependency: str, folder: str, system: str, contract: str, matrix: Matrix, laid: Trials, seed: int) -> Job:
    """The job that carries the trials out, alone: nobody else must meet the failures."""
    titles = [
        (trial.name, f"{system} survives it when {trial.operation} of {dependency} fails: {trial.fault.value}")
        for trial in laid.trials
    ]
    titles += [
        (name, f"{system} survives it when {name.partition('@')[0]} of {dependency} fails") for name, _ in laid.unasked
    ]
    return Job(
        id=f"mock:{dependency}/survives",
        suite=Suite.MOCK,
        work=MatrixWork(
            dependency=dependency,
            folder=folder,
            system=system,
            contract=contract,
            answer_within_s=matrix.deadline_s,
            trials=laid.trials,
            unasked=laid.unasked,
        ),
        checks=tuple(
            Check(
                id=f"mock:{dependency}/survives/{name}",
                suite=Suite.MOCK,
                promise=Promise.MOCK,
                title=title,
                place=f"{folder}/matrix.toml",
            )
            for name, title in titles
        ),
        seed=seed,
        deadline_s=_GRACE_S + sum((2 * len(one.steps) + 1) * matrix.deadline_s * 2 for one in laid.trials),
        alone=True,
    )


def command(job: Job, around: Surroundings) -> Command:
    """Start whoever carries the trials out; credentials go by a file of their own."""
    work = _work(job)
    target = around.targets[work.system]
    mock = urlsplit(around.mock_urls[work.dependency])
    order = {
        "base_url": target.base_url,
        "control": f"{mock.scheme}://{mock.netloc}/__harness/fault",
        "seed": job.seed,
        "deadline_s": work.answer_within_s,
        "trials": [to_json(trial) for trial in work.trials],
    }
    return asked_apart("harness.kit.matrix", order, target, job, around)


def observe(job: Job, around: Surroundings, ended: Ended) -> Observations:
    """What came of each trial."""
    work = _work(job)
    compiled = compile_contract(json.loads(around.documents[work.contract]))
    told = dict(answers_by("trial", str, ended.files.get(ANSWERS, b"")))
    count = len(work.trials)
    seen = tuple(
        _observed(check.id, trial, told.get(trial.name), work, compiled)
        for check, trial in zip(job.checks[:count], work.trials, strict=True)
    )
    seen += tuple(
        _untried(check.id, name, why, work) for check, (name, why) in zip(job.checks[count:], work.unasked, strict=True)
    )
    survived = sum(one.outcome is Outcome.PASSED for one in seen)
    note = f"`{work.system}` survived {survived} of {len(seen)} failures of `{work.dependency}`"
    return Observations(observations=seen, notes=(note,))


def _untried(check: str, name: str, why: str, work: MatrixWork) -> Observation:
    operation, _, fault = name.partition("@")
    about = {"system": work.system, "dependency": work.dependency, "operation": operation, "fault": fault or "*"}
    return Observation(check=check, outcome=Outcome.BROKEN, reasons=(Reason.of(Code.FAULT_NOT_MET, why=why, **about),))


def _observed(check: str, trial: Trial, told: Any, work: MatrixWork, compiled: Compiled) -> Observation:
    wrong, open_ = ([], "it was never tried") if told is None else _judged(trial, told, work, compiled)
    outcome = Outcome.PASSED
    reasons: tuple[Reason, ...] = ()
    about = {
        "system": work.system,
        "dependency": work.dependency,
        "operation": trial.operation,
        "fault": trial.fault.value,
    }
    if open_:
        outcome, reasons = Outcome.BROKEN, (Reason.of(Code.FAULT_NOT_MET, why=open_, **about),)
    elif wrong:
        outcome = Outcome.FAILED
        reasons = (Reason.of(Code.NOT_SURVIVED, asked=trial.steps[-1].operation, what="; ".join(wrong), **about),)
    body = json.dumps(told, indent=2, ensure_ascii=False).encode()
    took = told.get("asked", {}).get("took_ms") if told is not None else None
    return Observation(
        check=check,
        outcome=outcome,
        reasons=reasons,
        measures=() if took is None else (Measure(name="answered after", value=float(took), unit="ms"),),
        evidence=(Evidence(name="what was asked and answered", media_type="application/json", body=body),),
    )


def _judged(trial: Trial, told: Any, work: MatrixWork, compiled: Compiled) -> tuple[list[str], str]:
    """(what is wrong, why nothing can be told)."""
    if "cannot" in told:
        return [], str(told["cannot"])
    if not told.get("played"):
        return [], f"no request reached `{trial.operation}`, so the fault was never met"
    operation = compiled.operations[trial.steps[-1].operation]
    wrong = list(_wrong(told["asked"], operation, work))
    status = told["asked"].get("status")
    if not wrong and trial.without and trial.fault in UNUSABLE and not _among(status, trial.without):
        wrong.append(f"it answered {status} without a usable answer; right is {' or '.join(trial.without)}")
    after = list(_wrong(told["after"], operation, work)) or _not_well(told["after"])
    return [*wrong, *(f"afterwards, the dependency well again: {one}" for one in after)], ""


def _wrong(answer: Any, operation: CompiledOperation, work: MatrixWork) -> Iterator[str]:
    if "why" in answer:
        yield f"no answer within {work.answer_within_s:g} s ({answer['why']})"
        return
    headers = tuple((str(name), str(value)) for name, value in answer["headers"])
    for one in answer_violations(operation, int(answer["status"]), headers, bytes.fromhex(answer["body"])):
        yield f"it breaks its contract: {one}"[:_SAID]


def _not_well(answer: Any) -> list[str]:
    return [] if 200 <= int(answer["status"]) < 400 else [f"it answers {answer['status']}"]


def _among(status: Any, allowed: tuple[str, ...]) -> bool:
    return any(str(status) == one or (one[1:].upper() == "XX" and str(status)[:1] == one[:1]) for one in allowed)


def _pointless(operation: CompiledOperation, fault: Misbehaviour) -> str | None:
    if fault not in PLAYED_BY_MOCK:
        return "mocks play no callbacks"
    answers = [one for key, one in operation.responses.items() if key[:1] in {"2", "d"}]
    if fault in WITH_A_BODY and not any(media.is_json for one in answers for media in one.media):
        return "its answers have no JSON body"
    return None


def _work(job: Job) -> MatrixWork:
    if not isinstance(job.work, MatrixWork):
        raise TypeError(f"{job.id} is no matrix")
    return job.work
