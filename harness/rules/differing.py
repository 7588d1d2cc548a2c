"""What changed between two runs, check by check: what broke, what was mended, what is slower, what went missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from harness.model.evidence import Outcome, Record, Seen
from harness.model.plan import Plan
from harness.rules.summing import attempts_by_check

_SLOWER = 1.10
_WORST = (Outcome.FAILED, Outcome.BROKEN, Outcome.SKIPPED, Outcome.PASSED)


class Change(StrEnum):
    """How a check differs. `STILL`: not passed in both."""

    BROKE = "broke"
    FIXED = "fixed"
    STILL = "still"
    GONE = "gone"
    ADDED = "added"
    SLOWER = "slower"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One check, before and after: outcomes (`unreported` where there is none), or figures with their unit."""

    check: str
    change: Change
    before: str
    after: str


def differences(before: tuple[Plan, Record], after: tuple[Plan, Record]) -> tuple[Difference, ...]:
    """Everything that differs, worst first, then by check."""
    found = [*_outcomes(before, after), *_slower(before[1], after[1])]
    order = tuple(Change)
    return tuple(sorted(found, key=lambda one: (order.index(one.change), one.check, one.before)))


def _outcomes(before: tuple[Plan, Record], after: tuple[Plan, Record]) -> list[Difference]:
    was, now = _by_check(*before), _by_check(*after)
    found = []
    for check in was.keys() | now.keys():
        one, two = was.get(check, ""), now.get(check, "")
        change = _change(one, two)
        if change is not None:
            found.append(Difference(check=check, change=change, before=one, after=two))
    return found


def _change(before: str, after: str) -> Change | None:
    passed = Outcome.PASSED.value
    if not after:
        return Change.GONE
    if not before:
        return Change.ADDED
    if before == passed and after == passed:
        return None
    if before == passed:
        return Change.BROKE
    return Change.FIXED if after == passed else Change.STILL


def _by_check(plan: Plan, record: Record) -> dict[str, str]:
    """The worst outcome of each promised check."""
    attempts = attempts_by_check(record)
    return {check.id: _worst(attempts.get(check.id, ())) for check in plan.checks}


def _worst(seen: tuple[Seen, ...]) -> str:
    outcomes = {one.outcome for one in seen}
    return next((one.value for one in _WORST if one in outcomes), "unreported")


def _slower(before: Record, after: Record) -> list[Difference]:
    was, now = _times(before), _times(after)
    return [
        Difference(
            check=check, change=Change.SLOWER, before=f"{name} {was[key]:.4g} ms", after=f"{name} {now[key]:.4g} ms"
        )
        for key in was.keys() & now.keys()
        for check, name in (key,)
        if now[key] > was[key] * _SLOWER and now[key] - was[key] >= 1.0
    ]


def _times(record: Record) -> Mapping[tuple[str, str], float]:
    return {
        (seen.check, measure.name): measure.value
        for seen in record.seen
        for measure in seen.measures
        if measure.unit == "ms"
    }
