"""Two runs side by side: every change has its name, and what is the same is not told."""

import pytest

from harness.model.evidence import Closed, Measure, Outcome, Record, Seen
from harness.model.plan import Check, ContractWork, Job, Plan, Promise
from harness.model.tier import Policy, Suite
from harness.rules.differing import Change, differences


def run(outcomes, p95=None) -> tuple[Plan, Record]:
    checks = tuple(Check(id=name, suite=Suite.CONTRACT, promise=Promise.OPERATION, title=name) for name in outcomes)
    work = ContractWork(system="hub", contract="c", operations=(), required=(), max_examples=1)
    job = Job(id="contract:hub", suite=Suite.CONTRACT, work=work, checks=checks, seed=1, deadline_s=1.0)
    plan = Plan(run="r", tier="test", release=None, seed=1, jobs=(job,), policy=Policy(), digests=())
    measures = (Measure(name="p95", value=p95, unit="ms"),) if p95 is not None else ()
    seen = tuple(
        Seen(check=name, job="j", outcome=one, measures=measures) for name, some in outcomes.items() for one in some
    )
    record = Record(run="r", tier="test", plan_sha256="s", started_ms=1, ended_ms=2, closed=Closed.COMPLETE, seen=seen)
    return plan, record


P, F, B = [Outcome.PASSED], [Outcome.FAILED], [Outcome.BROKEN]


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({"a": P}, {"a": F}, Change.BROKE),
        ({"a": P}, {"a": []}, Change.BROKE),
        ({"a": P}, {"a": F + P}, Change.BROKE),
        ({"a": F}, {"a": P}, Change.FIXED),
        ({"a": F}, {"a": F}, Change.STILL),
        ({"a": F}, {"a": B}, Change.STILL),
        ({"a": P}, {}, Change.GONE),
        ({}, {"a": P}, Change.ADDED),
    ],
)
def test_a_change_has_its_name(before, after, change):
    (found,) = differences(run(before), run(after))
    assert (found.check, found.change) == ("a", change)


def test_the_same_twice_is_no_difference():
    assert differences(run({"a": P}, 100.0), run({"a": P}, 100.0)) == ()


@pytest.mark.parametrize(("now", "told"), [(109.0, False), (112.0, True), (50.0, False)])
def test_slower_is_more_than_a_tenth(now, told):
    found = differences(run({"a": P}, 100.0), run({"a": P}, now))
    assert [one.change for one in found] == ([Change.SLOWER] if told else [])


def test_the_worst_comes_first():
    found = differences(run({"a": F, "b": P}), run({"a": P, "b": F}))
    assert [one.check for one in found] == ["b", "a"]
