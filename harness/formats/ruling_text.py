"""A ruling as people read it: on the terminal, as Markdown for a CI step, as JUnit for tools that read nothing else."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from harness.formats.gate_sentences import cure, say_cause, topic_of
from harness.formats.markdown import plain
from harness.formats.terminal_text import tame
from harness.formats.terminal_words import word
from harness.model.gate import Cause, Ruling
from harness.model.verdict import Decision
from harness.rules.curing import EVERY_CRITERION, Change, Remedy, changes_for

_SIGN = {Decision.PASS: "✅", Decision.FAIL: "❌", Decision.UNDECIDED: "❔"}
_CHANGES = {
    Remedy.DECLARE: ("declare it anew: harness release add {} --again", "重新声明：harness release add {} --again"),
    Remedy.CLOCK: ("set the clocks right: here, and where {} comes from", "校准时钟：本机，以及 {} 的来源"),
    Remedy.MEND: ("mend {}", "修复 {}"),
    Remedy.RUN: ("run the tier: harness run {} --release {release}", "运行该环境：harness run {} --release {release}"),
    Remedy.FETCH: ("fetch again or remove {}", "重新获取或移除 {}"),
    Remedy.EXPORT: ("export the sign-offs of {} from the portal", "从门户导出 {} 的签署"),
    Remedy.SIGN: ("have {} signed in the portal", "请在门户中签署 {}"),
}
_WORDS = {
    "rests on": ("rests on", "依据"),
    "waived": ("waived", "已豁免"),
    "flaky": ("flaky, within the budget", "时好时坏（在限额内）"),
    "first": (
        "first release here: nothing earlier is compared with, and nothing earlier is needed",
        "这里的第一个版本：没有更早的版本可比较，也不需要",
    ),
    "unsigned": (
        "{} came from elsewhere and no pinned key vouches for it: harness help gate, [trust] runners",
        "{} 来自其他机器且没有登记的密钥为其担保：harness help gate，[trust] runners",
    ),
    "every criterion": ("every criterion", "每条准则"),
    "more": ("more", "详见"),
    "to open": ("to open the gate", "要通过门禁"),
    "open": ("nothing: the gate is open", "无需任何改动：门禁已通过"),
}


def ruling_text(ruling: Ruling, language: str = "en") -> str:
    """For a terminal."""
    decision = word(ruling.decision.value, language)
    lines = [f"{decision}   {tame(ruling.release)} → {tame(ruling.to)}", ""]
    for cause in (*ruling.failures, *ruling.doubts):
        lines.append(f"  {tame(cause.tier)}  {tame(cause.about)}")
        lines.append(f"      {tame(say_cause(cause, language))}")
        lines.append(f"      → {tame(cure(cause, language))}")
    lines += [""] if ruling.failures or ruling.doubts else []
    lines += [f"{head:<10}  {tame(said)}" for head, said in _rests(ruling, language)]
    return "\n".join(lines).rstrip() + "\n"


def why_not_text(ruling: Ruling, language: str = "en") -> str:
    """The smallest set of changes that would open the gate, in the order to make them."""
    changes = changes_for(ruling)
    if not changes:
        return _word("open", language) + "\n"
    lines = [f"{_word('to open', language)}:"]
    for number, change in enumerate(changes, 1):
        lines.append(f"  {number}. {tame(change_text(change, ruling, language))}")
        lines += [f"       {tame(one.about)}: {tame(say_cause(one, language))}" for one in change.cures[:5]]
        lines += [f"       … {len(change.cures) - 5}"] if len(change.cures) > 5 else []
    return "\n".join(lines) + "\n"


def change_text(change: Change, ruling: Ruling, language: str = "en") -> str:
    """One change as a sentence."""
    target = change.target
    if target == EVERY_CRITERION:
        target = _word("every criterion", language)
    return _CHANGES[change.remedy][language == "zh"].format(target, release=ruling.release)


def ruling_markdown(ruling: Ruling, language: str = "en") -> str:
    """For the summary page of a CI step."""
    decision = f"{_SIGN[ruling.decision]} {word(ruling.decision.value, language)}"
    lines = [f"## {decision}: {plain(ruling.release)} → {plain(ruling.to)}", ""]
    for cause in (*ruling.failures, *ruling.doubts):
        lines.append(f"- **{plain(cause.tier)} {plain(cause.about)}**: {plain(say_cause(cause, language))}")
        lines.append(f"  <br>{plain(cure(cause, language))}")
    lines += ["", *(f"{head}: {plain(said)}  " for head, said in _rests(ruling, language))]
    return "\n".join(lines).rstrip() + "\n"


def ruling_junit(ruling: Ruling, language: str = "en") -> str:
    """One suite named `gate`: a case for each cause, and one for the decision, so that it is never greener."""
    cases = [_case(cause, "failure", language) for cause in ruling.failures]
    cases += [_case(cause, "error", language) for cause in ruling.doubts]
    kind = {Decision.PASS: "", Decision.FAIL: "failure", Decision.UNDECIDED: "error"}[ruling.decision]
    inner = f"<{kind} message={_quoted(ruling.decision.value)}/>" if kind else ""
    cases.append(f'<testcase classname="gate" name={_quoted(f"{ruling.release} to {ruling.to}")}>{inner}</testcase>')
    failures = len(ruling.failures) + (kind == "failure")
    errors = len(ruling.doubts) + (kind == "error")
    head = f'<testsuite name="gate" tests="{len(cases)}" failures="{failures}" errors="{errors}">'
    return "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', head, *cases, "</testsuite>")) + "\n"


def _case(cause: Cause, kind: str, language: str) -> str:
    said, todo = say_cause(cause, language), cure(cause, language)
    head = f"<testcase classname={_quoted(cause.tier)} name={_quoted(cause.about)}>"
    type_ = _quoted(cause.reason.code.value)
    return f"{head}<{kind} type={type_} message={_quoted(said)}>{escape(tame(todo))}</{kind}></testcase>"


def _quoted(text: str) -> str:
    return quoteattr(tame(text))


def _rests(ruling: Ruling, language: str) -> Iterator[tuple[str, str]]:
    for one in ruling.counted:
        yield _word("rests on", language), f"{one.run} ({one.tier})"
    topics = dict.fromkeys(f"harness help {topic_of(one)}" for one in (*ruling.failures, *ruling.doubts))
    if topics:
        yield _word("more", language), ", ".join(topics)
    for check in ruling.waived:
        yield _word("waived", language), check
    for check in ruling.flaky:
        yield _word("flaky", language), check
    for run in ruling.unsigned:
        yield word("notes", language), _word("unsigned", language).format(run)
    if ruling.first and ruling.decision is Decision.PASS:
        yield word("notes", language), _word("first", language)


def _word(key: str, language: str) -> str:
    return _WORDS[key][language == "zh"]
