"""What makes findings readable: what a crash really needs, the same reason named once, and who has to act."""

from dataclasses import replace

import pytest

from harness.model.contract import Operation
from harness.model.evidence import Severity
from harness.rules.findings import EVERYWHERE, Cause, Hit, causes
from harness.rules.findings_across import shared_name
from harness.rules.findings_owner import Owner, owner_of

MAKE = Operation(id="make", method="POST", path="/items", statuses=("201", "400"))
READ = Operation(id="read", method="GET", path="/items/{id}", statuses=("200", "404"))
CRASH = Hit(
    operation=MAKE.label, rule="not_a_server_error", kind="ServerError", status=500, mode="positive", answer="boom"
)
TRIED = replace(
    CRASH, within="body", parameter="", location="/properties/price/minimum", scenario="value_below_minimum"
)


def found(*hits: Hit) -> tuple[Cause, ...]:
    return causes(hits, (MAKE, READ), {})


def test_a_crash_that_a_header_does_is_not_told_as_one_on_any_request() -> None:
    (cause,) = found(replace(CRASH, again=True, needs=("header X-Trace",)), replace(CRASH, source=1, weight=9))
    assert cause.location == "header X-Trace"


def test_a_crash_that_needs_nothing_is_one_finding_on_any_request() -> None:
    other = replace(TRIED, mode="negative", source=1)
    (cause,) = found(replace(CRASH, again=True, needs=()), other)
    assert (cause.location, cause.count) == (EVERYWHERE, 2)


def test_a_crash_keeps_the_place_that_was_tried_where_it_needs_it() -> None:
    (cause,) = found(replace(TRIED, again=True, needs=("body /price",)))
    assert (cause.location, cause.scenario) == ("body /price minimum", "value_below_minimum")
    (cause,) = found(replace(TRIED, again=True, needs=("query page",)))
    assert (cause.location, cause.scenario) == ("query page", "")


def test_many_accepted_breaches_stay_apart_so_that_a_new_one_is_seen_behind_an_accepted_one() -> None:
    hits = [
        replace(CRASH, rule="negative_data_rejection", kind="AcceptedNegativeData", status=201, mode="negative")
        for _ in range(6)
    ]
    placed = [
        replace(hit, within="body", location=f"/properties/p{n}/type", scenario="incorrect_type")
        for n, hit in enumerate(hits)
    ]
    found_ = found(*placed)
    assert len({cause.id for cause in found_}) == 6
    assert len({shared_name(cause) for cause in found_}) == 1, "and are read as one"


def test_what_came_again_is_shown_before_what_did_not() -> None:
    (cause,) = found(replace(TRIED, again=False, weight=1), replace(TRIED, again=True, weight=5, source=1))
    assert cause.hit.source == 1


def _schema(operation: Operation, wanted: str) -> Cause:
    detail = {"instance_path": "", "schema_path": "required", "wrong": '"detail" is a required', "wanted": wanted}
    hit = replace(CRASH, operation=operation.label, kind="JsonSchemaError", rule="r", status=404, detail=detail)
    (cause,) = found(hit)
    return cause


def test_a_problem_body_that_breaks_its_schema_everywhere_has_one_reason() -> None:
    assert shared_name(_schema(MAKE, "x")) == shared_name(_schema(READ, "x"))
    assert shared_name(_schema(MAKE, "x")) != shared_name(_schema(READ, "y"))


def test_crashes_of_two_operations_are_told_apart_unless_they_say_the_same_at_length() -> None:
    (one,) = found(replace(CRASH, answer="Internal Server Error", needs=()))
    (two,) = found(replace(CRASH, operation=READ.label, answer="Internal Server Error", needs=()))
    assert shared_name(one) != shared_name(two)
    trace = "ValueError: 'x7' is no number, raised in the converter of headers at line 118 of 3"
    (one,) = found(replace(CRASH, answer=trace, needs=()))
    (two,) = found(replace(CRASH, operation=READ.label, answer=trace.replace("118", "119"), needs=()))
    assert shared_name(one) == shared_name(two)


def test_one_header_that_crashes_two_operations_is_one_reason() -> None:
    (one,) = found(replace(CRASH, again=True, needs=("header X-Trace",)))
    (two,) = found(replace(CRASH, operation=READ.label, again=True, needs=("header X-Trace",)))
    assert shared_name(one) == shared_name(two)


@pytest.mark.parametrize(
    ("kind", "status", "location", "clean", "owner"),
    [
        ("ServerError", 500, "", 0, Owner.PROVIDER),
        ("UndefinedStatusCode", 404, "status 404", 0, Owner.CONTRACT),
        ("UndefinedStatusCode", 202, "status 202", 0, Owner.PROVIDER),
        ("JsonSchemaError", 200, "answer additionalProperties x", 3, Owner.CONTRACT),
        ("JsonSchemaError", 200, "answer required id", 3, Owner.PROVIDER),
        ("JsonSchemaError", 404, "answer required detail", 0, Owner.CONTRACT),
        ("JsonSchemaError", 404, "answer required detail", 2, Owner.PROVIDER),
        ("RejectedPositiveData", 400, "", 0, Owner.CONTRACT),
        ("AcceptedNegativeData", 200, "body", 0, Owner.PROVIDER),
    ],
)
def test_the_likely_owner(kind: str, status: int, location: str, clean: int, owner: Owner) -> None:
    cause = Cause(
        operation=MAKE.label,
        rule="r",
        location=location,
        scenario="",
        status_class="",
        severity=Severity.BREACH,
        hit=replace(CRASH, kind=kind, status=status),
        count=1,
    )
    assert owner_of(cause, MAKE, clean) is owner


def test_an_answer_that_cannot_be_read_is_told_once_and_not_as_a_broken_schema() -> None:
    cut = replace(CRASH, rule="readable_answer", kind="UnreadableAnswer", status=200, scenario="maximum_value")
    broken = replace(CRASH, rule="response_schema_conformance", kind="MalformedJson", status=200)
    (cause,) = found(cut, replace(cut, scenario="minimum_value"), broken)
    assert (cause.rule, cause.count) == ("readable_answer", 2)
