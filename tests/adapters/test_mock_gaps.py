"""A finding is excused only where the contract leaves a mock no way to do better, and then the gap is named."""

import json

import pytest

from harness.actions.mock_gaps import no_fault_of_a_mock, refused_by_state
from harness.model.contract import Contract, Dialect, Operation
from harness.model.evidence import Finding, Severity

CONTRACT = Contract(
    path="c.json", dialect=Dialect.OPENAPI_30, title="t", version="1", sha256="", document={},
    operations=(
        Operation(id="get", method="GET", path="/a/{id}", statuses=("200",)),
        Operation(id="untag", method="DELETE", path="/tags#keys", statuses=("204",)),
    ),
)  # fmt: skip
BY_STATE = frozenset({("get", 404)})


def finding(rule: str, status: int | None, operation: str = "get", title: str = "wrong") -> Finding:
    return Finding(
        id="1", operation=operation, rule=rule, severity=Severity.BREACH, title=title, message="", status=status
    )


@pytest.mark.parametrize(
    ("found", "gap"),
    [
        (finding("status_code_conformance", 404), "documents no 404"),
        (finding("status_code_conformance", 400), "refuses with 400"),
        (finding("response_schema_conformance", 204), "never has one"),
        (finding("is there", None, "untag"), "no request has the path"),
        (finding("ignored_auth", 200), "credentials"),
        (finding("missing_required_header", 200, title="header Accept"), "header parameter"),
    ],
)
def test_a_gap_of_the_contract_is_no_fault_of_a_mock(found: Finding, gap: str) -> None:
    assert gap in (no_fault_of_a_mock(found, CONTRACT, BY_STATE) or "")


@pytest.mark.parametrize(
    "found",
    [
        finding("status_code_conformance", 409),
        finding("status_code_conformance", 404, "list"),
        finding("status_code_conformance", 500),
        finding("response_schema_conformance", 200),
        finding("use_after_free", 200),
        finding("not_a_server_error", 500),
    ],
)
def test_control_what_a_mock_could_have_done_better_counts(found: Finding) -> None:
    assert no_fault_of_a_mock(found, CONTRACT, BY_STATE) is None


def test_only_what_state_refused_is_taken_from_the_journal() -> None:
    lines = (
        {"kind": "interaction", "operation": "get", "status": 404, "source": "state"},
        {"kind": "interaction", "operation": "get", "status": 200, "source": "state"},
        {"kind": "interaction", "operation": "other", "status": 404, "source": "unmatched"},
        {"kind": "counted", "operation": "put", "status": 412, "source": "state", "count": 3},
    )
    journal = b"\n".join(json.dumps(line).encode() for line in lines) + b"\n{torn"
    assert refused_by_state(journal) == {("get", 404), ("put", 412)}
