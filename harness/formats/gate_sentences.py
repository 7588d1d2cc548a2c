"""The gate's reasons as sentences, in English and Chinese, each with what to do next.

Reasons that came from a run keep the words that `harness.formats.sentences` has for them.
"""

from collections import defaultdict

from harness.formats import sentences
from harness.formats.sentences import Wording
from harness.model.gate import Cause, GateCode, GateReason


def say_cause(cause: Cause, language: str = "en") -> str:
    """The sentence of a cause in `en` or `zh`."""
    if not isinstance(cause.reason, GateReason):
        return sentences.say(cause.reason, language)
    wording = WORDINGS[cause.reason.code]
    return _filled(wording.zh if language == "zh" else wording.en, cause.reason)


def cure(cause: Cause, language: str = "en") -> str:
    """What to do about a cause, in `en` or `zh`."""
    if not isinstance(cause.reason, GateReason):
        return sentences.what_to_do(cause.reason, language)
    wording = WORDINGS[cause.reason.code]
    return _filled(wording.todo_zh if language == "zh" else wording.todo_en, cause.reason)


def topic_of(cause: Cause) -> str:
    """The page of the manual that has more: `harness help TOPIC`."""
    if isinstance(cause.reason, GateReason):
        return "gate"
    suite = cause.about.partition(":")[0]
    return {"load": "load", "uat": "uat", "mock": "mocks"}.get(suite, "verdict")


def _filled(template: str, reason: GateReason) -> str:
    values: defaultdict[str, str] = defaultdict(lambda: "?")
    values.update(reason.values)
    return template.format_map(values)


def _w(en: str, zh: str, todo_en: str, todo_zh: str) -> Wording:
    return Wording(en=en, zh=zh, todo_en=todo_en, todo_zh=todo_zh)


WORDINGS: dict[GateCode, Wording] = {
    # the release
    GateCode.NOT_DECLARED: _w(
        "release {release} was never declared here, so no evidence can be bound to it",
        "版本 {release} 从未在此声明，因此没有证据可以归属于它",
        "declare it, then run: harness release add {release}",
        "请先声明再运行：harness release add {release}",
    ),
    GateCode.SOURCE_CHANGED: _w(
        "{file} is not what it was when release {release} was declared",
        "{file} 与声明版本 {release} 时不同",
        "put it back, or declare anew and run again: harness release add {release} --again",
        "请还原，或重新声明并重新运行：harness release add {release} --again",
    ),
    GateCode.NO_ARTIFACTS: _w(
        "release {release} names no artifact, so nobody knows whether the same one was tested everywhere",
        "版本 {release} 没有登记任何制品，无法确认各环境测试的是同一个",
        "declare it with what is deployed: harness release add {release} --again --artifact FILE",
        "请连同部署的制品一起声明：harness release add {release} --again --artifact FILE",
    ),
    GateCode.DEPLOYED_DIFFERS: _w(
        "`{system}` was not the same everywhere: {versions} were found deployed",
        "各处部署的 `{system}` 不一致：发现 {versions}",
        "deploy the declared artifact on every tier and run again",
        "请在每个环境部署已声明的制品后重新运行",
    ),
    # the evidence
    GateCode.EVIDENCE_UNREADABLE: _w(
        "the evidence in {source} can't be read ({why})",
        "无法读取 {source} 中的证据（{why}）",
        "fetch it again, or run again; what can't be read never counts",
        "请重新获取或重新运行；无法读取的证据不计入",
    ),
    GateCode.RECORD_CHANGED: _w(
        "run {run} is not as it was when it ended: {what} does not agree",
        "运行 {run} 与结束时不同：{what} 不一致",
        "somebody changed it: run again and find out who",
        "有人改动过：请重新运行并查明原因",
    ),
    GateCode.RUN_MISSING: _w(
        "run {run} of release {release} took place and its evidence is not here",
        "版本 {release} 的运行 {run} 确实发生过，但证据不在此处",
        "bring it back (--evidence), or declare anew and run all again: harness release add {release} --again",
        "请补回（--evidence），或重新声明并全部重跑：harness release add {release} --again",
    ),
    GateCode.RUN_TWICE: _w(
        "run {run} lies here {times} times with different contents",
        "运行 {run} 在此有 {times} 份且内容不同",
        "keep the one that the machine wrote and remove the other",
        "请只保留机器写出的那一份",
    ),
    GateCode.VERDICT_DIFFERS: _w(
        "run {run} says of itself {told}, and its evidence says {found}",
        "运行 {run} 自称 {told}，而证据显示 {found}",
        "see `harness show {run}`: one of the two was changed; run again",
        "请看 `harness show {run}`：二者之一被改动；请重新运行",
    ),
    GateCode.NO_RUN: _w(
        "no run on {tier} counts",
        "{tier} 上没有任何可计入的运行",
        "run it: harness run {tier} --release {release}",
        "请运行：harness run {tier} --release {release}",
    ),
    GateCode.OTHER_RELEASE: _w(
        "run {run} is about another release ({named}), not {release}",
        "运行 {run} 属于另一个版本（{named}），不是 {release}",
        "run with --release {release}",
        "请使用 --release {release} 运行",
    ),
    GateCode.OTHER_NONCE: _w(
        "run {run} belongs to another declaration of {release}",
        "运行 {run} 属于 {release} 的另一次声明",
        "evidence of an earlier declaration never counts: run with --release {release}",
        "早前声明的证据不计入：请使用 --release {release} 重新运行",
    ),
    GateCode.OTHER_PROMISES: _w(
        "run {run} was planned from another {file} than release {release} was declared with",
        "运行 {run} 所依据的 {file} 与声明版本 {release} 时不同",
        "put the file back and run again, or declare anew: harness release add {release} --again",
        "请还原文件后重新运行，或重新声明：harness release add {release} --again",
    ),
    GateCode.RUN_STALE: _w(
        "run {run} is {age} old, and at most {limit} count",
        "运行 {run} 已有 {age}，最多只计入 {limit}",
        "run it again: harness run {tier} --release {release}",
        "请重新运行：harness run {tier} --release {release}",
    ),
    GateCode.FROM_THE_FUTURE: _w(
        "{what} is dated in the future",
        "{what} 的日期在未来",
        "set the clocks right on both machines and make it again",
        "请校准两台机器的时钟后重新生成",
    ),
    GateCode.BEFORE_DECLARATION: _w(
        "run {run} began before release {release} was declared",
        "运行 {run} 开始于版本 {release} 声明之前",
        "set the machine's clock right and run again",
        "请校准时钟后重新运行",
    ),
    GateCode.CLOCK_WENT_BACK: _w(
        "run {run} ended before it began",
        "运行 {run} 的结束时间早于开始时间",
        "set the machine's clock right and run again",
        "请校准时钟后重新运行",
    ),
    GateCode.SHARD_ALONE: _w(
        "run {run} is only shard {index} of {of}",
        "运行 {run} 只是 {of} 份中的第 {index} 份",
        "join the shards: harness merge",
        "请合并各份：harness merge",
    ),
    GateCode.RUN_UNSIGNED: _w(
        "run {run} is not signed, and only runs signed by a pinned runner's key count",
        "运行 {run} 没有签名，而只有由登记密钥签名的运行才计入",
        "run it where the runner's key is (HARNESS_RUNNER_KEY_FILE), or sign it there: harness attest {run}",
        "请在持有密钥的机器上运行（HARNESS_RUNNER_KEY_FILE），或在那里签名：harness attest {run}",
    ),
    GateCode.RUN_MISSIGNED: _w(
        "the signature on run {run} does not hold: {why}",
        "运行 {run} 的签名不成立：{why}",
        "somebody changed it or signed with another key: find out who, then declare anew and run again",
        "有人改动过或用了别的密钥：请查明原因，然后重新声明并运行",
    ),
    # what was seen
    GateCode.SUITE_MISSING: _w(
        "no {suite} check ran on {tier}",
        "{tier} 上没有执行任何 {suite} 检查",
        "run the whole tier: harness run {tier} --release {release}",
        "请完整运行该环境：harness run {tier} --release {release}",
    ),
    GateCode.SUITE_IN_PART: _w(
        "only a part of the {suite} suite ran on {tier}",
        "{tier} 上只执行了 {suite} 套件的一部分",
        "run it without --only, or with --only {suite}",
        "请不带 --only 运行，或使用 --only {suite}",
    ),
    GateCode.COVERAGE_LOW: _w(
        "{share} {what} were seen to be right on {tier}; {floor} are wanted",
        "{tier} 上 {what} 的覆盖为 {share}，要求 {floor}",
        "see the coverage table of the run; give the contract examples that lead there",
        "请看运行的覆盖表；在契约中补充能触发它们的示例",
    ),
    GateCode.MOCKS_USED: _w(
        "`{dependency}` was stood in for by a mock on {tier}, and mocks may not count here",
        "{tier} 上的 `{dependency}` 由模拟服务代替，而此处不得计入模拟服务",
        "give the tier the real one: `real` in environments/{tier}.toml",
        "请为该环境配置真实服务：environments/{tier}.toml 中的 `real`",
    ),
    GateCode.TOO_FLAKY: _w(
        "{count} checks failed once and passed once on {tier}; {budget} may",
        "{tier} 上有 {count} 项检查时好时坏，最多允许 {budget} 项",
        "a retry does not hide a failure: mend the causes and declare anew",
        "重试不能掩盖失败：请修复原因并重新声明",
    ),
    GateCode.WAIVER_VOID: _w(
        "the waiver of {check} does not count: {why}",
        "{check} 的豁免无效：{why}",
        "mend the cause, or have a proper waiver signed in the portal",
        "请修复原因，或在门户中签署有效的豁免",
    ),
    # the people
    GateCode.NO_CRITERIA: _w(
        "there is no Must criterion, so there is nothing to accept",
        "没有任何必须项，因此没有可验收的内容",
        "write what the business will judge in uat/criteria.toml",
        "请在 uat/criteria.toml 中写明业务方要判断的内容",
    ),
    GateCode.NO_BUNDLE: _w(
        "no sign-offs of release {release} were laid before the gate",
        "没有提交版本 {release} 的签署",
        "export them from the portal and give the file: --sign-offs FILE",
        "请从门户导出并提供文件：--sign-offs FILE",
    ),
    GateCode.BUNDLE_UNTRUSTED: _w(
        "the bundle of sign-offs can't be believed: {why}",
        "签署包不可信：{why}",
        "export it again from the portal whose key `[trust] portal` names",
        "请从 `[trust] portal` 所列密钥的门户重新导出",
    ),
    GateCode.BUNDLE_STALE: _w(
        "the bundle of sign-offs is {age} old, and at most {limit} count: a newer one may hold a refusal",
        "签署包已有 {age}，最多只计入 {limit}：更新的包中可能有拒绝",
        "export it again from the portal",
        "请从门户重新导出",
    ),
    GateCode.BUNDLE_ELSEWHERE: _w(
        "the bundle holds sign-offs of {named}, not of this declaration of {release}",
        "签署包属于 {named}，不属于 {release} 的这次声明",
        "export the bundle of {release} from the portal",
        "请从门户导出 {release} 的签署包",
    ),
    GateCode.NOT_SIGNED: _w(
        "{criterion} was not accepted by {role}",
        "{criterion} 尚未由 {role} 验收",
        "ask {role} to try it and sign in the portal",
        "请 {role} 试用并在门户中签署",
    ),
    GateCode.REJECTED: _w(
        "{criterion} was refused by {person} ({role})",
        "{criterion} 被 {person}（{role}）拒绝",
        "read the reason in the portal, mend it and ask again",
        "请在门户中查看原因，修复后再次请其判断",
    ),
    GateCode.PACKAGE_REJECTED: _w(
        "the business refused package {package} of {tier}",
        "业务方拒绝了 {tier} 的验收包 {package}",
        "read the reason in the portal, mend it and ask again",
        "请在门户中查看原因，修复后再次请其判断",
    ),
    GateCode.PACKAGE_OPEN: _w(
        "package {package} of {tier} lacks signatures: it is {state}",
        "{tier} 的验收包 {package} 尚缺签署：状态为 {state}",
        "have everybody sign who is asked in the portal, or replace the package",
        "请让门户中所有被请求的人签署，或替换该验收包",
    ),
    GateCode.SIGNED_OTHER_EVIDENCE: _w(
        "what {person} looked at for {criterion} is not what lies here: another run, or another artifact",
        "{person} 就 {criterion} 所看到的与此处的不同：另一次运行或另一个产物",
        "bring the run of this release (harness publish), and have the package frozen and signed anew",
        "请提交该版本的运行（harness publish），并重新冻结和签署验收包",
    ),
    GateCode.SIGNED_ANOTHER_RELEASE: _w(
        "what {person} signed for {criterion} is about another release than {release}",
        "{person} 对 {criterion} 的签署属于另一个版本，不是 {release}",
        "ask them to sign for {release}",
        "请其为 {release} 签署",
    ),
    GateCode.SIGNED_ANOTHER_TIER: _w(
        "{person} tried {criterion} on {tier}, which is not a tier that counts here",
        "{person} 在 {tier} 上试用了 {criterion}，而该环境在此不计入",
        "ask them to try it on a tier that the gate's policy needs",
        "请其在门禁策略要求的环境上试用",
    ),
    GateCode.SIGNED_ANOTHER_TEXT: _w(
        "{criterion} was reworded after {person} signed it",
        "{person} 签署之后 {criterion} 的文字有改动",
        "ask them to read it as it is now and sign again",
        "请其阅读现在的文字后重新签署",
    ),
    GateCode.SIGNED_TWICE: _w(
        "number {number} of the ledger is held by {times} sign-offs",
        "账本中编号 {number} 对应 {times} 份签署",
        "a ledger has each number once: have the portal's ledger checked",
        "账本中每个编号只能出现一次：请检查门户账本",
    ),
    GateCode.SIGNATURE_STALE: _w(
        "{person} signed {criterion} {age} ago, which is too long",
        "{person} 签署 {criterion} 已是 {age} 之前，时间过久",
        "ask them to look again and sign",
        "请其重新查看并签署",
    ),
    GateCode.GRADE_LOW: _w(
        "{person} signed {criterion} by {grade}; {wanted} is wanted",
        "{person} 以 {grade} 方式签署 {criterion}，要求 {wanted}",
        "ask them to sign again with {wanted}",
        "请其以 {wanted} 方式重新签署",
    ),
    GateCode.WRONG_ROLE: _w(
        "{person} signed {criterion} as {role}, which is not a role that may",
        "{person} 以 {role} 身份签署 {criterion}，而该角色无权签署",
        "ask the owner of the criterion to sign",
        "请该准则的负责人签署",
    ),
    GateCode.CONDITIONED: _w(
        "{person} accepted {criterion} only on a condition: {condition}",
        "{person} 有条件地接受了 {criterion}：{condition}",
        "meet the condition and have it confirmed in the portal",
        "请满足该条件并在门户中确认",
    ),
    GateCode.CONDITION_OVERDUE: _w(
        "the condition that {person} set for {criterion} was not met in time: {condition}",
        "{person} 对 {criterion} 提出的条件逾期未满足：{condition}",
        "meet it and have it confirmed in the portal",
        "请满足该条件并在门户中确认",
    ),
}
