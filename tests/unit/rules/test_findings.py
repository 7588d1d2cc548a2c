"""One finding per cause: what hits have in common, what follows from what, and what is only an opinion."""

from dataclasses import replace

import pytest

from harness.model.contract import Operation
from harness.model.evidence import Severity
from harness.rules.findings import Cause, Hit, causes

ORDERS = Operation(id="createOrder", method="POST", path="/orders", statuses=("201", "400", "503"))
LISTING = Operation(id="listOrders", method="GET", path="/orders", statuses=("200",))
OPERATIONS = (ORDERS, LISTING)


def hit(kind: str, status: int, **more: object) -> Hit:
    rule = {
        "ServerError": "not_a_server_error",
        "UndefinedStatusCode": "status_code_conformance",
        "JsonSchemaError": "response_schema_conformance",
        "AcceptedNegativeData": "negative_data_rejection",
        "RejectedPositiveData": "positive_data_acceptance",
        "IgnoredAuth": "ignored_auth",
    }.get(kind, kind)
    return Hit(operation=ORDERS.label, rule=rule, kind=kind, status=status, **more)  # type: ignore[arg-type]


def found(*hits: Hit, legal: dict[str, tuple[int, int]] | None = None) -> tuple[Cause, ...]:
    return causes(hits, OPERATIONS, legal or {})


def schema(path: str, keyword: str, **more: object) -> Hit:
    detail = {"instance_path": path, "schema_path": f"properties/x/{keyword}", "wrong": f'"{path}" is wrong'}
    return hit("JsonSchemaError", 200, detail=detail, **more)


def test_the_same_broken_place_is_one_finding_whatever_was_asked_and_whichever_item() -> None:
    one = schema("items/0/total", "type", scenario="maximum_value", phase="coverage", count=3, weight=9)
    two = schema("items/17/total", "type", scenario="", phase="fuzzing", count=40, weight=4)
    (cause,) = found(one, two)
    assert cause.id == "POST /orders | response_schema_conformance | /items/*/total type |  | 2xx"
    assert cause.count == 43
    assert cause.hit is two, "the lightest request is shown"


def test_two_missing_fields_at_one_place_are_two_findings() -> None:
    def missing(name: str) -> Hit:
        detail = {"instance_path": "", "schema_path": "required", "wrong": f'"{name}" is a required property'}
        return hit("JsonSchemaError", 201, detail=detail)

    assert [cause.location for cause in found(missing("currency"), missing("total"))] == [
        "answer required currency",
        "answer required total",
    ]


def test_a_new_defect_does_not_hide_behind_an_old_one_with_the_same_status() -> None:
    old = hit(
        "AcceptedNegativeData", 201, scenario="value_below_minimum", within="body", location="/properties/price/minimum"
    )
    new = hit(
        "AcceptedNegativeData", 201, scenario="object_missing_required_property", within="body", location="/required"
    )
    assert len({cause.id for cause in found(old, new)}) == 2


def test_a_crash_is_told_once_and_not_again_as_an_undocumented_status() -> None:
    crash = hit("ServerError", 500, scenario="maximum_value", within="query", parameter="page")
    (cause,) = found(crash, hit("UndefinedStatusCode", 500), replace(crash, count=7))
    assert (cause.severity, cause.count, cause.location) == (Severity.CRASH, 8, "query page")


def test_an_operation_that_always_crashes_has_one_finding() -> None:
    crashes = [
        hit("ServerError", 500, scenario=f"s{n}", within="query", parameter=f"p{n}", mode="negative") for n in range(3)
    ]
    plain = hit("ServerError", 500, mode="positive", phase="fuzzing")
    assert len(found(*crashes)) == 3
    (cause,) = found(*crashes, plain)
    assert cause.location == "any request"


def test_an_answer_that_follows_from_an_accepted_illegal_request_is_folded_into_it() -> None:
    illegal = {"scenario": "value_below_minimum", "within": "query", "parameter": "page", "mode": "negative"}
    (cause,) = found(hit("AcceptedNegativeData", 200, **illegal), schema("page", "minimum", **illegal))
    assert cause.rule == "negative_data_rejection"


def test_a_missing_credential_that_is_accepted_is_told_as_an_open_door_only() -> None:
    header = hit("MissingHeaderNotRejected", 200, parameter="Authorization", within="header")
    (cause,) = found(hit("IgnoredAuth", 200), header)
    assert cause.severity is Severity.SECURITY


@pytest.mark.parametrize(
    ("one", "severity"),
    [
        (hit("ServerError", 500), Severity.CRASH),
        (hit("ServerError", 503), Severity.OPINION),
        (hit("ServerError", 501), Severity.CRASH),
        (hit("ServerError", 501, scenario="unspecified_http_method"), Severity.OPINION),
        (hit("IgnoredAuth", 200), Severity.SECURITY),
        (hit("IgnoredAuth", 404), Severity.OPINION),
        (hit("AcceptedNegativeData", 201), Severity.BREACH),
        (hit("AcceptedNegativeData", 409), Severity.OPINION),
        (hit("AcceptedNegativeData", 200, empty=True), Severity.OPINION),
        (hit("UnsupportedMethodResponse", 204), Severity.BREACH),
        (hit("UnsupportedMethodResponse", 404), Severity.OPINION),
        (hit("AllowHeaderMismatch", 405), Severity.OPINION),
        (hit("MissingContentType", 200, answer_size=3), Severity.BREACH),
        (hit("MissingContentType", 204, answer_size=0), Severity.OPINION),
        (hit("UndefinedStatusCode", 404), Severity.BREACH),
        (hit("UndefinedStatusCode", 429), Severity.OPINION),
        (hit("UseAfterFree", 200), Severity.BREACH),
        (hit("CustomFailure", 200), Severity.BREACH),
    ],
)
def test_how_bad_a_finding_is(one: Hit, severity: Severity) -> None:
    assert found(one)[0].severity is severity


@pytest.mark.parametrize(
    ("phase", "description", "legal", "severity"),
    [
        ("coverage", "Maximum length string", (10, 9), Severity.BREACH),
        ("coverage", "Maximum length string", (10, 2), Severity.OPINION),
        ("coverage", "Maximum length string", (0, 0), Severity.OPINION),
        ("coverage", "Valid string", (10, 9), Severity.OPINION),
        ("fuzzing", "Maximum length string", (10, 9), Severity.OPINION),
    ],
)
def test_a_refused_legal_request_counts_only_at_a_limit_that_the_contract_names(
    phase: str, description: str, legal: tuple[int, int], severity: Severity
) -> None:
    one = hit("RejectedPositiveData", 400, phase=phase, description=description)
    assert found(one, legal={ORDERS.label: legal})[0].severity is severity


def test_a_limit_without_which_the_request_is_accepted_is_refused_whatever_became_of_others() -> None:
    said = "Object with valid 'note' value: Near-boundary length string"
    one = hit("RejectedPositiveData", 400, phase="coverage", description=said)
    assert found(one, legal={ORDERS.label: (16, 2)})[0].severity is Severity.OPINION, "the control: nothing shows it"
    shown = replace(one, needs=("body /note",))
    assert found(shown, legal={ORDERS.label: (16, 2)})[0].severity is Severity.BREACH
    anywhere = replace(shown, description="Valid string")
    assert found(anywhere, legal={ORDERS.label: (16, 2)})[0].severity is Severity.OPINION


def test_the_worst_comes_first() -> None:
    made = found(
        hit("AllowHeaderMismatch", 405),
        hit("UndefinedStatusCode", 404),
        hit("IgnoredAuth", 200),
        hit("ServerError", 500),
    )
    assert [cause.severity for cause in made] == [
        Severity.CRASH,
        Severity.SECURITY,
        Severity.BREACH,
        Severity.OPINION,
    ]


def test_a_request_that_stands_alone_is_shown_before_one_that_needs_others() -> None:
    alone = hit("UndefinedStatusCode", 404, phase="coverage", weight=500)
    chained = hit("UndefinedStatusCode", 404, phase="stateful", weight=10)
    assert found(chained, alone)[0].hit is alone


def test_a_breach_does_not_hide_behind_an_opinion() -> None:
    off = hit("ServerError", 503)
    broken = hit("JsonSchemaError", 503, detail={"instance_path": "x", "schema_path": "type", "wrong": "x"})
    assert {one.severity for one in found(off, broken)} == {Severity.OPINION, Severity.BREACH}
    crash = hit("ServerError", 500)
    behind = hit("JsonSchemaError", 500, detail={"instance_path": "x", "schema_path": "type", "wrong": "x"})
    assert [one.severity for one in found(crash, behind)] == [Severity.CRASH]
