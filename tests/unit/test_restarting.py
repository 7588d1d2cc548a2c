"""A system that was started again in mid-run lets nothing pass, unless what ends it was found; the run says so."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from harness.actions.restarting import Restarts
from harness.model.evidence import Code, Finding, Observation, Observations, Outcome, Severity
from harness.model.plan import ContractWork, Job, UatWork
from harness.model.tier import Suite

ENDS = Finding(id="f", operation="o", rule="server_stopped", severity=Severity.CRASH, title="t", message="m")
CONTRACT = ContractWork(system="shop", contract="c.yaml", operations=(), required=(), max_examples=1)


def restarts(**restarted: int) -> Restarts:
    stage: Any = SimpleNamespace(restarted=restarted)
    return Restarts(stage=stage, before={"old": 1})


def job(work: ContractWork | UatWork) -> Job:
    return Job(id="j", suite=Suite.CONTRACT, work=work, checks=(), seed=1, deadline_s=1.0)


def saw(*findings: Finding) -> Observations:
    failed = Observation(check="a", outcome=Outcome.FAILED, findings=findings)
    passed = Observation(check="b", outcome=Outcome.PASSED)
    return Observations(observations=(failed, passed) if findings else (passed,))


def outcomes(observations: Observations) -> list[Outcome]:
    return [one.outcome for one in observations.observations]


def test_nothing_passes_on_a_system_that_ended_and_the_run_says_so() -> None:
    one = restarts(shop=1)
    assert outcomes(one.told(job(CONTRACT), saw())) == [Outcome.BROKEN]
    assert outcomes(one.told(job(UatWork(folder="f", criteria=())), saw())) == [Outcome.BROKEN]
    (problem,) = one.problems()
    assert (problem.code, dict(problem.values)["system"]) == (Code.SYSTEM_DIED, "shop")


def test_the_request_that_ends_it_explains_it() -> None:
    one = restarts(shop=2)
    assert outcomes(one.told(job(CONTRACT), saw(ENDS))) == [Outcome.FAILED, Outcome.PASSED]
    assert one.problems() == ()


@pytest.mark.parametrize(
    "finding",
    [replace(ENDS, rule="connection_dropped"), replace(ENDS, severity=Severity.OPINION)],
    ids=["a connection that broke off", "an opinion"],
)
def test_nothing_less_explains_it(finding: Finding) -> None:
    one = restarts(shop=1)
    assert outcomes(one.told(job(CONTRACT), saw(finding))) == [Outcome.FAILED, Outcome.BROKEN]
    assert len(one.problems()) == 1


def test_what_ends_one_system_explains_no_other() -> None:
    one = restarts(desk=1)
    one.told(job(CONTRACT), saw(ENDS))
    assert [dict(problem.values)["system"] for problem in one.problems()] == ["desk"]


def test_the_control_without_a_restart_everything_stays_as_it_was_seen() -> None:
    one = restarts(old=1)
    assert outcomes(one.told(job(CONTRACT), saw())) == [Outcome.PASSED]
    assert one.problems() == ()
