"""Whether the business accepted: every criterion asked for, by its owner, surely, lately, as it reads now.

A person's newest answer counts, by its number in the portal's ledger. One standing refusal is a refusal,
whoever else accepted, until its person accepts the very same in a way that counts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.model.criteria import Criterion, Priority
from harness.model.gate import Acceptance, Case, Cause, Entrance, GateCode, GateReason, Wanted
from harness.model.signoff import Answer, Bundle, Grade, Signoff
from harness.rules.gating_packages import package_doubts

_GRADES = tuple(Grade)
_SKEW_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """One criterion, and what makes an answer to it count."""

    criterion: Criterion
    rule: Wanted
    wanted: Acceptance
    tiers: frozenset[str]
    elsewhere: frozenset[str]

    @property
    def roles(self) -> frozenset[str]:
        owner, roles = self.criterion.owner, frozenset(self.wanted.roles)
        return roles & {owner} if owner else roles


def acceptance_doubts(
    case: Case, entrance: Entrance, wanted: Acceptance, elsewhere: frozenset[str] = frozenset()
) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
    """(refusals, doubts) about what people signed; `elsewhere` are packages that show what does not lie here."""
    asked = [(one, rule) for one in case.criteria if (rule := _rule(wanted, one)) is not Wanted.NONE]
    if wanted.must is not Wanted.NONE and not any(one.priority is Priority.MUST for one, _ in asked):
        return (), (_cause(case, "criteria", GateCode.NO_CRITERIA),)
    if not asked:
        return (), ()
    trouble = tuple(_about_bundle(case, wanted))
    if trouble or case.bundle is None:
        return (), trouble
    tiers = frozenset(need.tier for need in entrance.needs)
    refused_whole, unsure_whole = package_doubts(case, tiers)
    refusals: list[Cause] = list(refused_whole)
    doubts: list[Cause] = [*_numbers(case, case.bundle), *unsure_whole]
    by_criterion: defaultdict[str, list[Signoff]] = defaultdict(list)
    for signoff in case.bundle.signoffs:
        by_criterion[signoff.criterion].append(signoff)
    for criterion, rule in asked:
        asking = _Asking(criterion=criterion, rule=rule, wanted=wanted, tiers=tiers, elsewhere=elsewhere)
        refused, unsure = _criterion(case, asking, by_criterion[criterion.id])
        refusals += refused
        doubts += unsure
    return tuple(refusals), tuple(doubts)


def _rule(wanted: Acceptance, criterion: Criterion) -> Wanted:
    match criterion.priority:
        case Priority.MUST:
            return wanted.must
        case Priority.SHOULD:
            return wanted.should
        case _:
            return Wanted.NONE


def _about_bundle(case: Case, wanted: Acceptance) -> Iterator[Cause]:
    if case.bundle_trouble:
        yield _cause(case, "sign-offs", GateCode.BUNDLE_UNTRUSTED, why=case.bundle_trouble)
    elif case.bundle is None:
        yield _cause(case, "sign-offs", GateCode.NO_BUNDLE, release=case.release)
    elif not _is_ours(case, case.bundle.release, case.bundle.nonce):
        yield _cause(case, "sign-offs", GateCode.BUNDLE_ELSEWHERE, named=case.bundle.release, release=case.release)
    elif case.bundle.exported_ms > case.now_ms + _SKEW_MS:
        yield _cause(case, "sign-offs", GateCode.FROM_THE_FUTURE, what="the bundle of sign-offs")
    elif case.now_ms - case.bundle.exported_ms > wanted.export_max_age_s * 1000:
        age = f"{(case.now_ms - case.bundle.exported_ms) / 3_600_000:.1f} h"
        yield _cause(case, "sign-offs", GateCode.BUNDLE_STALE, age=age, limit=f"{wanted.export_max_age_s / 3600:g} h")


def _numbers(case: Case, bundle: Bundle) -> Iterator[Cause]:
    """A ledger has each number once."""
    seen: defaultdict[int, set[Signoff]] = defaultdict(set)
    for one in bundle.signoffs:
        seen[one.number].add(one)
    for number, signoffs in sorted(seen.items()):
        if len(signoffs) > 1:
            yield _cause(case, "sign-offs", GateCode.SIGNED_TWICE, number=number, times=len(signoffs))


def standing(signoffs: list[Signoff], counts: Callable[[Signoff], bool] = lambda _: True) -> tuple[Signoff, ...]:
    """The newest answer of each person in each role to the same thing; of equal numbers the worst.

    An answer that does not count never makes an earlier one better.
    """
    worst = list(Answer)
    newest: dict[tuple[str, ...], Signoff] = {}
    for one in sorted(signoffs, key=lambda one: (one.number, worst.index(one.answer))):
        key = (one.person, one.role, one.release, one.nonce, one.tier, one.criterion_sha256)
        before = newest.get(key, one)
        if worst.index(one.answer) >= worst.index(before.answer) or counts(one):
            newest[key] = one
    return tuple(newest[key] for key in sorted(newest))


def _criterion(case: Case, asking: _Asking, signoffs: list[Signoff]) -> tuple[list[Cause], list[Cause]]:
    criterion = asking.criterion
    refusals, unsure, good = [], [], False
    for one in standing(signoffs, lambda one: _wrong(case, asking, one) is None):
        reason = _wrong(case, asking, one)
        if one.answer is Answer.REJECTED and _is_ours(case, one.release, one.nonce):
            refusals.append(
                _cause(case, criterion.id, GateCode.REJECTED, criterion=criterion.id, person=one.person, role=one.role)
            )
        elif reason is None and one.answer is Answer.CONDITIONED:
            reason = _condition(case, asking, one)
        if reason is None and one.answer is not Answer.REJECTED:
            good = True
        elif reason is not None:
            unsure.append(Cause(about=criterion.id, tier=case.to, reason=reason))
    if good or refusals:
        overdue = [one for one in unsure if one.reason.code is GateCode.CONDITION_OVERDUE]
        return refusals, overdue
    named = ", ".join(sorted(asking.roles)) or criterion.owner or "?"
    unsigned = _cause(case, criterion.id, GateCode.NOT_SIGNED, criterion=criterion.id, role=named)
    return refusals, [unsigned, *unsure]


def _wrong(case: Case, asking: _Asking, one: Signoff) -> GateReason | None:
    """Why a sign-off does not count, None where it does."""
    criterion, wanted = asking.criterion, asking.wanted
    age_s = (case.now_ms - one.signed_ms) / 1000
    days = f"{age_s / 86400:.1f} days"
    tests = (
        (not _is_ours(case, one.release, one.nonce), GateCode.SIGNED_ANOTHER_RELEASE),
        (one.tier not in asking.tiers, GateCode.SIGNED_ANOTHER_TIER),
        (one.criterion_sha256 != criterion.sha256 or not criterion.sha256, GateCode.SIGNED_ANOTHER_TEXT),
        (one.role not in asking.roles, GateCode.WRONG_ROLE),
        (one.package_sha256 in asking.elsewhere, GateCode.SIGNED_OTHER_EVIDENCE),
        (_GRADES.index(one.grade) < _GRADES.index(wanted.grade), GateCode.GRADE_LOW),
        (one.signed_ms > case.now_ms + _SKEW_MS, GateCode.FROM_THE_FUTURE),
        (age_s > wanted.max_age_s, GateCode.SIGNATURE_STALE),
    )
    code = next((code for wrong, code in tests if wrong), None)
    if code is None:
        return None
    return GateReason.of(
        code,
        criterion=criterion.id,
        person=one.person,
        role=one.role,
        grade=one.grade.value,
        wanted=wanted.grade.value,
        release=case.release,
        tier=one.tier,
        age=days,
        what=f"the sign-off of {criterion.id}",
    )


def _condition(case: Case, asking: _Asking, one: Signoff) -> GateReason | None:
    if one.met:
        return None
    said = {"criterion": one.criterion, "person": one.person, "condition": one.condition}
    if one.due_ms <= case.now_ms or one.before_tier in {case.to, *asking.tiers}:
        return GateReason.of(GateCode.CONDITION_OVERDUE, **said)
    return GateReason.of(GateCode.CONDITIONED, **said) if asking.rule is Wanted.ALL else None


def _is_ours(case: Case, release: str, nonce: str) -> bool:
    return case.declared is not None and release == case.release and nonce == case.declared.nonce and bool(nonce)


def _cause(case: Case, about: str, code: GateCode, **values: object) -> Cause:
    return Cause(about=about, tier=case.to, reason=GateReason.of(code, **values))
