"""What the answers of the real dependency say of a run: the same, another way, or nothing."""

import json
from typing import Any

from harness.formats.sentences import say
from harness.mocks.confirming import ANSWERS, command, job_for, observe
from harness.model.evidence import Code, Observation, Outcome
from harness.model.process import Ended, Surroundings, Target
from harness.model.uses import Use

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {"/things": {"post": {"operationId": "create", "responses": {"201": {"description": ""}}}}},
}
USES = (
    Use(operation="create", method="POST", path="/things", status=201, source="example"),
    Use(operation="create", method="POST", path="/things", status=201, source="stub", stub="two"),
)
JOB = job_for("erp", "contracts/erp.yaml", "r1", USES, 1)
AROUND = Surroundings(
    run="r2",
    tier="preprod",
    root="/",
    python="python",
    targets={"erp": Target(name="erp", base_url="http://erp", headers={"Authorization": "Bearer stand-in"})},
    documents={"contracts/erp.yaml": json.dumps(DOCUMENT).encode()},
)


def seen(*answers: dict[str, Any], torn: bytes = b"") -> Observation:
    lines = b"".join(json.dumps({"number": n, **one}).encode() + b"\n" for n, one in enumerate(answers))
    (found,) = observe(JOB, AROUND, Ended(exit_status=0, files={ANSWERS: lines + torn})).observations
    return found


def answered(status: int) -> dict[str, Any]:
    return {"status": status, "headers": [], "body": ""}


def test_the_same_answers_confirm() -> None:
    found = seen(answered(201), answered(201))
    assert (found.check, found.outcome) == ("mock:erp/confirm/create@201", Outcome.PASSED)


def test_another_answer_fails_and_names_the_stub() -> None:
    found = seen(answered(201), answered(409))
    assert found.outcome is Outcome.FAILED
    said = say(found.reasons[0])
    assert "the stub `two` did: status 409, the mock answered 201" in said
    assert "桩 `two`" in say(found.reasons[0], "zh")
    assert b"same    POST /things" in found.evidence[0].body


def test_one_that_was_not_answered_leaves_it_open() -> None:
    found = seen(answered(201), {"why": "connection refused"})
    assert (found.outcome, found.reasons[0].code) == (Outcome.BROKEN, Code.NOT_CONFIRMED)
    assert "connection refused" in say(found.reasons[0])


def test_one_that_was_never_sent_leaves_it_open() -> None:
    assert seen(answered(201), torn=b'{"number": 1, "stat').outcome is Outcome.BROKEN
    assert seen().outcome is Outcome.BROKEN


def test_a_difference_outweighs_what_is_open() -> None:
    assert seen({"why": "no"}, answered(409)).outcome is Outcome.FAILED


def test_nearly_all_withheld_leaves_the_run_undecided_though_what_was_asked_is_the_same() -> None:
    unasked = (("pay@201", "it speaks of a secret, which is never kept (40 x)"), ("create@201", "binary (1 x)"))
    job = job_for("erp", "contracts/erp.yaml", "r1", USES, 1, unasked)
    lines = b"".join(json.dumps({"number": n, **answered(201)}).encode() + b"\n" for n in range(2))
    found = observe(job, AROUND, Ended(exit_status=0, files={ANSWERS: lines})).observations
    assert [(one.check.rpartition("/")[2], one.outcome) for one in found] == [
        ("create@201", Outcome.BROKEN),  # one of its own could not be asked
        ("pay@201", Outcome.BROKEN),
    ]
    assert "could not be confirmed: it speaks of a secret, which is never kept (40 x)" in say(found[1].reasons[0])
    assert b"unasked binary (1 x)" in found[0].evidence[0].body


def test_nothing_withheld_leaves_nothing_open() -> None:
    assert seen(answered(201), answered(201)).reasons == ()


def test_a_difference_outweighs_what_was_withheld() -> None:
    job = job_for("erp", "contracts/erp.yaml", "r1", USES[:1], 1, (("create@201", "binary (1 x)"),))
    line = json.dumps({"number": 0, **answered(409)}).encode()
    (found,) = observe(job, AROUND, Ended(exit_status=0, files={ANSWERS: line})).observations
    assert found.outcome is Outcome.FAILED


def test_credentials_go_by_a_file_and_never_by_the_command_line() -> None:
    started = command(JOB, AROUND)
    assert "stand-in" not in " ".join((*started.argv, *started.env.values()))
    assert b"stand-in" in started.files["headers.json"]
    assert b"stand-in" not in started.files["order.json"]
