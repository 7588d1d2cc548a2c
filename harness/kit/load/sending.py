"""Sending one request of one user and reading its answer, over connections that are kept and never shared.

What never changes is prepared once: the bytes of a request without body are the same each time, so they are kept.
A connection belongs to one request at a time; what one user asks side by side goes over several.
"""

from collections.abc import Mapping

from harness.kit.load.answer import read_answer
from harness.kit.load.bounding import Bounding
from harness.kit.load.channel import Channel, connect, tls_context
from harness.kit.load.cookies import Cookies
from harness.kit.load.failures import CutOff, ResetUnanswered
from harness.kit.load.http_body import decoded
from harness.kit.load.http_head import Head
from harness.kit.load.origin import Origin, request_target, split_url
from harness.kit.load.request_parts import header_lines

_RETRIED = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})
_MOST_PREPARED = 1024


class Sender:
    """One user's way to the servers. `secret` headers go to the base address alone."""

    def __init__(
        self,
        base_url: str,
        *,
        secret: Mapping[str, str],
        body_limit: int,
        verify: bool | str,
        bounding: Bounding | None = None,
    ) -> None:
        self.base, path = split_url(base_url)
        self.cookies = Cookies()
        self.headers: dict[str, str] = {
            "User-Agent": "harness-load",
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",
        }
        self._prefix = path.rstrip("/")
        self._secret = dict(secret)
        self._body_limit = body_limit
        self._verify = verify
        self._bounding = bounding
        self._idle: dict[str, list[Channel]] = {}
        self._prepared: dict[tuple[str, str], tuple[Origin, str, bytes]] = {}
        self._lines: dict[str, bytes] = {}
        self._lines_of = dict(self.headers)

    def exchange(
        self, method: str, url: str, extra: Mapping[str, str] | None, body: bytes, deadline: float
    ) -> tuple[Head, bytes]:
        """The answer to a request; raises what failures.py knows, `ValueError` for what is no request."""
        if self.headers != self._lines_of:
            self._forget()
        prepared = self._prepared.get((method, url)) if not (extra or body or self.cookies) else None
        if prepared is None:
            prepared = self._prepare(method, url, extra, body)
        origin, target, request = prepared
        if self._bounding is not None:
            self._bounding.admit(method, to_target=origin.key == self.base.key, where=origin.authority)
        idle = self._idle.get(origin.key)
        while idle:
            channel = idle.pop()
            if channel.stale:
                channel.close()
                continue
            try:
                return self._once(channel, origin, method, target, request, deadline)
            except (CutOff, ResetUnanswered, BrokenPipeError) as error:
                # A kept connection that the server closed in this very moment: no answer, and no fault of anybody.
                if method not in _RETRIED or not getattr(error, "nothing_came", True):
                    raise
            break
        tls = tls_context(self._verify) if origin.scheme == "https" else None
        channel = connect(origin.host, origin.port, tls, deadline)
        return self._once(channel, origin, method, target, request, deadline)

    def close(self) -> None:
        """End every connection."""
        for channels in self._idle.values():
            for channel in channels:
                channel.close()
        self._idle.clear()

    def _once(
        self, channel: Channel, origin: Origin, method: str, target: str, request: bytes, deadline: float
    ) -> tuple[Head, bytes]:
        try:
            channel.send(request, deadline)
            head, content, reusable = read_answer(channel, method, deadline, self._body_limit)
        except BaseException:
            channel.close()
            raise
        if reusable:
            self._idle.setdefault(origin.key, []).append(channel)
        else:
            channel.close()
        if not head.plain:
            for name, value in head.fields:
                if name == "set-cookie":
                    self.cookies.take(origin, value, target)
                elif name == "content-encoding":
                    content = decoded(content, value, self._body_limit)
        return head, content

    def _prepare(
        self, method: str, url: str, extra: Mapping[str, str] | None, body: bytes
    ) -> tuple[Origin, str, bytes]:
        if "://" in url[:9]:
            origin, target = split_url(url)
        else:
            origin, target = self.base, self._prefix + request_target(url)
        lines = self._lines_without(origin, extra) + header_lines(extra) if extra else self._fixed_lines(origin)
        if body or method in _WITH_LENGTH:
            lines += b"Content-Length: %d\r\n" % len(body)
        if self.cookies:
            lines += self.cookies.line_for(origin, target)
        request = b"%b %b HTTP/1.1\r\n%b\r\n%b" % (method.encode("ascii"), target.encode("ascii"), lines, body)
        prepared = (origin, target, request)
        if not (extra or body or self.cookies):
            if len(self._prepared) >= _MOST_PREPARED:
                self._prepared.clear()
            self._prepared[method, url] = prepared
        return prepared

    def _fixed_lines(self, origin: Origin) -> bytes:
        """Host, the client's own headers and, for the base address, the secret ones."""
        lines = self._lines.get(origin.key)
        if lines is None:
            if len(self._lines) >= _MOST_PREPARED:
                self._lines.clear()
            lines = self._lines[origin.key] = self._lines_without(origin, {})
        return lines

    def _lines_without(self, origin: Origin, said: Mapping[str, str]) -> bytes:
        """The fixed lines, less those that a request says itself."""
        own = {name.lower() for name in said}
        fixed = {"Host": origin.authority, **self.headers, **(self._secret if origin.key == self.base.key else {})}
        return header_lines({name: value for name, value in fixed.items() if name.lower() not in own})

    def _forget(self) -> None:
        """The author changed `client.headers`: prepare everything anew."""
        self._prepared.clear()
        self._lines.clear()
        self._lines_of = dict(self.headers)
