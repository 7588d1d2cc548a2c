"""The words of a report's first page, in English and Chinese."""

from harness.formats.terminal_words import word
from harness.model.report import Account, Standing

_WORDS = {
    "verdict": ("verdict", "结论"),
    "reason": ("reason", "原因"),
    "reasons": ("Reasons", "原因"),
    "to do": ("What to do", "怎么办"),
    "about": ("About", "对象"),
    "tier": ("tier", "环境"),
    "run": ("run", "运行"),
    "release": ("release", "版本"),
    "seed": ("seed", "种子"),
    "checks": ("checks", "检查"),
    "sign-off": ("sign-off", "签署"),
    "signatures": ("Sign-off", "签署"),
    "criterion": ("Criterion", "准则"),
    "by": ("By", "签署人"),
    "standing": ("Standing", "状态"),
    "left out": ("Left out", "未包含"),
    "left": ("left out", "未包含"),
    "nothing left out": ("nothing", "无"),
    "limits": ("Limits", "限值"),
    "limit": ("Limit", "限值"),
    "measured": ("Measured", "实测"),
    "outcome": ("Outcome", "结果"),
    "held": ("everything that was promised was exercised and held", "计划中的每一项都已执行并通过"),
    "unasked": ("nobody has to sign", "无需签署"),
    "untrusted": ("can't be believed: {}", "不可信：{}"),
    "signed": ("{} of {} accepted", "已接受 {} / {}"),
    "summary": ("Summary: verdict, reasons, sign-off", "摘要：结论、原因、签署"),
    "more": ("and {} more", "另有 {} 项"),
    "wrong": ("The product is wrong", "产品有误"),
    "silent": ("Promised and never reported", "已承诺但没有结果"),
    "unsure": ("We could not tell", "无法判断"),
    "skipped": ("Skipped", "跳过"),
    Standing.ACCEPTED: ("accepted", "已接受"),
    Standing.CONDITIONED: ("accepted on a condition", "有条件接受"),
    Standing.REJECTED: ("refused", "被拒绝"),
    Standing.OPEN: ("not signed", "未签署"),
}


def said(key: str, language: str, *values: object) -> str:
    """A word or phrase in `en` or `zh`."""
    return _WORDS[key][language == "zh"].format(*values)


def headline(account: Account, language: str = "en") -> str:
    """`FAIL · test, preprod · 2.4.1`: what the report's title and tab say."""
    releases = dict.fromkeys(one.plan.release.name for one in account.chapters if one.plan.release)
    return " · ".join((word(account.decision.value, language), ", ".join(account.tiers), *releases))


def sign_off_line(account: Account, language: str = "en") -> str:
    """How far the release is accepted, in one line."""
    if account.untrusted:
        return said("untrusted", language, account.untrusted)
    if not account.accepted:
        return said("unasked", language)
    good = sum(one.standing is Standing.ACCEPTED for one in account.accepted)
    return said("signed", language, good, len(account.accepted))
