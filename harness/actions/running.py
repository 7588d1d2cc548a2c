"""One run, from a workspace and a tier to a verdict on disk.

Plan sealed, stage up, jobs asked side by side (load alone, so that its figures mean something),
what was seen kept as it arrives, stage down, record closed, verdict drawn from what was written.
Ctrl-C asks everything to end and closes the record as interrupted; nothing seen is lost.
"""

import importlib.metadata
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from harness.actions.guarding import Guarded, stand_guard
from harness.actions.keeping import Keeper
from harness.adapters.browsers import find_browser
from harness.adapters.credentials import headers_for, shown_for
from harness.adapters.host import Host
from harness.adapters.leftovers import sweep
from harness.adapters.processes import Processes
from harness.adapters.releases import note_run, release_for_run
from harness.adapters.run_directory import Draft, load_run, remove_draft
from harness.adapters.secrets import Secrets
from harness.adapters.stage import Stage
from harness.adapters.stopping import is_stopped, stop_file
from harness.adapters.watching import Watchdog
from harness.adapters.workspace_files import load_tier, load_workspace
from harness.errors import AskedWrongly, CouldNotTell, HarnessError
from harness.formats.allure import allure_files
from harness.formats.documents import digest, write_document
from harness.formats.openapi import flat_bytes
from harness.mocks.observing import observe as observe_mock
from harness.model.evidence import (
    Closed,
    Code,
    Fingerprint,
    Observation,
    Observations,
    Outcome,
    Reason,
    Record,
)
from harness.model.plan import ContractWork, Job, LoadWork, MockWork, Plan, UatWork
from harness.model.process import Command, Ended, Surroundings, Target
from harness.model.tier import Suite, Tier
from harness.model.verdict import Verdict
from harness.model.workspace import Workspace
from harness.rules.allowing import not_by_or_now, over_the_cap
from harness.rules.judging import judge
from harness.rules.permitting import refusals
from harness.rules.planning import plan_for
from harness.rules.redacting import redactor_for
from harness.rules.sharding import shard_of
from harness.runners import contract, load, uat

_ENGINES = {Suite.CONTRACT: "schemathesis", Suite.LOAD: "locust", Suite.UAT: "playwright", Suite.MOCK: "harness"}
_TOOLS = ("harness", "schemathesis", "hypothesis", "locust", "gevent", "playwright", "pytest", "allure-pytest")
_TICK_S = 0.2
_AT_ONCE_S = 0.3


class Narrator(Protocol):
    """Who tells a person how it goes on."""

    def job_started(self, job: Job) -> None:
        """A job began."""

    def job_progress(self, job_id: str, text: str) -> None:
        """A job said something."""

    def job_ended(self, job_id: str, outcomes: Mapping[Outcome, int], seconds: float) -> None:
        """A job ended, with how many checks came to what."""

    def note(self, text: str) -> None:
        """Anything else worth a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A finished run: its folder and what was written there."""

    path: Path
    plan: Plan
    record: Record
    verdict: Verdict
    interrupted: bool


@dataclass(slots=True)
class _Run:
    """Everything one run needs at hand."""

    host: Host
    workspace: Workspace
    tier: Tier
    plan: Plan
    draft: Draft
    narrator: Narrator
    processes: Processes
    secrets: Secrets
    stage: Stage
    interrupted: threading.Event = field(default_factory=threading.Event)
    problems: list[Reason] = field(default_factory=list)
    guarded: Guarded | None = None


def prepare(
    host: Host,
    root: Path,
    tier_name: str,
    *,
    only: tuple[str, ...] = (),
    seed: int | None = None,
    release: str | None,
    shard: tuple[int, int] | None = None,
) -> tuple[Workspace, Tier, Plan]:
    """What would run, with nothing started; HarnessError with every problem of the workspace."""
    tier = load_tier(root, tier_name, host.environ)
    workspace = load_workspace(root, (tier,))
    plan = plan_for(
        workspace,
        tier,
        run=host.new_run_id(),
        seed=host.new_seed() if seed is None else seed,
        release=release_for_run(root, release),
        only=only,
    )
    forbidden = (*refusals(tier), *over_the_cap(tier, workspace.loads))
    if forbidden:
        raise HarnessError.of(forbidden)
    if shard is not None:
        try:
            plan = shard_of(plan, *shard)
        except ValueError as error:
            raise AskedWrongly(str(error), hint="harness plan " + tier_name) from error
    return workspace, tier, plan


def run(
    host: Host,
    root: Path,
    tier_name: str,
    narrator: Narrator,
    *,
    only: tuple[str, ...] = (),
    seed: int | None = None,
    release: str | None = None,
    shard: tuple[int, int] | None = None,
    confirm: Callable[[str], str | None] = lambda _: None,
) -> Done:
    """Carry out one run. Raises HarnessError only where there is nothing to keep: asked wrongly, or no disk.

    `confirm` is asked on a tier that wants it, and must give the tier's name.
    """
    workspace, tier, plan = prepare(host, root, tier_name, only=only, seed=seed, release=release, shard=shard)
    _must_not_be_stopped(root)
    _must_be_confirmed(tier, confirm)
    refused = not_by_or_now(tier, user=host.user, now_ms=host.now_ms())
    if refused:
        raise HarnessError.of(refused)
    for sentence in sweep(host):
        narrator.note(sentence)
    draft = Draft(root, plan.run)
    sealed = draft.seal_plan(write_document(plan))
    note_run(root, plan.release, plan.run, sealed)
    scratch = host.scratch_root() / plan.run
    processes = Processes(host, plan.run, scratch)
    watchdog = Watchdog(host, plan.run, scratch)
    secrets = Secrets(host.environ, root)
    stage = Stage(host, processes, root, tier, secrets, narrator.note)
    going = _Run(host, workspace, tier, plan, draft, narrator, processes, secrets, stage)
    started = host.now_ms()
    with _stopping(going):
        try:
            keeper, fingerprints = _acted(going)
        except AskedWrongly:
            # nothing was asked of anybody: there is nothing to keep
            draft.abandon()
            remove_draft(draft.path)
            raise
        finally:
            processes.close()
            watchdog.dismiss()
    record = _record(going, keeper, sealed, started, fingerprints)
    body = write_document(record)
    verdict = judge(plan, record, sealed)
    draft.write("verdict.json", write_document(verdict, run=plan.run, tier=plan.tier))
    results = allure_files(plan, record, verdict, tuple(one for _, one in keeper.results))
    for name, content in results.written.items():
        draft.write(f"allure-results/{name}", content)
    for name, sha256 in results.links.items():
        draft.link(sha256, f"allure-results/{name}")
    note_run(root, plan.release, plan.run, sealed, digest(body))
    path = draft.close(body)
    return Done(path=path, plan=plan, record=record, verdict=verdict, interrupted=going.interrupted.is_set())


def _must_be_confirmed(tier: Tier, confirm: Callable[[str], str | None]) -> None:
    if tier.policy.confirm and confirm(tier.name) != tier.name:
        message = f"{tier.name} starts only with its name said once more: its policy says `confirm = true`"
        raise AskedWrongly(message, hint=f"harness run {tier.name} --confirm {tier.name}")


def _must_not_be_stopped(root: Path) -> None:
    if is_stopped(root):
        file = stop_file(root).relative_to(root)
        raise AskedWrongly(f"the kill switch is on ({file})", hint="nothing runs until: harness stop --clear")


def recompute(path: Path) -> tuple[Plan, Record | None, Verdict]:
    """The verdict of a stored run from what lies there, and nothing else."""
    plan, found, record = load_run(path)
    return plan, record, judge(plan, record, found)


def _acted(going: _Run) -> tuple[Keeper, tuple[Fingerprint, ...]]:
    key = going.host.new_key()
    keeper = Keeper(going.draft, redactor_for({}, key=key))
    try:
        going.stage.up(lambda: _stand_guard(going))
        targets = _targets(going)
        redactor = redactor_for(going.secrets.known(), key=key)
        for sentence in redactor.notes:
            going.narrator.note(sentence)
        keeper = Keeper(going.draft, redactor)
        before = _versions(going)
        around = _surroundings(going, targets)
        if going.guarded is not None:
            going.guarded.settled(around.mock_urls)
        _do_jobs(going, keeper, around)
        after = before if _guard_ended(going) else _versions(going)
    finally:
        fallen = {} if _guard_ended(going) else going.stage.fallen()
        going.problems += [reason for name, reason in fallen.items() if reason not in going.problems]
        logs = going.stage.down()
        if going.guarded is not None:
            logs = {**logs, "guard": going.guarded.guard.journal()}
            going.guarded.guard.close()
        # what was learnt since, even by a stage that never stood, must not be in its logs
        keeper.hide_also(redactor_for(going.secrets.known(), key=key))
        for name, running in going.stage.running.items():
            keeper.keep_log(name, running.log.read_bytes() if running.log.exists() else b"")
        for name, log in logs.items():
            keeper.keep_log(name, log)
    _observe_mocks(going, keeper)
    pairs = ((name, before[name] or "unknown", after.get(name) or "unknown") for name in before if before[name])
    return keeper, tuple(Fingerprint(system=name, before=one, after=two) for name, one, two in pairs)


def _targets(going: _Run) -> dict[str, Target]:
    targets = {}
    for system in going.tier.systems:
        headers: Mapping[str, str] = {}
        if system.auth is not None and system.name not in going.stage.failed:
            try:
                signing = going.guarded.signs_in(system) if going.guarded is not None else system
                headers = headers_for(signing, going.stage.urls[system.name], going.secrets)
            except CouldNotTell as error:
                why, how = str(error), error.problems[0].hint or "check the [auth] table"
                going.stage.failed[system.name] = Reason.of(
                    Code.NOT_STARTED, what=f"a sign-in to `{system.name}`", why=why, how=how
                )
        target = Target(
            name=system.name,
            base_url=going.stage.urls[system.name],
            headers=headers,
            shown=shown_for(system),
            secured=system.auth is not None,
        )
        targets[system.name] = going.guarded.behind(target) if going.guarded is not None else target
    return targets


def _stand_guard(going: _Run) -> None:
    """Before anybody is asked anything: on a tier that limits more than hosts, the guard stands in front of all."""
    going.guarded = stand_guard(going.host, going.processes, going.stage, going.workspace, going.plan)
    if going.guarded is None:
        return
    going.stage.running["guard"] = going.guarded.guard.running
    going.stage.own_urls = going.guarded.own_urls()
    going.narrator.note(f"guard: {going.guarded.mode}")


def _surroundings(going: _Run, targets: Mapping[str, Target]) -> Surroundings:
    needs_browser = any(job.suite is Suite.UAT for job in going.plan.jobs)
    browser = find_browser(going.host) if needs_browser else None
    return Surroundings(
        run=going.plan.run,
        tier=going.tier.name,
        root=going.workspace.root,
        python=going.host.python,
        targets=targets,
        documents={path: flat_bytes(one) for path, one in going.workspace.contracts.items()},
        languages=going.workspace.languages,
        browser=browser.path if browser else None,
        no_sandbox=going.host.is_root,
        mock_urls={d.name: url for d in going.tier.dependencies if d.mock and (url := going.stage.urls.get(d.name))},
        release=going.plan.release.name if going.plan.release else None,
    )


def _versions(going: _Run) -> dict[str, str | None]:
    return {system.name: going.stage.version_of(system) for system in going.tier.systems}


def _do_jobs(going: _Run, keeper: Keeper, around: Surroundings) -> None:
    asked = [job for job in going.plan.jobs if job.suite is not Suite.MOCK]
    together = [job for job in asked if not job.alone]
    for batch, width in (
        (together, max(1, min(going.host.cores, len(together)))),
        *(([j], 1) for j in asked if j.alone),
    ):
        with ThreadPoolExecutor(max_workers=width) as pool:
            waiting = {pool.submit(_do, going, job, around): job for job in batch}
            try:
                _kept_as_they_end(going, keeper, waiting)
            except BaseException:
                going.processes.stop_all.set()
                raise


def _kept_as_they_end(going: _Run, keeper: Keeper, waiting: dict["Future[tuple[Ended, Observations]]", Job]) -> None:
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
            keeper.keep(job, ended, observations, _ENGINES[job.suite])
            outcomes = dict.fromkeys(Outcome, 0)
            for observation in observations.observations:
                outcomes[observation.outcome] += 1
            going.narrator.job_ended(job.id, outcomes, (ended.ended_ms - ended.started_ms) / 1000)


def _stop_if_refused(going: _Run) -> None:
    """Whoever tried what the tier does not allow is stopped, and the run says so."""
    for refused in going.guarded.refused() if going.guarded is not None else ():
        if refused.job not in going.processes.stopping:
            assert going.guarded is not None
            going.problems.append(going.guarded.reason(refused))
            going.narrator.note(f"{refused.job} tried {refused.request}: refused ({refused.why}); stopping it")
            going.processes.stopping.add(refused.job)


def _guard_ended(going: _Run) -> bool:
    """Whether all traffic was ended: by the kill switch, a window that closed, or whatever else ended the guard."""
    why = going.guarded.guard.ended_why if going.guarded is not None else None
    if why is None and is_stopped(Path(going.workspace.root)):
        why = "the kill switch was used"
    if why is not None and not any(one.code is Code.GUARD_STOPPED for one in going.problems):
        going.problems.append(Reason.of(Code.GUARD_STOPPED, why=why))
        going.narrator.note(f"all traffic is ended: {why}")
    return why is not None


def _stop_if_fallen(going: _Run) -> None:
    if going.processes.stop_all.is_set():
        return
    if _guard_ended(going):
        going.processes.grace_s = _AT_ONCE_S
        going.processes.stop_all.set()
        return
    fallen = going.stage.fallen()
    if fallen:
        going.problems += fallen.values()
        going.narrator.note(f"{', '.join(fallen)} died: stopping what still runs")
        going.processes.stop_all.set()


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


def _do(going: _Run, job: Job, around: Surroundings) -> tuple[Ended, Observations]:
    going.narrator.job_started(job)
    reason = _cannot(going, job, around)
    if reason is not None:
        now = going.host.now_ms()
        return Ended(exit_status=None, started_ms=now, ended_ms=now), _all_broken(job, reason)
    if going.guarded is not None:
        around = going.guarded.around(job, around)
    command, observe = _asked(job, around)
    if going.guarded is not None:
        command = going.guarded.led(job, command)
    safe = redactor_for(going.secrets.known(), key=going.host.new_key())
    ended = going.processes.spawn(
        command, job.id, lambda line: going.narrator.job_progress(job.id, safe.redact_text(line))
    )
    if ended.cannot_start is not None:
        reason = Reason.of(Code.ENGINE_MISSING, what=ended.cannot_start, how="harness doctor")
        return ended, _all_broken(job, reason)
    try:
        return ended, observe(job, around, ended)
    except Exception as error:  # noqa: BLE001 - a bug of ours must not cost what the other jobs saw
        trace = "".join(traceback.format_exception(error)).encode()
        reason = Reason.of(
            Code.PRODUCT_ERROR, why=f"{type(error).__name__}: {error}", report=f"jobs/{job.id}/stderr.txt"
        )
        return replace(ended, stderr=ended.stderr + b"\n" + trace), _all_broken(job, reason)


def _asked(job: Job, around: Surroundings) -> tuple[Command, Callable[[Job, Surroundings, Ended], Observations]]:
    match job.work:
        case ContractWork():
            return contract.command(job, around), contract.observe
        case LoadWork():
            return load.command(job, around), load.observe
        case UatWork():
            return uat.command(job, around), uat.observe
        case MockWork():
            raise ValueError("mocks stand on the stage; they are not asked")


def _cannot(going: _Run, job: Job, around: Surroundings) -> Reason | None:
    """Why a job can't even be asked, if so."""
    if going.processes.stop_all.is_set():
        return going.problems[0] if going.problems else Reason.of(Code.INTERRUPTED)
    failed = going.stage.failed
    beneath = (*(f"services.{one.name}" for one in going.tier.services), *(d.name for d in going.tier.dependencies))
    dependencies = [failed[name] for name in beneath if name in failed]
    if dependencies:
        return dependencies[0]
    wanted = [job.work.system] if isinstance(job.work, ContractWork | LoadWork) else list(around.targets)
    reasons = [failed[name] for name in wanted if name in failed]
    if reasons:
        return reasons[0]
    if job.suite is Suite.UAT and around.browser is None:
        return Reason.of(Code.NO_BROWSER, why="none was found", how="harness doctor names what to type")
    return None


def _all_broken(job: Job, reason: Reason) -> Observations:
    return Observations(
        observations=tuple(
            Observation(check=check.id, outcome=Outcome.BROKEN, reasons=(reason,)) for check in job.checks
        )
    )


def _observe_mocks(going: _Run, keeper: Keeper) -> None:
    for job in going.plan.jobs:
        if not isinstance(job.work, MockWork):
            continue
        now = going.host.now_ms()
        reason = going.stage.failed.get(job.work.dependency)
        ended = Ended(exit_status=None, started_ms=now, ended_ms=now)
        if reason is not None:
            observations = _all_broken(job, reason)
        else:
            observations = observe_mock(job, going.stage.journal(job.work.dependency))
        keeper.keep(job, ended, observations, _ENGINES[Suite.MOCK])


def _record(going: _Run, keeper: Keeper, sealed: str, started: int, fingerprints: tuple[Fingerprint, ...]) -> Record:
    return Record(
        run=going.plan.run,
        tier=going.tier.name,
        plan_sha256=sealed,
        started_ms=started,
        ended_ms=going.host.now_ms(),
        closed=Closed.INTERRUPTED if going.interrupted.is_set() else Closed.COMPLETE,
        jobs=tuple(keeper.jobs),
        seen=tuple(keeper.seen),
        cells=tuple(keeper.cells),
        relied=tuple(keeper.relied),
        fingerprints=fingerprints,
        services=tuple(keeper.stood(one) for one in going.stage.stood()),
        tools=_tools(going),
        redacted=tuple(sorted(keeper.counts.items())),
        problems=tuple(keeper.reason(reason) for reason in dict.fromkeys(going.problems)),
    )


def _tools(going: _Run) -> tuple[tuple[str, str], ...]:
    tools = tuple((name, importlib.metadata.version(name)) for name in _TOOLS)
    return tools if going.guarded is None else (*tools, ("guard", going.guarded.mode))


@contextmanager
def _stopping(going: _Run) -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGHUP ask everything to end; what was seen is kept."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(_number: int, _frame: object) -> None:
        if not going.interrupted.is_set():
            going.narrator.note("interrupted: ending what runs, keeping what was seen")
        going.interrupted.set()
        going.processes.stop_all.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
