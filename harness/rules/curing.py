"""The smallest set of changes that would open the gate: every cause has one remedy, and equal remedies are one.

Running a tier again cures all that only lacked a run there. What the product did wrong must be mended, declared anew
and seen again everywhere, for a failure stays with its declaration; a new declaration is run and signed from the start.
"""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from harness.model.gate import Cause, GateCode, Ruling


class Remedy(StrEnum):
    """What kind of change it takes, in the order in which they are made."""

    CLOCK = "clock"
    MEND = "mend"
    DECLARE = "declare"
    RUN = "run"
    FETCH = "fetch"
    SIGN = "sign"
    EXPORT = "export"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: what to do, to what, and the causes that it cures."""

    remedy: Remedy
    target: str
    cures: tuple[Cause, ...]


EVERY_CRITERION = "*"
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
    GateCode.PACKAGE_REJECTED,
    GateCode.PACKAGE_OPEN,
    GateCode.SIGNED_OTHER_EVIDENCE,
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
    for key in _following(ruling, set(cured)):
        cured[key] += ()
    order = list(Remedy)
    ranked = sorted(cured, key=lambda key: (order.index(key[0]), key[1]))
    return tuple(Change(remedy=key[0], target=key[1], cures=tuple(cured[key])) for key in ranked)


def _following(ruling: Ruling, wanted: set[tuple[Remedy, str]]) -> set[tuple[Remedy, str]]:
    """What a change brings with it, although no cause asks for it yet."""
    kinds = {remedy for remedy, _ in wanted}
    more: set[tuple[Remedy, str]] = set()
    mended = [one for one in (*ruling.failures, *ruling.doubts) if _is_mended(one, ruling)]
    if any(one.reason.code is not GateCode.COVERAGE_LOW for one in mended):
        more.add((Remedy.DECLARE, ruling.release))
        kinds.add(Remedy.DECLARE)
    more |= {(Remedy.RUN, one.tier) for one in mended if one.reason.code is GateCode.COVERAGE_LOW}
    if Remedy.DECLARE in kinds:
        more |= {(Remedy.RUN, tier) for tier in ruling.needs}
        if ruling.people and Remedy.SIGN not in kinds:
            more.add((Remedy.SIGN, EVERY_CRITERION))
    if ruling.people and (kinds | {remedy for remedy, _ in more}) & {Remedy.SIGN, Remedy.DECLARE}:
        more.add((Remedy.EXPORT, ruling.release))
    return more - wanted


def _is_mended(cause: Cause, ruling: Ruling) -> bool:
    return _remedy(cause, ruling, failed=cause in ruling.failures)[0] is Remedy.MEND


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
    if code is GateCode.FROM_THE_FUTURE:
        return Remedy.CLOCK, cause.about
    return Remedy.RUN, cause.tier
