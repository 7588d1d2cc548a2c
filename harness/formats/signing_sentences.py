"""Why somebody can't sign, or not like that: one sentence for each rule and objection, in English and Chinese."""

from harness.model.acceptance import Eligibility, Objection, Rule, Wrong

_RULES: dict[Rule, tuple[str, str]] = {
    Rule.BUSINESS_SIDE: ("Only people of the business side sign.", "只有业务方人员可以签署。"),
    Rule.ACTIVE: ("This account is switched off.", "该账户已停用。"),
    Rule.ROLE_HELD: (
        "You do not hold the role that is asked to sign here.",
        "您不具备此处要求签署的角色。",
    ),
    Rule.ROLE_FROM_ANOTHER: (
        "Nobody else gave you this role, so it does not count.",
        "该角色并非由他人授予，因此无效。",
    ),
    Rule.NOT_COMMIT_AUTHOR: (
        "You wrote code for this release, so you can't accept it.",
        "您为本次发布编写了代码，因此不能接受它。",
    ),
    Rule.NOT_DEPLOYER: (
        "You deployed this release, so you can't accept it.",
        "您部署了本次发布，因此不能接受它。",
    ),
    Rule.NOT_SCRIPT_AUTHOR: (
        "You wrote scripts that demonstrate it, so you can't accept it.",
        "您编写了演示脚本，因此不能接受它。",
    ),
    Rule.NOT_IMPORTER: (
        "You brought the results here, so you can't accept them.",
        "这些结果由您导入，因此您不能接受它们。",
    ),
    Rule.NOT_ADMINISTRATOR: (
        "Whoever administers the portal can't sign in it.",
        "门户管理员不能在门户中签署。",
    ),
    Rule.IN_PERSON: (
        "Only you yourself can sign, at a browser of your own.",
        "只有您本人可以在自己的浏览器中签署。",
    ),
    Rule.FRESH: (
        "You proved who you are too long ago. Please do it again.",
        "您的身份验证已过期，请重新验证。",
    ),
    Rule.OWN_CREDENTIAL: (
        "This passkey was not enrolled by you.",
        "该通行密钥不是由您登记的。",
    ),
    Rule.NO_RECENT_RESET: (
        "Somebody changed how you sign in less than a day ago. For your protection you can sign tomorrow.",
        "不到一天前有人更改了您的登录方式。为保护您，请明天再签署。",
    ),
    Rule.GRADE_ENOUGH: (
        "A passkey that checks who you are is needed for this signature.",
        "此签署需要能够验证您身份的通行密钥。",
    ),
    Rule.APART: (
        "You have signed this package in a role that must be another person's.",
        "您已以另一角色签署此验收包，而两者须由不同人员签署。",
    ),
    Rule.PACKAGE_OPEN: (
        "This package is no longer open for signing.",
        "此验收包已不可签署。",
    ),
}
_OBJECTIONS: dict[Wrong, tuple[str, str]] = {
    Wrong.NOTHING_ASKED: ("Your role is asked nothing in this package.", "此验收包未向您的角色提出任何问题。"),
    Wrong.ANSWER_MISSING: ("{criterion} has no answer yet.", "{criterion} 尚未答复。"),
    Wrong.ANSWER_TWICE: ("{criterion} is answered twice.", "{criterion} 有两个答复。"),
    Wrong.ANSWER_NOT_ASKED: ("{criterion} is not for you to answer.", "{criterion} 不由您答复。"),
    Wrong.ANSWER_OLD_VERSION: (
        "{criterion} has other words now than those you answered.",
        "{criterion} 的内容已与您答复时不同。",
    ),
    Wrong.MUST_NOT_WORKING: (
        "{criterion} must work, and it does not. It can't be accepted until it does.",
        "{criterion} 为必须项，但目前不符合。在其符合之前不能接受。",
    ),
    Wrong.SHOULD_NEEDS_CONDITION: (
        "{criterion} does not work as it should: say what must be done, by whom and by when.",
        "{criterion} 未达到预期：请说明须做什么、由谁、何时完成。",
    ),
    Wrong.CONDITIONS_MISSING: (
        "You accept with conditions, and there is none yet.",
        "您选择了有条件接受，但尚未填写任何条件。",
    ),
    Wrong.CONDITIONS_UNWANTED: (
        "There are conditions, and your decision has none.",
        "存在条件，但您的决定不含条件。",
    ),
    Wrong.CONDITION_TWICE: (
        "{criterion} has two conditions: please put them into one.",
        "{criterion} 有两个条件，请合并为一个。",
    ),
    Wrong.CONDITION_NOT_ASKED: (
        "A condition is about {criterion}, which is not for you to answer.",
        "有一个条件针对 {criterion}，而它不由您答复。",
    ),
    Wrong.CONDITION_INCOMPLETE: (
        "The condition for {criterion} needs words and somebody who sees to it.",
        "{criterion} 的条件需要写明内容和负责人。",
    ),
    Wrong.CONDITION_PAST: (
        "The condition for {criterion} needs a day that is still to come.",
        "{criterion} 的条件需要一个将来的日期。",
    ),
    Wrong.REASON_MISSING: ("Please say why you do not accept.", "请说明不接受的理由。"),
    Wrong.OTHER_PACKAGE: (
        "This was shown for another package. Please read it again.",
        "所显示的是另一个验收包，请重新阅读。",
    ),
    Wrong.OTHER_TEXT: (
        "The words to sign are not those of the package. Please read them again.",
        "签署文本与验收包不一致，请重新阅读。",
    ),
    Wrong.EXPIRED: ("That took too long. Please sign again.", "时间过长，请重新签署。"),
}


def say_rule(one: Eligibility, language: str) -> str:
    """Why this rule keeps somebody from signing."""
    return _RULES[one.rule][language == "zh"]


def say_objection(one: Objection, language: str) -> str:
    """What is wrong with a decision, and about which criterion."""
    return _OBJECTIONS[one.wrong][language == "zh"].replace("{criterion}", one.criterion)
