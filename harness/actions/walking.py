"""A demonstration before a person: an ordinary run of the criteria that were named, except that somebody judges.

The run has a plan, a record and a verdict like any other; the answers are in its folder from the moment they are given.
"""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from harness.actions.running import Done, prepare, run
from harness.actions.underway import Ask, Narrator
from harness.adapters.host import Host
from harness.adapters.run_directory import DRAFTS
from harness.adapters.walk.server import IDLE_S, MOST_SESSIONS, WalkServer
from harness.adapters.walk.session import WalkSession
from harness.adapters.workspace_files import load_tier, load_workspace
from harness.errors import AskedWrongly
from harness.model.criteria import Criterion, Judged, Priority
from harness.model.evidence import Observations
from harness.model.plan import Job, UatWork
from harness.model.process import Command, Ended, Surroundings
from harness.rules.redacting import Redactor
from harness.runners import walk as runner


def walk(
    host: Host,
    root: Path,
    tier: str,
    wanted: tuple[str, ...],
    narrator: Narrator,
    *,
    opened: Callable[[Callable[[], str]], None],
    release: str | None = None,
    confirm: Callable[[str], str | None] = lambda _: None,
    port: int = 0,
    idle_s: float = IDLE_S,
    ancestors: str = "'none'",
) -> Done:
    """Show the criteria that are wanted (none: all that a person judges with our help) and give the finished run.

    `opened` is told how to make a link for the person; each link works once.
    """
    only = _checks(host, root, tier, wanted)
    prepare(host, root, tier, only=only, release=release)  # what is asked wrongly is told before anybody is invited
    server = WalkServer(
        host,
        host.scratch_root(),
        port=port,
        most=min(MOST_SESSIONS, host.cores * 4),
        idle_s=idle_s,
        ancestors=ancestors,
    )
    try:
        opened(server.link)
        return run(host, root, tier, narrator, only=only, release=release, confirm=confirm, ask=asks(server))
    finally:
        server.close()


def asks(server: WalkServer) -> Ask:
    """How a run's UAT jobs are shown by this server."""

    def ask(
        job: Job, around: Surroundings, redactor: Redactor
    ) -> tuple[Command, Callable[[Job, Surroundings, Ended], Observations]] | None:
        if not isinstance(job.work, UatWork):
            return None
        folder = Path(around.root) / DRAFTS / around.run
        session, told = server.open(runner.items_of(job), folder, redactor)

        def observe(job: Job, around: Surroundings, ended: Ended) -> Observations:
            server.over(session, _why(ended))
            return runner.observe(job, around, ended, _walked(session))

        return runner.command(job, around, told), observe

    return ask


def _walked(session: WalkSession) -> runner.Walked:
    return runner.Walked(
        items=session.items,
        reports=tuple(session.kept.reports),
        pictures=dict(session.kept.pictures),
        painted_ms=tuple(session.frames.painted_ms),
    )


def _why(ended: Ended) -> str:
    if ended.killed_by is not None:
        return f"the worker was killed ({ended.killed_by})"
    return "the worker ended" if not ended.timed_out else "it took longer than it may"


def _checks(host: Host, root: Path, tier: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The checks of the criteria; AskedWrongly names every criterion that can't be shown here."""
    criteria = load_workspace(root, (load_tier(root, tier, host.environ),)).criteria
    by_id = {one.id: one for one in criteria}
    if not wanted:
        wanted = tuple(one.id for one in criteria if one.judged is Judged.ASSISTED and _why_not(one, tier) is None)
        if not wanted:
            raise AskedWrongly(f"no criterion is judged assisted on {tier}", hint="harness uat walk ORD-1 --tier T")
    unknown = [name for name in wanted if name not in by_id]
    if unknown:
        raise AskedWrongly(
            f"there is no criterion {', '.join(unknown)}", hint=f"criteria here: {', '.join(by_id) or 'none yet'}"
        )
    for name in wanted:
        if (why := _why_not(by_id[name], tier)) is not None:
            raise AskedWrongly(f"{name} can't be shown: {why}", hint="harness uat matrix")
    return tuple(_check(by_id[name]) for name in wanted)


def _why_not(criterion: Criterion, tier: str) -> str | None:
    if criterion.demonstration is None:
        return "no script demonstrates it"
    if criterion.priority is Priority.WONT:
        return "its priority is `wont`"
    if criterion.tiers and tier not in criterion.tiers:
        return f"it is for {', '.join(criterion.tiers)}"
    return None


def _check(criterion: Criterion) -> str:
    file = (criterion.demonstration or "").partition("::")[0]
    return f"uat:{PurePosixPath(file).stem.removeprefix('test_')}/{criterion.id}"
