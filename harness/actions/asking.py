"""Every job asked: side by side, load alone so that its figures mean something; what it came to is kept at once.

What can't be asked is broken with its reason, and so is what we broke ourselves. Whoever tries what the tier does
not allow is stopped, and so are all when a system dies.
"""

import traceback
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace

from harness.actions.keeping import Keeper
from harness.actions.restarting import Restarts
from harness.actions.underway import Observe, Underway, guard_ended
from harness.mocks import confirming, matrix
from harness.model.capacity import Search
from harness.model.evidence import Code, Observation, Observations, Outcome, Reason
from harness.model.plan import ConfirmWork, ContractWork, Job, LoadWork, MatrixWork, MockWork, UatWork
from harness.model.process import FOUND, Command, Ended, Surroundings
from harness.model.tier import Suite
from harness.rules.redacting import redactor_for
from harness.runners import capacity, contract, load, uat

ENGINES = {Suite.CONTRACT: "schemathesis", Suite.LOAD: "locust", Suite.UAT: "playwright", Suite.MOCK: "harness"}
_TICK_S = 0.2
_AT_ONCE_S = 0.3


def do_jobs(going: Underway, keeper: Keeper, around: Surroundings) -> None:
    asked = [job for job in going.plan.jobs if not isinstance(job.work, MockWork)]
    together = [job for job in asked if not job.alone]
    for batch, width in (
        (together, max(1, min(going.host.cores, len(together)))),
        *(([j], 1) for j in asked if j.alone),
    ):
        restarts = Restarts(stage=going.stage, before=dict(going.stage.restarted))
        with ThreadPoolExecutor(max_workers=width) as pool:
            waiting = {pool.submit(_do, going, job, around): job for job in batch}
            try:
                _kept_as_they_end(going, keeper, waiting, restarts)
            except BaseException:
                going.processes.stop_all.set()
                raise
        _until_revived(going)
        going.problems += restarts.problems()


def _kept_as_they_end(
    going: Underway, keeper: Keeper, waiting: dict["Future[tuple[Ended, Observations]]", Job], restarts: Restarts
) -> None:
    while waiting:
        done, _ = wait(waiting, timeout=_TICK_S, return_when=FIRST_COMPLETED)
        _stop_if_refused(going)
        _stop_if_fallen(going)
        for future in done:
            job = waiting.pop(future)
            ended, observations = future.result()
            if going.problems and (ended.interrupted or _is_service(going.problems[0])):
                observations = _because(observations, going.problems[0])
            if going.guarded is not None:
                observations = going.guarded.told(job, observations)
            observations = restarts.told(job, observations)
            keeper.keep(job, ended, observations, ENGINES[job.suite])
            _tell(going, keeper, job, ended, observations)


def _tell(going: Underway, keeper: Keeper, job: Job, ended: Ended, observations: Observations) -> None:
    outcomes = dict.fromkeys(Outcome, 0)
    for observation in observations.observations:
        outcomes[observation.outcome] += 1
        if observation.outcome is Outcome.FAILED:
            reasons = tuple(keeper.reason(reason) for reason in observation.reasons)
            going.narrator.check_failed(observation.check, reasons)
    going.narrator.job_ended(job.id, outcomes, (ended.ended_ms - ended.started_ms) / 1000)


def _stop_if_refused(going: Underway) -> None:
    """Whoever tried what the tier does not allow is stopped, and the run says so."""
    for refused in going.guarded.refused() if going.guarded is not None else ():
        if refused.job not in going.processes.stopping:
            assert going.guarded is not None
            going.problems.append(going.guarded.reason(refused))
            going.narrator.note(f"{refused.job} tried {refused.request}: refused ({refused.why}); stopping it")
            going.processes.stopping.add(refused.job)


def _stop_if_fallen(going: Underway) -> None:
    if going.processes.stop_all.is_set():
        return
    if guard_ended(going):
        going.processes.grace_s = _AT_ONCE_S
        going.processes.stop_all.set()
        return
    fallen = {name: reason for name, reason in going.stage.fallen().items() if not going.stage.revive(name)}
    for name, reason in going.stage.revivals():
        if reason is None:
            going.narrator.note(f"{name} ended by itself and was started again")
        else:
            fallen[name] = reason
    if fallen:
        going.problems += fallen.values()
        going.narrator.note(f"{', '.join(fallen)} died: stopping what still runs")
        going.processes.stop_all.set()


def _until_revived(going: Underway) -> None:
    """Whoever comes next finds everybody back."""
    while going.stage.reviving and not going.processes.stop_all.is_set():
        going.host.sleep(_TICK_S)
        _stop_if_fallen(going)


def _because(observations: Observations, reason: Reason) -> Observations:
    """An engine that we stopped because a system died: that is the reason, not our stopping.

    Where a service of ours died underneath, what failed meanwhile says nothing of the system either: it is kept,
    behind the reason.
    """
    beneath = _is_service(reason)

    def told(one: Observation) -> Observation:
        if one.outcome is Outcome.BROKEN:
            return replace(one, reasons=(reason,))
        if beneath and one.outcome is Outcome.FAILED:
            return replace(one, outcome=Outcome.BROKEN, reasons=(reason, *one.reasons))
        return one

    return replace(observations, observations=tuple(told(one) for one in observations.observations))


def _is_service(reason: Reason) -> bool:
    return reason.code is Code.SYSTEM_DIED and dict(reason.values).get("system", "").startswith("services.")


def _do(going: Underway, job: Job, around: Surroundings) -> tuple[Ended, Observations]:
    going.narrator.job_started(job)
    reason = _cannot(going, job, around)
    if reason is not None:
        now = going.host.now_ms()
        return Ended(exit_status=None, started_ms=now, ended_ms=now), all_broken(job, reason)
    if going.guarded is not None:
        around = going.guarded.around(job, around)
    safe = redactor_for(going.secrets.known(), key=going.host.new_key())
    otherwise = going.ask(job, around, safe) if going.ask is not None else None
    command, observe = otherwise or _asked(job, around)
    if going.guarded is not None:
        command = going.guarded.led(job, command)

    def hear(line: str) -> None:
        text = safe.redact_text(line.removeprefix(FOUND))
        tell = going.narrator.job_found if line.startswith(FOUND) else going.narrator.job_progress
        tell(job.id, text)

    ended = going.processes.spawn(command, job.id, hear)
    if ended.cannot_start is not None:
        reason = Reason.of(Code.ENGINE_MISSING, what=ended.cannot_start, how="harness doctor")
        return ended, all_broken(job, reason)
    try:
        return ended, observe(job, around, ended)
    except Exception as error:  # noqa: BLE001 - a bug of ours must not cost what the other jobs saw
        trace = "".join(traceback.format_exception(error)).encode()
        reason = Reason.of(
            Code.PRODUCT_ERROR, why=f"{type(error).__name__}: {error}", report=f"jobs/{job.id}/stderr.txt"
        )
        return replace(ended, stderr=ended.stderr + b"\n" + trace), all_broken(job, reason)


def _asked(job: Job, around: Surroundings) -> tuple[Command, Observe]:
    match job.work:
        case ContractWork():
            return contract.command(job, around), contract.observe
        case LoadWork(search=Search()):
            return capacity.command(job, around), capacity.observe
        case LoadWork():
            return load.command(job, around), load.observe
        case UatWork():
            return uat.command(job, around), uat.observe
        case ConfirmWork():
            return confirming.command(job, around), confirming.observe
        case MatrixWork():
            return matrix.command(job, around), matrix.observe
        case MockWork():
            raise ValueError("mocks stand on the stage; they are not asked")


def _cannot(going: Underway, job: Job, around: Surroundings) -> Reason | None:
    """Why a job can't even be asked, if so."""
    if going.processes.stop_all.is_set():
        return going.problems[0] if going.problems else Reason.of(Code.INTERRUPTED)
    failed = going.stage.failed
    beneath = (*(f"services.{one.name}" for one in going.tier.services), *(d.name for d in going.tier.dependencies))
    dependencies = [failed[name] for name in beneath if name in failed]
    if dependencies:
        return dependencies[0]
    wanted = [job.work.system] if isinstance(job.work, ContractWork | LoadWork | MatrixWork) else list(around.targets)
    reasons = [failed[name] for name in wanted if name in failed]
    if reasons:
        return reasons[0]
    if job.suite is Suite.UAT and around.browser is None:
        return Reason.of(Code.NO_BROWSER, why="none was found", how="harness doctor names what to type")
    return None


def all_broken(job: Job, reason: Reason) -> Observations:
    return Observations(
        observations=tuple(
            Observation(check=check.id, outcome=Outcome.BROKEN, reasons=(reason,)) for check in job.checks
        )
    )
