"""What the guard changes about a request that leaves and about an answer that comes back; bytes to bytes.

Outwards: the server's own name, the marks of synthetic traffic, the credentials that placeholders stand for.
Inwards: nothing but what is between neighbours, and redirects, which lead through the guard again.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from harness.adapters.guard.order import Stand
from harness.adapters.guard.wire import AnswerHead, Fields, RequestHead, lines_of
from harness.model.guard import HARNESS, Origin

_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"te", b"trailer", b"upgrade")
)
_OURS = frozenset((b"host", b"content-length", b"transfer-encoding", b"x-synthetic-run", b"expect", b"user-agent"))
_BETWEEN = frozenset((b"connection", b"keep-alive", b"alt-svc"))  # alt-svc would lead to QUIC, past us


class Rewriting:
    """How one job's requests and answers are rewritten. `aliases`: our own addresses, by the origin they lead to."""

    def __init__(
        self, run: str, origins: Mapping[str, Origin], stands: Iterable[Stand], aliases: Mapping[str, str]
    ) -> None:
        self._run = run.encode()
        self._origins = origins
        self._stands = tuple(stands)
        self._aliases = aliases

    def outwards(self, origin: Origin, head: RequestHead, path: str, body: bytes) -> bytes:
        """The request as it leaves."""
        named = {word.strip().lower() for value in head.values(b"connection") for word in value.split(b",")}
        fields: Fields = [(b"Host", origin.authority.encode("ascii" if origin.authority.isascii() else "idna"))]
        for name, value in head.fields:
            key = name.lower()
            if key in _HOP or key in _OURS or key in named:
                continue
            kept = self._outside(value) if key in {b"origin", b"referer"} else self._signed(origin, value)
            fields.append((name, kept))
        agent = (head.values(b"user-agent") or [b"harness"])[0]
        fields.append((b"User-Agent", agent + b" harness-synthetic/" + self._run))
        fields.append((b"X-Synthetic-Run", self._run))
        if is_socket(head):
            fields += [(b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")]
        if body or head.values(b"content-length") or head.values(b"transfer-encoding"):
            fields.append((b"Content-Length", str(len(body)).encode()))
        line = f"{head.method} {path} HTTP/1.1\r\n".encode("latin-1")
        return line + lines_of(fields) + body

    def inwards(self, answer: AnswerHead, *, through_door: bool, stays: bool) -> bytes:
        """An answer's head as the client gets it."""
        fields = [
            (name, self._led_back(value) if through_door and name.lower() == b"location" else value)
            for name, value in answer.fields
            if name.lower() not in _BETWEEN
        ]
        fields.append((b"Connection", b"keep-alive" if stays else b"close"))
        return answer.line + b"\r\n" + lines_of(fields)

    def _signed(self, origin: Origin, value: bytes) -> bytes:
        """A header's value, a placeholder in it replaced by the credential where it goes to that server, else gone."""
        for stand in self._stands:
            placeholder = stand.placeholder.encode()
            if placeholder in value:
                mine = stand.origin == origin.name.removeprefix(f"{HARNESS}:")
                return value.replace(placeholder, stand.secret.encode("latin-1") if mine else b"")
        return value

    def _outside(self, value: bytes) -> bytes:
        """An address of ours in `Origin` or `Referer` as the server knows it."""
        text = value.decode("latin-1")
        parts = urlsplit(text)
        name = self._aliases.get(parts.netloc)
        if name is None:
            return value
        return (self._origins[name].url + text[len(f"{parts.scheme}://{parts.netloc}") :]).encode("latin-1")

    def _led_back(self, value: bytes) -> bytes:
        text = value.decode("latin-1")
        for own, name in self._aliases.items():
            url = self._origins[name].url
            if text == url or text.startswith((url + "/", url + "?")):
                return f"http://{own}{text[len(url) :]}".encode("latin-1")
        return value


def is_socket(head: RequestHead) -> bool:
    """Whether a request asks for a WebSocket."""
    return b"websocket" in b",".join(head.values(b"upgrade")).lower()
