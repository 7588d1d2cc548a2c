"""What the gate's test of itself came to, line by line."""

from collections.abc import Iterator

from harness.formats.gate_sentences import say_cause
from harness.formats.terminal_text import tame
from harness.formats.terminal_words import word
from harness.model.gate import Ruling
from harness.rules.selftesting import Row

_SAID = {
    "refused": ("refused", "已拒绝"),
    "passed": ("LET THROUGH", "放行"),
    "other": ("refused, not for {}", "已拒绝，但原因不是 {}"),
    "not asked": ("not asked by this policy", "该策略未涉及"),
    "sum": ("{} ways spoilt, {} refused; {} not asked by this policy", "共 {} 种破坏，拒绝 {} 种；{} 种该策略未涉及"),
    "never": (
        "nothing is proved: not even evidence in which everything passed gets through",
        "什么也没有证明：即使全部通过的证据也不能放行",
    ),
}


def selftest_text(baseline: Ruling, rows: tuple[Row, ...], language: str = "en") -> str:
    """The table of one tier, and the sum."""
    lines = [f"{tame(baseline.release)} → {tame(baseline.to)}   {word(baseline.decision.value, language)}", ""]
    if not rows:
        lines.append(_said("never", language))
        causes = (*baseline.failures, *baseline.doubts)
        lines += [f"  {tame(one.about)}: {tame(say_cause(one, language))}" for one in causes]
        return "\n".join(lines) + "\n"
    lines += _table(rows, language)
    asked = [one for one in rows if one.decision is not None]
    good = sum(one.good for one in asked)
    lines += ["", _said("sum", language).format(len(asked), good, len(rows) - len(asked))]
    return "\n".join(lines) + "\n"


def _table(rows: tuple[Row, ...], language: str) -> Iterator[str]:
    for one in rows:
        if one.decision is None:
            said = _said("not asked", language)
        elif one.good:
            said = f"{_said('refused', language)}: {one.wanted}"
        elif one.decision.value == "pass":
            said = _said("passed", language)
        else:
            said = _said("other", language).format(one.wanted)
        yield f"  {one.name:<44} {said}"


def _said(key: str, language: str) -> str:
    return _SAID[key][language == "zh"]
