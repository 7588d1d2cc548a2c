"""Criterion × script × tier: what was last shown where, and what has changed since.

A result counts for a criterion only in the version that it was shown in; an older one is stale.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from harness.model.criteria import Criterion
from harness.model.evidence import Outcome, Record, Seen

_WORST_FIRST = (Outcome.FAILED, Outcome.BROKEN, Outcome.SKIPPED, Outcome.PASSED)


class Standing(StrEnum):
    """How a criterion stands on a tier."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    SKIPPED = "skipped"
    STALE = "stale"
    NEVER = "never shown"
    NOT_HERE = "not for this tier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One criterion: where it stands on each tier, in the order asked, and what its journey touches."""

    criterion: Criterion
    standings: tuple[tuple[str, Standing], ...]
    operations: tuple[str, ...]


def matrix(
    criteria: Iterable[Criterion], tiers: tuple[str, ...], records: Mapping[str, tuple[Record, ...]]
) -> tuple[Row, ...]:
    """The rows of all criteria. `records` are each tier's runs; the latest run that attempted a criterion decides."""
    return tuple(
        Row(
            criterion=criterion,
            standings=tuple((tier, _standing(criterion, tier, records.get(tier, ()))) for tier in tiers),
            operations=_operations(criterion, records),
        )
        for criterion in criteria
    )


def untouched(rows: Iterable[Row], operations: Iterable[str]) -> tuple[str, ...]:
    """The operations that no criterion's journey has ever touched."""
    touched = {name for row in rows for name in row.operations}
    return tuple(name for name in operations if name not in touched)


def journeys_of(rows: Iterable[Row], operation: str) -> tuple[Criterion, ...]:
    """The criteria whose journeys touch an operation: what business a broken or changed operation is about."""
    return tuple(row.criterion for row in rows if operation in row.operations)


def _standing(criterion: Criterion, tier: str, records: tuple[Record, ...]) -> Standing:
    if criterion.tiers and tier not in criterion.tiers:
        return Standing.NOT_HERE
    for record in sorted(records, key=lambda one: one.started_ms, reverse=True):
        attempts = _attempts(criterion, record)
        if not attempts:
            continue
        if any(dict(one.labels).get("criterion-version") != criterion.sha256[:12] for one in attempts):
            return Standing.STALE
        return Standing(min((one.outcome for one in attempts), key=_WORST_FIRST.index).value)
    return Standing.NEVER


def _attempts(criterion: Criterion, record: Record) -> tuple[Seen, ...]:
    return tuple(seen for seen in record.seen if ("criterion", criterion.id) in seen.labels)


def _operations(criterion: Criterion, records: Mapping[str, tuple[Record, ...]]) -> tuple[str, ...]:
    seen = (one for runs in records.values() for record in runs for one in _attempts(criterion, record))
    return tuple(dict.fromkeys(value for one in seen for key, value in one.labels if key == "operation"))
