"""Asking how much a system can take: the search as one job, and what its steps come to."""

import dataclasses

from harness.formats.capacity_chart import capacity_chart
from harness.formats.capacity_json import read_capacity
from harness.formats.capacity_text import answer_line, bend_line, step_line
from harness.formats.measures import shown
from harness.model.capacity import Capacity
from harness.model.evidence import Code, Evidence, Measure, Observation, Observations, Outcome, Reason
from harness.model.plan import Job, LoadWork
from harness.model.process import Command, Ended, Surroundings
from harness.runners.load_doubts import engine_doubt
from harness.runners.load_settings import FIGURES, SETTINGS, SHOWN, settings_file

CAPACITY = "capacity.json"


def command(job: Job, around: Surroundings) -> Command:
    """Start the search with the users' file and the limits of the load."""
    work = _work(job)
    settings = settings_file(
        work,
        around,
        job.seed,
        search=dataclasses.asdict(work.search) if work.search else {},
        judged=[dataclasses.asdict(limit) for limit in work.limits],
        capacity=CAPACITY,
    )
    return Command(
        argv=(around.python, "-m", "harness.kit.load.capacity", f"{{scratch}}/{SETTINGS}"),
        env={**around.environment, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"},
        files={SETTINGS: settings},
        collect=(CAPACITY, FIGURES),
        deadline_s=job.deadline_s,
        workdir=around.root,
        progress=SHOWN,
    )


def observe(job: Job, around: Surroundings, ended: Ended) -> Observations:
    """The highest rate that held; without one the search failed, or nobody can tell."""
    work = _work(job)
    body = ended.files.get(CAPACITY)
    if body is None:
        doubt = engine_doubt(job, ended, said_something=False)
        return Observations(observations=(_seen(job, Outcome.BROKEN, doubt, ended),))
    try:
        found = read_capacity(body)
    except ValueError as error:
        unreadable = Reason.of(Code.OUTPUT_UNREADABLE, file=CAPACITY, why=error)
        return Observations(observations=(_seen(job, Outcome.BROKEN, unreadable, ended),))
    title = f"{job.id}: how much, on {around.tier}"
    chart = Evidence(name="capacity.svg", media_type="image/svg+xml", body=capacity_chart(title, found, work.limits))
    document = Evidence(name=CAPACITY, media_type="application/json", body=body)
    outcome, reason = _judged(job, found, ended)
    seen = _seen(job, outcome, reason, ended, found=found, evidence=(chart, document))
    bend = (bend_line(found.bend),) if found.bend is not None else ()
    notes = (*map(step_line, found.steps), answer_line(found), *bend)
    return Observations(observations=(seen,), notes=notes, series=(chart, document))


def _judged(job: Job, found: Capacity, ended: Ended) -> tuple[Outcome, Reason | None]:
    last = found.steps[-1] if found.steps else None
    if last is None or ended.interrupted or ended.exit_status != 0:
        return Outcome.BROKEN, engine_doubt(job, ended, said_something=bool(found.steps))
    if last.held is None:
        return Outcome.BROKEN, Reason.of(Code.GENERATOR_SATURATED, why=f"at {shown(last.rate_per_s, '/s')}: {last.why}")
    if found.held_per_s is None:
        return Outcome.FAILED, Reason.of(Code.NO_CAPACITY, rate=shown(last.rate_per_s, "/s"), why=last.why)
    return Outcome.PASSED, None


def _seen(
    job: Job,
    outcome: Outcome,
    reason: Reason | None,
    ended: Ended,
    *,
    found: Capacity | None = None,
    evidence: tuple[Evidence, ...] = (),
) -> Observation:
    held = found.held_per_s if found is not None else None
    measures = (Measure(name="capacity", value=held, unit="/s"),) if held is not None else ()
    return Observation(
        check=job.checks[0].id,
        outcome=outcome,
        reasons=(reason,) if reason is not None else (),
        measures=measures,
        evidence=evidence,
        started_ms=ended.started_ms,
        ended_ms=ended.ended_ms,
    )


def _work(job: Job) -> LoadWork:
    if not isinstance(job.work, LoadWork) or job.work.search is None:
        raise TypeError(f"{job.id} is not a search for capacity")
    return job.work
