"""The smallest set of changes that would open the gate: every cause has one remedy, and equal remedies are one.

Running a tier again cures all that only lacked a run there; what the product did wrong must be mended first.
"""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from harness.model.gate import Cause, GateCode, GateReason, Ruling


class Remedy(StrEnum):
    """What kind of change it takes, in the order in which they are made."""

    DECLARE = "declare"
    MEND = "mend"
    RUN = "run"
    FETCH = "fetch"
    EXPORT = "export"
    SIGN = "sign"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: what to do, to what, and the causes that it cures."""

    remedy: Remedy
    target: str
    cures: tuple[Cause, ...]


_DECLARE = {
    GateCode.NOT_DECLARED,
    GateCode.SOURCE_CHANGED,
    GateCode.NO_ARTIFACTS,
    GateCode.OTHER_PROMISES,
    GateCode.RECORD_CHANGED,
    GateCode.VERDICT_DIFFERS,
    GateCode.RUN_MISSIGNED,
    GateCode.RUN_MISSING,
    GateCode.RUN_TWICE,
    GateCode.DEPLOYED_DIFFERS,
}
_EXPORT = {GateCode.NO_BUNDLE, GateCode.BUNDLE_UNTRUSTED, GateCode.BUNDLE_STALE, GateCode.BUNDLE_ELSEWHERE}
_SIGN = {
    GateCode.NOT_SIGNED,
    GateCode.REJECTED,
    GateCode.SIGNED_ANOTHER_RELEASE,
    GateCode.SIGNED_ANOTHER_TIER,
    GateCode.SIGNED_ANOTHER_TEXT,
    GateCode.SIGNATURE_STALE,
    GateCode.GRADE_LOW,
    GateCode.WRONG_ROLE,
    GateCode.CONDITIONED,
    GateCode.CONDITION_OVERDUE,
    GateCode.SIGNED_TWICE,
}
_MEND = {GateCode.COVERAGE_LOW, GateCode.MOCKS_USED, GateCode.TOO_FLAKY, GateCode.NO_CRITERIA, GateCode.WAIVER_VOID}


def changes_for(ruling: Ruling) -> tuple[Change, ...]:
    """The changes, in the order to make them; none where the gate is open."""
    cured: defaultdict[tuple[Remedy, str], list[Cause]] = defaultdict(list)
    for cause in ruling.failures:
        cured[_remedy(cause, ruling, failed=True)].append(cause)
    for cause in ruling.doubts:
        cured[_remedy(cause, ruling, failed=False)].append(cause)
    order = list(Remedy)
    ranked = sorted(cured, key=lambda key: (order.index(key[0]), key[1]))
    return tuple(Change(remedy=key[0], target=key[1], cures=tuple(cured[key])) for key in ranked)


def _remedy(cause: Cause, ruling: Ruling, *, failed: bool) -> tuple[Remedy, str]:
    code = cause.reason.code
    if code in _SIGN:
        return Remedy.SIGN, cause.about
    if failed or code in _MEND:
        return Remedy.MEND, cause.about
    if code in _DECLARE:
        return Remedy.DECLARE, ruling.release
    if code in _EXPORT:
        return Remedy.EXPORT, ruling.release
    if code is GateCode.EVIDENCE_UNREADABLE:
        return Remedy.FETCH, cause.about
    if isinstance(cause.reason, GateReason) and code is GateCode.FROM_THE_FUTURE and cause.about == "sign-offs":
        return Remedy.EXPORT, ruling.release
    return Remedy.RUN, cause.tier
