"""Criteria on a terminal: what is asked about them, how they stand on each tier, and what a table would change."""

from collections.abc import Sequence

from harness.formats.terminal_text import columns, tame
from harness.model.criteria import Criterion
from harness.rules.criteria_lint import Advice
from harness.rules.criteria_matrix import Row, Standing

_ZH: dict[str, str] = {
    "passed": "通过",
    "failed": "失败",
    "broken": "无法判断",
    "skipped": "跳过",
    "stale": "已过期",
    "never shown": "未演示",
    "not for this tier": "不适用",
    "criterion": "验收标准",
    "priority": "优先级",
    "script": "脚本",
    "by hand": "人工",
}
_STALE = {
    "en": "stale: it was changed since it was shown, so it needs a new demonstration",
    "zh": "已过期：演示之后标准有改动，需要重新演示",
}
_UNTOUCHED = {"en": "no journey touches", "zh": "没有任何流程涉及"}
_NOTHING = {"en": "there are no criteria yet: uat/criteria.toml", "zh": "尚无验收标准：uat/criteria.toml"}


def advice_text(advice: tuple[Advice, ...]) -> str:
    """One line for each question, criterion by criterion."""
    rows = [
        (one.criterion, one.rule, f"`{one.words}`: {one.question}" if one.words else one.question) for one in advice
    ]
    return "\n".join(_aligned(rows))


def matrix_text(tiers: tuple[str, ...], rows: tuple[Row, ...], untouched: tuple[str, ...], language: str) -> str:
    """Criterion, priority, script, and one column for each tier; below it what no journey touches."""
    if not rows:
        return _NOTHING[language]
    head = (_word("criterion", language), _word("priority", language), _word("script", language), *tiers)
    table: list[tuple[str, ...]] = [head, *(_row(row, language) for row in rows)]
    lines = _aligned(table)
    if any(standing is Standing.STALE for row in rows for _, standing in row.standings):
        lines += ["", _STALE[language]]
    if untouched:
        lines += ["", f"{_UNTOUCHED[language]}   {', '.join(untouched)}"]
    return "\n".join(lines)


def _row(row: Row, language: str) -> tuple[str, ...]:
    criterion = row.criterion
    return (
        f"{criterion.id} {criterion.title.in_language(language)}",
        criterion.priority.value,
        _script(criterion, language),
        *(_word(standing.value, language) for _, standing in row.standings),
    )


def _script(criterion: Criterion, language: str) -> str:
    return (criterion.demonstration or _word("by hand", language)).partition("::")[0]


def _word(word: str, language: str) -> str:
    return _ZH.get(word, word) if language == "zh" else word


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    safe = [tuple(tame(cell) for cell in row) for row in rows]
    widths = [max(columns(row[column]) for row in safe) for column in range(len(safe[0]))] if safe else []
    return [
        "   ".join(cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in safe
    ]
