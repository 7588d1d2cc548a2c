"""Whether every package that the business was asked to judge stands: nobody refuses it, nobody's signature is missing.

A package asks how many must sign in each role; single sign-offs don't show that somebody is still missing. And what
was looked at must be what the gate counts: the same runs, the same artifacts.
"""

from harness.model.acceptance import State
from harness.model.gate import Case, Cause, GateCode, GateReason, PackageSeen
from harness.rules.gating_runs import Bound


def package_doubts(case: Case, tiers: frozenset[str]) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
    """(refusals, doubts) about the packages of this declaration and these tiers."""
    ours = [one for one in case.packages if one.tier in tiers and _is_ours(case, one)]
    refused = tuple(_cause(case, one, GateCode.PACKAGE_REJECTED) for one in ours if one.state is State.REJECTED)
    stands = {State.ACCEPTED, State.CONDITIONAL, State.REJECTED}
    return refused, tuple(_cause(case, one, GateCode.PACKAGE_OPEN) for one in ours if one.state not in stands)


def elsewhere(case: Case, bound: tuple[Bound, ...]) -> frozenset[str]:
    """Packages, by digest, that show other runs than those that lie here untouched, or other artifacts."""
    here = {(one.exhibit.plan.run, one.exhibit.record_sha256) for one in bound if not one.tampered}
    declared = frozenset(case.declared.artifacts) if case.declared else frozenset()
    return frozenset(
        one.sha256 for one in case.packages if not here.issuperset(one.runs) or frozenset(one.artifacts) != declared
    )


def _is_ours(case: Case, one: PackageSeen) -> bool:
    return case.declared is not None and (one.release, one.nonce) == (case.release, case.declared.nonce)


def _cause(case: Case, one: PackageSeen, code: GateCode) -> Cause:
    reason = GateReason.of(code, package=one.code, tier=one.tier, state=one.state.value)
    return Cause(about=one.code, tier=case.to, reason=reason)
