"""Which findings against a mock say nothing against it: what its contract leaves a mock no documented way to do.

Each becomes a note that names the gap. Were it a stub's answer instead, the mock's own journal would call it a drift.
"""

import json
import re
from collections.abc import Iterator

from harness.mocks.messages import Source
from harness.model.contract import Contract
from harness.model.evidence import Finding

_REFUSALS = frozenset({400, 401, 415})
_BODILESS = frozenset({204, 304})
_NOT_PARAMETERS = re.compile(r"\bheader (?:Accept|Content-Type|Authorization)\b", re.IGNORECASE)


def no_fault_of_a_mock(finding: Finding, contract: Contract, by_state: frozenset[tuple[str, int]]) -> str | None:
    """Why a finding says nothing against a mock, as a note; None where it does.

    `by_state`: operations and the statuses with which the mock's state refused, by its own journal.
    """
    operation = next((one for one in contract.operations if one.id == finding.operation), None)
    if finding.rule == "ignored_auth":
        return "credentials are not judged: a mock cannot know which one the real dependency refuses"
    if finding.rule == "status_code_conformance" and finding.status in _REFUSALS:
        return f"a gap of the contract: {finding.operation} refuses with {finding.status}, which is not documented"
    if finding.rule == "status_code_conformance" and (finding.operation, finding.status) in by_state:
        return f"a gap of the contract: {finding.operation} documents no {finding.status} for what is not there"
    if operation is not None and ("#" in operation.path or "?" in operation.path):
        return f"a gap of the contract: no request has the path of {finding.operation}, {operation.path}"
    if finding.status in _BODILESS and finding.rule == "response_schema_conformance":
        return f"a gap of the contract: {finding.operation} documents a body for {finding.status}, which never has one"
    if _NOT_PARAMETERS.search(f"{finding.location} {finding.title}"):
        return f"a gap of the contract: {finding.operation} documents a header parameter that OpenAPI says to ignore"
    return None


def refused_by_state(journal: bytes) -> frozenset[tuple[str, int]]:
    """Operations and statuses with which the state of a mock refused, from its journal."""
    return frozenset(_refusals(journal))


def _refusals(journal: bytes) -> Iterator[tuple[str, int]]:
    for line in journal.splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict) and told.get("source") == Source.STATE.value:
            operation, status = told.get("operation"), told.get("status")
            if isinstance(operation, str) and isinstance(status, int) and status >= 400:
                yield operation, status
