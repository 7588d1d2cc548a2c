"""Changes of a contract for people: lines for a terminal, Markdown for a pull request."""

from collections.abc import Iterator

from harness.formats.markdown import code, plain
from harness.formats.terminal_text import tame
from harness.formats.terminal_words import counted
from harness.model.change import Change, Weight

_SIGN = {Weight.BREAKING: "❌", Weight.RISKY: "⚠️", Weight.SAFE: "✅"}


def change_lines(changes: tuple[Change, ...]) -> Iterator[str]:
    """Two or three lines a change, and a closing one with the counts."""
    for one in changes:
        yield f"  {one.weight:<8}  {tame(_where(one))}   {tame(one.said)}"
        if one.affected:
            yield f"            affected: {tame(', '.join(one.affected))}"
        if one.way:
            yield f"            {tame(one.way)}   [{one.rule}]"
    yield _summary(changes)


def change_markdown(changes: tuple[Change, ...]) -> str:
    """A list for the text of a pull request."""
    lines = [f"## {_summary(changes)}", ""]
    for one in changes:
        affected = f"; affected: {plain(', '.join(one.affected))}" if one.affected else ""
        way = f" ({plain(one.way)})" if one.way else ""
        lines.append(f"- {_SIGN[one.weight]} {code(_where(one))} {plain(one.said)}{way}{affected}")
    return "\n".join(lines) + "\n"


def _where(change: Change) -> str:
    return f"{change.operation} {change.place}".strip()


def _summary(changes: tuple[Change, ...]) -> str:
    if not changes:
        return "no change that a consumer could see"
    counts = ((weight, sum(one.weight is weight for one in changes)) for weight in Weight)
    return f"{counted('change', len(changes))}: " + ", ".join(f"{count} {weight}" for weight, count in counts if count)
