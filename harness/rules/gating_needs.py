"""Whether what a tier must have shown was shown: suites whole, every promise kept, floors reached.

A check that failed once and passed once is flaky: it counts as failed unless the policy grants retries.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.model.evidence import Cell, Code, Reason
from harness.model.gate import Cause, GateCode, GateReason, MocksUsed, Need
from harness.model.plan import ContractWork, MockWork
from harness.model.tier import Suite
from harness.rules.gating_runs import Bound
from harness.rules.gating_waivers import Waived


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """How far one need is met, and by which runs."""

    need: Need
    counted: tuple[Bound, ...]
    failures: tuple[Cause, ...]
    doubts: tuple[Cause, ...]
    waived: tuple[str, ...]
    flaky: tuple[str, ...]


def meet(need: Need, bound: tuple[Bound, ...], waived: Waived) -> Met:
    """Hold one need against every run of its tier."""
    here = tuple(one for one in bound if one.exhibit.plan.tier == need.tier)
    fresh = tuple(one for one in here if one.age_s <= need.max_age_s)
    counted = tuple(one for one in fresh if one.exhibit.record is not None and not one.weak)
    promised = _promised(need, here)
    passed = frozenset[str]().union(*(one.passed for one in counted))
    failed = _merged(tuple(one.failed for one in here), promised)
    flaky = tuple(sorted(failed.keys() & passed))
    forgiven = flaky if len(flaky) <= need.flaky else ()
    red = {check: reasons for check, reasons in failed.items() if check not in forgiven}
    excused = tuple(sorted(red.keys() & waived.checks))
    failures = [_cause(check, need, reason) for check, why in red.items() if check not in excused for reason in why]
    if len(flaky) > need.flaky:
        said = GateReason.of(GateCode.TOO_FLAKY, count=len(flaky), budget=need.flaky, tier=need.tier)
        failures.append(Cause(about=need.tier, tier=need.tier, reason=said))
    unproved = promised - passed - red.keys()
    void = [_cause(check, need, reason) for check, reason in waived.void if check in red]
    doubts = [
        *void,
        *_about_runs(need, here, counted),
        *_unproved(need, here, unproved, counted),
    ]
    if counted:
        doubts += [*_whole(need, counted), *_floors(need, counted, passed), *_mocks(need, counted)]
    return Met(
        need=need,
        counted=counted,
        failures=tuple(failures),
        doubts=tuple(doubts),
        waived=excused,
        flaky=forgiven,
    )


def _promised(need: Need, here: tuple[Bound, ...]) -> frozenset[str]:
    suites = {*need.suites, Suite.MOCK}
    return frozenset(check.id for one in here for check in one.exhibit.plan.checks if check.suite in suites)


def _about_runs(need: Need, here: tuple[Bound, ...], counted: tuple[Bound, ...]) -> Iterator[Cause]:
    """Where no run counts, why each doesn't; a run that counts makes up for those that were cut short."""
    if counted:
        return
    yield _about(need.tier, need, GateCode.NO_RUN, tier=need.tier)
    for one in here:
        run = one.exhibit.plan.run
        for reason in one.weak:
            yield Cause(about=run, tier=need.tier, reason=reason)
        if one.age_s > need.max_age_s:
            age, limit = f"{one.age_s / 3600:.1f} h", f"{need.max_age_s / 3600:g} h"
            yield _about(run, need, GateCode.RUN_STALE, run=run, age=age, limit=limit, tier=need.tier)


def _unproved(
    need: Need, here: tuple[Bound, ...], unproved: frozenset[str], counted: tuple[Bound, ...]
) -> Iterator[Cause]:
    """Why promises are open. Where no run counts at all, that is said once and not for every check."""
    doubts = _merged(tuple(one.doubted for one in here), unproved)
    for check in unproved:
        for reason in doubts.get(check) or ((Reason.of(Code.NOT_REPORTED),) if counted else ()):
            yield _cause(check, need, reason)


def _whole(need: Need, counted: tuple[Bound, ...]) -> Iterator[Cause]:
    """Each suite must have been asked in whole at least once: `--only` proves no suite."""
    for suite in need.suites:
        plans = [one.exhibit.plan for one in counted if any(job.suite is suite for job in one.exhibit.plan.jobs)]
        if any(not plan.only or suite.value in plan.only for plan in plans):
            continue
        code = GateCode.SUITE_IN_PART if plans else GateCode.SUITE_MISSING
        yield _about(suite.value, need, code, suite=suite.value, tier=need.tier)


def _floors(need: Need, counted: tuple[Bound, ...], passed: frozenset[str]) -> Iterator[Cause]:
    works = [job.work for one in counted for job in one.exhibit.plan.jobs if isinstance(job.work, ContractWork)]
    operations = {(work.system, op.id): op for work in works for op in work.operations}
    if need.operations is not None:
        kept = sum(f"contract:{system}/{name}" in passed for system, name in operations)
        yield from _floor(need, "operations", kept, len(operations), need.operations)
    if need.statuses is not None:
        cells = {(c.operation, c.status) for one in counted for c in _cells(one)}
        wanted = [(op.id, status) for op in operations.values() for status in op.statuses if status != "default"]
        kept = sum(any(name == op and _fits(seen, status) for op, seen in cells) for name, status in wanted)
        yield from _floor(need, "statuses", kept, len(wanted), need.statuses)


def _floor(need: Need, what: str, kept: int, of: int, floor: float) -> Iterator[Cause]:
    if of == 0 or kept / of < floor - 1e-9:
        share = f"{kept} of {of}"
        yield _about(what, need, GateCode.COVERAGE_LOW, what=what, share=share, floor=f"{floor:.0%}", tier=need.tier)


def _cells(one: Bound) -> tuple[Cell, ...]:
    record = one.exhibit.record
    return tuple(cell for cell in record.cells if cell.count > 0) if record else ()


def _fits(seen: str, documented: str) -> bool:
    return seen == documented or (documented[1:].upper() == "XX" and seen[:1] == documented[:1])


def _mocks(need: Need, counted: tuple[Bound, ...]) -> Iterator[Cause]:
    if need.mocks is MocksUsed.ANY:
        return
    stood = {job.work.dependency for one in counted for job in one.exhibit.plan.jobs if isinstance(job.work, MockWork)}
    stood |= {relied.dependency for one in counted if one.exhibit.record for relied in one.exhibit.record.relied}
    for dependency in stood:
        yield _about(dependency, need, GateCode.MOCKS_USED, dependency=dependency, tier=need.tier)


def _merged(
    each: tuple[Mapping[str, tuple[Reason, ...]], ...], wanted: frozenset[str]
) -> dict[str, tuple[Reason, ...]]:
    found: dict[str, dict[Reason, None]] = {}
    for reasons_by_check in each:
        for check in reasons_by_check.keys() & wanted:
            found.setdefault(check, {}).update(dict.fromkeys(reasons_by_check[check]))
    return {check: tuple(reasons) for check, reasons in found.items()}


def _cause(check: str, need: Need, reason: GateReason | Reason) -> Cause:
    return Cause(about=check, tier=need.tier, reason=reason)


def _about(about: str, need: Need, code: GateCode, **values: object) -> Cause:
    return Cause(about=about, tier=need.tier, reason=GateReason.of(code, **values))
