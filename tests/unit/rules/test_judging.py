"""The judge: silence is never consent, and no judge that thinks otherwise gets past these properties.

Each property takes the judge it is about, so that the same code shows that ours keeps it and
that a judge with a known mistake does not.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harness.model.evidence import Closed, Code, Fingerprint, Outcome, Reason, Record, Seen
from harness.model.plan import Check, ContractWork, Job, Plan, Promise
from harness.model.tier import Policy, Suite
from harness.model.verdict import Decision, Verdict
from harness.rules.judging import judge

Judge = Callable[[Plan, Record | None, str], Verdict]

SEALED = "5ea1" * 16
GREENNESS = {Decision.FAIL: 0, Decision.UNDECIDED: 1, Decision.PASS: 2}
NAMES = ("contract:hub/a", "contract:hub/b", "contract:hub/b@201", "contract:hub/c")


def plan(*names: str) -> Plan:
    checks = tuple(Check(id=name, suite=Suite.CONTRACT, promise=Promise.OPERATION, title=name) for name in names)
    work = ContractWork(system="hub", contract="contracts/hub.yaml", operations=(), required=(), max_examples=1)
    job = Job(id="contract:hub", suite=Suite.CONTRACT, work=work, checks=checks, seed=1, deadline_s=1.0)
    return Plan(run="r", tier="test", release=None, seed=1, jobs=(job,), policy=Policy(), digests=())


def seen(check: str, outcome: Outcome, *reasons: Reason) -> Seen:
    return Seen(check=check, job="contract:hub", outcome=outcome, reasons=reasons)


def record(*seens: Seen, **more: object) -> Record:
    whole = Record(
        run="r", tier="test", plan_sha256=SEALED, started_ms=1, ended_ms=2, closed=Closed.COMPLETE, seen=seens
    )
    return replace(whole, **more)


def decision(judged_by: Judge, planned: Plan, kept: Record | None, sealed: str = SEALED) -> Decision:
    return judged_by(planned, kept, sealed).decision


# --- properties -----------------------------------------------------------------------------------------------------

PLANS = st.lists(st.sampled_from(NAMES), unique=True, max_size=4).map(lambda names: plan(*names))
SOME_PLAN = PLANS.filter(lambda one: bool(one.checks))
REASONS = st.sampled_from((Reason.of(Code.FINDING, title="t"), Reason.of(Code.NO_BROWSER, why="w", how="h")))
SEENS = st.builds(
    Seen,
    check=st.sampled_from((*NAMES, "contract:other/z")),
    job=st.just("contract:hub"),
    outcome=st.sampled_from(Outcome),
    reasons=st.lists(REASONS, max_size=2).map(tuple),
)
FINGERPRINTS = st.builds(
    Fingerprint, system=st.just("hub"), before=st.sampled_from(("1", "2")), after=st.sampled_from(("1", "2"))
)
RECORDS = st.builds(
    record,
    closed=st.sampled_from((Closed.COMPLETE, Closed.COMPLETE, Closed.COMPLETE, Closed.INTERRUPTED)),
    seen=st.lists(SEENS, max_size=6).map(tuple),
    fingerprints=st.lists(FINGERPRINTS, max_size=2).map(tuple),
    problems=st.lists(REASONS, max_size=1).map(tuple),
)


def passing(planned: Plan) -> Record:
    return record(*(seen(check.id, Outcome.PASSED) for check in planned.checks))


def a_check_without_a_word_about_it_is_not_passed(judged_by: Judge) -> None:
    @given(planned=SOME_PLAN, data=st.data())
    @_quietly
    def holds(planned: Plan, data: st.DataObject) -> None:
        lost = data.draw(st.sampled_from(planned.checks)).id
        kept = passing(planned)
        silent = replace(kept, seen=tuple(one for one in kept.seen if one.check != lost))
        assert decision(judged_by, planned, silent) is not Decision.PASS

    holds()


def a_failure_more_is_a_fail(judged_by: Judge) -> None:
    @given(planned=SOME_PLAN, kept=RECORDS, data=st.data())
    @_quietly
    def holds(planned: Plan, kept: Record, data: st.DataObject) -> None:
        failure = seen(data.draw(st.sampled_from(planned.checks)).id, Outcome.FAILED)
        at = data.draw(st.integers(0, len(kept.seen)))
        worse = replace(kept, seen=(*kept.seen[:at], failure, *kept.seen[at:]))
        assert decision(judged_by, planned, worse) is Decision.FAIL

    holds()


def what_did_not_pass_never_makes_it_greener(judged_by: Judge) -> None:
    @given(planned=PLANS, data=st.data(), bad=SEENS.filter(lambda one: one.outcome is not Outcome.PASSED))
    @_quietly
    def holds(planned: Plan, data: st.DataObject, bad: Seen) -> None:
        kept = data.draw(st.one_of(st.just(passing(planned)), RECORDS))
        worse = replace(kept, seen=(*kept.seen, bad))
        before, after = decision(judged_by, planned, kept), decision(judged_by, planned, worse)
        assert GREENNESS[after] <= GREENNESS[before]
        assert after is not Decision.PASS

    holds()


def taking_evidence_away_never_makes_it_greener(judged_by: Judge) -> None:
    """What passed, taken away; and all that was said of a planned check, whatever it said: never a pass."""

    @given(planned=SOME_PLAN, kept=RECORDS, data=st.data())
    @_quietly
    def holds(planned: Plan, kept: Record, data: st.DataObject) -> None:
        before = decision(judged_by, planned, kept)
        for index, one in enumerate(kept.seen):
            if one.outcome is Outcome.PASSED:
                less = replace(kept, seen=kept.seen[:index] + kept.seen[index + 1 :])
                unplanned = one.check not in {check.id for check in planned.checks}
                assert unplanned or GREENNESS[decision(judged_by, planned, less)] <= GREENNESS[before]
        lost = data.draw(st.sampled_from(planned.checks)).id
        without = replace(kept, seen=tuple(one for one in kept.seen if one.check != lost))
        assert decision(judged_by, planned, without) is not Decision.PASS

    holds()


def the_order_of_what_was_seen_does_not_matter(judged_by: Judge) -> None:
    @given(planned=PLANS, kept=RECORDS, data=st.data())
    @_quietly
    def holds(planned: Plan, kept: Record, data: st.DataObject) -> None:
        other = replace(kept, seen=tuple(data.draw(st.permutations(kept.seen))))
        assert decision(judged_by, planned, kept) is decision(judged_by, planned, other)

    holds()


def everything_promised_and_passed_is_a_pass(judged_by: Judge) -> None:
    @given(planned=SOME_PLAN, twice=st.booleans())
    @_quietly
    def holds(planned: Plan, twice: bool) -> None:
        kept = passing(planned)
        kept = replace(kept, seen=kept.seen * 2) if twice else kept
        assert judged_by(planned, kept, SEALED) == Verdict(decision=Decision.PASS)

    holds()


def a_plan_with_nothing_in_it_passes_nothing(judged_by: Judge) -> None:
    assert decision(judged_by, plan(), record()) is Decision.UNDECIDED


def a_record_with_a_blemish_passes_nothing(judged_by: Judge) -> None:
    planned = plan("contract:hub/a")
    good = passing(planned)
    blemishes: tuple[Record | None, ...] = (
        None,
        replace(good, closed=Closed.INTERRUPTED),
        replace(good, plan_sha256="0" * 64),
        replace(good, run="another"),
        replace(good, tier="preprod"),
        replace(good, fingerprints=(Fingerprint(system="hub", before="1.0", after="1.1"),)),
        replace(good, problems=(Reason.of(Code.SYSTEM_DIED, system="hub", why="w"),)),
        replace(good, seen=(*good.seen, seen("contract:hub/never-planned", Outcome.PASSED))),
        replace(good, seen=(*good.seen, seen("contract:hub/a", Outcome.SKIPPED))),
        replace(good, seen=(*good.seen, seen("contract:hub/a", Outcome.BROKEN))),
    )
    assert [decision(judged_by, planned, blemished) for blemished in blemishes] == [Decision.UNDECIDED] * len(blemishes)
    assert decision(judged_by, planned, good, "0" * 64) is Decision.UNDECIDED


def every_answer_but_a_pass_says_why(judged_by: Judge) -> None:
    @given(planned=PLANS, data=st.data())
    @_quietly
    def holds(planned: Plan, data: st.DataObject) -> None:
        kept = data.draw(st.one_of(st.just(passing(planned)), RECORDS))
        verdict = judged_by(planned, kept, SEALED)
        assert bool(verdict.failures) == (verdict.decision is Decision.FAIL)
        assert (verdict.decision is Decision.PASS) == (not verdict.failures and not verdict.doubts)

    holds()


def _quietly(test: Callable[..., None]) -> Callable[..., None]:
    quiet = settings(
        database=None,
        derandomize=True,
        max_examples=100,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    return quiet(test)


PROPERTIES = (
    a_check_without_a_word_about_it_is_not_passed,
    a_failure_more_is_a_fail,
    what_did_not_pass_never_makes_it_greener,
    taking_evidence_away_never_makes_it_greener,
    the_order_of_what_was_seen_does_not_matter,
    everything_promised_and_passed_is_a_pass,
    a_plan_with_nothing_in_it_passes_nothing,
    a_record_with_a_blemish_passes_nothing,
    every_answer_but_a_pass_says_why,
)


@pytest.mark.parametrize("property_of", PROPERTIES, ids=lambda one: one.__name__)
def test_our_judge_keeps(property_of):
    property_of(judge)


# --- judges with a known mistake ------------------------------------------------------------------------------------


def _without(*outcomes: Outcome) -> Judge:
    def judged_by(planned: Plan, kept: Record | None, sealed: str) -> Verdict:
        if kept is not None:
            kept = replace(kept, seen=tuple(one for one in kept.seen if one.outcome not in outcomes))
        return judge(planned, kept, sealed)

    return judged_by


def _blind_to(**values: object) -> Judge:
    return lambda planned, kept, sealed: judge(planned, kept and replace(kept, **values), sealed)


def vacuous(planned: Plan, kept: Record | None, sealed: str) -> Verdict:
    """`all(…)` over what was seen: nothing seen, nothing wrong."""
    bad = [one for one in (kept.seen if kept else ()) if one.outcome is not Outcome.PASSED]
    return judge(planned, kept, sealed) if bad else Verdict(decision=Decision.PASS)


def last_attempt_wins(planned: Plan, kept: Record | None, sealed: str) -> Verdict:
    last = {one.check: one for one in (kept.seen if kept else ())}
    return judge(planned, kept and replace(kept, seen=tuple(last.values())), sealed)


def a_pass_wins(planned: Plan, kept: Record | None, sealed: str) -> Verdict:
    """Retries until green."""
    passed = {one.check for one in (kept.seen if kept else ()) if one.outcome is Outcome.PASSED}
    return judge(
        planned,
        kept
        and replace(
            kept, seen=tuple(one for one in kept.seen if one.check not in passed or one.outcome is Outcome.PASSED)
        ),
        sealed,
    )


def forgives_an_empty_plan(planned: Plan, kept: Record | None, sealed: str) -> Verdict:
    return judge(planned, kept, sealed) if planned.checks else Verdict(decision=Decision.PASS)


def forgives_what_was_never_planned(planned: Plan, kept: Record | None, sealed: str) -> Verdict:
    names = {check.id for check in planned.checks}
    return judge(planned, kept and replace(kept, seen=tuple(s for s in kept.seen if s.check in names)), sealed)


def trusts_any_plan(planned: Plan, kept: Record | None, sealed: str) -> Verdict:
    return judge(planned, kept and replace(kept, plan_sha256=sealed, run=planned.run, tier=planned.tier), sealed)


def takes_a_run_that_never_ended(planned: Plan, kept: Record | None, sealed: str) -> Verdict:
    return judge(planned, kept, sealed) if kept else Verdict(decision=Decision.PASS)


def skipped_counts_as_passed(planned: Plan, kept: Record | None, sealed: str) -> Verdict:
    if kept is not None:
        soft = {Outcome.SKIPPED: Outcome.PASSED}
        kept = replace(kept, seen=tuple(replace(s, outcome=soft.get(s.outcome, s.outcome)) for s in kept.seen))
    return judge(planned, kept, sealed)


def broken_counts_as_failed(planned: Plan, kept: Record | None, sealed: str) -> Verdict:
    """Blames the product for what we could not tell."""
    if kept is not None:
        hard = {Outcome.BROKEN: Outcome.FAILED}
        kept = replace(kept, seen=tuple(replace(s, outcome=hard.get(s.outcome, s.outcome)) for s in kept.seen))
    return judge(planned, kept, sealed)


def never_passes(planned: Plan, kept: Record | None, sealed: str) -> Verdict:
    verdict = judge(planned, kept, sealed)
    return verdict if verdict.decision is not Decision.PASS else Verdict(decision=Decision.UNDECIDED)


MISTAKES: dict[str, tuple[Judge, Callable[[Judge], None]]] = {
    "vacuous": (vacuous, a_check_without_a_word_about_it_is_not_passed),
    "last attempt wins": (last_attempt_wins, a_failure_more_is_a_fail),
    "last attempt wins, by its order": (last_attempt_wins, the_order_of_what_was_seen_does_not_matter),
    "a pass wins": (a_pass_wins, a_failure_more_is_a_fail),
    "ignores failures": (_without(Outcome.FAILED), a_failure_more_is_a_fail),
    "ignores skipped": (_without(Outcome.SKIPPED), what_did_not_pass_never_makes_it_greener),
    "ignores broken": (_without(Outcome.BROKEN), what_did_not_pass_never_makes_it_greener),
    "ignores problems": (_blind_to(problems=()), a_record_with_a_blemish_passes_nothing),
    "ignores an interruption": (_blind_to(closed=Closed.COMPLETE), a_record_with_a_blemish_passes_nothing),
    "ignores a deployment": (_blind_to(fingerprints=()), a_record_with_a_blemish_passes_nothing),
    "trusts any plan": (trusts_any_plan, a_record_with_a_blemish_passes_nothing),
    "takes a run that never ended": (takes_a_run_that_never_ended, a_record_with_a_blemish_passes_nothing),
    "forgives what was never planned": (forgives_what_was_never_planned, a_record_with_a_blemish_passes_nothing),
    "forgives an empty plan": (forgives_an_empty_plan, a_plan_with_nothing_in_it_passes_nothing),
    "skipped counts as passed": (skipped_counts_as_passed, what_did_not_pass_never_makes_it_greener),
    "skipped counts, evidence taken": (skipped_counts_as_passed, a_record_with_a_blemish_passes_nothing),
    "broken counts as failed": (broken_counts_as_failed, a_record_with_a_blemish_passes_nothing),
    "never passes": (never_passes, everything_promised_and_passed_is_a_pass),
    "vacuous, evidence taken": (vacuous, taking_evidence_away_never_makes_it_greener),
    "undecided without a word": (never_passes, every_answer_but_a_pass_says_why),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_judge_with_a_known_mistake_is_caught(mistake):
    judged_by, property_of = MISTAKES[mistake]
    with pytest.raises(AssertionError):
        property_of(judged_by)


# --- what the verdict says --------------------------------------------------------------------------------------------


def test_a_retry_does_not_hide_a_failure_and_says_how_often():
    verdict = judge(
        plan("contract:hub/a"),
        record(
            seen("contract:hub/a", Outcome.FAILED, Reason.of(Code.FINDING, title="500 on an empty name")),
            seen("contract:hub/a", Outcome.PASSED),
            seen("contract:hub/a", Outcome.PASSED),
        ),
        SEALED,
    )
    assert verdict.decision is Decision.FAIL
    assert [ground.reason.code for ground in verdict.failures] == [Code.FINDING, Code.FAILED_ATTEMPT]
    assert verdict.failures[1].reason == Reason.of(Code.FAILED_ATTEMPT, failed=1, times=3)


def test_a_failure_without_a_reason_still_has_a_ground():
    verdict = judge(plan("contract:hub/a"), record(seen("contract:hub/a", Outcome.FAILED)), SEALED)
    assert [(ground.check, ground.reason.code) for ground in verdict.failures] == [
        ("contract:hub/a", Code.FAILED_ATTEMPT)
    ]


def test_failures_do_not_hide_doubts():
    verdict = judge(plan("contract:hub/a", "contract:hub/b"), record(seen("contract:hub/a", Outcome.FAILED)), SEALED)
    assert verdict.decision is Decision.FAIL
    assert [(ground.check, ground.reason.code) for ground in verdict.doubts] == [("contract:hub/b", Code.NOT_REPORTED)]


def test_the_same_doubt_of_many_attempts_is_told_once():
    why = Reason.of(Code.NO_BROWSER, why="w", how="h")
    attempts = [seen("contract:hub/a", Outcome.BROKEN, why)] * 3
    assert len(judge(plan("contract:hub/a"), record(*attempts), SEALED).doubts) == 1


def test_a_failure_of_something_never_planned_does_not_blame_the_product():
    verdict = judge(
        plan("contract:hub/a"),
        record(seen("contract:hub/a", Outcome.PASSED), seen("contract:other/z", Outcome.FAILED)),
        SEALED,
    )
    assert verdict.decision is Decision.UNDECIDED
    assert [ground.reason.code for ground in verdict.doubts] == [Code.NOT_PLANNED]


PRINTED = (("unknown", "unknown"), ("1", "unknown"), ("unknown", "1"))


@pytest.mark.parametrize(("before", "after"), PRINTED)
def test_a_run_on_an_unknown_version_proves_nothing(before, after):
    planned = plan("a")
    prints = (Fingerprint(system="hub", before=before, after=after),)
    verdict = judge(planned, replace(passing(planned), fingerprints=prints), SEALED)
    assert verdict.decision is Decision.UNDECIDED
    assert [ground.reason.code for ground in verdict.doubts] == [Code.VERSION_UNKNOWN]
    known = (Fingerprint(system="hub", before="1", after="1"),)
    assert judge(planned, replace(passing(planned), fingerprints=known), SEALED).decision is Decision.PASS


def test_a_version_that_nobody_could_tell_because_the_system_died_is_not_told_twice():
    planned = plan("a")
    died = Reason.of(Code.SYSTEM_DIED, system="hub", why="signal 9")
    prints = (Fingerprint(system="hub", before="1", after="unknown"),)
    for problem, codes in (
        (died, [Code.SYSTEM_DIED]),
        (Reason.of(Code.SYSTEM_DIED, system="crm", why="signal 9"), [Code.VERSION_UNKNOWN, Code.SYSTEM_DIED]),
    ):
        kept = replace(passing(planned), fingerprints=prints, problems=(problem,))
        assert [ground.reason.code for ground in judge(planned, kept, SEALED).doubts] == codes
