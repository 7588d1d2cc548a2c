"""A bundle that holds, as lines for a terminal, in English and Chinese."""

from datetime import UTC, datetime

from harness.formats.acceptance_checking import Checked
from harness.formats.terminal_text import tame
from harness.model.acceptance import Decision
from harness.model.ledger import Signature

_DECISIONS = {
    Decision.ACCEPT: ("accepted", "接受"),
    Decision.CONDITIONS: ("accepted with conditions", "有条件接受"),
    Decision.REJECT: ("did not accept", "不接受"),
}


def acceptance_text(found: Checked, language: str) -> str:
    """Each package, who signed what when, and what the gate reads of it."""
    zh = language == "zh"
    lines = []
    for sha256, package in found.packages.items():
        about = f"{package.project} {package.release}, {package.tier}"
        lines += [f"{package.code}   {tame(about)}   sha256 {sha256[:16]}"]
        mine = [one for one in found.signatures if one.statement.package_sha256 == sha256]
        lines += [f"  {_line(one, zh=zh)}" for one in mine] or ["  无人签署" if zh else "  nobody signed"]
    lines.append("")
    for one in found.bundle.signoffs:
        lines.append(f"{tame(one.criterion):<12} {one.answer.value:<12} {tame(one.person)}, {tame(one.role)}")
    count, size = len(found.signatures), found.checkpoint.size
    lines.append(
        f"\n全部有效：{count} 个签名，日志共 {size} 条" if zh else f"\nall holds: {count} signatures in a log of {size}"
    )
    return "\n".join(lines)


def _line(one: Signature, *, zh: bool) -> str:
    said = one.statement
    when = datetime.fromtimestamp(one.signed_ms / 1000, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    who = f"{said.name}, {said.title} ({said.role})"
    return f"{tame(who)} {_DECISIONS[said.decision][zh]}   {when}   {one.grade.value}   #{one.number}"
