"""Reasons as sentences: the one place where a code becomes words, in English and Chinese.

Each code has what is so and what to do next. Values of the reason fill the braces; a
value that a reason does not carry reads as `?`, so that a sentence is never lost.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

from harness.formats.mock_words import in_chinese
from harness.model.evidence import Code, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a code says and what can be done about it, in both languages."""

    en: str
    zh: str
    todo_en: str
    todo_zh: str


def say(reason: Reason, language: str = "en") -> str:
    """The sentence of a reason in `en` or `zh`."""
    wording = WORDINGS[reason.code]
    if language != "zh":
        return _filled(wording.en, reason)
    key = _OF_MOCKS.get(reason.code)
    values = tuple((name, in_chinese(value) if name == key else value) for name, value in reason.values)
    return _filled(wording.zh, replace(reason, values=values))


def what_to_do(reason: Reason, language: str = "en") -> str:
    """The next step for whoever reads the sentence, in `en` or `zh`."""
    wording = WORDINGS[reason.code]
    return _filled(wording.todo_zh if language == "zh" else wording.todo_en, reason)


def _filled(template: str, reason: Reason) -> str:
    values: defaultdict[str, str] = defaultdict(lambda: "?")
    values.update(reason.values)
    if not values.get("title_zh"):
        # records of before have their titles in English only
        values["title_zh"] = values["title"]
    return template.format_map(values)


def _w(en: str, zh: str, todo_en: str, todo_zh: str) -> Wording:
    return Wording(en=en, zh=zh, todo_en=todo_en, todo_zh=todo_zh)


_OF_MOCKS = {
    Code.ANSWERS_OTHERWISE: "difference",
    Code.NOT_CONFIRMED: "why",
    Code.NOT_SURVIVED: "what",
    Code.FAULT_NOT_MET: "why",
}
"""Which value of a reason is a sentence of its own, with words in both languages."""

_AGAIN_EN, _AGAIN_ZH = "run it again: harness run {tier}", "重新运行：harness run {tier}"

WORDINGS: dict[Code, Wording] = {
    # judging
    Code.NOTHING_PLANNED: _w(
        "nothing was planned, so nothing is proved",
        "计划中没有任何检查，因此什么也没有证明",
        "see `harness plan {tier}`: the tier's policy, `--only` or an empty workspace left nothing to do",
        "请看 `harness plan {tier}`：环境策略、`--only` 或空的工作区没有留下任何检查",
    ),
    Code.NOT_REPORTED: _w(
        "was promised and never reported",
        "已列入计划，但没有任何结果",
        "look at the job's notes in `harness show`, then run it again",
        "请在 `harness show` 中查看该任务的说明，然后重新运行",
    ),
    Code.REPORTED_TWICE: _w(
        "was reported {times} times with different outcomes: {outcomes}",
        "报告了 {times} 次且结果不一致：{outcomes}",
        "a result that changes by itself is not a result: find out why",
        "会自己变化的结果不能算数：请查明原因",
    ),
    Code.NOT_PLANNED: _w(
        "was reported but never planned",
        "有结果，但不在计划之内",
        "results from another run or an edited record: run the tier again",
        "结果可能来自别的运行或被改动过：请重新运行该环境",
    ),
    Code.NOT_CLOSED: _w(
        "the run was never closed: it was killed or is still going on",
        "运行没有正常结束：可能被强行终止或仍在进行",
        "run it again; `harness runs --prune` removes what is left of it",
        "请重新运行；`harness runs --prune` 可清除残留",
    ),
    Code.INTERRUPTED: _w(
        "the run was interrupted; what was seen until then is kept",
        "运行被中断；此前看到的内容已保留",
        "run it again to the end",
        "请重新完整运行",
    ),
    Code.PLAN_DIFFERS: _w(
        "the record belongs to another plan (sealed {sealed}, found {found})",
        "记录与封存的计划不符（封存 {sealed}，现为 {found}）",
        "plan or record was changed after the run: run it again",
        "计划或记录在运行后被改动：请重新运行",
    ),
    Code.DEPLOYMENT_CHANGED: _w(
        "`{system}` was {before} when the run began and {after} when it ended",
        "`{system}` 在运行开始时为 {before}，结束时为 {after}",
        "wait for the deployment to finish and run again",
        "请等待部署完成后重新运行",
    ),
    Code.VERSION_UNKNOWN: _w(
        "`{system}` did not say its version when the run {when}, so it is not known what was tested",
        "运行{when_zh}时未能得到 `{system}` 的版本，因此不知道测试的是哪个版本",
        "see what `version-from` in environments/{tier}.toml answers; leave [release] out where nothing tells it",
        "请查看 environments/{tier}.toml 中 `version-from` 的响应；若系统不提供版本，请去掉 [release]",
    ),
    Code.FILES_CHANGED: _w(
        "{file} was changed while the run went on: what ran is perhaps not what was promised",
        "运行期间 {file} 被改动：实际执行的内容可能与承诺不符",
        "leave the workspace alone while it runs (a checkout of its own for each run), and run it again",
        "运行期间请勿改动工作区（每次运行使用单独的检出），然后重新运行",
    ),
    Code.WAS_SKIPPED: _w(
        "was skipped{why}",
        "被跳过{why}",
        "a skipped check proves nothing: run it, or take it out of the plan",
        "被跳过的检查不能证明任何事：请执行它，或将其移出计划",
    ),
    Code.FAILED_ATTEMPT: _w(
        "failed in {failed} of {times} attempts",
        "{times} 次尝试中失败了 {failed} 次",
        "a retry does not hide a failure: mend the cause or waive it by name",
        "重试不能掩盖失败：请修复原因",
    ),
    # any engine
    Code.ENGINE_MISSING: _w(
        "could not be checked: {what} is missing",
        "无法检查：缺少 {what}",
        "{how}",
        "{how}",
    ),
    Code.ENGINE_CRASHED: _w(
        "could not be checked: {engine} ended with {status}{said}",
        "无法检查：{engine} 以 {status} 结束{said}",
        "its output is in the run directory under jobs/{job}",
        "其输出位于运行目录的 jobs/{job}",
    ),
    Code.ENGINE_TIMED_OUT: _w(
        "could not be checked: {engine} was stopped at its deadline of {deadline} s",
        "无法检查：{engine} 达到 {deadline} 秒时限被终止",
        "give it less to do, or a longer deadline in the tier's policy",
        "请减少任务量，或在环境策略中放宽时限",
    ),
    Code.ENGINE_SAID_NOTHING: _w(
        "could not be checked: {engine} ended with {status} and left no results",
        "无法检查：{engine} 以 {status} 结束且没有留下结果",
        "its output is in the run directory under jobs/{job}",
        "其输出位于运行目录的 jobs/{job}",
    ),
    Code.OUTPUT_UNREADABLE: _w(
        "could not be checked: the results in {file} can't be read ({why})",
        "无法检查：{file} 中的结果无法读取（{why}）",
        "run it again; a result that can't be read never counts",
        "请重新运行；无法读取的结果不计入",
    ),
    Code.SYSTEM_UNREACHABLE: _w(
        "could not be checked: `{system}` did not answer at {url} ({why})",
        "无法检查：`{system}` 在 {url} 没有应答（{why}）",
        "start it or correct `base-url` in environments/{tier}.toml",
        "请启动该系统，或修正 environments/{tier}.toml 中的 `base-url`",
    ),
    Code.SYSTEM_DIED: _w(
        "could not be checked: `{system}` stopped answering in mid-run ({why})",
        "无法检查：`{system}` 在运行途中停止应答（{why}）",
        "see its log under jobs/{system} in the run directory; then run it again",
        "请查看运行目录 jobs/{system} 下的日志，然后重新运行",
    ),
    Code.NOT_STARTED: _w(
        "could not be checked: {what} could not be started ({why})",
        "无法检查：{what} 无法启动（{why}）",
        "{how}",
        "{how}",
    ),
    Code.DISK_FULL: _w(
        "could not be checked: no space left on {where}",
        "无法检查：{where} 空间已满",
        "make room and run again; nothing half-written is kept",
        "请腾出空间后重新运行；不会保留写了一半的文件",
    ),
    Code.PRODUCT_ERROR: _w(
        "could not be checked: the harness itself failed ({why})",
        "无法检查：harness 自身出错（{why}）",
        "please report it with {report}",
        "请附上 {report} 反馈给我们",
    ),
    Code.GUARD_REFUSED: _w(
        "{job} tried what {tier} does not allow, and was stopped: {request} ({why})",
        "{job} 试图执行 {tier} 不允许的请求，已被终止：{request}（{why}）",
        "it was not sent. Mend the script, or let the owner of {tier} allow it in [policy]",
        "该请求未发出。请修正脚本，或由 {tier} 的负责人在 [policy] 中放行",
    ),
    Code.GUARD_STOPPED: _w(
        "all traffic was ended in mid-run: {why}",
        "运行途中终止了全部流量：{why}",
        "find out who ended it and why; then run it again",
        "请查明终止的原因，然后重新运行",
    ),
    # contract
    Code.FINDING: _w(
        "{title}",
        "{title_zh}",
        "reproduce: {curl}",
        "重现：{curl}",
    ),
    Code.NEVER_ACCEPTED: _w(
        "was called and never accepted: it only answered {answers}",
        "已调用但从未被接受：只得到 {answers}",
        "check the credentials and test data of the tier, or the examples in the contract",
        "请检查该环境的凭据和测试数据，或契约中的示例",
    ),
    Code.NEVER_REACHED: _w(
        "was never called{why}",
        "从未被调用{why}",
        "see the job's notes in `harness show`",
        "请在 `harness show` 中查看该任务的说明",
    ),
    Code.STATUS_NEVER_SEEN: _w(
        "never answered {status}; seen were {answers}",
        "从未返回 {status}；实际返回 {answers}",
        "give the contract an example that leads there, or take {status} out of the tier's `coverage.statuses`",
        "请在契约中提供能触发它的示例，或将 {status} 移出 `coverage.statuses`",
    ),
    Code.DOCUMENT_UNUSABLE: _w(
        "could not be checked: the contract can't be used here ({why})",
        "无法检查：契约的这一部分无法使用（{why}）",
        "mend it at {place}",
        "请在 {place} 处修正",
    ),
    # load
    Code.LIMIT_BROKEN: _w(
        "{measure} was {measured}, the limit is {limit}",
        "{measure} 为 {measured}，限值为 {limit}",
        "see the chart in the report: where along the run it rose, and for which operation",
        "请看报告中的图表：何时、哪个操作开始超限",
    ),
    Code.USERS_UNUSABLE: _w(
        "could not be judged: the load script can't be used ({message})",
        "无法判断：压测脚本无法使用（{message}）",
        "mend it at {place}",
        "请在 {place} 处修正",
    ),
    Code.NO_SAMPLES: _w(
        "could not be judged: {subject} was never measured",
        "无法判断：{subject} 没有任何测量值",
        "a limit on something that never happened proves nothing: check the users file and the limit's name",
        "对从未发生之事设限没有意义：请检查用户脚本和限值名称",
    ),
    Code.GENERATOR_SATURATED: _w(
        "could not be judged: the load generator itself was too slow ({why})",
        "无法判断：压测发起端自身过慢（{why}）",
        "lower the rate, or run it on a machine with a free core",
        "请降低速率，或在有空闲核心的机器上运行",
    ),
    Code.WORKER_LOST: _w(
        "could not be judged: {lost} of {workers} load workers were lost",
        "无法判断：{workers} 个压测进程中丢失了 {lost} 个",
        "run it again; figures with a lost worker are not the system's",
        "请重新运行；丢失进程时的数据不可信",
    ),
    Code.COUNTS_DIFFER: _w(
        "could not be judged: {counted} requests counted here, {elsewhere} there",
        "无法判断：此处统计 {counted} 个请求，对方统计 {elsewhere} 个",
        "figures that don't add up are not used: run it again",
        "数据对不上则不采用：请重新运行",
    ),
    Code.LOAD_ABORTED: _w(
        "could not be judged: the load was ended after {at} s, because of {condition}",
        "无法判断：压测在 {at} 秒后中止，原因是 {condition}",
        "see the first failures in the report; mend the system, or the condition in `abort`",
        "请看报告中最早的失败；请修复系统，或修改 `abort` 条件",
    ),
    Code.PART_NOT_TRIED: _w(
        "could not be judged in full: a part of {operation} was not tried ({why})",
        "无法完整判断：{operation} 有一部分未能执行（{why}）",
        "mend the check or the part of the document that it names, and run it again",
        "请修正其指出的检查或文档部分，然后重新运行",
    ),
    Code.NO_CAPACITY: _w(
        "even {rate} is too much: {why}",
        "即使 {rate} 也超出能力：{why}",
        "begin lower with --from, or see why the system is this slow",
        "请用 --from 从更低速率开始，或查找系统缓慢的原因",
    ),
    # uat
    Code.ASSERTION_FAILED: _w(
        "{message}",
        "{message}",
        "see the step's picture and the trace in the report",
        "请看报告中该步骤的截图和轨迹",
    ),
    Code.SCRIPT_BROKE: _w(
        "could not be checked: the demonstration broke ({message})",
        "无法检查：演示脚本出错（{message}）",
        "mend the script at {place}",
        "请在 {place} 处修正脚本",
    ),
    Code.NO_BROWSER: _w(
        "could not be checked: no browser could be started ({why})",
        "无法检查：无法启动浏览器（{why}）",
        "{how}",
        "{how}",
    ),
    Code.NO_DEMONSTRATION: _w(
        "could not be checked: {demonstration} was not found",
        "无法检查：找不到 {demonstration}",
        "name an existing test in `demonstration`, as file.py::test_name under uat/",
        "请在 `demonstration` 中写出 uat/ 下已有的测试，格式为 file.py::test_name",
    ),
    Code.NOTHING_SHOWN: _w(
        "ran to its end and showed nothing: no expectation was evaluated",
        "执行完毕但什么也没有证明：没有执行任何断言",
        "add an `expect(…)` or an assert that can fail",
        "请加入能够失败的 `expect(…)` 或断言",
    ),
    Code.EVIDENCE_MISSING: _w(
        "required evidence is missing: {missing}",
        "缺少必需的证据：{missing}",
        "use `step(…)` around what is shown, so that it is captured",
        "请用 `step(…)` 包住演示内容以便留证",
    ),
    Code.NEEDS_A_PERSON: _w(
        "is judged by a person and nobody has answered yet",
        "须由人判断，目前还没有人作答",
        "ask the owner ({owner}) to try it",
        "请负责人（{owner}）试用并作答",
    ),
    Code.PERSON_SAID_NO: _w(
        "the person who tried it said no: {words}",
        "试用人答复不符合：{words}",
        "see the marked picture and `harness uat findings`",
        "请看标记的截图和 `harness uat findings`",
    ),
    Code.PERSON_CANNOT_TELL: _w(
        "the person who tried it could not tell: {words}",
        "试用人无法判断：{words}",
        "clear up what was unclear and let them try it again",
        "请说明不清楚之处，然后请试用人重试",
    ),
    Code.DEMONSTRATION_STOPPED: _w(
        "nobody could judge it: the demonstration stopped ({why})",
        "无法作出判断：演示中断（{why}）",
        "this is not the person's answer: mend it and let them try it again",
        "这不是试用人的答复：请修复后请其重试",
    ),
    Code.NOBODY_ANSWERED: _w(
        "was shown, and nobody answered",
        "已演示，但没有人作答",
        "let the person try it again: harness uat walk",
        "请试用人重试：harness uat walk",
    ),
    # mocks
    Code.NEVER_CALLED: _w(
        "could not be judged: `{dependency}` was never called",
        "无法判断：`{dependency}` 从未被调用",
        "no test led to a call of it: add one, or take the dependency out of the tier",
        "没有测试触发对它的调用：请补充测试，或将其移出该环境",
    ),
    Code.REQUEST_BROKE_CONTRACT: _w(
        "the system sent `{dependency}` {count} requests that break its contract; first: {first}",
        "系统向 `{dependency}` 发送了 {count} 个违反契约的请求；首个：{first}",
        "the real `{dependency}` will refuse these: mend the caller",
        "真实的 `{dependency}` 会拒绝这些请求：请修正调用方",
    ),
    Code.ANSWER_BROKE_CONTRACT: _w(
        "the mock gave {count} answers that break the contract of `{dependency}`; first: {first}",
        "模拟服务给出了 {count} 个违反 `{dependency}` 契约的应答；首个：{first}",
        "mend the stub at {place}: tests that rely on a lie prove nothing",
        "请修正 {place} 的桩：依赖虚假应答的测试没有意义",
    ),
    Code.ANSWERS_OTHERWISE: _w(
        "the real `{dependency}` answers {request} in another way than {who} did: {difference}",
        "真实的 `{dependency}` 对 {request} 的应答与{who_zh}不同：{difference}",
        "mend the mock, or have `{dependency}` mended; until then what {run} showed does not hold there",
        "请修正模拟服务，或请 `{dependency}` 的负责人修正；在此之前，{run} 的结果在真实环境中不成立",
    ),
    Code.NOT_CONFIRMED: _w(
        "could not be confirmed: {why}",
        "无法确认：{why}",
        "run the tier with the mock again, or make the data that it stands for on {tier}",
        "请重新运行使用模拟服务的环境，或在 {tier} 上准备相应的数据",
    ),
    Code.NOT_SURVIVED: _w(
        "`{system}` does not survive it when {operation} of `{dependency}` fails ({fault}): {asked}: {what}",
        "当 `{dependency}` 的 {operation} 出现故障（{fault}）时，`{system}` 未能承受：{asked}：{what}",
        "give the call of {operation} a deadline and an answer of its own for when `{dependency}` fails",
        "请为 {operation} 的调用设置时限，并在 `{dependency}` 故障时返回契约中规定的应答",
    ),
    Code.FAULT_NOT_MET: _w(
        "could not be told whether `{system}` survives it when {operation} of `{dependency}` fails ({fault}): {why}",
        "无法判断 `{dependency}` 的 {operation} 故障（{fault}）时 `{system}` 能否承受：{why}",
        "name steps in matrix.toml that lead to {operation}, or list it as `uncalled` where the system never calls it",
        "请在 matrix.toml 中写出会调用 {operation} 的步骤；如系统从不调用它，请列入 `uncalled`",
    ),
}
