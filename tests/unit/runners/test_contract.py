"""What the contract runner makes of what its engine told: no pass without proof, no failure without a finding."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from harness.model.contract import Operation
from harness.model.evidence import Code, Observation, Observations, Outcome
from harness.model.plan import Accepted, Check, ContractWork, Job, Promise
from harness.model.process import Ended, Surroundings, Target
from harness.model.tier import Suite
from harness.runners.contract import command, observe

LIST = Operation(id="listOrders", method="GET", path="/orders", statuses=("200", "401"), secured=True, line=7)
MAKE = Operation(id="createOrder", method="POST", path="/orders", statuses=("201", "4XX"), line=20)
REQUIRED = (("listOrders", "200"), ("listOrders", "401"), ("createOrder", "201"))


def _check(name: str, promise: Promise) -> Check:
    return Check(id=f"contract:shop/{name}", suite=Suite.CONTRACT, promise=promise, title=name)


JOB = Job(
    id="contract:shop",
    suite=Suite.CONTRACT,
    work=ContractWork(
        system="shop", contract="contracts/shop.yaml", operations=(LIST, MAKE), required=REQUIRED, max_examples=20
    ),
    checks=(
        _check("listOrders", Promise.OPERATION),
        _check("listOrders@200", Promise.STATUS),
        _check("listOrders@401", Promise.STATUS),
        _check("createOrder", Promise.OPERATION),
        _check("createOrder@201", Promise.STATUS),
    ),
    seed=7,
    deadline_s=240.0,
)
AROUND = Surroundings(
    run="r",
    tier="test",
    root="/somewhere",
    python="python",
    targets={
        "shop": Target(
            name="shop", base_url="http://127.0.0.1:1/api/", headers={"Authorization": "Bearer s3cret-token"}
        )
    },
    documents={"contracts/shop.yaml": b"{}"},
)

STARTED = {"event": "started", "engine": "schemathesis 4", "seed": 7}
END = ({"event": "finished", "why": "completed"}, {"event": "done", "requests": 9})
GOOD = {"GET /orders": {"200": [9, 9], "401": [1, 1]}, "POST /orders": {"201": [4, 4], "400": [9, 9]}}


def scenario(seen: Mapping[str, object] = GOOD, *failures: object, **more: object) -> dict[str, object]:
    return {
        "event": "scenario",
        "phase": "coverage",
        "seen": seen,
        "lost": {},
        "legal": {},
        "failures": failures,
        **more,
    }


def failure(
    kind: str = "ServerError", check: str = "not_a_server_error", status: int = 500, **more: object
) -> dict[str, object]:
    request = {
        "method": "POST",
        "uri": "http://127.0.0.1:1/api/orders",
        "headers": {"Content-Type": "application/json"},
        "credentials": ["Authorization"],
        "body": base64.b64encode(b'{"quantity":0}').decode(),
        "body_cut": False,
    }
    about = {"scenario": "maximum_value", "location": "", "parameter": "page", "in": "query", "mode": "positive"}
    return {
        "check": check,
        "type": kind,
        "operation": "POST /orders",
        "title": "Server error",
        "message": "",
        "status": status,
        "phase": "coverage",
        "about": {**about, "description": "Maximum value"},
        "detail": {},
        "request": request,
        "before": [],
        "answer": {"status": status, "type": "text/plain", "body": "Boom", "size": 4},
        "size": 100,
        "count": 3,
        **more,
    }


def ended(*events: Mapping[str, object], tail: bytes = b"", **more: object) -> Ended:
    body = b"".join(json.dumps(event).encode() + b"\n" for event in events) + tail
    return replace(Ended(exit_status=0, files={"events.ndjson": body} if body else {}), **more)  # type: ignore[arg-type]


def seen(*events: Mapping[str, object], tail: bytes = b"", **more: object) -> dict[str, Observation]:
    made = observe(JOB, AROUND, ended(*events, tail=tail, **more))
    assert {one.check for one in made.observations} == {check.id for check in JOB.checks}
    return {one.check.removeprefix("contract:shop/"): one for one in made.observations}


def codes(one: Observation) -> list[Code]:
    return [reason.code for reason in one.reasons]


def everything(*events: Mapping[str, object], **more: object) -> Observations:
    return observe(JOB, AROUND, ended(*events, **more))


def test_an_operation_that_was_accepted_and_has_no_finding_passes() -> None:
    made = seen(STARTED, scenario(), *END)
    assert {one.outcome for one in made.values()} == {Outcome.PASSED}


def test_a_crash_fails_its_operation_with_a_line_that_shows_it_again() -> None:
    made = seen(STARTED, scenario(GOOD, failure()), *END)
    assert made["createOrder"].outcome is Outcome.FAILED
    assert made["listOrders"].outcome is Outcome.PASSED
    (finding,) = made["createOrder"].findings
    assert finding.title == "POST /orders fails with 500 on query page: Maximum value"
    assert finding.place == "contracts/shop.yaml:20"
    assert finding.curl == (
        "curl -gsi --path-as-is -X POST http://127.0.0.1:1/api/orders -H 'Content-Type: application/json' "
        '-H "Authorization: Bearer $HARNESS_TOKEN" --data-raw \'{"quantity":0}\''
    )
    assert codes(made["createOrder"]) == [Code.FINDING]


def test_an_opinion_is_told_and_decides_nothing() -> None:
    nit = failure("AllowHeaderMismatch", "allow_header_conformance", 405)
    made = seen(STARTED, scenario(GOOD, nit), *END)
    assert made["createOrder"].outcome is Outcome.PASSED
    assert len(made["createOrder"].findings) == 1


def test_an_operation_that_only_answered_401_is_undecided_with_the_count() -> None:
    undocumented = failure("UndefinedStatusCode", "status_code_conformance", 401)
    made = seen(STARTED, scenario({**GOOD, "POST /orders": {"401": [88, 0]}}, undocumented), *END)
    assert made["createOrder"].outcome is Outcome.BROKEN
    assert made["createOrder"].reasons[0].code is Code.NEVER_ACCEPTED
    assert dict(made["createOrder"].reasons[0].values)["answers"] == "401 x 88"


def test_an_undocumented_success_is_not_acceptance() -> None:
    made = seen(STARTED, scenario({**GOOD, "POST /orders": {"204": [3, 0]}}), *END)
    assert codes(made["createOrder"]) == [Code.NEVER_ACCEPTED]


def test_an_operation_that_was_never_called_is_undecided() -> None:
    made = seen(STARTED, scenario({"GET /orders": GOOD["GET /orders"]}), *END)
    assert codes(made["createOrder"]) == [Code.NEVER_REACHED]
    assert codes(made["createOrder@201"]) == [Code.STATUS_NEVER_SEEN]


def test_a_part_of_the_document_that_the_engine_cannot_use_is_told() -> None:
    problem = {
        "event": "problem",
        "operation": "POST /orders",
        "phase": "",
        "type": "InvalidSchema",
        "title": "Schema Error",
        "message": "bad regular expression",
        "of_operation": True,
    }
    made = seen(STARTED, problem, scenario({"GET /orders": GOOD["GET /orders"]}), *END)
    assert codes(made["createOrder"]) == [Code.DOCUMENT_UNUSABLE]


def test_a_status_that_never_came_is_undecided_and_names_what_did() -> None:
    made = seen(STARTED, scenario({**GOOD, "GET /orders": {"200": [9, 9]}}), *END)
    assert made["listOrders@401"].outcome is Outcome.BROKEN
    assert dict(made["listOrders@401"].reasons[0].values)["answers"] == "200 x 9"


def test_a_status_that_never_looked_as_documented_fails_with_its_findings() -> None:
    detail = {"instance_path": "total", "schema_path": "properties/total/type", "wrong": '"9" is not of type "integer"'}
    broken = failure("JsonSchemaError", "response_schema_conformance", 201, detail=detail)
    made = seen(STARTED, scenario({**GOOD, "POST /orders": {"201": [4, 0]}}, broken), *END)
    assert made["createOrder@201"].outcome is Outcome.FAILED
    assert codes(made["createOrder@201"]) == [Code.FINDING]


def test_a_secured_operation_that_answers_without_credentials_fails() -> None:
    opened = {
        "event": "left-out",
        "operation": "GET /orders",
        "status": 200,
        "accepted_before": True,
        "clean": True,
        "request": {"method": "GET", "uri": "http://127.0.0.1:1/api/orders", "headers": {}, "credentials": []},
        "body": "[]",
    }
    made = seen(STARTED, scenario(), opened, *END)
    assert made["listOrders"].outcome is Outcome.FAILED
    assert made["listOrders"].findings[0].title == "GET /orders does not ask for credentials"
    assert "HARNESS_TOKEN" not in made["listOrders"].findings[0].curl


def test_an_address_where_everything_answers_404_is_no_failure_of_the_product() -> None:
    nowhere = {"GET /orders": {"404": [30, 0]}, "POST /orders": {"404": [30, 0]}}
    undocumented = failure("UndefinedStatusCode", "status_code_conformance", 404)
    made = everything(STARTED, scenario(nowhere, undocumented), *END)
    assert {one.outcome for one in made.observations} == {Outcome.BROKEN}
    assert any("is probably not the base" in note for note in made.notes)


def test_what_came_after_the_credentials_were_lost_is_not_held_against_the_product() -> None:
    undocumented = failure("UndefinedStatusCode", "status_code_conformance", 401)
    locked = {"event": "locked-out", "after": "DELETE /accounts/{id}"}
    made = everything(STARTED, scenario(), locked, scenario({"POST /orders": {"401": [5, 0]}}, undocumented), *END)
    assert {one.outcome for one in made.observations} == {Outcome.PASSED}
    assert any("DELETE /accounts/{id}" in note for note in made.notes)


@pytest.mark.parametrize(
    ("events", "more", "code"),
    [
        (({"event": "unreachable", "why": "Connection refused"},), {}, Code.SYSTEM_UNREACHABLE),
        (({"event": "unusable", "why": "no"},), {}, Code.DOCUMENT_UNUSABLE),
        ((STARTED, {"event": "finished", "why": "server_unavailable"}, END[1]), {}, Code.SYSTEM_DIED),
        ((STARTED,), {"exit_status": 1, "stderr": b"Traceback\nMemoryError\n"}, Code.ENGINE_CRASHED),
        ((STARTED,), {"exit_status": None, "killed_by": "SIGKILL"}, Code.ENGINE_CRASHED),
        ((STARTED,), {"exit_status": None, "timed_out": True}, Code.ENGINE_TIMED_OUT),
        ((), {}, Code.ENGINE_SAID_NOTHING),
        ((), {"exit_status": None, "cannot_start": "no such file"}, Code.NOT_STARTED),
        ((STARTED, {"event": "stopping", "why": "signal"}), {}, Code.INTERRUPTED),
        ((STARTED,), {"interrupted": True}, Code.INTERRUPTED),
    ],
)
def test_an_engine_that_did_not_end_well_proves_nothing(
    events: tuple[dict[str, object], ...], more: dict[str, object], code: Code
) -> None:
    made = seen(*events, **more)
    assert {one.outcome for one in made.values()} == {Outcome.BROKEN}
    assert codes(made["listOrders"]) == [code]


def test_accepted_operations_prove_nothing_once_the_system_died() -> None:
    made = seen(STARTED, scenario(), {"event": "finished", "why": "server_unavailable"}, END[1])
    assert made["listOrders"].outcome is Outcome.BROKEN


def test_what_was_found_before_the_end_still_fails() -> None:
    made = seen(STARTED, scenario(GOOD, failure()), {"event": "finished", "why": "server_unavailable"})
    assert made["createOrder"].outcome is Outcome.FAILED
    assert made["listOrders"].outcome is Outcome.BROKEN


def test_results_that_were_cut_off_are_unreadable_and_never_a_pass() -> None:
    made = seen(STARTED, scenario(GOOD, failure()), tail=b'{"event":"scenario","phase":"cov')
    assert made["createOrder"].outcome is Outcome.FAILED
    assert codes(made["listOrders"]) == [Code.OUTPUT_UNREADABLE]


def test_time_that_ran_out_leaves_what_was_proved_and_tells_what_was_not() -> None:
    made = seen(
        STARTED, scenario({"GET /orders": GOOD["GET /orders"]}), {"event": "stopping", "why": "deadline"}, END[1]
    )
    assert made["listOrders"].outcome is Outcome.PASSED
    assert dict(made["createOrder"].reasons[0].values)["why"].startswith(": the time for this job was spent")


@pytest.mark.parametrize("how", [{"timed_out": True}, {"killed_by": "SIGALRM"}])
def test_an_engine_that_hangs_on_one_operation_leaves_the_others_proved(how: dict[str, object]) -> None:
    made = seen(STARTED, scenario({"GET /orders": GOOD["GET /orders"]}), exit_status=None, **how)
    assert made["listOrders"].outcome is Outcome.PASSED
    assert codes(made["createOrder"]) == [Code.ENGINE_TIMED_OUT]


def test_an_operation_that_mostly_gets_no_answer_is_undecided() -> None:
    made = seen(STARTED, scenario(lost={"POST /orders": 40}), *END)
    assert codes(made["createOrder"]) == [Code.SYSTEM_DIED]


def test_the_exit_status_decides_nothing() -> None:
    assert seen(STARTED, scenario(), *END, exit_status=1)["listOrders"].outcome is Outcome.PASSED


def test_how_often_each_status_came_is_kept() -> None:
    made = everything(STARTED, scenario(), scenario(), *END)
    assert [(cell.operation, cell.status, cell.count) for cell in made.cells] == [
        ("listOrders", "200", 18),
        ("listOrders", "401", 2),
        ("createOrder", "201", 8),
        ("createOrder", "400", 18),
    ]


def test_secrets_are_in_private_files_only() -> None:
    made = command(JOB, AROUND)
    assert "s3cret" not in " ".join(made.argv)
    assert "s3cret" not in "".join(made.env.values())
    assert [name for name, body in made.files.items() if b"s3cret" in body] == ["headers.json"]


def test_the_engine_is_told_to_end_before_its_deadline() -> None:
    order = json.loads(command(JOB, AROUND).files["order.json"])
    assert order["budget_s"] < JOB.deadline_s
    assert order["base_url"] == "http://127.0.0.1:1/api"
    assert order["secured"] == ["GET /orders"]
    short = json.loads(command(replace(JOB, deadline_s=6.0), AROUND).files["order.json"])
    assert 0 < short["budget_s"] < 6


def test_an_operation_that_is_never_there_is_told_once_as_absent() -> None:
    gone = {"GET /orders": {"200": [9, 9]}, "POST /orders": {"405": [6, 0]}}
    undocumented = failure("UndefinedStatusCode", "status_code_conformance", 405)
    legal = {"POST /orders": [6, 0]}
    found = seen(STARTED, scenario(gone, undocumented, legal=legal), *END)["createOrder"].findings
    assert [(one.rule, one.severity) for one in found] == [("operation_absent", "breach")]
    elsewhere = {"GET /orders": {"404": [9, 9]}, "POST /orders": {"404": [6, 0]}}
    assert seen(STARTED, scenario(elsewhere, legal=legal), *END)["createOrder"].findings == (), "a wrong base"


def test_an_undeclared_field_is_an_opinion_of_its_own_kind() -> None:
    extra = {"event": "extra", "operation": "POST /orders", "status": 201, "place": "/margin"}
    request = failure()["request"]
    made = seen(STARTED, scenario(), {**extra, "request": request}, *END)["createOrder"]
    assert made.outcome is Outcome.PASSED
    assert [(one.rule, one.severity, one.location) for one in made.findings] == [
        ("undeclared_field", "opinion", "/margin")
    ]


def test_a_replay_that_was_told_shows_the_smaller_request_and_that_it_came_again() -> None:
    smaller = {**failure()["request"], "body": None, "headers": {}}  # type: ignore[dict-item]
    again = {"event": "replayed", "source": 0, "again": True, "needs": [], "request": smaller}
    (finding,) = seen(STARTED, scenario(GOOD, failure()), again, *END)["createOrder"].findings
    assert finding.again is True
    assert finding.title == "POST /orders fails with 500 on any request"
    assert "--data-raw" not in finding.curl
    (untold,) = seen(STARTED, scenario(GOOD, failure()), *END)["createOrder"].findings
    assert "any request" not in untold.title, "the control: what was not tried is not claimed"


def test_an_accepted_finding_decides_nothing_until_its_day_is_over() -> None:
    (finding,) = seen(STARTED, scenario(GOOD, failure()), *END)["createOrder"].findings
    known = Accepted(finding=finding.id, owner="team", reason="known", expires="1970-01-01")
    job = replace(JOB, work=replace(JOB.work, accepted=(known,)))  # type: ignore[type-var]

    def outcome(ended_ms: int) -> Outcome:
        made = observe(job, AROUND, ended(STARTED, scenario(GOOD, failure()), *END, ended_ms=ended_ms))
        return next(one.outcome for one in made.observations if one.check.endswith("/createOrder"))

    assert outcome(0) is Outcome.PASSED
    assert outcome(24 * 3600 * 1000) is Outcome.FAILED


def test_a_part_that_was_not_tried_leaves_the_operation_open_though_it_was_reached() -> None:
    problem = {
        "event": "problem",
        "of_operation": True,
        "operation": "GET /orders",
        "title": "Runtime Error",
        "message": "broken check",
    }
    made = seen(STARTED, scenario(), problem, *END)
    reached = made["listOrders"]
    assert (reached.outcome, reached.reasons[0].code) == (Outcome.BROKEN, Code.PART_NOT_TRIED)
    assert made["createOrder"].outcome is Outcome.PASSED
    assert seen(STARTED, scenario(), *END)["listOrders"].outcome is Outcome.PASSED


def test_a_system_that_was_gone_without_a_culprit_is_no_pass_and_the_last_request_is_named() -> None:
    gone = {"event": "outage", "culprit": None, "after": "GET /orders (page: a NUL)"}
    (reason,) = seen(STARTED, scenario(), gone, *END)["listOrders"].reasons
    assert reason.code is Code.SYSTEM_DIED
    assert "GET /orders (page: a NUL)" in dict(reason.values)["why"]
    found = {**gone, "culprit": "POST /orders"}
    assert seen(STARTED, scenario(), found, *END)["listOrders"].outcome is Outcome.PASSED


def test_nothing_passes_where_one_of_our_own_who_looks_on_failed() -> None:
    failed = {"event": "watcher-failed", "watcher": "covering", "why": "RecursionError: too deep"}
    one = seen(STARTED, scenario(), failed, *END)["listOrders"]
    assert (one.outcome, codes(one)) == (Outcome.BROKEN, [Code.PRODUCT_ERROR])
    assert seen(STARTED, scenario(), *END)["listOrders"].outcome is Outcome.PASSED, "the control"


def test_operations_without_a_boundary_list_are_named() -> None:
    lines = ({"event": "boundaries", "requests": 12, "parameters": 1, "without": ["GET /orders"]}, *END)
    promised = {"event": "promised", "cells": [["GET /orders", "parameter", "query page"]]}
    notes = observe(JOB, AROUND, ended(STARTED, promised, scenario(), *lines)).notes
    assert any("no boundary list, for want of an accepted request: GET /orders" in note for note in notes)


def test_only_a_system_that_the_run_started_may_be_ended_on_purpose() -> None:
    assert json.loads(command(JOB, AROUND).files["order.json"])["started_by_us"] is False
    ours = replace(AROUND, targets={"shop": replace(AROUND.targets["shop"], started_by_us=True)})
    assert json.loads(command(JOB, ours).files["order.json"])["started_by_us"] is True
