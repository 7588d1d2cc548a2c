"""Why something was left out of a plan, in the reader's language: the plan keeps the English sentence."""

import re

from harness.formats.mock_words import in_chinese
from harness.model.plan import Plan

_WHAT = {"everything else": "其余全部"}
_JUDGED = {"automatic": "自动", "assisted": "协助演示", "by-hand": "人工"}
_WHY = (
    (r"the policy of (.+) does not name this suite", r"\1 的策略未包含该套件"),
    (r"its priority is `(.+)`", r"其优先级为 `\1`"),
    (r"it is for (.+)", r"它只适用于 \1"),
    (r"it is judged (.+) by (.+), without a script", r"由 \2 判断（\1），没有脚本"),
    (r"no `contract` is named for it", "没有为它登记 `contract`"),
    (r"(.+) names no profile for (.+)", r"\1 没有为 \2 指定负载"),
    (r"--only names nothing here", "--only 在此没有匹配任何内容"),
    (r"no request is recorded for it", "没有为它录制请求"),
    (r"the recorded requests are not sent: (.+)", r"录制的请求不予发送：\1"),
    (
        r"the policy of (.+) limits methods, and a generator can't be held to that: only recorded probes may run there",
        r"\1 的策略限制了请求方法，而生成器无法遵守：那里只能执行录制的请求",
    ),
    (
        r"the policy of (.+) limits methods: only criteria that name .+ in `tiers` run there",
        r"\1 的策略限制了请求方法：只执行 `tiers` 中列出该环境的准则",
    ),
    (
        r"the tier's policy grants no `rate`, and a guarded tier is not loaded without a cap",
        "该环境的策略没有给出 `rate`，受保护的环境没有上限就不施加负载",
    ),
    (
        r"profile `(.+)` asks for (.+) /s, the tier's policy grants (.+) /s",
        r"负载 `\1` 要求每秒 \2 次，该环境的策略只允许每秒 \3 次",
    ),
    (
        r"profile `(.+)` asks for (\d+) users, the tier's policy grants (\d+)",
        r"负载 `\1` 要求 \2 个用户，该环境的策略只允许 \3 个",
    ),
)


def left_out_in(plan: Plan, language: str) -> tuple[tuple[str, str], ...]:
    """What a plan left out, and why; in English where no other words are known."""
    if language != "zh":
        return plan.left_out
    return tuple((_WHAT.get(what, what), _why(why)) for what, why in plan.left_out)


def _why(why: str) -> str:
    found = ((re.fullmatch(pattern, why), zh) for pattern, zh in _WHY)
    told = next((match.expand(zh) for match, zh in found if match), None) or in_chinese(why)
    return re.sub(r"（([a-z-]+)）", lambda match: f"（{_JUDGED.get(match[1], match[1])}）", told)
