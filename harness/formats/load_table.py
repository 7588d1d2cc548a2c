"""The figures of a load run by operation, as CSV: what a spreadsheet or the report shows as a table."""

import csv
import io

from harness.model.figures import Figures, OperationFigures
from harness.rules.histogram import percentile_us
from harness.rules.limits import all_together

_HEAD = ("operation", "requests", "failed", "per second", "p50 ms", "p95 ms", "p99 ms", "max ms", "service p99 ms")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def load_table(figures: Figures) -> bytes:
    """One line an operation, and one for all; empty cells where nothing was measured."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*_HEAD, "errors"))
    for operation in (*figures.operations, all_together(figures.operations)):
        writer.writerow(_row(operation, figures.window_s))
    return text.getvalue().encode()


def _row(operation: OperationFigures, window_s: float) -> tuple[str, ...]:
    errors = "; ".join(f"{_harmless(kind)}: {count}" for kind, count in operation.errors.items())
    return (
        _harmless(operation.name),
        str(operation.requests),
        str(operation.failed),
        f"{operation.answered / window_s:.1f}" if window_s > 0 else "",
        *(_ms(percentile_us(operation.response_us, percent)) for percent in (50, 95, 99)),
        _ms(operation.max_us if operation.response_us else None),
        _ms(percentile_us(operation.service_us, 99)),
        errors,
    )


def _ms(time_us: int | None) -> str:
    return "" if time_us is None else f"{time_us / 1000:.1f}"


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
