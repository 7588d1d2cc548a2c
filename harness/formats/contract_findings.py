"""Findings for readers: one paragraph a cause, however many operations share it, the worst first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.formats.terminal_text import tame
from harness.model.evidence import Finding, Severity
from harness.rules.findings import short_name

_ORDER = (Severity.CRASH, Severity.SECURITY, Severity.BREACH, Severity.OPINION)
_WORDS = {
    "en": {
        Severity.CRASH: "crash",
        Severity.SECURITY: "security",
        Severity.BREACH: "breach",
        Severity.OPINION: "opinion",
        "none": "nothing was found",
        "provider": "probably the system",
        "contract": "probably the contract",
        "in": "also in",
        "ways": "in {n} ways",
        "lost": "it did not come again when it was sent once more",
        "accepted": "accepted",
    },
    "zh": {
        Severity.CRASH: "崩溃",
        Severity.SECURITY: "安全",
        Severity.BREACH: "违约",
        Severity.OPINION: "意见",
        "none": "没有发现问题",
        "provider": "可能是系统的问题",
        "contract": "可能是契约的问题",
        "in": "同样出现在",
        "ways": "共 {n} 种方式",
        "lost": "再次发送时没有重现",
        "accepted": "已接受",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseTold:
    """Findings with one reason; the first is the one to show."""

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The one to show."""
        return self.findings[0]

    @property
    def decides(self) -> bool:
        """Whether it makes a check fail."""
        return any(one.severity is not Severity.OPINION and not one.accepted for one in self.findings)


def causes_of(findings: Iterable[Finding]) -> tuple[CauseTold, ...]:
    """Findings by their cause: what decides first, then by severity, then by how many operations are hit."""
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(finding.cause or finding.id, []).append(finding)
    told = [CauseTold(findings=tuple(sorted(some, key=_shown_first))) for some in grouped.values()]
    return tuple(sorted(told, key=lambda one: (not one.decides, _ORDER.index(one.first.severity), -len(one.findings))))


def causes_text(causes: tuple[CauseTold, ...], language: str) -> str:
    """For the terminal."""
    words: dict[Any, str] = _WORDS["zh" if language == "zh" else "en"]
    return "\n\n".join(_paragraph(one, words, language) for one in causes) or words["none"]


def causes_json(causes: tuple[CauseTold, ...]) -> list[dict[str, Any]]:
    """For programs."""
    return [
        {
            "cause": one.first.cause,
            "severity": one.first.severity,
            "decides": one.decides,
            "title": one.first.title,
            "owner": one.first.owner,
            "expected": one.first.expected,
            "actual": one.first.actual,
            "rule": one.first.rule,
            "place": one.first.place,
            "curl": one.first.curl,
            "findings": [
                {
                    "id": finding.id,
                    "short": short_name(finding.id),
                    "operation": finding.operation,
                    "again": finding.again,
                    "accepted": finding.accepted,
                    "count": finding.count,
                }
                for finding in one.findings
            ],
        }
        for one in causes
    ]


def _paragraph(one: CauseTold, words: dict[Any, str], language: str) -> str:
    first = one.first
    title = first.title_zh if language == "zh" and first.title_zh else first.title
    lines = [f"{short_name(first.id)}  {words[first.severity]}  {title}"]
    others = tuple(dict.fromkeys(f.operation for f in one.findings if f.operation != first.operation))
    if len(one.findings) > 1:
        lines.append("  " + words["ways"].format(n=len(one.findings)))
    if others:
        more = f" + {len(others) - 6}" if len(others) > 6 else ""
        lines.append(f"  {words['in']} {', '.join(others[:6])}{more}")
    if first.expected or first.actual:
        lines.append(f"  {first.expected or '-'}  ≠  {first.actual or '-'}")
    facts = [first.place or "", first.rule, words.get(first.owner, "")]
    lines.append("  " + "   ".join(fact for fact in facts if fact))
    if first.accepted:
        lines.append(f"  {words['accepted']} {first.accepted}")
    if first.again is False:
        lines.append(f"  {words['lost']}")
    lines.append(f"  {first.curl}")
    return "\n".join(tame(line) for line in lines)


def _shown_first(finding: Finding) -> tuple[bool, int, bool, int]:
    return (
        bool(finding.accepted),
        _ORDER.index(finding.severity),
        finding.again is False,
        len(finding.curl),
    )
