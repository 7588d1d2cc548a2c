"""Which runs may speak for a release, and why the others may not.

A run is bound by nonce and by the digest of the declaration, never by name or time alone. A failure counts
from every bound run; a pass only from one that is whole, fresh, closed and agrees with itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.model.attestation import Signature
from harness.model.evidence import Code, Outcome, Reason
from harness.model.gate import Case, Cause, Exhibit, GateCode, GateReason
from harness.model.verdict import Ground
from harness.rules.judging import judge

_SKEW_MS = 60_000
_TAMPERED = {Code.PLAN_DIFFERS, Code.NOT_PLANNED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A run of this very declaration, judged. `passed` are checks with a passing attempt and no doubt.

    `weak` says why its passes don't count, `tampered` what makes it a doubt wherever it lies; `age_s` is since
    its start.
    """

    exhibit: Exhibit
    failed: Mapping[str, tuple[Reason, ...]]
    doubted: Mapping[str, tuple[Reason, ...]]
    passed: frozenset[str]
    weak: tuple[GateReason | Reason, ...]
    tampered: tuple[GateReason | Reason, ...]
    age_s: float


def bound_to(case: Case, exhibit: Exhibit) -> Bound:
    """Judge one run of the declaration that the case is about."""
    verdict = judge(exhibit.plan, exhibit.record, exhibit.plan_sha256)
    failed, doubted = _by_check(verdict.failures), _by_check(verdict.doubts)
    about_run = doubted.pop("", ())
    tampered: list[GateReason | Reason] = [reason for reason in about_run if reason.code in _TAMPERED]
    tampered += [reason for reasons in doubted.values() for reason in reasons if reason.code in _TAMPERED]
    run = exhibit.plan.run
    if exhibit.changed:
        tampered.append(GateReason.of(GateCode.RECORD_CHANGED, run=run, what=exhibit.changed))
    if exhibit.told and exhibit.told != verdict.decision.value:
        tampered.append(
            GateReason.of(GateCode.VERDICT_DIFFERS, run=run, told=exhibit.told, found=verdict.decision.value)
        )
    if case.policy.runner_keys and exhibit.signature is Signature.WRONG:
        tampered.append(GateReason.of(GateCode.RUN_MISSIGNED, run=run, why=exhibit.missigned))
    weak: list[GateReason | Reason] = [*about_run, *_clock(case, exhibit), *_promises(case, exhibit), *_share(exhibit)]
    if case.policy.runner_keys and exhibit.signature is Signature.NONE and exhibit.record_sha256:
        weak.append(GateReason.of(GateCode.RUN_UNSIGNED, run=run))
    return Bound(
        exhibit=exhibit,
        failed=failed,
        doubted=doubted,
        passed=_passed(exhibit, doubted),
        weak=tuple(dict.fromkeys((*weak, *tampered))),
        tampered=tuple(dict.fromkeys(tampered)),
        age_s=(case.now_ms - exhibit.record.started_ms) / 1000 if exhibit.record else 0.0,
    )


def rejected(case: Case, tier: str, bound: tuple[Bound, ...]) -> Iterator[Cause]:
    """Why what lies here of that tier does not count, where nothing else counts."""
    ours = {(one.exhibit.plan.run, one.exhibit.plan_sha256) for one in bound}
    declared = case.declared
    for exhibit in case.exhibits:
        plan, release = exhibit.plan, exhibit.plan.release
        if plan.tier != tier or (plan.run, exhibit.plan_sha256) in ours or declared is None:
            continue
        if release is None or release.name != case.release:
            named = release.name if release else "none"
            reason = GateReason.of(GateCode.OTHER_RELEASE, run=plan.run, named=named, release=case.release)
        else:
            reason = GateReason.of(GateCode.OTHER_NONCE, run=plan.run, release=case.release)
        yield Cause(about=plan.run, tier=tier, reason=reason)


def _passed(exhibit: Exhibit, doubted: Mapping[str, tuple[Reason, ...]]) -> frozenset[str]:
    seen = exhibit.record.seen if exhibit.record else ()
    planned = {check.id for check in exhibit.plan.checks}
    return frozenset(one.check for one in seen if one.outcome is Outcome.PASSED and one.check in planned) - set(doubted)


def _clock(case: Case, exhibit: Exhibit) -> Iterator[GateReason]:
    record, run = exhibit.record, exhibit.plan.run
    if record is None:
        return
    if record.ended_ms > case.now_ms + _SKEW_MS or record.started_ms > case.now_ms + _SKEW_MS:
        yield GateReason.of(GateCode.FROM_THE_FUTURE, what=run)
    if record.ended_ms < record.started_ms:
        yield GateReason.of(GateCode.CLOCK_WENT_BACK, run=run)
    if case.declared is not None and record.started_ms < case.declared.declared_ms - _SKEW_MS:
        yield GateReason.of(GateCode.BEFORE_DECLARATION, run=run, release=case.release)


def _promises(case: Case, exhibit: Exhibit) -> Iterator[GateReason]:
    """The files that promises came from must be those of the declaration."""
    was = dict(case.declared.sources) if case.declared else {}
    for path, sha256 in exhibit.plan.digests:
        if path != "tier" and was.get(path) != sha256:
            yield GateReason.of(GateCode.OTHER_PROMISES, run=exhibit.plan.run, file=path, release=case.release)


def _share(exhibit: Exhibit) -> Iterator[GateReason]:
    """A shard proves nothing by itself: what it saw counts in the run that the shards are joined to."""
    shard = exhibit.plan.shard
    if shard is not None:
        yield GateReason.of(GateCode.SHARD_ALONE, run=exhibit.plan.run, index=shard.index, of=shard.of)


def _by_check(grounds: tuple[Ground, ...]) -> dict[str, tuple[Reason, ...]]:
    found: dict[str, tuple[Reason, ...]] = {}
    for ground in grounds:
        found[ground.check or ""] = (*found.get(ground.check or "", ()), ground.reason)
    return found
