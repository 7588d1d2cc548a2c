"""Proving that the gate can say no, on this workspace's own policy: `harness gate selftest`.

A release with evidence that passes is taken as it is; without one a specimen is made in memory from the workspace's own
plans, as if everything had passed and everybody had signed. Nothing is started and nothing is written.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from harness.actions.gating import case_for, criteria_of, policy_of
from harness.actions.releasing import declaration
from harness.actions.running import prepare
from harness.adapters.host import Host
from harness.formats.documents import digest, write_document
from harness.formats.gate_toml import entrance_to
from harness.model.attestation import Signature
from harness.model.criteria import Criterion, Priority
from harness.model.evidence import Cell, Closed, Fingerprint, Outcome, Record, Seen
from harness.model.gate import Acceptance, Case, Entrance, Exhibit, GatePolicy, Ruling
from harness.model.plan import ContractWork, Plan, Release
from harness.model.release import Artifact, Declared
from harness.model.signoff import Answer, Bundle, Signoff
from harness.model.verdict import Decision
from harness.rules.gating import gate
from harness.rules.selftesting import Row, rows

_SPECIMEN = "specimen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What came of it: the ruling on the evidence as it is, and on every way to spoil it. No rows: it never passed."""

    to: str
    baseline: Ruling
    rows: tuple[Row, ...]


def selftest(host: Host, root: Path, to: str, release: str | None = None) -> Proven:
    """Spoil evidence that passes in every way that the policy speaks of. AskedWrongly where there is no such tier."""
    case = case_for(host, root, release, to) if release else specimen(host, root, to)
    baseline = gate(case)
    tried = tuple(rows(case, gate)) if baseline.decision is Decision.PASS else ()
    return Proven(to=to, baseline=baseline, rows=tried)


def specimen(host: Host, root: Path, to: str) -> Case:
    """A case in which everything that the workspace plans was seen to pass, and everybody asked has signed."""
    sources: dict[str, str] = {}
    policy = policy_of(root, sources)
    entrance = entrance_to(policy, to)
    criteria = criteria_of(root, sources)
    now = host.now_ms()
    declared = replace(
        declaration(host, root, _SPECIMEN),
        artifacts=(Artifact(name=_SPECIMEN, digest="sha256:" + "0" * 64),),
        declared_ms=now - 1000,
    )
    sha256 = digest(write_document(declared))
    named = Release(name=_SPECIMEN, nonce=declared.nonce, sha256=sha256)
    plans = tuple(replace(_plan(host, root, need.tier), release=named) for need in entrance.needs)
    return Case(
        release=_SPECIMEN,
        to=to,
        now_ms=now,
        policy=policy,
        declared=declared,
        declared_sha256=sha256,
        sources=tuple(sorted(sources.items())),
        exhibits=tuple(_passed(plan, policy, now) for plan in plans),
        criteria=criteria,
        bundle=_signed(declared, entrance, criteria, now),
    )


def _plan(host: Host, root: Path, tier: str) -> Plan:
    _, _, plan = prepare(host, root, tier, seed=1, release=None)
    return plan


def _passed(plan: Plan, policy: GatePolicy, now: int) -> Exhibit:
    """A run in which every check passed and every documented status was seen."""
    works = [job.work for job in plan.jobs if isinstance(job.work, ContractWork)]
    sealed = digest(write_document(plan))
    jobs = {check.id: job.id for job in plan.jobs for check in job.checks}
    record = Record(
        run=plan.run,
        tier=plan.tier,
        plan_sha256=sealed,
        started_ms=now - 500,
        ended_ms=now - 100,
        closed=Closed.COMPLETE,
        seen=tuple(
            Seen(check=check.id, job=jobs[check.id], outcome=Outcome.PASSED, started_ms=now - 500, ended_ms=now - 100)
            for check in plan.checks
        ),
        cells=tuple(
            Cell(operation=operation.id, status=status, count=1)
            for work in works
            for operation in work.operations
            for status in operation.statuses
        ),
        fingerprints=(Fingerprint(system=_SPECIMEN, before="1", after="1"),),
    )
    return Exhibit(
        source=_SPECIMEN,
        plan=plan,
        plan_sha256=sealed,
        record=record,
        record_sha256=digest(write_document(record)),
        signature=Signature.GOOD if policy.runner_keys else Signature.NONE,
    )


def _signed(declared: Declared, entrance: Entrance, criteria: tuple[Criterion, ...], now: int) -> Bundle | None:
    wanted = entrance.acceptance
    if wanted is None:
        return None
    signoffs = tuple(
        _answer(number, one, wanted, declared, entrance, now)
        for number, one in enumerate(criteria, 1)
        if one.priority in {Priority.MUST, Priority.SHOULD}
    )
    return Bundle(release=declared.name, nonce=declared.nonce, exported_ms=now, signoffs=signoffs)


def _answer(
    number: int, criterion: Criterion, wanted: Acceptance, declared: Declared, entrance: Entrance, now: int
) -> Signoff:
    return Signoff(
        number=number,
        release=declared.name,
        nonce=declared.nonce,
        tier=entrance.needs[0].tier,
        criterion=criterion.id,
        criterion_sha256=criterion.sha256,
        answer=Answer.ACCEPTED,
        person=_SPECIMEN,
        role=criterion.owner or next(iter(wanted.roles), ""),
        grade=wanted.grade,
        signed_ms=now - 100,
    )
