"""Reading one answer off a channel: heads, interim ones skipped, and the body however it ends."""

from harness.kit.load.channel import Channel
from harness.kit.load.failures import CutOff, ResetUnanswered
from harness.kit.load.http_body import body_for
from harness.kit.load.http_head import HEAD_LIMIT, Head, Heads, NotHttp

_HEADS = Heads()


def read_answer(channel: Channel, method: str, deadline: float, limit: int) -> tuple[Head, bytes, bool]:
    """Head and body as sent, and whether the connection can be used again; raises what failures.py knows."""
    head, data = _head(channel, deadline)
    if head.length == len(data) <= limit and not head.bodiless and method != "HEAD":
        return head, data, head.keep_alive
    body = body_for(head, to_head=method == "HEAD", limit=limit)
    if data:
        body.feed(data)
    while not body.done:
        data = channel.receive(deadline)
        if not data:
            if not body.ended():
                raise CutOff(nothing_came=False)
            return head, body.content(), False
        body.feed(data)
    return head, body.content(), head.keep_alive and not body.rest


def _head(channel: Channel, deadline: float) -> tuple[Head, bytes]:
    """The final head, and what came after it."""
    try:
        data = channel.receive(deadline)
    except ConnectionResetError as error:
        raise ResetUnanswered(*error.args) from None
    if not data:
        raise CutOff(nothing_came=True)
    while True:
        end = data.find(b"\r\n\r\n")
        if end >= 0:
            head = _HEADS.read(data[:end])
            data = data[end + 4 :]
            if head.status >= 200:
                return head, data
            if head.status == 101:
                raise NotHttp("it switches protocols, which was not asked for")
            continue
        if len(data) > HEAD_LIMIT or not _may_begin(data):
            raise NotHttp(f"it begins with {data[:40].decode('latin-1')!r}")
        more = channel.receive(deadline)
        if not more:
            raise CutOff(nothing_came=False)
        data += more


def _may_begin(data: bytes) -> bool:
    return data[:7] == b"HTTP/1."[: len(data)]
