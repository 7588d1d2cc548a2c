"""From a workspace and a tier to a plan: every promise by name, before anything starts.

A plan is the same for the same workspace, tier, seed and selection. What policy or
`--only` keeps away is named in `left_out`; nothing is dropped in silence.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from harness.model.contract import Contract, Operation
from harness.model.criteria import Criterion, Judged, Priority
from harness.model.load import LoadSpec
from harness.model.plan import (
    Check,
    ConfirmWork,
    ContractWork,
    Job,
    LoadWork,
    MatrixWork,
    MockWork,
    Plan,
    Promise,
    Release,
    UatWork,
)
from harness.model.tier import Suite, System, Tier
from harness.model.workspace import Workspace
from harness.rules.contract_probes import accepted_on, probe_jobs
from harness.rules.guarding import kept_back
from harness.rules.load_bounds import bounds_of, refusal

_LOAD_GRACE_S = 60.0
_UAT_START_S = 60.0
_UAT_EACH_S = 90.0
_NOT_MEANT_FOR = "the policy of {tier} limits methods: only criteria that name {tier} in `tiers` run there"


def plan_for(
    workspace: Workspace,
    tier: Tier,
    *,
    run: str,
    seed: int,
    release: Release | None = None,
    only: tuple[str, ...] = (),
) -> Plan:
    """The plan of one run. `only` keeps jobs and checks whose id equals or starts with one of its words."""
    left_out: list[tuple[str, str]] = []
    jobs = [job for job in _jobs(workspace, tier, seed, left_out) if job.checks]
    if only:
        left_out += [
            (word, "--only names nothing here") for word in only if not any(_narrowed(j, (word,)) for j in jobs)
        ]
        jobs = [kept for job in jobs if (kept := _narrowed(job, only))]
        left_out.append(("everything else", "--only " + " ".join(only)))
    return Plan(
        run=run,
        tier=tier.name,
        release=release,
        seed=seed,
        jobs=tuple(jobs),
        policy=tier.policy,
        digests=(("tier", tier.sha256), *sorted(workspace.digests.items())),
        left_out=tuple(left_out),
        only=only,
    )


def _jobs(workspace: Workspace, tier: Tier, seed: int, left_out: list[tuple[str, str]]) -> Iterator[Job]:
    suites = tier.policy.suites
    back = kept_back(tier)
    if Suite.CONTRACT in suites and Suite.CONTRACT in back:
        yield from probe_jobs(workspace, tier, seed, left_out, back[Suite.CONTRACT])
    elif Suite.CONTRACT in suites:
        yield from _contract_jobs(workspace, tier, seed, left_out)
    else:
        left_out.append(("contract", f"the policy of {tier.name} does not name this suite"))
    if Suite.UAT in suites:
        yield from _uat_jobs(workspace, tier, seed, left_out)
    else:
        left_out.append(("uat", f"the policy of {tier.name} does not name this suite"))
    if Suite.LOAD in suites:
        yield from _load_jobs(workspace, tier, seed, left_out)
    else:
        left_out.append(("load", f"the policy of {tier.name} does not name this suite"))
    yield from _mock_jobs(tier, seed)


def _contract_jobs(workspace: Workspace, tier: Tier, seed: int, left_out: list[tuple[str, str]]) -> Iterator[Job]:
    for system in tier.systems:
        if system.contract is None:
            left_out.append((f"contract:{system.name}", "no `contract` is named for it"))
            continue
        contract = workspace.contracts[system.contract]
        required = tuple(
            (operation.id, status)
            for operation in contract.operations
            for status in required_statuses(operation, tier.policy.statuses, has_credentials=system.auth is not None)
        )
        checks = tuple(_contract_checks(system, contract, required, tier.policy.floors))
        yield Job(
            id=f"contract:{system.name}",
            suite=Suite.CONTRACT,
            work=ContractWork(
                system=system.name,
                contract=system.contract,
                operations=contract.operations,
                required=required,
                max_examples=tier.policy.max_examples,
                hooks=_hooks(workspace, system.contract),
                accepted=accepted_on(workspace, system.contract, tier),
                floors=tier.policy.floors,
            ),
            checks=checks,
            seed=seed,
            deadline_s=tier.policy.contract_deadline_s,
        )


def _contract_checks(
    system: System, contract: Contract, required: tuple[tuple[str, str], ...], floors: tuple[tuple[str, float], ...]
) -> Iterator[Check]:
    if floors:
        wanted = ", ".join(f"{floor:.0%} of {kind}s" for kind, floor in floors)
        yield Check(
            id=f"contract:{system.name}/coverage",
            suite=Suite.CONTRACT,
            promise=Promise.STATUS,
            title=f"enough of the contract is proved: {wanted}",
            place=contract.path,
        )
    statuses: dict[str, list[str]] = {}
    for name, status in required:
        statuses.setdefault(name, []).append(status)
    for operation in contract.operations:
        place = f"{contract.path}:{operation.line}" if operation.line else contract.path
        stem = f"contract:{system.name}/{operation.id}"
        title = f"{operation.label} keeps its contract"
        yield Check(id=stem, suite=Suite.CONTRACT, promise=Promise.OPERATION, title=title, place=place)
        for status in statuses.get(operation.id, ()):
            yield Check(
                id=f"{stem}@{status}",
                suite=Suite.CONTRACT,
                promise=Promise.STATUS,
                title=f"{operation.label} answers {status}",
                place=place,
            )


def required_statuses(operation: Operation, wanted: tuple[str, ...], *, has_credentials: bool) -> tuple[str, ...]:
    """Which documented statuses a tier demands to see.

    `success` stands for the operation's documented 2xx, or for any of them (`2XX`) where there are several;
    `401` for the refusal without credentials (403 where only that is documented), demanded only where there are
    credentials to leave out; any other status for itself where the operation documents it; `operation@status` for
    exactly that.
    """
    statuses: list[str] = []
    for want in wanted:
        if want == "success":
            accepted = [status for status in operation.statuses if status[:1] == "2"]
            statuses += accepted if len(accepted) < 2 else ["2XX"]
        elif want == "401":
            refusals = [status for status in ("401", "403") if status in operation.statuses]
            statuses += refusals[:1] if operation.secured and has_credentials else []
        elif "@" in want:
            name, _, status = want.rpartition("@")
            statuses += [status] if name == operation.id else []
        elif want in operation.statuses:
            statuses.append(want)
    return tuple(dict.fromkeys(statuses))


def _hooks(workspace: Workspace, contract: str) -> str | None:
    stem = PurePosixPath(contract).name.partition(".")[0]
    path = f"contracts/{stem}_hooks.py"
    return path if path in workspace.digests else None


def _load_jobs(workspace: Workspace, tier: Tier, seed: int, left_out: list[tuple[str, str]]) -> Iterator[Job]:
    for spec in workspace.loads:
        profile = spec.profile_for(tier.name)
        if profile is None:
            left_out.append((f"load:{spec.name}", f"{spec.path} names no profile for {tier.name}"))
            continue
        refused = refusal(profile, tier.policy)
        if refused is not None:
            left_out.append((f"load:{spec.name}", refused))
            continue
        system = next((one for one in tier.systems if one.name == spec.system), tier.systems[0])
        checks = tuple(
            Check(
                id=limit_id(spec, limit.subject, limit.measure),
                suite=Suite.LOAD,
                promise=Promise.LIMIT,
                title=limit.text if limit.subject == "all" else f"{limit.subject}: {limit.text}",
                place=spec.path,
            )
            for limit in spec.limits
        )
        yield Job(
            id=f"load:{spec.name}",
            suite=Suite.LOAD,
            work=LoadWork(
                spec=spec.path,
                system=system.name,
                users_file=spec.users_file,
                users_class=spec.users_class,
                profile=profile,
                limits=spec.limits,
                watches=spec.watches,
                bounds=bounds_of(tier.policy),
                aborts=spec.aborts,
                contract=system.contract or "" if spec.checked_share else "",
                checked_share=spec.checked_share,
                served=spec.served,
            ),
            checks=checks,
            seed=seed,
            deadline_s=profile.duration_s + _LOAD_GRACE_S,
            alone=True,
        )


def limit_id(spec: LoadSpec, subject: str, measure: str) -> str:
    """`load:checkout/p95`, or `load:checkout/createOrder/p95` where the limit is on one operation."""
    middle = "" if subject == "all" else f"{subject}/"
    return f"load:{spec.name}/{middle}{measure}"


def _uat_jobs(workspace: Workspace, tier: Tier, seed: int, left_out: list[tuple[str, str]]) -> Iterator[Job]:
    by_file: dict[str, list[Criterion]] = {}
    for criterion in workspace.criteria:
        why = _why_not(criterion, tier)
        if why:
            left_out.append((f"uat:{criterion.id}", why))
        elif criterion.demonstration:
            by_file.setdefault(criterion.demonstration.partition("::")[0], []).append(criterion)
    named = {c.demonstration.partition("[")[0] for c in workspace.criteria if c.demonstration}
    scripts = {file: tuple(n for n in nodes if n not in named) for file, nodes in workspace.scripts.items()}
    if tier.policy.methods:
        left_out += [
            (f"uat:{node}", _NOT_MEANT_FOR.format(tier=tier.name)) for some in scripts.values() for node in some
        ]
        scripts = {}
    for file in sorted({*by_file, *(file for file, nodes in scripts.items() if nodes)}):
        yield _uat_job(file, tuple(by_file.get(file, ())), scripts.get(file, ()), seed)


def _why_not(criterion: Criterion, tier: Tier) -> str | None:
    if criterion.priority is Priority.WONT:
        return "its priority is `wont`"
    if criterion.tiers and tier.name not in criterion.tiers:
        return f"it is for {', '.join(criterion.tiers)}"
    if tier.policy.methods and not criterion.tiers:
        return _NOT_MEANT_FOR.format(tier=tier.name)
    if criterion.demonstration is None and criterion.judged is not Judged.AUTOMATIC:
        return f"it is judged {criterion.judged} by {criterion.owner or 'its owner'}, without a script"
    return None


def _uat_job(file: str, criteria: tuple[Criterion, ...], scripts: tuple[str, ...], seed: int) -> Job:
    stem = PurePosixPath(file).stem.removeprefix("test_")
    checks = (
        *(
            Check(
                id=f"uat:{stem}/{criterion.id}",
                suite=Suite.UAT,
                promise=Promise.CRITERION,
                title=criterion.title.en,
                place=f"uat/{file}",
            )
            for criterion in criteria
        ),
        *(
            Check(
                id=f"uat:{stem}/{script.partition('::')[2].replace('::', '.')}",
                suite=Suite.UAT,
                promise=Promise.SCRIPT,
                title=script,
                place=f"uat/{file}",
            )
            for script in scripts
        ),
    )
    return Job(
        id=f"uat:{stem}",
        suite=Suite.UAT,
        work=UatWork(folder="uat", criteria=criteria, scripts=scripts),
        checks=checks,
        seed=seed,
        deadline_s=_UAT_START_S + _UAT_EACH_S * len(checks),
    )


def _mock_jobs(tier: Tier, seed: int) -> Iterator[Job]:
    for dependency in tier.dependencies:
        if dependency.mock is None:
            continue
        name = dependency.name
        promises: Mapping[str, str] = {
            "requests": f"every request to {name} keeps {name}'s contract",
            "answers": f"every answer of the mock keeps {name}'s contract",
        }
        yield Job(
            id=f"mock:{name}",
            suite=Suite.MOCK,
            work=MockWork(dependency=name, folder=dependency.mock, contract=dependency.contract),
            checks=tuple(
                Check(
                    id=f"mock:{name}/{promise}",
                    suite=Suite.MOCK,
                    promise=Promise.MOCK,
                    title=title,
                    place=dependency.mock,
                )
                for promise, title in promises.items()
            ),
            seed=seed,
            deadline_s=0.0,
        )


def _narrowed(job: Job, only: tuple[str, ...]) -> Job | None:
    def chosen(name: str) -> bool:
        return any(name == word or name.startswith((word + "/", word + "@", word + ":")) for word in only)

    if chosen(job.id) or job.suite.value in only:
        return job
    checks = tuple(check for check in job.checks if chosen(check.id))
    if not checks:
        return None
    return Job(
        id=job.id,
        suite=job.suite,
        work=_narrowed_work(job, {check.id for check in checks}),
        checks=checks,
        seed=job.seed,
        deadline_s=job.deadline_s,
        alone=job.alone,
    )


def _narrowed_work(job: Job, kept: set[str]) -> ContractWork | LoadWork | UatWork | MockWork | ConfirmWork | MatrixWork:
    work = job.work
    stem = job.id.partition(":")[2]
    if isinstance(work, ContractWork):
        required = tuple((name, status) for name, status in work.required if f"{job.id}/{name}@{status}" in kept)
        names = {name for name, _ in required}
        return ContractWork(
            system=work.system,
            contract=work.contract,
            operations=tuple(op for op in work.operations if op.id in names or f"{job.id}/{op.id}" in kept),
            required=required,
            max_examples=work.max_examples,
            hooks=work.hooks,
            accepted=work.accepted,
            floors=work.floors if f"{job.id}/coverage" in kept else (),
            probes=work.probes,
        )
    if isinstance(work, UatWork):
        return UatWork(
            folder=work.folder,
            criteria=tuple(criterion for criterion in work.criteria if f"uat:{stem}/{criterion.id}" in kept),
            scripts=tuple(
                script
                for script in work.scripts
                if f"uat:{stem}/{script.partition('::')[2].replace('::', '.')}" in kept
            ),
        )
    return work
