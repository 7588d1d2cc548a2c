"""The few words around a run on the terminal, in English and Chinese. Sentences of reasons are in `sentences`."""

_Words = dict[str, str | tuple[str, str]]

_EN: _Words = {
    "job": ("{} job", "{} jobs"),
    "check": ("{} check", "{} checks"),
    "limit": ("{} limit", "{} limits"),
    "mock": ("{} mock", "{} mocks"),
    "failure": ("{} failure", "{} failures"),
    "doubt": ("{} doubt", "{} doubts"),
    "file": ("{} file", "{} files"),
    "operation": ("{} operation", "{} operations"),
    "load spec": ("{} load spec", "{} load specs"),
    "criterion": ("{} criterion", "{} criteria"),
    "stub": ("{} stub", "{} stubs"),
    "answer": ("{} answer", "{} answers"),
    "change": ("{} change", "{} changes"),
    "more": ("and {} more", "and {} more"),
    "found": "found",
    "passed": "passed",
    "failed": "failed",
    "broken": "broken",
    "skipped": "skipped",
    "unreported": "not reported",
    "pass": "PASS",
    "fail": "FAIL",
    "undecided": "UNDECIDED",
    "the run": "the run",
    "notes": "notes",
    "services": "services",
    "mocks": "mocks",
    "withheld": "withheld",
    "left out": "left out",
    "evidence": "evidence",
    "again": "again",
    "nothing": "nothing was planned",
}
_ZH: _Words = {
    "job": ("{} 个任务", "{} 个任务"),
    "check": ("{} 项检查", "{} 项检查"),
    "limit": ("{} 项限值", "{} 项限值"),
    "mock": ("{} 个模拟服务", "{} 个模拟服务"),
    "failure": ("{} 项失败", "{} 项失败"),
    "doubt": ("{} 项存疑", "{} 项存疑"),
    "file": ("{} 个文件", "{} 个文件"),
    "operation": ("{} 个操作", "{} 个操作"),
    "load spec": ("{} 个压测", "{} 个压测"),
    "criterion": ("{} 项验收标准", "{} 项验收标准"),
    "stub": ("{} 个桩", "{} 个桩"),
    "answer": ("{} 个响应", "{} 个响应"),
    "change": ("{} 处变更", "{} 处变更"),
    "more": ("另有 {} 项", "另有 {} 项"),
    "found": "发现",
    "passed": "通过",
    "failed": "失败",
    "broken": "无法判断",
    "skipped": "跳过",
    "unreported": "无结果",
    "pass": "通过",
    "fail": "不通过",
    "undecided": "未定",
    "the run": "本次运行",
    "notes": "说明",
    "services": "底层服务",
    "mocks": "模拟服务",
    "withheld": "已扣留",
    "left out": "未包含",
    "evidence": "证据",
    "again": "重跑",
    "nothing": "计划中没有任何检查",
}


def word(key: str, language: str = "en") -> str:
    """A word or short phrase."""
    found = (_ZH if language == "zh" else _EN)[key]
    return found if isinstance(found, str) else found[0]


def counted(key: str, count: int, language: str = "en") -> str:
    """A number of things: `1 check`, `3 checks`."""
    found = (_ZH if language == "zh" else _EN)[key]
    one, many = (found, found) if isinstance(found, str) else found
    return (one if count == 1 else many).format(count)
