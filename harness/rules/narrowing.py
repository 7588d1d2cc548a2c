"""`--only`: the part of a job that was chosen, promising nothing beyond it."""

from harness.model.plan import (
    ConfirmWork,
    ContractWork,
    Job,
    LoadWork,
    MatrixWork,
    MockWork,
    UatWork,
)


def narrowed(job: Job, only: tuple[str, ...]) -> Job | None:
    """The job with the checks whose id equals or starts with one of the words; None where none does."""

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
        work=_work(job, {check.id for check in checks}),
        checks=checks,
        seed=job.seed,
        deadline_s=job.deadline_s,
        alone=job.alone,
    )


def _work(job: Job, kept: set[str]) -> ContractWork | LoadWork | UatWork | MockWork | ConfirmWork | MatrixWork:
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
