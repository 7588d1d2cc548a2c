"""Asking for load: what to start, and what its figures say about each limit.

A limit is passed only where it was really measured, under the load that was asked for, to the end.
"""

from harness.formats.load_chart import load_chart
from harness.formats.load_figures import read_figures
from harness.formats.load_table import load_table
from harness.formats.measures import shown
from harness.model.evidence import Code, Evidence, Measure, Observation, Observations, Outcome, Reason
from harness.model.figures import Figures
from harness.model.load import Limit, OpenModel
from harness.model.plan import Job, LoadWork
from harness.model.process import Command, Ended, Surroundings
from harness.rules.limits import all_together, holds, measured
from harness.rules.load_breaks import answers_told, contract_breaks
from harness.rules.saturation import explains, late_ms
from harness.runners.load_doubts import engine_doubt, figures_doubts, target_doubt
from harness.runners.load_settings import FIGURES, PROGRESS, SETTINGS, SHOWN, settings_file

_SPOKEN = {
    "errors": "share of errors",
    "dropped": "count of dropped arrivals",
    "requests": "count of requests",
    "contract-errors": "share of answers that break the contract",
}


def command(job: Job, around: Surroundings) -> Command:
    """Start real Locust with the users' file, our arrivals and our figures around it."""
    work = _work(job)
    return Command(
        argv=(around.python, "-m", "harness.kit.load", f"{{scratch}}/{SETTINGS}"),
        env={**around.environment, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"},
        files={SETTINGS: settings_file(work, around, job.seed)},
        collect=(FIGURES, PROGRESS),
        deadline_s=job.deadline_s,
        workdir=around.root,
        progress=SHOWN,
    )


def observe(job: Job, around: Surroundings, ended: Ended) -> Observations:
    """What the figures say about each planned limit."""
    work = _work(job)
    body = ended.files.get(FIGURES)
    if body is None:
        return _all_broken(job, engine_doubt(job, ended, said_something=False), ended)
    try:
        figures = read_figures(body)
    except ValueError as error:
        return _all_broken(job, Reason.of(Code.OUTPUT_UNREADABLE, file=FIGURES, why=error), ended)
    if figures.problem is not None:
        message, place = figures.problem
        return _all_broken(job, Reason.of(Code.USERS_UNUSABLE, message=message, place=place), ended)
    title = f"{job.id}, profile {work.profile.name}, on {around.tier}"
    chart = Evidence(name="load.svg", media_type="image/svg+xml", body=load_chart(title, figures, work.limits))
    doubt = target_doubt(work, around, figures)
    if not figures.closed:
        doubt = engine_doubt(job, ended, said_something=True)
    return Observations(
        observations=tuple(
            _held(job, limit, figures, doubt, chart, ended)
            for limit in work.limits
            if _check_id(job, limit) in {check.id for check in job.checks}
        ),
        notes=(_summary(work, figures), *answers_told(figures), _about_generator(figures)),
        series=(
            chart,
            Evidence(name="operations.csv", media_type="text/csv", body=load_table(figures)),
            Evidence(name="figures.json", media_type="application/json", body=body),
        ),
    )


def _held(job: Job, limit: Limit, figures: Figures, doubt: Reason | None, chart: Evidence, ended: Ended) -> Observation:
    """One limit. What is broken for sure is failed, what is kept is passed only where nothing speaks against it."""
    value = measured(figures, limit.subject, limit.measure)
    outcome, reasons = _judged(job, limit, figures, doubt, value)
    return Observation(
        check=_check_id(job, limit),
        outcome=outcome,
        reasons=reasons,
        measures=(Measure(name=limit.measure, value=value, unit=limit.unit, limit=limit.text),)
        if value is not None
        else (),
        evidence=(chart,),
        started_ms=ended.started_ms,
        ended_ms=ended.ended_ms,
    )


def _measure(limit: Limit, value: float) -> Measure:
    return Measure(name=limit.measure, value=value, unit=limit.unit, limit=limit.text)


def _judged(
    job: Job, limit: Limit, figures: Figures, doubt: Reason | None, value: float | None
) -> tuple[Outcome, tuple[Reason, ...]]:
    if doubt is not None and (doubt.code is not Code.SYSTEM_DIED or limit.measure != "errors"):
        return Outcome.BROKEN, (doubt,)
    if value is None:
        return Outcome.BROKEN, (_never_measured(limit, figures), *figures_doubts(figures))
    if holds(limit, value):
        doubts = tuple(figures_doubts(figures))
        return (Outcome.BROKEN, doubts) if doubts else (Outcome.PASSED, ())
    own = explains(figures, limit, value)
    if own is not None:
        return Outcome.BROKEN, (Reason.of(Code.GENERATOR_SATURATED, why=own),)
    if limit.measure == "requests" and figures.aborted is not None:
        return Outcome.BROKEN, tuple(figures_doubts(figures))
    if limit.measure in {"rate", "dropped"}:
        saturated = tuple(one for one in figures_doubts(figures) if one.code is Code.GENERATOR_SATURATED)
        if saturated:
            return Outcome.BROKEN, saturated
    name = _SPOKEN.get(limit.measure, limit.measure)
    between = "in" if limit.measure == "errors" else "of"
    name = name if limit.subject == "all" else f"{name} {between} {limit.subject}"
    broken = Reason.of(
        Code.LIMIT_BROKEN,
        measure=name,
        measured=_shown(limit, figures, value),
        limit=limit.text.removeprefix(limit.measure).strip(),
        job=job.id,
    )
    return Outcome.FAILED, (broken,)


def _shown(limit: Limit, figures: Figures, value: float) -> str:
    """The value; for errors also which."""
    text = shown(value, limit.unit)
    if limit.measure == "contract-errors":
        return f"{text} ({contract_breaks(figures)})"
    if limit.measure != "errors":
        return text
    operations = tuple(one for one in figures.operations if limit.subject in {"all", one.name})
    errors = all_together(operations).errors
    return f"{text} ({', '.join(f'{kind} × {count}' for kind, count in list(errors.items())[:3])})" if errors else text


def _never_measured(limit: Limit, figures: Figures) -> Reason:
    everything = all_together(figures.operations)
    if limit.measure == "dropped" and figures.arrivals is None:
        subject = "dropped (a fixed number of users has no arrivals)"
    elif limit.subject != "all":
        subject = f"{limit.measure} of {limit.subject}"
    elif everything.failed and everything.failed == everything.requests:
        subject = f"{limit.measure} (all {everything.failed} requests failed)"
    else:
        subject = limit.measure
    return Reason.of(Code.NO_SAMPLES, subject=subject)


def _all_broken(job: Job, reason: Reason | None, ended: Ended) -> Observations:
    """Nothing can be said about any limit."""
    return Observations(
        observations=tuple(
            Observation(
                check=check.id,
                outcome=Outcome.BROKEN,
                reasons=(reason,) if reason is not None else (),
                started_ms=ended.started_ms,
                ended_ms=ended.ended_ms,
            )
            for check in job.checks
        )
    )


def _summary(work: LoadWork, figures: Figures) -> str:
    times = [f"{m} {shown(v, 'ms')}" for m in ("p50", "p95", "p99", "max") if (v := measured(figures, "all", m))]
    everything = all_together(figures.operations)
    load = (
        f"{figures.arrivals} arrivals in {figures.window_s:.0f} s, {figures.dropped} dropped"
        if isinstance(work.profile.model, OpenModel)
        else f"{work.profile.model.users} users for {figures.window_s:.0f} s"
    )
    return f"{load}: {everything.requests} requests, {everything.failed} failed, {', '.join(times) or 'nothing timed'}"


def _about_generator(figures: Figures) -> str:
    return (
        f"the generator used {figures.generator.cpu_share:.0%} of a core, "
        f"with up to {figures.generator.peak_users} users, and was {late_ms(figures, 99):.1f} ms late at p99"
    )


def _check_id(job: Job, limit: Limit) -> str:
    middle = "" if limit.subject == "all" else f"{limit.subject}/"
    return f"{job.id}/{middle}{limit.measure}"


def _work(job: Job) -> LoadWork:
    if not isinstance(job.work, LoadWork):
        raise TypeError(f"{job.id} is not a load job")
    return job.work
