"""Which failing checks are passed over, and why a waiver that was given does not count.

Only a failure can be waived, by its exact name, for a while, by somebody other than its owner; never
what a Must criterion stands for. A doubt can't be waived at all.
"""

from dataclasses import dataclass

from harness.model.criteria import Priority
from harness.model.gate import Case, GateCode, GateReason
from harness.model.signoff import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """Checks that are excused on a tier, and waivers that are void, with the reason."""

    checks: frozenset[str]
    void: tuple[tuple[str, GateReason], ...]


def waived_on(case: Case, tier: str) -> Waived:
    """The waivers of a trusted bundle as they stand on one tier, now."""
    checks, void = set(), []
    for waiver in case.bundle.waivers if case.bundle else ():
        why = _void(case, waiver, tier)
        if why:
            void.append((waiver.check, GateReason.of(GateCode.WAIVER_VOID, check=waiver.check, why=why)))
        else:
            checks.add(waiver.check)
    return Waived(checks=frozenset(checks), void=tuple(void))


def _void(case: Case, waiver: Waiver, tier: str) -> str:
    """Why it does not count, empty where it does."""
    nonce = case.declared.nonce if case.declared else ""
    musts = {one.id for one in case.criteria if one.priority is Priority.MUST}
    tests = (
        (any(sign in waiver.check for sign in "*?["), "it names no single check"),
        (
            not (waiver.owner.strip() and waiver.reason.strip() and waiver.ticket.strip()),
            "owner, reason or ticket is missing",
        ),
        (not waiver.approved_by.strip() or waiver.approved_by == waiver.owner, "nobody but its owner approved it"),
        (waiver.release != case.release or waiver.nonce != nonce or not nonce, "it is for another release"),
        (tier not in waiver.tiers, f"it is not for {tier}"),
        (waiver.expires_ms <= case.now_ms, "it expired"),
        (waiver.approved_ms > case.now_ms + 60_000, "it was approved in the future"),
        (waiver.check.startswith("uat:") and waiver.check.rpartition("/")[2] in musts, "a Must is never waived"),
    )
    return next((why for wrong, why in tests if wrong), "")
