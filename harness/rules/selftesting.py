"""Whether a gate can say no: a case that passes, spoilt in every way that its own policy speaks of.

Pure: evidence is spoilt in memory, nothing on disk changes. A way that the policy doesn't speak of (sign-offs where
none are asked for) is left out by name, so that nobody takes silence for a refusal.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from harness.model.attestation import Signature
from harness.model.evidence import Closed, Code, Outcome, Reason, Record, Seen
from harness.model.gate import Case, Entrance, Exhibit, GateCode, MocksUsed, Ruling, Unreadable
from harness.model.plan import MockWork, Plan, Release, Shard
from harness.model.release import Entry
from harness.model.signoff import Answer, Grade, Signoff
from harness.model.verdict import Decision

Spoil = Callable[[Case, Entrance], Case | None]
Decide = Callable[[Case], Ruling]
_HOUR_MS = 3_600_000
_UNSURE = Reason.of(Code.PRODUCT_ERROR, why="spoilt", report="nowhere")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way: what it is, what the gate said of it, and which reason had to be among its own. None: not spoken of."""

    name: str
    wanted: str
    decision: Decision | None
    codes: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Refused for the reason that belongs to it, or no matter of this policy."""
        return self.decision is None or (self.decision is not Decision.PASS and self.wanted in self.codes)


def rows(case: Case, decide: Decide) -> Iterator[Row]:
    """Every way, tried on a case that passes."""
    entrance = next(one for one in case.policy.entrances if one.to == case.to)
    for name, (spoil, wanted) in WAYS.items():
        spoilt = spoil(case, entrance)
        if spoilt is None:
            yield Row(name=name, wanted=wanted.value, decision=None)
            continue
        ruling = decide(spoilt)
        codes = {cause.reason.code.value for cause in (*ruling.failures, *ruling.doubts)}
        yield Row(name=name, wanted=wanted.value, decision=ruling.decision, codes=tuple(sorted(codes)))


def _exhibits(change: Callable[[Exhibit], Exhibit]) -> Spoil:
    return lambda case, _: replace(case, exhibits=tuple(change(one) for one in case.exhibits))


def _records(change: Callable[[Record], Record]) -> Spoil:
    return _exhibits(lambda one: replace(one, record=change(one.record), told="") if one.record else one)


def _plans(change: Callable[[Plan], Plan]) -> Spoil:
    return _exhibits(lambda one: replace(one, plan=change(one.plan), told=""))


def _first(change: Callable[[Seen], tuple[Seen, ...]]) -> Spoil:
    """Spoil the first check of every suite that the policy needs."""

    def spoil(case: Case, entrance: Entrance) -> Case | None:
        suites = {suite.value for need in entrance.needs for suite in need.suites}

        def record(old: Record) -> Record:
            firsts: dict[str, str] = {}
            for one in old.seen:
                firsts.setdefault(one.check.partition(":")[0], one.check)
            wanted = {check for suite, check in firsts.items() if suite in suites}
            seen = tuple(new for one in old.seen for new in (change(one) if one.check in wanted else (one,)))
            return replace(old, seen=seen)

        return _records(record)(case, entrance)

    return spoil


def _all(outcome: Outcome) -> Callable[[Record], Record]:
    return lambda old: replace(old, seen=tuple(replace(one, outcome=outcome) for one in old.seen))


def _later(case: Case, entrance: Entrance) -> Case:
    longest = max(need.max_age_s for need in entrance.needs)
    return replace(case, now_ms=case.now_ms + int(longest * 1000) + _HOUR_MS)


def _flaky(case: Case, entrance: Entrance) -> Case:
    """One check more than the budget fails first and passes then."""
    budget = max(need.flaky for need in entrance.needs)

    def record(old: Record) -> Record:
        chosen = {one.check for one in old.seen[: budget + 1]}
        failed = tuple(replace(one, outcome=Outcome.FAILED) for one in old.seen if one.check in chosen)
        return replace(old, seen=(*failed, *old.seen))

    spoilt = _records(record)(case, entrance)
    assert spoilt is not None
    return spoilt


def _undone(case: Case, _: Entrance) -> Case:
    entry = Entry(run="a-run-that-is-gone", nonce=case.declared.nonce if case.declared else "", plan="0" * 64)
    return replace(case, noted=(*case.noted, entry))


def _elsewhere(plan: Plan) -> Plan:
    return replace(plan, release=Release(name="another-release", nonce="n", sha256="0"))


def _redeclared(case: Case, _: Entrance) -> Case | None:
    return replace(case, declared=replace(case.declared, nonce="another-nonce")) if case.declared else None


def _other_build(case: Case, entrance: Entrance) -> Case | None:
    if not entrance.same_artifacts or not any(one.record and one.record.fingerprints for one in case.exhibits):
        return None
    change = _records(
        lambda old: replace(old, fingerprints=tuple(replace(one, after="another build") for one in old.fingerprints))
    )
    return change(case, entrance)


def _no_artifact(case: Case, entrance: Entrance) -> Case | None:
    return (
        replace(case, declared=replace(case.declared, artifacts=()))
        if entrance.same_artifacts and case.declared
        else None
    )


def _uncovered(case: Case, entrance: Entrance) -> Case | None:
    if not any(need.statuses for need in entrance.needs):
        return None
    return _records(lambda old: replace(old, cells=()))(case, entrance)


def _mocked(case: Case, entrance: Entrance) -> Case | None:
    if not any(need.mocks is MocksUsed.NONE for need in entrance.needs):
        return None

    def plan(old: Plan) -> Plan:
        job = replace(
            old.jobs[0], id="mock:stand-in", checks=(), work=MockWork(dependency="stand-in", folder="", contract=None)
        )
        return replace(old, jobs=(*old.jobs, job))

    return _plans(plan)(case, entrance)


def _unsigned_run(case: Case, entrance: Entrance) -> Case | None:
    change = _exhibits(lambda one: replace(one, signature=Signature.NONE, missigned=""))
    return change(case, entrance) if case.policy.runner_keys else None


def _missigned_run(case: Case, entrance: Entrance) -> Case | None:
    change = _exhibits(lambda one: replace(one, signature=Signature.WRONG, missigned="spoilt"))
    return change(case, entrance) if case.policy.runner_keys else None


def _people(change: Callable[[Case, tuple[Signoff, ...]], Case]) -> Spoil:
    """Only where the policy asks for signatures."""

    def spoil(case: Case, entrance: Entrance) -> Case | None:
        if entrance.acceptance is None or case.bundle is None or not case.bundle.signoffs:
            return None
        return change(case, case.bundle.signoffs)

    return spoil


def _answers(**more: object) -> Spoil:
    def change(case: Case, signoffs: tuple[Signoff, ...]) -> Case:
        assert case.bundle is not None
        changed = tuple(replace(one, **more) for one in signoffs)  # type: ignore[arg-type]
        return replace(case, bundle=replace(case.bundle, signoffs=changed))

    return _people(change)


def _by_password(case: Case, entrance: Entrance) -> Case | None:
    if entrance.acceptance is None or entrance.acceptance.grade is Grade.PASSWORD:
        return None
    return _answers(grade=Grade.PASSWORD)(case, entrance)


def _old_signatures(case: Case, entrance: Entrance) -> Case | None:
    if entrance.acceptance is None:
        return None
    return _answers(signed_ms=int(case.now_ms - entrance.acceptance.max_age_s * 1000) - _HOUR_MS)(case, entrance)


WAYS: dict[str, tuple[Spoil, GateCode | Code]] = {
    "a check of every suite fails": (_first(lambda one: (replace(one, outcome=Outcome.FAILED),)), Code.FAILED_ATTEMPT),
    "a check of every suite can't be told": (
        _first(lambda one: (replace(one, outcome=Outcome.BROKEN, reasons=(_UNSURE,)),)),
        Code.PRODUCT_ERROR,
    ),
    "a check of every suite is skipped": (
        _first(lambda one: (replace(one, outcome=Outcome.SKIPPED),)),
        Code.WAS_SKIPPED,
    ),
    "a check of every suite never reports": (_first(lambda _: ()), Code.NOT_REPORTED),
    "everything is skipped": (_records(_all(Outcome.SKIPPED)), Code.WAS_SKIPPED),
    "nothing reports": (_records(lambda old: replace(old, seen=())), Code.NOT_REPORTED),
    "nothing is planned": (_plans(lambda old: replace(old, jobs=())), Code.NOTHING_PLANNED),
    "nothing ran": (lambda case, _: replace(case, exhibits=(), noted=()), GateCode.NO_RUN),
    "a run was cut short": (_records(lambda old: replace(old, closed=Closed.INTERRUPTED)), Code.INTERRUPTED),
    "a run was never closed": (_exhibits(lambda one: replace(one, record=None, record_sha256="")), GateCode.NO_RUN),
    "more checks are flaky than may": (_flaky, GateCode.TOO_FLAKY),
    "only single checks ran": (_plans(lambda old: replace(old, only=("one",))), GateCode.SUITE_IN_PART),
    "only a shard ran": (_plans(lambda old: replace(old, shard=Shard(index=1, of=2, whole="0"))), GateCode.SHARD_ALONE),
    "evidence is too old": (_later, GateCode.RUN_STALE),
    "evidence is from the future": (
        lambda case, _: replace(case, now_ms=case.now_ms - 1000 * _HOUR_MS),
        GateCode.FROM_THE_FUTURE,
    ),
    "evidence is of another release": (_plans(_elsewhere), GateCode.OTHER_RELEASE),
    "evidence is of another declaration": (_redeclared, GateCode.OTHER_NONCE),
    "evidence was planned from other files": (
        _plans(lambda old: replace(old, digests=tuple((path, "0" * 64) for path, _ in old.digests))),
        GateCode.OTHER_PROMISES,
    ),
    "a record was changed": (_exhibits(lambda one: replace(one, changed="the record")), GateCode.RECORD_CHANGED),
    "a plan was changed": (_exhibits(lambda one: replace(one, plan_sha256="0" * 64)), Code.PLAN_DIFFERS),
    "a verdict was written by hand": (_exhibits(lambda one: replace(one, told="spoilt")), GateCode.VERDICT_DIFFERS),
    "evidence can't be read": (
        lambda case, _: replace(case, unreadable=(Unreadable(source="somewhere", why="spoilt"),)),
        GateCode.EVIDENCE_UNREADABLE,
    ),
    "a run that took place is gone": (_undone, GateCode.RUN_MISSING),
    "a run is not signed": (_unsigned_run, GateCode.RUN_UNSIGNED),
    "a run's signature does not hold": (_missigned_run, GateCode.RUN_MISSIGNED),
    "the release was never declared": (lambda case, _: replace(case, declared=None), GateCode.NOT_DECLARED),
    "the policy was edited since": (
        lambda case, _: replace(case, sources=tuple((path, "0" * 64) for path, _ in case.sources)),
        GateCode.SOURCE_CHANGED,
    ),
    "another build was deployed": (_other_build, GateCode.DEPLOYED_DIFFERS),
    "the release names no artifact": (_no_artifact, GateCode.NO_ARTIFACTS),
    "documented answers were never seen": (_uncovered, GateCode.COVERAGE_LOW),
    "a mock stood in": (_mocked, GateCode.MOCKS_USED),
    "nobody's answers are there": (_people(lambda case, _: replace(case, bundle=None)), GateCode.NO_BUNDLE),
    "answers can't be believed": (
        _people(lambda case, _: replace(case, bundle=None, bundle_trouble="spoilt")),
        GateCode.BUNDLE_UNTRUSTED,
    ),
    "nobody signed": (_answers(criterion="another"), GateCode.NOT_SIGNED),
    "somebody refuses": (_answers(answer=Answer.REJECTED), GateCode.REJECTED),
    "somebody signed another release": (_answers(release="another"), GateCode.SIGNED_ANOTHER_RELEASE),
    "somebody signed another text": (_answers(criterion_sha256="0" * 64), GateCode.SIGNED_ANOTHER_TEXT),
    "somebody signed on another tier": (_answers(tier="another"), GateCode.SIGNED_ANOTHER_TIER),
    "somebody else signed": (_answers(role="nobody-of-ours"), GateCode.WRONG_ROLE),
    "somebody signed by password": (_by_password, GateCode.GRADE_LOW),
    "signatures are too old": (_old_signatures, GateCode.SIGNATURE_STALE),
    "a condition was not met in time": (
        _answers(answer=Answer.CONDITIONED, condition="spoilt", due_ms=1),
        GateCode.CONDITION_OVERDUE,
    ),
}
