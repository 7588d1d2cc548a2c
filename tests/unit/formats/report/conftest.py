"""A run of a tier with something failed, something unsure, something left out, and figures of a load."""

from dataclasses import replace

import pytest

from harness.model.criteria import Criterion, Priority, Text
from harness.model.evidence import Closed, Code, Measure, Outcome, Reason, Record, Seen
from harness.model.load import ClosedModel, Profile
from harness.model.plan import Check, ContractWork, Job, LoadWork, Plan, Promise, Release, UatWork
from harness.model.report import Accepted, Account, Chapter, Standing
from harness.model.tier import Policy, Suite
from harness.rules.judging import judge

CONTRACT = Check(
    id="contract:orders/createOrder",
    suite=Suite.CONTRACT,
    promise=Promise.OPERATION,
    title="POST /orders keeps its contract",
)
LIMIT = Check(id="load:checkout/p95", suite=Suite.LOAD, promise=Promise.LIMIT, title="p95 < 300 ms")
CRITERION = Check(
    id="uat:orders/ORD-3", suite=Suite.UAT, promise=Promise.CRITERION, title="A cancelled order disappears"
)
ORD_3 = Criterion(
    id="ORD-3",
    title=Text(en="A cancelled order disappears", zh="取消的订单消失"),
    statement=Text(en="It is gone.", zh="它消失了。"),
    priority=Priority.MUST,
)


def chapter(tier: str = "test", run: str = "R1", started_ms: int = 1000) -> Chapter:
    """A run that failed on a limit and never reported its criterion."""
    profile = Profile(name="smoke", model=ClosedModel(users=1, ramp_per_s=1, for_s=1))
    works = (
        (ContractWork(system="orders", contract="c", operations=(), required=(), max_examples=1), CONTRACT),
        (
            LoadWork(spec="checkout", system="orders", users_file="", users_class="", profile=profile, limits=()),
            LIMIT,
        ),
        (UatWork(folder="uat", criteria=(ORD_3,)), CRITERION),
    )
    plan = Plan(
        run=run,
        tier=tier,
        release=Release(name="2.1"),
        seed=1,
        jobs=tuple(
            Job(id=one.id.partition("/")[0], suite=one.suite, work=work, checks=(one,), seed=1, deadline_s=1)
            for work, one in works
        ),
        policy=Policy(),
        digests=(),
        left_out=(("uat:ORD-8", "its priority is `wont`"),),
    )
    slow = Reason.of(Code.LIMIT_BROKEN, measure="p95", measured="412 ms", limit="300 ms", job="load:checkout")
    seen = (
        Seen(check=CONTRACT.id, job="contract:orders", outcome=Outcome.PASSED),
        Seen(
            check=LIMIT.id,
            job="load:checkout",
            outcome=Outcome.FAILED,
            reasons=(slow,),
            measures=(Measure(name="p95", value=412.0, unit="ms", limit="p95 < 300 ms"),),
            started_ms=started_ms,
            ended_ms=started_ms + 10,
        ),
    )
    times = {"started_ms": started_ms, "ended_ms": started_ms + 20}
    record = Record(run=run, tier=tier, plan_sha256="p", closed=Closed.COMPLETE, seen=seen, **times)
    return Chapter(plan=plan, record=record, verdict=judge(plan, record, "p"))


def passed(tier: str = "test") -> Chapter:
    """The same where all was well."""
    bad = chapter(tier)
    seen = tuple(Seen(check=one.id, job=one.id.partition("/")[0], outcome=Outcome.PASSED) for one in bad.plan.checks)
    record = replace(bad.record, seen=seen)
    return replace(bad, record=record, verdict=judge(bad.plan, record, "p"))


@pytest.fixture
def account() -> Account:
    """Two tiers, of which one failed, and one criterion that nobody signed."""
    open_one = Accepted(criterion="ORD-3", title=ORD_3.title, priority="must", standing=Standing.OPEN)
    return Account(chapters=(chapter("test"), passed("preprod")), accepted=(open_one,))
