"""Why somebody can't sign, or not like that: the sentences are the engine's, so that page and gate say the same."""

from harness.formats.signing_sentences import say_objection, say_rule
from harness.model.acceptance import Eligibility, Objection, Rule, Wrong


def _refused(rule: Rule) -> tuple[str, str]:
    broken = Eligibility(rule=rule, held=False)
    return say_rule(broken, "en"), say_rule(broken, "zh")


def _wrong(wrong: Wrong) -> tuple[str, str]:
    found = Objection(wrong=wrong, criterion="{criterion}")
    return say_objection(found, "en"), say_objection(found, "zh")


RULES: dict[str, tuple[str, str]] = {
    **{f"refused.{rule.value}": _refused(rule) for rule in Rule},
    **{f"wrong.{wrong.value}": _wrong(wrong) for wrong in Wrong},
    "rule.business-side": ("Is of the business side", "属于业务方"),
    "rule.active": ("Account is active", "账户有效"),
    "rule.role-held": ("Holds the role that is asked", "具备所要求的角色"),
    "rule.role-from-another": ("Role was given by somebody else", "角色由他人授予"),
    "rule.not-commit-author": ("Wrote no code of this release", "未编写本次发布的代码"),
    "rule.not-deployer": ("Did not deploy it", "未部署本次发布"),
    "rule.not-script-author": ("Wrote no script that shows it", "未编写演示脚本"),
    "rule.not-importer": ("Did not bring the results", "未导入结果"),
    "rule.not-administrator": ("Does not administer the portal", "不是门户管理员"),
    "rule.in-person": ("Signed in person", "本人签署"),
    "rule.fresh": ("Proved who they are at that moment", "签署时验证了身份"),
    "rule.own-credential": ("Passkey enrolled by themselves", "通行密钥由本人登记"),
    "rule.no-recent-reset": ("Way in was not reset lately", "登录方式近期未被重置"),
    "rule.grade-enough": ("Passkey checked who it was", "通行密钥验证了使用者"),
    "rule.apart": ("Signed no role that must be another's", "未签署须由他人签署的角色"),
    "rule.package-open": ("Package was open", "验收包处于开放状态"),
}
