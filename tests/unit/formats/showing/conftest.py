"""One run with something of everything in it, as plain values."""

from dataclasses import dataclass, replace

import pytest

from harness.model.evidence import (
    Attachment,
    Closed,
    Code,
    Finding,
    JobEnd,
    Outcome,
    Reason,
    Record,
    Seen,
    Severity,
)
from harness.model.load import ClosedModel, Profile
from harness.model.plan import Check, ContractWork, Job, LoadWork, MockWork, Plan, Promise, UatWork
from harness.model.tier import Policy, Suite
from harness.model.verdict import Verdict
from harness.rules.judging import judge

SEALED = "0" * 64
CURL = "curl -X POST http://127.0.0.1:8000/orders -H 'Authorization: Bearer $HARNESS_TOKEN' -d '{\"quantity\": -1}'"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A run and its verdict."""

    plan: Plan
    record: Record

    @property
    def verdict(self) -> Verdict:
        return judge(self.plan, self.record, SEALED)

    def with_seen(self, *seen: Seen) -> "Shown":
        return replace(self, record=replace(self.record, seen=seen))

    def with_reason(self, reason: Reason, outcome: Outcome = Outcome.BROKEN) -> "Shown":
        """Every check says the same."""
        return self.with_seen(*(seen(check.id, outcome, reason) for check in self.plan.checks))

    def all_passed(self) -> "Shown":
        return self.with_seen(*(seen(check.id, Outcome.PASSED) for check in self.plan.checks))


def seen(check: str, outcome: Outcome, *reasons: Reason, findings: tuple[Finding, ...] = ()) -> Seen:
    job = {"contract": "contract:orders", "load": "load:checkout", "uat": "uat:orders", "mock": "mock:erp"}
    return Seen(check=check, job=job[check.partition(":")[0]], outcome=outcome, reasons=reasons, findings=findings)


def _checks(suite: Suite, promise: Promise, *ids: str) -> tuple[Check, ...]:
    return tuple(Check(id=one, suite=suite, promise=promise, title=one) for one in ids)


def _plan() -> Plan:
    contract = ContractWork(
        system="orders", contract="contracts/orders.openapi.yaml", operations=(), required=(), max_examples=1
    )
    profile = Profile(name="smoke", model=ClosedModel(users=1, ramp_per_s=1, for_s=1))
    load = LoadWork(spec="checkout", system="orders", users_file="", users_class="", profile=profile, limits=())
    uat, mock = UatWork(folder="uat", criteria=()), MockWork(dependency="erp", folder="mocks/erp", contract=None)
    operations = tuple(f"contract:orders/{name}" for name in ("createOrder", "getOrder", "listOrders", "cancelOrder"))
    jobs = (
        (contract, _checks(Suite.CONTRACT, Promise.OPERATION, *operations)),
        (load, _checks(Suite.LOAD, Promise.LIMIT, "load:checkout/p95", "load:checkout/errors")),
        (uat, _checks(Suite.UAT, Promise.CRITERION, "uat:orders/ORD-3")),
        (mock, _checks(Suite.MOCK, Promise.MOCK, "mock:erp/requests")),
    )
    return Plan(
        run="20261120T170301Z-7f3a",
        tier="preprod",
        release=None,
        seed=42,
        jobs=tuple(
            Job(
                id=checks[0].id.partition("/")[0],
                suite=checks[0].suite,
                work=work,
                checks=checks,
                seed=42,
                deadline_s=60,
            )
            for work, checks in jobs
        ),
        policy=Policy(),
        digests=(),
    )


def _record() -> Record:
    finding = Finding(
        id="f1",
        operation="createOrder",
        rule="not_a_server_error",
        severity=Severity.CRASH,
        title="POST /orders answered 500 to a documented request",
        message="",
        expected="201, 400 or 422",
        actual="500",
        place="contracts/orders.openapi.yaml:12",
    )
    unreachable = Reason.of(Code.SYSTEM_UNREACHABLE, system="orders", url="http://127.0.0.1:1", why="refused")
    found = Reason.of(Code.FINDING, title=finding.title, curl=CURL)
    withheld = Attachment(
        name="dump.bin", media_type="application/octet-stream", sha256="", size=0, withheld="a secret was found in it"
    )

    def end(job: str, suite: Suite, ended_ms: int) -> JobEnd:
        return JobEnd(
            job=job,
            suite=suite,
            exit_status=0,
            killed_by=None,
            timed_out=False,
            started_ms=0,
            ended_ms=ended_ms,
            notes=("962 answers seen",),
            files=(withheld,),
        )

    return Record(
        run="20261120T170301Z-7f3a",
        tier="preprod",
        plan_sha256=SEALED,
        started_ms=0,
        ended_ms=1,
        closed=Closed.COMPLETE,
        jobs=(end("contract:orders", Suite.CONTRACT, 12400), end("load:checkout", Suite.LOAD, 60100)),
        seen=(
            seen("contract:orders/createOrder", Outcome.FAILED, found, findings=(finding,)),
            seen("contract:orders/getOrder", Outcome.PASSED),
            seen("contract:orders/listOrders", Outcome.BROKEN, unreachable),
            seen("contract:orders/cancelOrder", Outcome.SKIPPED),
            seen("load:checkout/p95", Outcome.PASSED),
            seen(
                "load:checkout/errors",
                Outcome.FAILED,
                Reason.of(Code.LIMIT_BROKEN, measure="errors", measured="2.1 %", limit="0.1 %"),
            ),
            seen("mock:erp/requests", Outcome.PASSED),
        ),
    )


@pytest.fixture
def shown() -> Shown:
    """A run that failed, with doubts."""
    return Shown(plan=_plan(), record=_record())
