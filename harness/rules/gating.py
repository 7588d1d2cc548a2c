"""The gate: from policy, evidence and sign-offs to pass, fail or undecided, and every reason.

A pure function over plain data. Silence is never consent: what is missing, partial, stale, foreign,
changed or unreadable is a doubt, and a doubt never opens the gate. The order of evidence means nothing.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from harness.model.attestation import Signature
from harness.model.gate import Case, Cause, Counted, Entrance, Exhibit, GateCode, GateReason, Ruling
from harness.model.verdict import Decision
from harness.rules.gating_acceptance import acceptance_doubts
from harness.rules.gating_needs import Met, meet
from harness.rules.gating_packages import elsewhere
from harness.rules.gating_runs import Bound, bound_to, rejected
from harness.rules.gating_waivers import waived_on

SKEW_MS = 60_000


def gate(case: Case) -> Ruling:
    """The ruling on one release and one tier; KeyError where the policy does not guard that tier."""
    entrance = next(iter(one for one in case.policy.entrances if one.to == case.to), None)
    if entrance is None:
        raise KeyError(case.to)
    bound = tuple(bound_to(case, exhibit) for exhibit in _in_order(case.exhibits) if _is_ours(case, exhibit))
    waivers = {need.tier: waived_on(case, need.tier) for need in entrance.needs}
    met = tuple(meet(need, bound, waivers[need.tier]) for need in entrance.needs)
    failures = [cause for one in met for cause in one.failures]
    doubts = [*_about_release(case, entrance, bound), *_about_evidence(case, bound)]
    for one in met:
        doubts += one.doubts
        doubts += rejected(case, one.need.tier, bound) if not one.counted else ()
    if entrance.acceptance is not None:
        refused, unsure = acceptance_doubts(case, entrance, entrance.acceptance, elsewhere(case, bound))
        failures += refused
        doubts += unsure
    ruling = _ruling(case, tuple(_sorted(case, failures)), tuple(_sorted(case, doubts)), met)
    return replace(ruling, needs=tuple(one.tier for one in entrance.needs), people=entrance.acceptance is not None)


def _ruling(case: Case, failures: tuple[Cause, ...], doubts: tuple[Cause, ...], met: tuple[Met, ...]) -> Ruling:
    decision = Decision.FAIL if failures else Decision.UNDECIDED if doubts else Decision.PASS
    counted = {
        Counted(run=one.exhibit.plan.run, tier=one.exhibit.plan.tier, record_sha256=one.exhibit.record_sha256)
        for need in met
        for one in need.counted
    }
    others = {one.plan.release.name for one in case.exhibits if one.plan.release} - {case.release}
    return Ruling(
        release=case.release,
        nonce=case.declared.nonce if case.declared else "",
        to=case.to,
        at_ms=case.now_ms,
        policy_sha256=case.policy.sha256,
        decision=decision,
        failures=failures,
        doubts=doubts,
        counted=tuple(sorted(counted, key=lambda one: (one.tier, one.run))),
        waived=tuple(sorted({check for one in met for check in one.waived})),
        flaky=tuple(sorted({check for one in met for check in one.flaky})),
        first=not others,
        unsigned=tuple(
            sorted({one.exhibit.plan.run for need in met for one in need.counted if _is_hearsay(case, one)})
        ),
    )


def _is_hearsay(case: Case, one: Bound) -> bool:
    """A run that did not take place here and that nobody whom the policy trusts has signed."""
    here = any((each.run, each.record) == (one.exhibit.plan.run, one.exhibit.record_sha256) for each in case.noted)
    return not here and one.exhibit.signature is not Signature.GOOD


def _is_ours(case: Case, exhibit: Exhibit) -> bool:
    """Whether a run names this very declaration."""
    release = exhibit.plan.release
    return (
        case.declared is not None
        and release is not None
        and release.name == case.release
        and release.nonce == case.declared.nonce
        and bool(release.nonce)
        and release.sha256 == case.declared_sha256
    )


def _about_release(case: Case, entrance: Entrance, bound: tuple[Bound, ...]) -> Iterator[Cause]:
    if case.declared is None:
        yield _cause(case.release, case.to, GateCode.NOT_DECLARED, release=case.release)
        return
    was = dict(case.declared.sources)
    for path, sha256 in case.sources:
        if was.get(path) != sha256:
            yield _cause(path, case.to, GateCode.SOURCE_CHANGED, file=path, release=case.release)
    if case.declared.declared_ms > case.now_ms + SKEW_MS:
        yield _cause(case.release, case.to, GateCode.FROM_THE_FUTURE, what=f"the declaration of {case.release}")
    if not entrance.same_artifacts:
        return
    if not case.declared.artifacts:
        yield _cause(case.release, case.to, GateCode.NO_ARTIFACTS, release=case.release)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one in bound:
        for fingerprint in one.exhibit.record.fingerprints if one.exhibit.record else ():
            found[fingerprint.system] |= {fingerprint.before, fingerprint.after}
    for system, versions in sorted(found.items()):
        if len(versions) > 1:
            said = ", ".join(sorted(versions))
            yield _cause(system, case.to, GateCode.DEPLOYED_DIFFERS, system=system, versions=said)


def _about_evidence(case: Case, bound: tuple[Bound, ...]) -> Iterator[Cause]:
    for one in case.unreadable:
        yield _cause(one.source, case.to, GateCode.EVIDENCE_UNREADABLE, source=one.source, why=one.why)
    for each in bound:
        for reason in each.tampered:
            yield Cause(about=each.exhibit.plan.run, tier=each.exhibit.plan.tier, reason=reason)
    by_run: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for each in bound:
        by_run[each.exhibit.plan.run].add((each.exhibit.plan_sha256, each.exhibit.record_sha256))
    for run, contents in sorted(by_run.items()):
        if len(contents) > 1:
            yield _cause(run, case.to, GateCode.RUN_TWICE, run=run, times=len(contents))
    yield from _missing(case, by_run)


def _missing(case: Case, by_run: dict[str, set[tuple[str, str]]]) -> Iterator[Cause]:
    """What ran for this declaration must be here, as it was when it ended."""
    if case.declared is None:
        return
    for entry in case.noted:
        if entry.nonce != case.declared.nonce:
            continue
        contents = by_run.get(entry.run)
        if contents is None:
            yield _cause(entry.run, case.to, GateCode.RUN_MISSING, run=entry.run, release=case.release)
        elif any(plan != entry.plan or (entry.record and record != entry.record) for plan, record in contents):
            yield _cause(entry.run, case.to, GateCode.RECORD_CHANGED, run=entry.run, what="plan or record")


def _in_order(exhibits: tuple[Exhibit, ...]) -> list[Exhibit]:
    """Each content once, by run: the same folder laid before us twice is one run."""
    once = {(one.plan.run, one.plan_sha256, one.record_sha256, one.changed, one.told): one for one in exhibits}
    return [once[key] for key in sorted(once)]


def _sorted(case: Case, causes: list[Cause]) -> list[Cause]:
    unique = dict.fromkeys(_naming(case.release, cause) for cause in causes)
    return sorted(unique, key=lambda one: (one.tier, one.about, one.reason.code.value, one.reason.values))


def _naming(release: str, cause: Cause) -> Cause:
    """Every reason of the gate's own can name the release that it is about."""
    reason = cause.reason
    if not isinstance(reason, GateReason) or "release" in dict(reason.values):
        return cause
    return replace(cause, reason=replace(reason, values=(*reason.values, ("release", release))))


def _cause(about: str, tier: str, code: GateCode, **values: object) -> Cause:
    return Cause(about=about, tier=tier, reason=GateReason.of(code, **values))
