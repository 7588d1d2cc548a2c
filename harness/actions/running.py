"""One run, from a workspace and a tier to a verdict on disk.

Plan sealed, stage up, jobs asked, what was seen kept as it arrives, stage down, record closed, verdict drawn from
what was written. Ctrl-C asks everything to end and closes the record as interrupted; nothing seen is lost.
"""

import importlib.metadata
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.actions.attesting import statements_for
from harness.actions.belonging import strangers
from harness.actions.keeping import Keeper
from harness.actions.staging import acted
from harness.actions.underway import Ask, Narrator, Underway
from harness.adapters.host import Host
from harness.adapters.leftovers import sweep
from harness.adapters.processes import Processes
from harness.adapters.releases import note_run, release_for_run
from harness.adapters.run_directory import Draft, load_run, remove_draft
from harness.adapters.sealed_files import SealedFiles
from harness.adapters.secrets import Secrets
from harness.adapters.signing_keys import runner_key
from harness.adapters.stage import Stage
from harness.adapters.stopping import is_stopped, stop_file
from harness.adapters.watching import Watchdog
from harness.adapters.workspace_files import load_tier, load_workspace
from harness.errors import AskedWrongly, HarnessError
from harness.formats.allure import allure_files
from harness.formats.documents import digest, write_document
from harness.formats.run_statements import FILE
from harness.model.evidence import Closed, Code, Fingerprint, Reason, Record
from harness.model.plan import Plan
from harness.model.tier import Tier
from harness.model.verdict import Verdict
from harness.model.workspace import Workspace
from harness.rules.allowing import not_by_or_now, over_the_cap, unbound
from harness.rules.judging import judge
from harness.rules.permitting import refusals
from harness.rules.planning import plan_for
from harness.rules.sharding import shard_of

_TOOLS = ("harness", "schemathesis", "hypothesis", "locust", "gevent", "playwright", "pytest", "allure-pytest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A finished run: its folder and what was written there."""

    path: Path
    plan: Plan
    record: Record
    verdict: Verdict
    interrupted: bool


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
    loads = workspace.loads
    forbidden = (*refusals(tier), *strangers(host, root, tier), *over_the_cap(tier, loads), *unbound(tier, loads))
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
    ask: Ask | None = None,
    planned: Callable[[Plan], Plan] = lambda plan: plan,
    staged: Callable[[Tier], Tier] = lambda tier: tier,
) -> Done:
    """Carry out one run. Raises HarnessError only where there is nothing to keep: asked wrongly, or no disk.

    `confirm` is asked on a tier that wants it, and must give the tier's name. `ask` may carry a job out in another
    way than its runner's; where it gives None the runner does. `planned` may ask
    another question of the same jobs; `staged` may bring up less of the tier, under the same policy.
    """
    workspace, tier, plan = prepare(host, root, tier_name, only=only, seed=seed, release=release, shard=shard)
    plan, tier = planned(plan), staged(tier)
    runner_key(host.environ, root)  # one that can't be used is told now, not when there is something to sign
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
    promised = SealedFiles(root, plan.digests)
    scratch = host.scratch_root() / plan.run
    processes = Processes(host, plan.run, scratch)
    watchdog = Watchdog(host, plan.run, scratch)
    secrets = Secrets(host.environ, root)
    stage = Stage(host, processes, root, tier, secrets, narrator.note)
    going = Underway(host, workspace, tier, plan, draft, narrator, processes, secrets, stage, ask=ask)
    started = host.now_ms()
    with _stopping(going):
        try:
            keeper, fingerprints = acted(going)
        except AskedWrongly:
            # nothing was asked of anybody: there is nothing to keep
            draft.abandon()
            remove_draft(draft.path)
            raise
        finally:
            processes.close()
            watchdog.dismiss()
    going.problems += [Reason.of(Code.FILES_CHANGED, file=path) for path in promised.changed()]
    record = _record(going, keeper, sealed, started, fingerprints)
    body = write_document(record)
    verdict = judge(plan, record, sealed)
    draft.write("verdict.json", write_document(verdict, run=plan.run, tier=plan.tier))
    results = allure_files(plan, record, verdict, tuple(one for _, one in keeper.results))
    for name, content in results.written.items():
        draft.write(f"allure-results/{name}", content)
    for name, sha256 in results.links.items():
        draft.link(sha256, f"allure-results/{name}")
    if statements := statements_for(host, root, plan, record, sealed, body):
        draft.write(FILE, statements)
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


def _record(
    going: Underway, keeper: Keeper, sealed: str, started: int, fingerprints: tuple[Fingerprint, ...]
) -> Record:
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
        stood_in=tuple(keeper.stood_in),
        fingerprints=fingerprints,
        services=tuple(keeper.stood(one) for one in going.stage.stood()),
        tools=_tools(going),
        redacted=tuple(sorted(keeper.counts.items())),
        problems=tuple(keeper.reason(reason) for reason in dict.fromkeys(going.problems)),
    )


def _tools(going: Underway) -> tuple[tuple[str, str], ...]:
    tools = tuple((name, importlib.metadata.version(name)) for name in _TOOLS)
    return tools if going.guarded is None else (*tools, ("guard", going.guarded.mode))


@contextmanager
def _stopping(going: Underway) -> Iterator[None]:
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
