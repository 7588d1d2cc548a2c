"""Trials from two contracts, and what came of them: survived, not survived, or never met."""

import json
from typing import Any

import pytest

from harness.errors import HarnessError
from harness.formats.matrix_toml import read_matrix
from harness.formats.openapi import read_contract
from harness.formats.sentences import say
from harness.mocks.matrix import ANSWERS, Trials, command, job_for, observe, trials_for
from harness.mocks.matrix_steps import CannotLead, steps_for
from harness.model.contract import Contract
from harness.model.evidence import Code, Observations, Outcome
from harness.model.matrix import Misbehaviour, Taken
from harness.model.process import Ended, Surroundings, Target

JSON = "application/json"
THING = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
TO_CANCEL = {"operationId": "cancel", "parameters": {"id": "$response.body#/id"}}
MADE = {"description": "", "content": {JSON: {"schema": THING}}}
OURS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "o", "version": "1"},
    "paths": {
        "/orders": {
            "post": {
                "operationId": "create",
                "requestBody": {"required": True, "content": {JSON: {"schema": THING, "example": {"id": "x"}}}},
                "responses": {
                    "201": MADE | {"links": {"c": TO_CANCEL}},
                    "503": {"description": ""},
                },
            }
        },
        "/orders/{id}/cancel": {
            "post": {
                "operationId": "cancel",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"200": MADE, "503": {"description": ""}},
            }
        },
        "/unnamed": {
            "post": {
                "operationId": "unnamed",
                "requestBody": {"content": {JSON: {"schema": THING}}},
                "responses": {"200": MADE},
            }
        },
    },
}  # fmt: skip
THEIRS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/stock": {
            "post": {"operationId": "reserve", "responses": {"201": MADE}},
            "delete": {"operationId": "release", "responses": {"204": {"description": ""}}},
            "get": {"operationId": "look", "responses": {"200": MADE}},
        }
    },
}
MATRIX = b"""
deadline = "2 s"
faults   = ["timeout", "malformed"]
uncalled = ["look"]

[[leads]]
to      = ["reserve", "release"]
steps   = ["create", "cancel"]
without = ["503"]
"""


def contract(document: dict[str, Any], name: str) -> Contract:
    return read_contract(name, lambda _: json.dumps(document).encode(), strict=False)


WANTED = read_matrix(MATRIX, "matrix.toml")
LAID = trials_for(WANTED, contract(THEIRS, "t.json"), contract(OURS, "o.json"))
TRIALS = LAID.trials
JOB = job_for("erp", "mocks/erp", "orders", "o.json", WANTED, LAID, 1)
AROUND = Surroundings(
    run="r",
    tier="test",
    root="/",
    python="python",
    targets={"orders": Target(name="orders", base_url="http://orders", headers={"Authorization": "Bearer stand-in"})},
    documents={"o.json": json.dumps(OURS).encode()},
    mock_urls={"erp": "http://127.0.0.1:9/api"},
)
GOOD = {"status": 200, "headers": [["content-type", JSON]], "body": b'{"id": "a"}'.hex(), "took_ms": 5}
BUSY = {"status": 503, "headers": [], "body": "", "took_ms": 5}
SURVIVED = {"played": 1, "asked": BUSY, "after": GOOD}


def seen(**told: Any) -> Observations:
    lines = [{"trial": trial.name, **SURVIVED} for trial in TRIALS]
    lines[0] = {"trial": TRIALS[0].name, **SURVIVED, **told}
    body = "".join(json.dumps(one) + "\n" for one in lines).encode()
    return observe(JOB, AROUND, Ended(exit_status=0, files={ANSWERS: body}))


def test_each_operation_with_each_fault_is_a_trial_and_what_has_no_sense_is_named() -> None:
    assert [one.name for one in TRIALS] == ["reserve@timeout", "reserve@malformed", "release@timeout"]
    assert dict(LAID.left_out) == {
        "look": "matrix.toml says that it is never called",
        "release@malformed": "its answers have no JSON body",
    }
    assert LAID.unasked == ()
    assert JOB.checks[0].id == "mock:erp/survives/reserve@timeout"
    assert JOB.alone


def laid(text: bytes) -> Trials:
    return trials_for(read_matrix(text, "m"), contract(THEIRS, "t.json"), contract(OURS, "o.json"))


def test_an_operation_that_nothing_leads_to_is_undecided_and_named() -> None:
    wanted = laid(MATRIX.replace(b'uncalled = ["look"]', b""))
    assert wanted.unasked == (("look", "nothing in matrix.toml leads to it"),)
    job = job_for("erp", "mocks/erp", "orders", "o.json", WANTED, wanted, 1)
    lines = "".join(json.dumps({"trial": one.name, **SURVIVED}) + "\n" for one in wanted.trials).encode()
    found = observe(job, AROUND, Ended(exit_status=0, files={ANSWERS: lines}))
    *tried, last = found.observations
    assert {one.outcome for one in tried} == {Outcome.PASSED}
    assert (last.check, last.outcome) == ("mock:erp/survives/look", Outcome.BROKEN)
    assert "nothing in matrix.toml leads to it" in say(last.reasons[0])
    assert found.notes == ("`orders` survived 3 of 4 failures of `erp`",)


def test_a_late_callback_is_open_where_the_file_promises_it_and_left_out_where_it_does_not() -> None:
    named = laid(MATRIX.replace(b'"malformed"]', b'"malformed", "late-callback"]'))
    assert [one for one, why in named.unasked if why == "mocks play no callbacks"] == [
        "reserve@late-callback",
        "release@late-callback",
    ]
    silent = laid(MATRIX.replace(b'faults   = ["timeout", "malformed"]', b""))
    assert silent.unasked == ()
    assert dict(silent.left_out)["reserve@late-callback"] == "mocks play no callbacks"


def test_what_is_never_called_is_known_to_the_contract_and_has_no_lead() -> None:
    with pytest.raises(LookupError, match="`gone` is no operation"):
        laid(MATRIX.replace(b'["look"]', b'["gone"]'))
    with pytest.raises(HarnessError, match="`reserve` has a lead, so it is called"):
        laid(MATRIX.replace(b'["look"]', b'["reserve"]'))


def test_bodies_come_from_examples_and_ids_from_links() -> None:
    create, cancel = TRIALS[0].steps
    assert (create.body, cancel.path) == ('{"id": "x"}', "/orders/{id}/cancel")
    assert cancel.taken == (Taken(name="id", step="create", pointer="/id"),)


@pytest.mark.parametrize(
    ("steps", "said"), [(("cancel",), "neither a link"), (("unnamed",), "no example"), (("x",), "no operation")]
)
def test_nothing_is_made_up(steps: tuple[str, ...], said: str) -> None:
    with pytest.raises(CannotLead, match=said):
        steps_for(contract(OURS, "o.json"), steps)


def test_everything_survived_is_told() -> None:
    found = seen()
    assert {one.outcome for one in found.observations} == {Outcome.PASSED}
    assert found.notes == ("`orders` survived 3 of 3 failures of `erp`",)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"asked": {"why": "no whole answer within 2 s"}}, "no answer within 2 s"),
        ({"asked": {**BUSY, "status": 500}}, "500 is not documented"),
        ({"asked": {**GOOD, "body": b'{"id": 4}'.hex()}}, "it breaks its contract: body /id"),
        ({"asked": GOOD}, "it answered 200 without a usable answer; right is 503"),
        ({"after": BUSY}, "afterwards, the dependency well again: it answers 503"),
        ({"after": {"why": "reset"}}, "afterwards, the dependency well again: no answer"),
    ],
)
def test_what_does_not_survive_is_named(told: dict[str, Any], said: str) -> None:
    first, *others = seen(**told).observations
    assert (first.outcome, first.reasons[0].code) == (Outcome.FAILED, Code.NOT_SURVIVED)
    assert said in say(first.reasons[0])
    assert {one.outcome for one in others} == {Outcome.PASSED}


@pytest.mark.parametrize("told", [{"played": 0}, {"cannot": "create, which leads there, came to 409"}])
def test_a_fault_that_never_reached_the_system_is_undecided(told: dict[str, Any]) -> None:
    first = seen(**told).observations[0]
    assert (first.outcome, first.reasons[0].code) == (Outcome.BROKEN, Code.FAULT_NOT_MET)


def test_what_was_never_tried_is_undecided() -> None:
    found = observe(JOB, AROUND, Ended(exit_status=None, killed_by="SIGKILL"))
    assert {one.outcome for one in found.observations} == {Outcome.BROKEN}


def test_a_slow_answer_may_be_a_success() -> None:
    only = laid(MATRIX.replace(b'["timeout", "malformed"]', b'["slow"]'))
    job = job_for("erp", "mocks/erp", "orders", "o.json", WANTED, only, 1)
    line = json.dumps({"trial": "reserve@slow", "played": 1, "asked": GOOD, "after": GOOD}).encode()
    assert observe(job, AROUND, Ended(exit_status=0, files={ANSWERS: line})).observations[0].outcome is Outcome.PASSED


def test_the_mock_is_told_beside_its_base_path_and_credentials_go_by_a_file() -> None:
    started = command(JOB, AROUND)
    assert json.loads(started.files["order.json"])["control"] == "http://127.0.0.1:9/__harness/fault"
    assert b"stand-in" not in started.files["order.json"]
    assert "stand-in" not in " ".join((*started.argv, *started.env.values()))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "leads"),
        (MATRIX.replace(b"timeout", b"timout"), "`timout` is not one of"),
        (MATRIX.replace(b'"2 s"', b'"2"'), "has no unit"),
        (MATRIX + b"more = 1\n", "unknown key `more`"),
        (MATRIX.replace(b'steps   = ["create", "cancel"]', b"steps = []"), "names no operation"),
    ],
)
def test_a_matrix_that_is_not_understood_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(HarnessError) as refused:
        read_matrix(body, "matrix.toml")
    assert said in str(refused.value)


def test_every_fault_is_tried_where_none_is_named() -> None:
    assert read_matrix(b'[[leads]]\nto = ["a"]\nsteps = ["b"]\n', "m").faults == tuple(Misbehaviour)


@pytest.mark.parametrize(
    "leads",
    [
        '[[leads]]\nto = ["reserve"]\nsteps = ["a"]\n[[leads]]\nto = ["look", "reserve"]\nsteps = ["b"]\n',
        '[[leads]]\nto = ["reserve", "reserve"]\nsteps = ["a"]\n',
    ],
)
def test_no_operation_has_two_leads_whose_answers_would_be_taken_for_each_other(leads: str) -> None:
    with pytest.raises(HarnessError, match="`reserve` has a lead already"):
        read_matrix(leads.encode(), "matrix.toml")


def test_a_failure_that_is_named_twice_is_tried_once() -> None:
    lead = '[[leads]]\nto = ["reserve"]\nsteps = ["a"]\n'
    assert read_matrix(f'faults = ["reset", "reset"]\n{lead}'.encode(), "m").faults == (Misbehaviour.RESET,)
