"""What another policy would have said, release by release: what it stops, what it lets through, and why."""

from collections.abc import Iterator

from harness.formats.gate_sentences import say_cause
from harness.formats.terminal_text import tame
from harness.formats.terminal_words import word
from harness.model.gate import Cause, Replayed

_SAID = {
    "stopped": ("would have been stopped", "会被拦下"),
    "let through": ("would have gone through", "会被放行"),
    "unguarded": ("not guarded", "未设门禁"),
    "none": (
        "no release was declared here yet: harness release add NAME",
        "这里尚未声明任何版本：harness release add NAME",
    ),
    "sum": (
        "{stopped} of {all} would have been stopped, {let} let through, {same} decided alike",
        "共 {all} 个：{stopped} 个会被拦下，{let} 个会被放行，{same} 个结论不变",
    ),
}
_MOST = 5


def replay_text(rows: tuple[Replayed, ...], language: str = "en") -> str:
    """A line for each release and tier, reasons where it is decided otherwise, and the sum."""
    if not rows:
        return _said("none", language) + "\n"
    lines = [line for one in rows for line in _row(one, language)]
    stopped, let = sum(one.stopped for one in rows), sum(one.let_through for one in rows)
    same = len(rows) - stopped - let
    told = _said("sum", language).format(all=len(rows), stopped=stopped, let=let, same=same)
    return "\n".join([*lines, "", told]) + "\n"


def _row(one: Replayed, language: str) -> Iterator[str]:
    before = word(one.before.decision.value, language) if one.before else _said("unguarded", language)
    after = word(one.after.decision.value, language) if one.after else _said("unguarded", language)
    otherwise = "stopped" if one.stopped else "let through" if one.let_through else ""
    said = f"   {_said(otherwise, language)}" if otherwise else ""
    yield f"{tame(one.release)} → {tame(one.to)}   {before} → {after}{said}"
    for cause in new_causes(one)[:_MOST] if one.stopped else ():
        yield f"    {tame(cause.about)}: {tame(say_cause(cause, language))}"


def new_causes(one: Replayed) -> tuple[Cause, ...]:
    """What speaks against it now and did not before."""
    if one.after is None:
        return ()
    known = {*one.before.failures, *one.before.doubts} if one.before else set()
    return tuple(cause for cause in (*one.after.failures, *one.after.doubts) if cause not in known)


def _said(key: str, language: str) -> str:
    return _SAID[key][language == "zh"]
