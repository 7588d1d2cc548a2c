"""What confirming a mock and trying failures say, in Chinese: the record keeps the English sentence.

A sentence that is not known stays as it is, and so do the words of others in it (a validator's, the network's).
"""

import re

_WORDS = {
    "none": "无",
    "null": "null",
    "true or false": "布尔值",
    "a number": "数字",
    "a text": "文本",
    "a list": "列表",
    "an object": "对象",
    "an empty text": "空文本",
    "a date and time with its zone": "带时区的日期时间",
    "a date and time without a zone": "不带时区的日期时间",
    "a date": "日期",
    "a UUID": "UUID",
    "an address": "网址",
    "an e-mail address": "电子邮件地址",
    "a number written as text": "写成文本的数字",
}
_SENTENCES = (
    # why something is not asked of the real dependency
    (r"the mock broke the connection \((.+)\)", "模拟服务当时中断了连接（{0}）"),
    (r"a body is binary, or longer than 64 KiB", "正文是二进制，或超过 64 KiB"),
    (r"it speaks of a secret, which is never kept", "其中涉及机密，而机密从不保存"),
    (r"a part of it was hidden when it was kept", "保存时其中一部分已被隐去"),
    (r"the contract has no such operation any more", "契约中已没有该操作"),
    (
        r"it needs a credential, and the dependency has no `auth` on this tier",
        "它需要凭据，而该环境没有为这个依赖写明 `auth`",
    ),
    (r"the contract calls it unsafe, and the tier limits methods", "契约标明它不安全，而该环境限制了请求方法"),
    (r"the tier's policy does not allow (\S+)", "该环境的策略不允许 {0}"),
    (r"its body is larger than the tier allows \((\d+) bytes\)", "其正文超过该环境允许的大小（{0} 字节）"),
    (r"it needs what another one gives out, which is not sent", "它需要另一请求给出的值，而那个请求不予发送"),
    (r"none of its (\d+) interactions was kept whole", "它的 {0} 次交互没有一次完整保存"),
    (r"it needs (`.+`), and the real answer that gives it out did not come", "它需要 {0}，而给出该值的应答没有到来"),
    (
        r"it needs (`.+`), and the real answer gives (`.*`) there, which is no id",
        "它需要 {0}，而真实应答在该处给出 {1}，不是标识",
    ),
    (r"the replay was ended before it was sent", "尚未发送，重放即已结束"),
    (r"it was never sent", "从未发送"),
    (r"nothing was asked", "什么也没有询问"),
    # in what a real answer differs
    (r"status (\d+), the mock answered (\d+)", "状态码 {0}，模拟服务返回 {1}"),
    (r"it breaks the contract: (.+)", "违反契约：{0}"),
    (r"media type `(.+)`, the mock gave `(.+)`", "媒体类型为 `{0}`，模拟服务给出 `{1}`"),
    (r"no header (`.+`), the mock gave one", "没有标头 {0}，模拟服务有"),
    (r"no body, the mock gave one", "没有正文，模拟服务有"),
    (r"a body, the mock gave none", "有正文，模拟服务没有"),
    (r"the body cannot be read as JSON: (.+)", "正文无法作为 JSON 读取：{0}"),
    (r"the mock's body cannot be read as JSON: (.+)", "模拟服务的正文无法作为 JSON 读取：{0}"),
    (r"(`.+`) has no member (`.+`), the mock gave one", "{0} 没有成员 {1}，模拟服务有"),
    (r"(`.+`) is empty, the mock gave (\d+) entries", "{0} 为空，模拟服务给出 {1} 项"),
    (r"(`.+`) is (.+), the mock gave (.+)", "{0} 为{1}，模拟服务给出的是{2}"),
    (r"header (`.+`) is (.+), the mock gave (.+)", "标头 {0} 为{1}，模拟服务给出的是{2}"),
    (r"the body is (.+), the mock gave (.+)", "正文为{0}，模拟服务给出的是{1}"),
    # what a failure is not tried for, and what came of it
    (r"mocks play no callbacks", "模拟服务不发出回调"),
    (r"its answers have no JSON body", "它的应答没有 JSON 正文"),
    (r"matrix\.toml says that it is never called", "matrix.toml 写明从不调用它"),
    (r"nothing in matrix\.toml leads to it", "matrix.toml 中没有任何步骤会调用它"),
    (r"it was never tried", "从未尝试"),
    (r"no request reached (`.+`), so the fault was never met", "没有请求到达 {0}，因此从未遇到该故障"),
    (r"(\S+), which leads there, came to (.+)", "通向该处的 {0} 的结果是 {1}"),
    (r"(\S+) needs what no answer before it gave: (.+)", "{0} 需要此前应答都没有给出的值：{1}"),
    (r"the mock could not be told what to play: (.+)", "无法通知模拟服务要演示的故障：{0}"),
    (r"the mock does not play it: (.+)", "模拟服务不演示该故障：{0}"),
    (r"no answer within (\S+) s \((.+)\)", "{0} 秒内没有应答（{1}）"),
    (r"it breaks its contract: (.+)", "违反自身的契约：{0}"),
    (r"it answered (\S+) without a usable answer", "没有可用的应答却返回了 {0}"),
    (r"right is (.+)", "正确的是 {0}"),
    (r"it answers (\d+)", "返回 {0}"),
)  # fmt: skip
_AROUND = (
    (r"(?P<told>.+) \((?P<more>\d+) x\)", "{told}（{more} 次）"),
    (r"(?P<more>[A-Z]+ /\S*): (?P<told>.+)", "{more}：{told}"),
    (r"afterwards, the dependency well again: (?P<told>.+)", "依赖恢复之后：{told}"),
)


def in_chinese(sentence: str) -> str:
    """A sentence, or several with semicolons between them."""
    pieces = sentence.split("; ")
    told = _one(pieces[0])
    for piece in pieces[1:]:
        other = _one(piece)
        told += f"；{other}" if other != piece else f"; {piece}"
    return told


def _one(piece: str) -> str:
    for pattern, zh in _AROUND:
        if found := re.fullmatch(pattern, piece, re.DOTALL):
            inner = _one(found["told"])
            if inner != found["told"]:
                return zh.format(**{**found.groupdict(), "told": inner})
    for pattern, zh in _SENTENCES:
        if found := re.fullmatch(pattern, piece, re.DOTALL):
            return zh.format(*(_WORDS.get(group, group) for group in found.groups()))
    return piece
