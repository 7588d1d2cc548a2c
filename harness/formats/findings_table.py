"""The improvement list: on a terminal, as a table for a spreadsheet, and as plain values for other tools."""

import csv
import io
from datetime import UTC, datetime

from harness.formats.criteria_csv import BOM, guarded
from harness.formats.terminal_text import tame
from harness.model.walk import Improvement

COLUMNS = (
    *("id", "state", "kind", "hurts", "criterion", "criterion-version", "words", "step"),
    *("tier", "run", "at", "picture", "reason", "by", "ref"),
)
_ZH = {
    "new": "新建",
    "planned": "已计划",
    "fixed": "已修复",
    "closed": "已关闭",
    "declined": "不处理",
    "does-not-work": "不能正常工作",
    "wish": "希望",
    "question": "疑问",
    "must": "必须",
    "should": "应当",
    "could": "可以",
}
_NOTHING = {"en": "nobody has reported anything", "zh": "尚无任何反馈"}


def row_of(one: Improvement) -> dict[str, str]:
    """One line of the list by its columns."""
    said, ruled = one.feedback, one.ruled
    at = datetime.fromtimestamp(said.at_ms / 1000, tz=UTC).isoformat(timespec="seconds")
    values = (
        *(said.id, ruled.state.value, said.kind.value, said.hurts.value, said.criterion, said.version, said.words),
        *(said.step, one.tier, one.run, at, said.picture, ruled.reason, ruled.by, ruled.ref),
    )
    return dict(zip(COLUMNS, values, strict=True))


def findings_csv(found: tuple[Improvement, ...]) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it; no cell is a formula."""
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for one in found:
        table.writerow([guarded(cell) for cell in row_of(one).values()])
    return BOM + out.getvalue().encode("utf-8")


def findings_text(found: tuple[Improvement, ...], language: str) -> str:
    """One paragraph each, in the order of the list."""
    if not found:
        return _NOTHING[language]
    return "\n\n".join(_paragraph(row_of(one), language) for one in found)


def _paragraph(row: dict[str, str], language: str) -> str:
    said = {
        name: _ZH.get(row[name], row[name]) if language == "zh" else row[name] for name in ("state", "kind", "hurts")
    }
    head = f"{row['id']}   {said['state']}   {said['kind']}   {said['hurts']}   {row['criterion']}   {row['tier']}"
    words = "\n".join(f"    {tame(line)}" for line in row["words"].splitlines())
    why = tame(" ".join(part for part in (row["reason"], row["by"] and f"({row['by']})", row["ref"]) if part))
    place = f"    evidence {row['picture'][:12]} in {row['run']}" if row["picture"] else f"    run {row['run']}"
    return "\n".join(part for part in (tame(head), words, place, f"    {why}" if why else "") if part)
