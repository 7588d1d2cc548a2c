"""Operations that a contract declares and a system does not have: whatever they are asked, they are not there."""

from harness.formats.curl import Request
from harness.model.plan import ContractWork
from harness.rules.findings import Hit
from harness.runners.contract_events import Shown, Told

_NOT_THERE = frozenset(("404", "405", "501"))
_LEAST = 3


def note_absent(told: Told, work: ContractWork, base_url: str) -> None:
    """Add a hit for each. A 404 says so only of a path without parameters, and only where others are there."""
    somewhere = any(set(counts) - _NOT_THERE for counts in told.seen.values())
    for operation in work.operations:
        counts = told.seen.get(operation.label, {})
        legal, _ = told.legal.get(operation.label, (0, 0))
        gone = {"405", "501"} if "{" in operation.path else _NOT_THERE
        if not somewhere or legal < _LEAST or not counts or not set(counts) <= gone:
            continue
        said = ", ".join(f"{status} x {count}" for status, count in sorted(counts.items()))
        told.requests.append(Shown(request=Request(method=operation.method, url=base_url + operation.path)))
        told.hits.append(
            Hit(
                operation=operation.label,
                rule="operation_absent",
                kind="AbsentOperation",
                status=int(max(counts, key=lambda status: counts[status])),
                answer=said,
                message=f"it answered {said}",
                source=len(told.requests) - 1,
            )
        )
