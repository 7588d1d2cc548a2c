"""Why the figures of a load run can't be used, or not in full: everything that is not the system's doing."""

import re
from collections.abc import Iterator

from harness.model.evidence import Code, Reason
from harness.model.figures import Figures
from harness.model.plan import Job, LoadWork
from harness.model.process import Ended, Surroundings
from harness.rules.limits import all_together
from harness.rules.saturation import overloaded

_ENGINE = "Locust"
_LATEST_UNREACHED = 3
_DIED_SHARE = 0.9
_MOST_OFF = 0.001


def engine_doubt(job: Job, ended: Ended, *, said_something: bool) -> Reason | None:
    """Why the engine did not come to its end; None where it closed its figures. Exit statuses are never trusted."""
    if ended.cannot_start is not None:
        return Reason.of(
            Code.NOT_STARTED, what=_ENGINE, why=ended.cannot_start, how="run `harness doctor` to see what is missing"
        )
    if ended.timed_out:
        return Reason.of(Code.ENGINE_TIMED_OUT, engine=_ENGINE, deadline=f"{job.deadline_s:g}")
    status = f"exit status {ended.exit_status}" if ended.killed_by is None else ended.killed_by
    if ended.interrupted:
        return Reason.of(Code.INTERRUPTED)
    last = _last_words(ended.stderr)
    if not said_something and not last:
        return Reason.of(Code.ENGINE_SAID_NOTHING, engine=_ENGINE, status=status, job=job.id)
    said = f": {last}" if last else ", its figures were not closed"
    return Reason.of(Code.ENGINE_CRASHED, engine=_ENGINE, status=status, said=said, job=job.id)


def target_doubt(work: LoadWork, around: Surroundings, figures: Figures) -> Reason | None:
    """Whether the system was there at all, and to the end."""
    everything = all_together(figures.operations)
    system, url = work.system, around.targets[work.system].base_url
    why = ", ".join(f"{kind} × {count}" for kind, count in list(everything.errors.items())[:3])
    if everything.failed and not everything.answered and not everything.statuses:
        return Reason.of(Code.SYSTEM_UNREACHABLE, system=system, url=url, why=why, tier=around.tier)
    latest = [one for one in figures.slices if one.answered or one.failed][-_LATEST_UNREACHED:]
    gone = sum(one.unreached for one in latest)
    if gone and gone >= _DIED_SHARE * sum(one.answered + one.failed for one in latest):
        return Reason.of(Code.SYSTEM_DIED, system=system, why=why)
    return None


def figures_doubts(figures: Figures) -> Iterator[Reason]:
    """Why limits that seem kept are not proved by these figures."""
    generator = figures.generator
    if generator.workers_lost:
        yield Reason.of(Code.WORKER_LOST, lost=generator.workers_lost, workers=generator.workers)
    if generator.counted != generator.recorded:
        yield Reason.of(Code.COUNTS_DIFFER, counted=generator.recorded, elsewhere=generator.counted)
    why = overloaded(figures)
    if why is not None:
        yield Reason.of(Code.GENERATOR_SATURATED, why=why)
    served = figures.served
    if served is not None and served.count is None:
        yield Reason.of(Code.NO_SAMPLES, subject="the system's own count of requests")
    elif served is not None and served.count is not None and not _agree(served.count, served.fewest, served.most):
        yield Reason.of(Code.COUNTS_DIFFER, counted=generator.recorded, elsewhere=served.count)
    if figures.aborted is not None:
        condition, at_s = figures.aborted
        yield Reason.of(Code.LOAD_ABORTED, condition=condition, at=f"{at_s:g}")
    for error in figures.script_errors[:3]:
        message = f"{error.message}, {error.count} times" if error.count > 1 else error.message
        yield Reason.of(Code.USERS_UNUSABLE, message=message, place=error.place)


def _agree(counted: int, fewest: int, most: int) -> bool:
    """Whether two counts are the same but for a thousandth (at least two: a request may cross with a reading)."""
    room = max(2.0, most * _MOST_OFF)
    return fewest - room <= counted <= most + room


def _last_words(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    return re.sub(r"\s+", " ", lines[-1])[:200] if lines else ""
