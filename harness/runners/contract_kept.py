"""What a contract job leaves beside its checks: coverage as page and data, every finding ready to be replayed."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice

from harness.formats.allure_http import MEDIA_TYPE, exchange
from harness.formats.contract_coverage import coverage_json, coverage_page
from harness.formats.contract_replay import write_stored
from harness.model.evidence import Evidence
from harness.model.plan import ContractWork
from harness.rules.contract_coverage import Promised, undocumented
from harness.runners.contract_events import Told
from harness.runners.contract_findings import Found

FINDINGS = "findings.json"
ACCEPTED = "accepted.json"
_MOST_SHOWN = 20


def day_of(milliseconds: int) -> str:
    """`2026-12-31`, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date().isoformat()


def pages(work: ContractWork, told: Told, promised: tuple[Promised, ...]) -> tuple[Evidence, ...]:
    """`coverage.json` and `coverage.html`; nothing where the engine told of no promise."""
    if not told.promised:
        return ()
    strange = undocumented(work.operations, told.seen)
    labels = {operation.id: operation.label for operation in work.operations}
    page = coverage_page(f"{work.system}: {work.contract}", promised, strange, labels)
    return (
        Evidence(name="coverage.json", media_type="application/json", body=coverage_json(promised, strange)),
        Evidence(name="coverage.html", media_type="text/html", body=page),
    )


def stored_findings(found: tuple[Found, ...], base_url: str) -> Evidence:
    """Every finding with its requests, for `harness replay`."""
    body = json.dumps(
        {
            "kind": "harness/contract-findings",
            "version": 1,
            "findings": [write_stored(one.stored, base_url.rstrip("/")) for one in found],
        },
        ensure_ascii=False,
        indent=1,
    )
    return Evidence(name=FINDINGS, media_type="application/json", body=body.encode("utf-8", "surrogatepass"))


def exchanges(found: Iterable[Found]) -> tuple[Evidence, ...]:
    """The request of each finding beside what was answered, for the report; the worst findings where there are many."""
    return tuple(
        Evidence(
            name=f"request and answer: {one.finding.title}",
            media_type=MEDIA_TYPE,
            body=exchange(one.stored.request, one.finding.status, one.finding.actual or one.finding.message),
        )
        for one in islice(found, _MOST_SHOWN)
    )


def accepted_requests(work: ContractWork, told: Told) -> tuple[Evidence, ...]:
    """One accepted request of each operation that only reads, for `harness contract probes`."""
    names = {operation.label: operation.id for operation in work.operations}
    good = {names[label]: one for label, one in told.good.items() if label in names}
    if not good:
        return ()
    document = {"kind": "harness/contract-accepted", "version": 1, "accepted": good}
    body = json.dumps(document, ensure_ascii=False, indent=1).encode()
    return (Evidence(name=ACCEPTED, media_type="application/json", body=body),)
