"""What one run does on its stage: everybody up, every job asked, everybody down, and what they printed kept."""

from collections.abc import Mapping

from harness.actions.asking import ENGINES, all_broken, do_jobs
from harness.actions.guarding import stand_guard
from harness.actions.keeping import Keeper
from harness.actions.underway import Underway, guard_ended
from harness.adapters.browsers import find_browser
from harness.adapters.credentials import headers_for, shown_for
from harness.errors import CouldNotTell
from harness.formats.openapi import flat_bytes
from harness.mocks.observing import how_it_stood_in
from harness.mocks.observing import observe as observe_mock
from harness.model.evidence import UNKNOWN_VERSION, Code, Fingerprint, Reason
from harness.model.plan import MockWork
from harness.model.process import Ended, Surroundings, Target
from harness.model.tier import SecretRef, Suite
from harness.rules.redacting import redactor_for


def acted(going: Underway) -> tuple[Keeper, tuple[Fingerprint, ...]]:
    key = going.host.new_key()
    keeper = Keeper(going.draft, redactor_for({}, key=key))
    try:
        going.stage.up(lambda: _stand_guard(going))
        targets = _targets(going)
        granted = _granted(going)
        redactor = redactor_for(going.secrets.known(), key=key)
        for sentence in redactor.notes:
            going.narrator.note(sentence)
        keeper = Keeper(going.draft, redactor)
        before = _versions(going, targets)
        around = _surroundings(going, targets, granted)
        if going.guarded is not None:
            going.guarded.settled(around.mock_urls)
        do_jobs(going, keeper, around)
        after = before if guard_ended(going) else _versions(going, targets)
    finally:
        fallen = {} if guard_ended(going) else going.stage.fallen()
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
    pairs = (
        (name, before[name] or UNKNOWN_VERSION, after.get(name) or UNKNOWN_VERSION) for name in before if before[name]
    )
    return keeper, tuple(Fingerprint(system=name, before=one, after=two) for name, one, two in pairs)


def _targets(going: Underway) -> dict[str, Target]:
    """Where each system is and who we are there; nobody signs in where no job asks anything."""
    targets = {}
    for system in going.tier.systems:
        headers: Mapping[str, str] = {}
        if system.auth is not None and going.plan.jobs and system.name not in going.stage.failed:
            try:
                signing = going.guarded.signs_in(system) if going.guarded is not None else system
                now_s = going.host.now_ms() / 1000
                headers = headers_for(signing, going.stage.urls[system.name], going.secrets, now_s=now_s)
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
            started_by_us=system.start is not None,
        )
        targets[system.name] = going.guarded.behind(target) if going.guarded is not None else target
    return targets


def _stand_guard(going: Underway) -> None:
    """Before anybody is asked anything: on a tier that limits more than hosts, the guard stands in front of all."""
    going.guarded = stand_guard(going.host, going.processes, going.stage, going.workspace, going.plan)
    if going.guarded is None:
        return
    going.stage.running["guard"] = going.guarded.guard.running
    going.stage.own_urls = going.guarded.own_urls()
    going.narrator.note(f"guard: {going.guarded.mode}")


def _granted(going: Underway) -> dict[str, str]:
    """What the tier grants to scripts as environment; nothing where somebody it names does not stand."""
    try:
        return {
            name: going.secrets.value(value, where=f"`{name}` in [scripts.env]")
            if isinstance(value, SecretRef)
            else going.stage.filled(value, "scripts", services=False)
            for name, value in going.tier.scripts
        }
    except KeyError:
        # a place of somebody who failed to stand: that is told, and no job that needs it is asked
        return {}


def _surroundings(going: Underway, targets: Mapping[str, Target], granted: Mapping[str, str]) -> Surroundings:
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
        environment=granted,
        release=going.plan.release.name if going.plan.release else None,
    )


def _versions(going: Underway, targets: Mapping[str, Target]) -> dict[str, str | None]:
    return {system.name: going.stage.version_of(system, targets[system.name].headers) for system in going.tier.systems}


def _observe_mocks(going: Underway, keeper: Keeper) -> None:
    asked = {job.work.dependency for job in going.plan.jobs if isinstance(job.work, MockWork)}
    for one in going.tier.dependencies:
        if one.mock is not None and one.name not in asked and one.name in going.stage.urls:
            keeper.stood_in.append(how_it_stood_in(one.name, one.mock, going.stage.journal(one.name)))
    for job in going.plan.jobs:
        if not isinstance(job.work, MockWork):
            continue
        now = going.host.now_ms()
        reason = going.stage.failed.get(job.work.dependency)
        ended = Ended(exit_status=None, started_ms=now, ended_ms=now)
        if reason is not None:
            observations = all_broken(job, reason)
        else:
            name = job.work.dependency
            observations = observe_mock(job, going.stage.journal(name), going.stage.uses(name))
        keeper.keep(job, ended, observations, ENGINES[Suite.MOCK])
