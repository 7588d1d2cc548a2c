"""A run as Allure result files: what is told, under which identity, and what can never be told."""

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.formats.allure import allure_files
from harness.formats.allure_pytest import full_name_of
from harness.model.criteria import Criterion, Priority, Text
from harness.model.evidence import (
    Attachment,
    Cell,
    Closed,
    Code,
    Evidence,
    Finding,
    Fingerprint,
    Measure,
    Outcome,
    Reason,
    Record,
    Relied,
    Seen,
    Severity,
    Step,
)
from harness.model.plan import Check, ContractWork, Job, MockWork, Plan, Promise, Release, UatWork
from harness.model.tier import Policy, Suite
from harness.model.verdict import Decision, Ground, Verdict

OPERATION = Check(
    id="contract:orders/createOrder",
    suite=Suite.CONTRACT,
    promise=Promise.OPERATION,
    title="POST /orders keeps its contract",
)
CRITERION = Check(
    id="uat:orders/ORD-3", suite=Suite.UAT, promise=Promise.CRITERION, title="A cancelled order disappears"
)
REQUESTS = Check(
    id="mock:erp/requests", suite=Suite.MOCK, promise=Promise.MOCK, title="every request keeps the contract"
)
ORD_3 = Criterion(
    id="ORD-3",
    title=Text(en="A cancelled order disappears"),
    statement=Text(en="When I cancel an order it is gone.", zh="取消后订单消失。"),
    priority=Priority.MUST,
    demonstration="test_orders.py::test_cancelled",
)
PICTURE = Attachment(name="screenshot: Cancel", media_type="image/png", sha256="ab" * 32, size=3)
PASS = Verdict(decision=Decision.PASS)


def job(check: Check, work: Any) -> Job:
    return Job(id=check.id.partition("/")[0], suite=check.suite, work=work, checks=(check,), seed=1, deadline_s=60)


CONTRACT_JOB = job(
    OPERATION, ContractWork(system="orders", contract="c.yaml", operations=(), required=(), max_examples=1)
)
UAT_JOB = job(CRITERION, UatWork(folder="uat", criteria=(ORD_3,)))
MOCK_JOB = job(REQUESTS, MockWork(dependency="erp", folder="mocks/erp", contract=None))


def plan(*jobs: Job, tier: str = "test") -> Plan:
    return Plan(run="R1", tier=tier, release=Release(name="2.1"), seed=7, jobs=jobs, policy=Policy(), digests=())


def record(*seen: Seen, **more: Any) -> Record:
    whole = {"run": "R1", "tier": "test", "plan_sha256": "p" * 64, "started_ms": 1000, "ended_ms": 9000}
    return Record(**{**whole, "closed": Closed.COMPLETE, "seen": seen, **more})


def seen(check: Check, outcome: Outcome = Outcome.PASSED, **more: Any) -> Seen:
    return Seen(check=check.id, job=check.id.partition("/")[0], outcome=outcome, started_ms=2000, ended_ms=3000, **more)


def told(
    given_plan: Plan, given: Record, verdict: Verdict = PASS, results: tuple[Evidence, ...] = ()
) -> dict[str, Any]:
    files = allure_files(given_plan, given, verdict, results)
    shaped = [json.loads(body) for name, body in files.written.items() if name.endswith("-result.json")]
    assert len({one["uuid"] for one in shaped}) == len(shaped)
    return {one["fullName"]: one for one in shaped}


def labels(result: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["name"], one["value"]) for one in result["labels"]}


def written_by_pytest(**more: Any) -> Evidence:
    result = {
        "uuid": "0aa",
        "historyId": "theirs",
        "testCaseId": "theirs",
        "fullName": "uat.test_orders#test_cancelled",
        "name": "test_cancelled",
        "status": "passed",
        "start": 2100,
        "stop": 2900,
        "steps": [{"name": "Cancel", "status": "passed", "steps": [{"name": "my own inner step", "status": "passed"}]}],
        "attachments": [{"name": "my note", "source": "n-attachment.txt", "type": "text/plain"}],
        "labels": [{"name": "epic", "value": "Ordering"}, {"name": "suite", "value": "test_orders"}],
        "links": [{"name": "TCK-1", "url": "https://tickets.example/1", "type": "issue"}],
        "parameters": [],
    }
    return Evidence(name="0aa-result.json", media_type="application/json", body=json.dumps({**result, **more}).encode())


NOTE = Evidence(name="n-attachment.txt", media_type="text/plain", body=b"note")
DEMONSTRATED = seen(
    CRITERION,
    labels=(("criterion", "ORD-3"), ("moscow", "must"), ("phase", "1"), ("test", "test_orders.py::test_cancelled")),
    attachments=(PICTURE,),
    steps=(Step(title="Cancel · 取消", outcome=Outcome.PASSED, attachments=(0,)),),
)


@pytest.mark.parametrize("outcome", Outcome)
def test_an_outcome_keeps_its_name(outcome: Outcome) -> None:
    results = told(plan(CONTRACT_JOB), record(seen(OPERATION, outcome)))
    assert results[OPERATION.id]["status"] == outcome.value


def test_a_check_that_was_never_reported_is_broken_and_says_so() -> None:
    result = told(plan(CONTRACT_JOB), record())[OPERATION.id]
    assert result["status"] == "broken"
    assert "never reported" in result["statusDetails"]["message"]


def test_the_tier_is_part_of_the_identity() -> None:
    for result in told(
        plan(CONTRACT_JOB, UAT_JOB), record(seen(OPERATION), DEMONSTRATED), PASS, (written_by_pytest(),)
    ).values():
        tiers = [one for one in result["parameters"] if one["name"] == "tier"]
        assert [one["value"] for one in tiers] == ["test"]
        assert not tiers[0]["excluded"]
        assert "historyId" not in result


def test_figures_are_shown_outside_the_identity() -> None:
    measure = Measure(name="p95", value=412.0, unit="ms", limit="p95 < 300 ms")
    result = told(plan(CONTRACT_JOB), record(seen(OPERATION, measures=(measure,))))[OPERATION.id]
    figure = result["parameters"][0]
    assert figure == {"name": "p95", "value": "412 ms (limit: p95 < 300 ms)", "excluded": True}


def test_a_later_attempt_does_not_hide_a_failed_one() -> None:
    failed = seen(OPERATION, Outcome.FAILED, reasons=(Reason.of(Code.WAS_SKIPPED),))
    result = told(plan(CONTRACT_JOB), record(failed, seen(OPERATION)))[OPERATION.id]
    assert result["status"] == "failed"
    assert result["statusDetails"]["flaky"]
    assert [(one["name"], one["status"]) for one in result["steps"]] == [
        ("attempt 1", "failed"),
        ("attempt 2", "passed"),
    ]


def test_what_was_reported_and_never_planned_is_never_green() -> None:
    assert told(plan(), record(seen(OPERATION)))[OPERATION.id]["status"] == "broken"


def test_a_demonstration_is_told_once_with_its_authors_steps_labels_links_and_attachments() -> None:
    results = told(plan(UAT_JOB), record(DEMONSTRATED), PASS, (written_by_pytest(), NOTE))
    assert set(results) == {CRITERION.id, "verdict:test"}
    result = results[CRITERION.id]
    assert result["testCaseId"] == CRITERION.id
    assert {("epic", "Ordering"), ("criterion", "ORD-3"), ("moscow", "must"), ("phase", "1")} <= labels(result)
    assert {("tier", "test"), ("tool", "playwright"), ("suite", "orders"), ("release", "2.1")} <= labels(result)
    assert ("suite", "test_orders") not in labels(result)
    assert result["links"][0]["name"] == "TCK-1"
    assert [one["source"] for one in result["attachments"]] == ["n-attachment.txt"]
    (step,) = result["steps"]
    assert step["name"] == "Cancel · 取消"
    assert [one["name"] for one in step["steps"]] == ["my own inner step"]
    assert [one["source"] for one in step["attachments"]] == [f"{PICTURE.sha256}-attachment.png"]
    assert "取消后订单消失。" in result["description"]


def test_pytests_own_opinion_does_not_make_a_check_pass() -> None:
    doubted = replace(DEMONSTRATED, outcome=Outcome.BROKEN, reasons=(Reason.of(Code.NOTHING_SHOWN),))
    result = told(plan(UAT_JOB), record(doubted), PASS, (written_by_pytest(status="passed"), NOTE))[CRITERION.id]
    assert result["status"] == "broken"


def test_a_trace_of_pytest_is_kept_beside_our_reasons() -> None:
    failed = replace(
        DEMONSTRATED, outcome=Outcome.FAILED, reasons=(Reason.of(Code.ASSERTION_FAILED, message="still there"),)
    )
    own = written_by_pytest(status="failed", statusDetails={"message": "theirs", "trace": "test_orders.py:12"})
    details = told(plan(UAT_JOB), record(failed), PASS, (own, NOTE))[CRITERION.id]["statusDetails"]
    assert "still there" in details["message"]
    assert details["trace"] == "test_orders.py:12"


def test_a_users_own_pytest_result_keeps_its_name_and_gets_our_tier() -> None:
    own = written_by_pytest(fullName="tests.test_tax#test_rate", name="the rate is right")
    result = told(plan(UAT_JOB), record(DEMONSTRATED), PASS, (own, NOTE))["tests.test_tax#test_rate"]
    assert result["name"] == "the rate is right"
    assert result["testCaseId"] == "tests.test_tax#test_rate"
    assert {("tier", "test"), ("tool", "pytest"), ("epic", "Ordering")} <= labels(result)


def test_an_attachment_that_was_kept_back_is_named_and_not_framed() -> None:
    result = told(plan(UAT_JOB), record(DEMONSTRATED), PASS, (written_by_pytest(),))[CRITERION.id]
    assert result["attachments"] == []
    assert "withheld: my note" in [one["name"] for one in result["steps"]]


def test_withheld_evidence_is_named_with_its_reason_and_not_linked() -> None:
    hidden = Attachment(
        name="trace", media_type="application/zip", sha256="", size=0, withheld="it could not be made safe"
    )
    files = allure_files(plan(CONTRACT_JOB), record(seen(OPERATION, attachments=(hidden,))), PASS)
    assert not files.links
    assert any("withheld: trace (it could not be made safe)" in body.decode() for body in files.written.values())


def test_every_attachment_that_a_result_names_is_there() -> None:
    files = allure_files(plan(UAT_JOB), record(DEMONSTRATED), PASS, (written_by_pytest(), NOTE))
    there = {**files.written, **files.links}
    for name, body in files.written.items():
        if name.endswith("-result.json"):
            assert set(sources(json.loads(body))) <= set(there)


def sources(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for one in value for found in sources(one)]
    if isinstance(value, dict):
        own = [one["source"] for one in value.get("attachments", ())]
        return own + [found for key, one in value.items() if key == "steps" for found in sources(one)]
    return []


def test_a_finding_is_a_failed_step_that_can_be_seen_again() -> None:
    finding = Finding(
        id="f1",
        operation="createOrder",
        rule="status",
        severity=Severity.BREACH,
        title="answered 500",
        message="500 is not documented",
        curl="curl -X POST http://127.0.0.1:1/orders",
    )
    files = allure_files(plan(CONTRACT_JOB), record(seen(OPERATION, Outcome.FAILED, findings=(finding,))), PASS)
    result = next(json.loads(b) for n, b in files.written.items() if n.endswith("-result.json") and b"createOrder" in b)
    (step,) = result["steps"]
    assert step["status"] == "failed"
    assert b"curl -X POST" in files.written[step["attachments"][0]["source"]]


def test_an_operation_tells_what_it_answered() -> None:
    cells = (Cell(operation="createOrder", status="201", count=12), Cell(operation="other", status="200", count=1))
    result = told(plan(CONTRACT_JOB), record(seen(OPERATION), cells=cells))[OPERATION.id]
    assert "answered: 201 × 12" in result["description"]
    assert "200" not in result["description"]


def test_a_mock_tells_what_was_relied_on() -> None:
    relied = (Relied(dependency="erp", operation="reserve", status=201, source="example", count=5),)
    result = told(plan(MOCK_JOB), record(seen(REQUESTS), relied=relied))[REQUESTS.id]
    assert [one["name"] for one in result["steps"]] == ["reserve answered 201 × 5, from example"]


@pytest.mark.parametrize(
    ("decision", "status"), [(Decision.PASS, "passed"), (Decision.FAIL, "failed"), (Decision.UNDECIDED, "broken")]
)
def test_the_verdict_is_a_result_of_its_own(decision: Decision, status: str) -> None:
    grounds = (Ground(check=OPERATION.id, reason=Reason.of(Code.NOT_REPORTED)),)
    verdict = Verdict(decision=decision, doubts=() if decision is Decision.PASS else grounds)
    result = told(plan(CONTRACT_JOB), record(), verdict)["verdict:test"]
    assert result["status"] == status
    assert len(result["steps"]) == len(verdict.doubts)


def test_the_same_run_gives_the_same_bytes() -> None:
    given = (plan(UAT_JOB), record(DEMONSTRATED), PASS, (written_by_pytest(), NOTE))
    assert allure_files(*given).written == allure_files(*given).written


def test_a_value_cannot_add_a_line_to_the_environment() -> None:
    prints = (Fingerprint(system="orders", before="1", after="1\nverdict = pass"),)
    body = allure_files(plan(), record(fingerprints=prints), Verdict(decision=Decision.FAIL)).written
    lines = body["environment.properties"].decode().splitlines()
    assert [line for line in lines if line.startswith("verdict")] == ["verdict = fail"]


def test_unreadable_files_of_pytest_leave_the_records_own_result() -> None:
    torn = Evidence(name="0ab-result.json", media_type="application/json", body=b'{"uuid": ')
    results = told(plan(UAT_JOB), record(DEMONSTRATED), PASS, (torn,))
    assert results[CRITERION.id]["status"] == "passed"


def test_parameters_of_one_test_are_told_inside_its_check() -> None:
    ours = tuple(
        Step(
            title=f"test_cancelled[{case}]",
            outcome=Outcome.PASSED,
            steps=(Step(title="Cancel", outcome=Outcome.PASSED),),
        )
        for case in ("en", "zh")
    )
    own = tuple(
        replace(written_by_pytest(name=f"test_cancelled[{case}]", start=n), name=f"{n}-result.json")
        for n, case in enumerate(("en", "zh"))
    )
    results = told(plan(UAT_JOB), record(replace(DEMONSTRATED, steps=ours)), PASS, (*own, NOTE))
    assert set(results) == {CRITERION.id, "verdict:test"}
    assert [one["name"] for one in results[CRITERION.id]["steps"]] == ["test_cancelled[en]", "test_cancelled[zh]"]
    assert [len(one["steps"]) for one in results[CRITERION.id]["steps"]] == [1, 1]


@pytest.mark.parametrize(
    ("test", "name"),
    [
        ("test_orders.py::test_it", "uat.test_orders#test_it"),
        ("test_orders.py::TestOpen::test_it[en]", "uat.test_orders.TestOpen#test_it"),
        ("deep/test_a.py::test_it", "uat.deep.test_a#test_it"),
    ],
)
def test_a_node_is_found_under_allure_pytests_name(test: str, name: str) -> None:
    assert full_name_of("uat", test) == name


def test_fixtures_follow_their_test_into_its_check() -> None:
    def fixture(name: str) -> dict[str, Any]:
        return {"name": name, "status": "passed", "steps": [{"name": "a step"}] if name == "signed in" else []}

    def container(name: str, child: str, *befores: str) -> Evidence:
        shape = {"uuid": name, "children": [child, "unknown"], "befores": [fixture(one) for one in befores]}
        return Evidence(name=f"{name}-container.json", media_type="application/json", body=json.dumps(shape).encode())

    given = (
        written_by_pytest(),
        NOTE,
        container("c1", "0aa", "signed in", "machinery"),
        container("c2", "0aa"),
        container("c3", "x", "y"),
    )
    files = allure_files(plan(UAT_JOB), record(DEMONSTRATED), PASS, given).written
    results = told(plan(UAT_JOB), record(DEMONSTRATED), PASS, given)
    kept = [json.loads(body) for name, body in files.items() if name.endswith("-container.json")]
    assert [one["children"] for one in kept] == [[results[CRITERION.id]["uuid"]]]
    assert [one["name"] for one in kept[0]["befores"]] == ["signed in"]


def test_a_written_uuid_never_becomes_a_file_name() -> None:
    own = written_by_pytest(uuid="../../outside", fullName="tests.test_tax#test_rate")
    fixture = {"uuid": "../away", "children": ["../../outside"], "befores": [{"name": "x"}]}
    container = Evidence(name="c-container.json", media_type="application/json", body=json.dumps(fixture).encode())
    names = allure_files(plan(UAT_JOB), record(DEMONSTRATED), PASS, (own, NOTE, container)).written
    assert sum(name.endswith("-container.json") for name in names) == 1
    assert not any("/" in name for name in names)
