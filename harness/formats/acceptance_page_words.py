"""Words of certificate and acceptance report, in English and Chinese."""

from harness.model.acceptance import Change, Decision, Said, State
from harness.model.criteria import Priority
from harness.model.evidence import Outcome
from harness.model.signoff import Grade

Pair = tuple[str, str]
STATES: dict[State, Pair] = {
    State.OPEN: ("Not everybody has signed", "尚未全部签署"),
    State.ACCEPTED: ("Accepted", "已接受"),
    State.CONDITIONAL: ("Accepted with conditions", "有条件接受"),
    State.REJECTED: ("Not accepted", "未接受"),
    State.EXPIRED: ("Expired", "已过期"),
}
DECISIONS: dict[Decision, Pair] = {
    Decision.ACCEPT: ("accepts", "接受"),
    Decision.CONDITIONS: ("accepts with conditions", "有条件接受"),
    Decision.REJECT: ("does not accept", "不接受"),
}
SAID: dict[Said, Pair] = {
    Said.YES: ("works", "符合"),
    Said.NO: ("does not work", "不符合"),
    Said.CANT_TELL: ("can't tell", "无法判断"),
}
OUTCOMES: dict[Outcome | None, Pair] = {
    Outcome.PASSED: ("passed", "通过"),
    Outcome.FAILED: ("failed", "失败"),
    Outcome.BROKEN: ("could not be told", "无法判定"),
    Outcome.SKIPPED: ("skipped", "已跳过"),
    None: ("tried by a person", "由人试用"),
}
CHANGES: dict[Change, Pair] = {
    Change.NEW: ("new", "新增"),
    Change.WORDS: ("reworded", "内容有变"),
    Change.RESULT: ("another result", "结果有变"),
    Change.SAME: ("as before", "无变化"),
}
PRIORITIES: dict[Priority, Pair] = {
    Priority.MUST: ("Must", "必须"),
    Priority.SHOULD: ("Should", "应该"),
    Priority.COULD: ("Could", "可以"),
    Priority.WONT: ("Not now", "暂不"),
}
GRADES: dict[Grade, Pair] = {
    Grade.PASSWORD: ("password", "密码"),
    Grade.TOTP: ("password and one-time code", "密码和一次性代码"),
    Grade.PASSKEY: ("own passkey", "本人通行密钥"),
}
WORDS: dict[str, Pair] = {
    "certificate": ("Certificate of acceptance", "验收证书"),
    "report": ("Acceptance report", "验收报告"),
    "release": ("Release", "版本"),
    "tier": ("Tried on", "试用环境"),
    "phase": ("Phase", "阶段"),
    "frozen": ("Frozen", "冻结时间"),
    "package": ("SHA-256 of what was signed", "签署内容的 SHA-256"),
    "deployed": ("Deployed there", "所部署版本"),
    "artifacts": ("Artifacts", "制品"),
    "signatures": ("Signatures", "签署"),
    "nobody": ("Nobody has signed.", "尚无人签署。"),
    "name": ("Name", "姓名"),
    "role": ("Title and role", "职务与角色"),
    "decision": ("Decision", "决定"),
    "time": ("Time", "时间"),
    "proof": ("Proof", "凭证"),
    "entry": ("log entry", "日志条目"),
    "withdrawn": ("withdrawn later", "其后撤回"),
    "meaning": ("What was signed", "签署文本"),
    "conditions": ("Conditions", "条件"),
    "about": ("About", "涉及"),
    "what": ("What must be done", "须完成事项"),
    "who": ("By whom", "负责人"),
    "when": ("By when", "期限"),
    "before": ("before {tier}", "进入 {tier} 之前"),
    "criteria": ("What was asked", "验收准则"),
    "criterion": ("Criterion", "准则"),
    "priority": ("Priority", "优先级"),
    "seen": ("Seen by the tests", "测试结果"),
    "answers": ("Answers", "答复"),
    "since": ("Since the last acceptance", "自上次验收"),
    "runs": ("Runs it rests on", "所依据的测试运行"),
    "run": ("Run", "运行"),
    "counts": ("Checks: passed, failed, not told, skipped", "检查：通过、失败、无法判定、跳过"),
    "findings": ("Known problems", "已知问题"),
    "none": ("None.", "无。"),
    "evidence": ("Evidence", "证据"),
    "file": ("File", "文件"),
    "check": (
        "This page is a view; what counts is the bundle. Check it by harness verify, with the key that your gate pins.",
        "本页仅为展示，以验收包为准。请使用 harness verify 及发布门所固定的公钥进行核验。",
    ),
    "log": ("Log {origin}: {size} entries, root {root}", "日志 {origin}：共 {size} 条，根 {root}"),
    "claims": ("No compliance with any law is claimed.", "本文件不声明符合任何法律。"),
}
