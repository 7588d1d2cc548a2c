"""`harness mock confirm DEPENDENCY --tier TIER`: what a run relied on a mock for, asked of the real dependency.

An ordinary run of one job, with a plan, a record and a verdict of its own, for the same release: a difference is a
failure on that tier, and the gate sees it. The real dependency stands in the system's place, so that policy, guard,
sign-in and redaction hold for it as for any system. What the policy keeps away is named in the plan, with the reason;
what cannot be sent for any other reason is a check that stays open, so that nothing passes by having not been asked.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from harness.actions.running import Done, run
from harness.actions.underway import Narrator
from harness.adapters.host import Host
from harness.adapters.run_directory import find_run, load_plan, load_record, runs
from harness.adapters.workspace_files import load_tier, load_workspace
from harness.errors import AskedWrongly, HarnessError
from harness.formats.documents import digest, read_document
from harness.mocks.confirming import job_for
from harness.mocks.observing import USES
from harness.model.contract import Contract
from harness.model.plan import MockWork, Plan
from harness.model.service import Service
from harness.model.tier import Dependency, SecretRef, System, Tier
from harness.model.uses import ContractOfUse
from harness.rules.asking import must_run_suites
from harness.rules.confirming import permitted
from harness.rules.permitting import allowed_hosts

_PLACE = re.compile(r"\{(services|dependencies)\.([^.}]+)\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What came of it: the run that was confirmed, what it relied on, and the run that asked the real dependency."""

    of: str
    used: ContractOfUse
    asked: int
    done: Done


def confirm(
    host: Host,
    root: Path,
    name: str,
    tier_name: str,
    narrator: Narrator,
    *,
    of: str | None = None,
    confirm: Callable[[str], str | None] = lambda _: None,
) -> Confirmed:
    """Replay what a run relied on; `of` names the run, else the newest that relied on a mock of that dependency."""
    tier = load_tier(root, tier_name, host.environ)
    must_run_suites(tier)
    dependency = _real(tier, name)
    path, used = _used(root, name, of)
    workspace = load_workspace(root, (tier,))
    contract = workspace.contracts.get(dependency.contract or "")
    operations = contract.operations if contract is not None else ()
    allowed = permitted(used, operations, tier.policy, signed_in=dependency.auth is not None)
    for sentence in _changed(used, contract, path.name):
        narrator.note(sentence)

    def planned(plan: Plan) -> Plan:
        job = job_for(name, dependency.contract, path.name, allowed.uses, plan.seed, allowed.unasked)
        only = (f"mock:{name}/confirm",)
        return replace(plan, jobs=(job,) if job.checks else (), left_out=allowed.left_out, only=only)

    release = load_plan(path).release
    done = run(
        host,
        root,
        tier_name,
        narrator,
        release=release.name if release is not None else None,
        confirm=confirm,
        planned=planned,
        staged=lambda one: _alone(one, dependency),
    )
    return Confirmed(of=path.name, used=used, asked=len(allowed.uses), done=done)


def _real(tier: Tier, name: str) -> Dependency:
    known = {one.name: one for one in tier.dependencies}
    found = known.get(name)
    if found is None:
        raise AskedWrongly(f"{tier.name} has no dependency `{name}`", hint=f"it has: {', '.join(known) or 'none'}")
    if found.mock is not None:
        raise AskedWrongly(
            f"`{name}` is answered by a mock on {tier.name}: there is nobody to ask",
            hint='name a tier with the real one (`real = "https://…"`)',
        )
    if found.contract is None:
        raise AskedWrongly(
            f"`{name}` has no contract on {tier.name}", hint=f"give [dependencies.{name}] a `contract` to judge it by"
        )
    at = (urlsplit((found.real or found.base_url or "http://127.0.0.1").replace("{port}", "0")).hostname or "").lower()
    if at not in allowed_hosts(tier):
        raise AskedWrongly(
            f"`{name}` is at {at}, which the policy of {tier.name} does not allow",
            hint="its owner may name it, or {dependencies}, in `hosts` of [policy]",
        )
    return found


def _used(root: Path, name: str, of: str | None) -> tuple[Path, ContractOfUse]:
    for path in (find_run(root, of),) if of is not None else tuple(reversed(runs(root))):
        found = _in_run(path, name)
        if found is not None:
            return path, found
    which = f"run {of}" if of is not None else "no run here"
    raise AskedWrongly(
        f"{which} relied on a mock of `{name}`" if of is None else f"{which} did not rely on a mock of `{name}`",
        hint="run the tier on which the mock stands in, with tests that lead to calls of it",
    )


def _in_run(path: Path, name: str) -> ContractOfUse | None:
    """What a run relied on, as its record holds it: a file that was changed since is refused."""
    jobs = {job.id for job in load_plan(path).jobs if isinstance(job.work, MockWork) and job.work.dependency == name}
    if not jobs:
        return None
    for end in load_record(path).jobs:
        for file in end.files if end.job in jobs else ():
            if file.name == USES and file.sha256:
                body = (path / "evidence" / file.sha256).read_bytes()
                if digest(body) != file.sha256:
                    raise HarnessError(f"what {path.name} relied on was changed since: evidence/{file.sha256}")
                return read_document(ContractOfUse, body, f"{path.name}/{USES}")
    return None


def _changed(used: ContractOfUse, contract: Contract | None, run: str) -> Iterator[str]:
    if contract is not None and used.contract_sha256 and contract.sha256 != used.contract_sha256:
        yield f"the contract of `{used.dependency}` has changed since {run}; answers are held against today's"
    if used.unused:
        yield f"stubs that no request of {run} used, and that nothing confirms: {', '.join(used.unused)}"
    for label, count in used.unmatched:
        yield f"{run} asked what neither stub nor contract answers: {label} ({count} x)"


def _alone(tier: Tier, dependency: Dependency) -> Tier:
    """The tier with the dependency in the system's place, and of the others only what it stands on."""
    system = System(
        name=dependency.name,
        base_url=(dependency.real or dependency.base_url or "http://127.0.0.1:{port}").rstrip("/"),
        contract=dependency.contract,
        health=dependency.health,
        auth=dependency.auth,
        start=dependency.start,
    )
    services = {one.name: one for one in tier.services}
    others = {one.name: one for one in tier.dependencies if one.name != dependency.name}
    needed = _needed(dependency, services, others)
    hosts = tuple(dict.fromkeys(("{systems}", *tier.policy.hosts)))
    return replace(
        tier,
        systems=(system,),
        dependencies=tuple(one for name, one in others.items() if ("dependencies", name) in needed),
        services=tuple(one for name, one in services.items() if ("services", name) in needed),
        scripts=(),
        policy=replace(tier.policy, hosts=hosts),
    )


def _needed(
    dependency: Dependency, services: Mapping[str, Service], others: Mapping[str, Dependency]
) -> set[tuple[str, str]]:
    """Services and dependencies that a start refers to, and those that these refer to."""
    found: set[tuple[str, str]] = set()
    waiting = [dependency]
    while waiting:
        start = waiting.pop().start
        values = [] if start is None else [value for _, value in start.env if not isinstance(value, SecretRef)]
        for place in _PLACE.findall(" ".join((*values, *(start.command if start else ())))):
            if place not in found:
                found.add(place)
                waiting += [others[place[1]]] if place[0] == "dependencies" and place[1] in others else []
    return found & ({("services", one) for one in services} | {("dependencies", one) for one in others})
