"""`self.client`: requests as users of `HttpUser` write them, on one kept connection per server.

Every request has one deadline from its first byte to the last one of its answer, and a limit on the size of
that answer. What it costs beyond the wire is kept small: the lines that never change are prepared once.
The target's own headers (credentials) go to the target and nowhere else, redirects included.
"""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter, time
from typing import Any
from urllib.parse import urljoin

from gevent import GreenletExit

from harness.kit.load.answer import read_answer
from harness.kit.load.channel import Channel, connect, tls_context
from harness.kit.load.cookies import Cookies
from harness.kit.load.failures import WHAT_FAILS, BadStatus, CutOff, RequestFailed, ResetUnanswered, failed
from harness.kit.load.http_body import decoded
from harness.kit.load.http_head import Head
from harness.kit.load.origin import Origin, request_target, split_url, with_params
from harness.kit.load.request_parts import body_and_headers, header_lines, redirected
from harness.kit.load.response import CaughtResponse, Response

_RETRIED = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 10


class ApiClient:
    """An HTTP client for one user. `report` gets what a `request` event of Locust carries."""

    def __init__(
        self,
        base_url: str,
        *,
        report: Callable[..., None],
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 30.0,
        body_limit: int = 64 * 1024 * 1024,
        verify: bool | str = True,
        follow_redirects: bool = False,
        context: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.base, path = split_url(self.base_url)
        self.timeout_s = timeout_s
        self.body_limit = body_limit
        self.follow_redirects = follow_redirects
        self.cookies = Cookies()
        self.headers: dict[str, str] = {
            "User-Agent": "harness-load",
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate",
        }
        self._verify = verify
        self._prefix = "" if path == "/" else path
        self._report = report
        self._context = context
        self._secret = dict(headers or {})
        self._channels: dict[Origin, Channel] = {}
        self._lines: dict[tuple[Origin, int], bytes] = {}
        self._targets: dict[str, str] = {}
        self._name: str | None = None

    def get(self, url: str, **how: Any) -> Any:
        """A GET request."""
        return self.request("GET", url, **how)

    def head(self, url: str, **how: Any) -> Any:
        """A HEAD request."""
        return self.request("HEAD", url, **how)

    def options(self, url: str, **how: Any) -> Any:
        """An OPTIONS request."""
        return self.request("OPTIONS", url, **how)

    def post(self, url: str, data: Any = None, json: Any = None, **how: Any) -> Any:
        """A POST request."""
        return self.request("POST", url, data=data, json=json, **how)

    def put(self, url: str, data: Any = None, json: Any = None, **how: Any) -> Any:
        """A PUT request."""
        return self.request("PUT", url, data=data, json=json, **how)

    def patch(self, url: str, data: Any = None, json: Any = None, **how: Any) -> Any:
        """A PATCH request."""
        return self.request("PATCH", url, data=data, json=json, **how)

    def delete(self, url: str, **how: Any) -> Any:
        """A DELETE request."""
        return self.request("DELETE", url, **how)

    @contextmanager
    def rename_request(self, name: str) -> Iterator[None]:
        """Every request of the block is counted under one name."""
        self._name = name
        try:
            yield
        finally:
            self._name = None

    def request(
        self,
        method: str,
        url: str,
        *,
        name: str | None = None,
        data: Any = None,
        json: Any = None,
        params: Any = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        catch_response: bool = False,
        allow_redirects: bool | None = None,
        timeout: float | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Send a request and give a `Response`, which is there even if no answer came.

        With `catch_response` use it in a `with` block: the request is reported when the block ends.
        """
        body, extra = body_and_headers(data, json, headers, auth)
        timeout_s = self.timeout_s if timeout is None else timeout
        started_s, started = time(), perf_counter()
        meta: dict[str, Any] = {
            "request_type": method,
            "name": name or self._name or url,
            "context": {**self._context(), **(context or {})},
            "start_time": started_s,
            "url": url,
        }
        kind = CaughtResponse if catch_response else Response
        try:
            answer = self._ask(method, with_params(url, params), extra, body, timeout_s, allow_redirects, kind)
        except GreenletExit:
            unfinished = RequestFailed("unfinished", "still unanswered when the load ended")
            took_ms = (perf_counter() - started) * 1000
            self._report(**meta, response=None, response_time=took_ms, response_length=0, exception=unfinished)
            raise
        took = perf_counter() - started
        answer.elapsed_s = took
        meta["response"] = answer
        meta["response_time"] = took * 1000
        meta["response_length"] = len(answer.content)
        meta["exception"] = answer.error or (
            BadStatus(answer.status_code, answer.reason) if answer.status_code >= 400 else None
        )
        if isinstance(answer, CaughtResponse):
            answer.report_with(self._report, meta)
        else:
            self._report(**meta)
        return answer

    def close(self) -> None:
        """End every connection."""
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()

    def _ask(
        self,
        method: str,
        url: str,
        extra: Mapping[str, str] | None,
        body: bytes,
        timeout_s: float,
        allow_redirects: bool | None,
        kind: type[Response],
    ) -> Response:
        deadline = perf_counter() + timeout_s
        follow = self.follow_redirects if allow_redirects is None else allow_redirects
        history: list[Response] = []
        while True:
            head, content, error = None, b"", None
            try:
                origin, target = self._where(url)
                head, content = self._exchange(method, origin, target, extra, body, deadline)
            except WHAT_FAILS as problem:
                error = failed(problem, timeout_s)
            answer = kind(method=method, url=url, head=head, content=content, error=error)
            answer.history = tuple(history)
            onward = head.field("location") if head is not None and follow and head.status in _REDIRECTS else None
            if onward is None or len(history) >= _MOST_REDIRECTS:
                return answer
            history.append(answer)
            method, body, extra = redirected(answer.status_code, method, body, extra)
            url = urljoin(url if "://" in url else self.base_url + url, onward)

    def _where(self, url: str) -> tuple[Origin, str]:
        if "://" in url[:9]:
            return split_url(url)
        target = self._targets.get(url)
        if target is None:
            if len(self._targets) > 1024:
                self._targets.clear()
            target = self._targets[url] = self._prefix + request_target(url)
        return self.base, target

    def _exchange(
        self, method: str, origin: Origin, target: str, extra: Mapping[str, str] | None, body: bytes, deadline: float
    ) -> tuple[Head, bytes]:
        request = b"%b %b HTTP/1.1\r\n%b%b\r\n%b" % (
            method.encode("ascii"),
            target.encode("ascii"),
            self._fixed_lines(origin, extra),
            self._own_lines(method, origin, target, extra, body),
            body,
        )
        channel = self._channels.get(origin)
        if channel is not None and not channel.stale:
            try:
                return self._once(channel, origin, method, target, request, deadline)
            except (CutOff, ResetUnanswered, BrokenPipeError) as error:
                # A kept connection that the server closed in this very moment: no answer, and no fault of anybody.
                if method not in _RETRIED or not getattr(error, "nothing_came", True):
                    raise
        channel = self._channels[origin] = connect(origin.host, origin.port, self._tls(origin), deadline)
        return self._once(channel, origin, method, target, request, deadline)

    def _once(
        self, channel: Channel, origin: Origin, method: str, target: str, request: bytes, deadline: float
    ) -> tuple[Head, bytes]:
        try:
            channel.send(request, deadline)
            head, content, reusable = read_answer(channel, method, deadline, self.body_limit)
            if not reusable:
                channel.close()
        except BaseException:
            channel.close()
            raise
        for name, value in head.fields:
            if name == "set-cookie":
                self.cookies.take(origin, value, target)
            elif name == "content-encoding":
                content = decoded(content, value, self.body_limit)
        return head, content

    def _fixed_lines(self, origin: Origin, extra: Mapping[str, str] | None) -> bytes:
        """Host, the client's and the target's headers, without those that the request says itself."""
        own = frozenset(key.lower() for key in extra) if extra else frozenset()
        key = (origin, hash((own, *self.headers.items())))
        lines = self._lines.get(key)
        if lines is None:
            said = {**self.headers, **(self._secret if origin == self.base else {})}
            kept = {name: value for name, value in said.items() if name.lower() not in own}
            host = {} if "host" in own else {"Host": origin.authority}
            if len(self._lines) > 256:
                self._lines.clear()
            lines = self._lines[key] = header_lines({**host, **kept})
        return lines

    def _own_lines(
        self, method: str, origin: Origin, target: str, extra: Mapping[str, str] | None, body: bytes
    ) -> bytes:
        lines = header_lines(extra) if extra else b""
        if body or method in {"POST", "PUT", "PATCH"}:
            lines += b"Content-Length: %d\r\n" % len(body)
        if self.cookies:
            lines += self.cookies.line_for(origin, target)
        return lines

    def _tls(self, origin: Origin) -> ssl.SSLContext | None:
        return tls_context(self._verify) if origin.scheme == "https" else None
