"""What the record says of a mock: from its journal, and never more than it shows."""

import json
from typing import Any

from harness.mocks.observing import how_it_stood_in, observe
from harness.model.evidence import Code, Observations, Outcome
from harness.model.plan import Check, Job, MockWork, Promise
from harness.model.tier import Suite

JOB = Job(
    id="mock:erp",
    suite=Suite.MOCK,
    work=MockWork(dependency="erp", folder="mocks/erp", contract="contracts/erp.openapi.yaml"),
    checks=tuple(
        Check(id=f"mock:erp/{name}", suite=Suite.MOCK, promise=Promise.MOCK, title=name)
        for name in ("requests", "answers")
    ),
    seed=1,
    deadline_s=10,
)
STARTED = {
    "kind": "started",
    "at_ms": 5,
    "stubs": [{"name": "lie", "place": "m.json:3"}, {"name": "idle", "place": "m:9"}],
}
VIOLATION = {"where": "body", "pointer": "/n", "message": "not a number", "rule": "type"}


def call(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "interaction", "at_ms": 10, "method": "POST", "path": "/r", "operation": "reserve", "status": 201,
        "source": "example", "stub": None,
    } | changes  # fmt: skip


def seen(*entries: Any) -> Observations:
    lines = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in entries]
    return observe(JOB, b"\n".join(lines))


def outcomes(observations: Observations) -> dict[str, Outcome]:
    return {one.check.rpartition("/")[2]: one.outcome for one in observations.observations}


def test_calls_that_keep_the_contract_pass() -> None:
    found = seen(STARTED, call(), call(source="stub", stub="lie", status=409))
    assert outcomes(found) == {"requests": Outcome.PASSED, "answers": Outcome.PASSED}
    assert [(one.operation, one.status, one.source, one.count) for one in found.relied] == [
        ("reserve", 201, "example", 1),
        ("reserve", 409, "stub", 1),
    ]


def test_a_mock_that_nobody_called_proves_nothing() -> None:
    for found in (seen(STARTED), observe(JOB, b"")):
        assert outcomes(found) == {"requests": Outcome.BROKEN, "answers": Outcome.BROKEN}
        assert found.observations[0].reasons[0].code is Code.NEVER_CALLED


def test_an_illegal_request_fails_requests_alone_and_is_named() -> None:
    found = seen(STARTED, call(), call(status=400, source="refusal", violations=[VIOLATION]))
    assert outcomes(found) == {"requests": Outcome.FAILED, "answers": Outcome.PASSED}
    reason = found.observations[0].reasons[0]
    assert reason.code is Code.REQUEST_BROKE_CONTRACT
    assert dict(reason.values)["first"] == "POST /r (reserve): body /n: not a number"
    assert b"not a number" in found.observations[0].evidence[0].body


def test_a_request_that_the_contract_does_not_know_fails_requests() -> None:
    found = seen(STARTED, call(operation=None, path="/else", status=404, source="unmatched"))
    assert outcomes(found)["requests"] is Outcome.FAILED
    assert "nothing answers: POST /else → 404 (1 x)" in "".join(found.notes)


def test_a_lying_stub_fails_answers_and_its_place_is_named() -> None:
    found = seen(STARTED, call(status=500, source="drift", stub="lie", drift=[VIOLATION]))
    assert outcomes(found) == {"requests": Outcome.PASSED, "answers": Outcome.FAILED}
    assert dict(found.observations[1].reasons[0].values)["place"] == "m.json:3"


def test_unused_stubs_are_listed() -> None:
    assert "stubs of the mock `erp` that no request used: idle, lie" in seen(STARTED, call()).notes


def test_a_torn_journal_is_not_a_pass() -> None:
    found = seen(STARTED, call(), b'{"kind":"intera')
    assert outcomes(found) == {"requests": Outcome.BROKEN, "answers": Outcome.BROKEN}


def test_counted_interactions_count() -> None:
    counted = {"kind": "counted", "at_ms": 9, "operation": "reserve", "status": 201, "source": "example", "stub": None,
               "wrong": False, "count": 41}  # fmt: skip
    found = seen(STARTED, call(), counted)
    assert found.observations[0].measures[0].value == 42
    assert found.relied[0].count == 42


def test_lines_that_the_journal_lost_leave_the_checks_undecided() -> None:
    assert outcomes(seen(STARTED, call(), {"kind": "lost", "count": 2}))["requests"] is Outcome.BROKEN


def test_results_stand_on_a_mock_though_nothing_was_asked_about_the_mock_itself() -> None:
    standing = {"contract_sha256": "c", "stubs_sha256": "s"}
    lines = [json.dumps(one).encode() for one in (STARTED | standing, call(at_ms=10), call(at_ms=5000))]
    found = how_it_stood_in("erp", "mocks/erp", b"\n".join(lines))
    assert (found.contract_sha256, found.called) == ("c", ((10, 10), (5000, 5000)))
    assert observe(JOB, b"\n".join(lines)).stood_in == (found,)
