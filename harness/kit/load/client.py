"""`self.client`: requests as users of `HttpUser` write them, on one kept connection per server.

Every request has one deadline from its first byte to the last one of its answer, and a limit on the size of
that answer. What it costs beyond the wire is kept small: the lines that never change are prepared once.
The target's own headers (credentials) go to the target and nowhere else, redirects included.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter, time
from typing import Any
from urllib.parse import urljoin

from gevent import GreenletExit

from harness.kit.load.bounding import Bounding
from harness.kit.load.failures import WHAT_FAILS, BadStatus, failed
from harness.kit.load.origin import with_params
from harness.kit.load.request_parts import body_and_headers, redirected
from harness.kit.load.response import CaughtResponse, Response
from harness.kit.load.sending import Sender

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 10


class ApiClient:
    """An HTTP client for one user. `report` gets what a `request` event of Locust carries, `report_unfinished`
    the name of a request that was cut off because the load ended, and how long it had been waited for.
    """

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
        report_unfinished: Callable[[str, float], None] | None = None,
        bounding: Bounding | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout_s = timeout_s
        self.follow_redirects = follow_redirects
        self._sender = Sender(
            self.base_url, secret=headers or {}, body_limit=body_limit, verify=verify, bounding=bounding
        )
        self.cookies = self._sender.cookies
        self.headers = self._sender.headers
        self.has_waited = False
        self._always_waits = self._sender.base.scheme == "http"  # TLS may have the answer at hand without waiting
        self._report = report
        self._report_unfinished = report_unfinished
        self._context = context
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
        asked = with_params(url, params) if params else url
        timeout_s = self.timeout_s if timeout is None else timeout
        follow = self.follow_redirects if allow_redirects is None else allow_redirects
        meta: dict[str, Any] = {
            "request_type": method,
            "name": name or self._name or url,
            "context": {**self._context(), **context} if context else self._context(),
            "start_time": time(),
            "url": url,
        }
        begun = perf_counter()
        try:
            answer = self._ask(CaughtResponse if catch_response else Response, method, asked, extra, body, timeout_s)
            if follow and answer.status_code in _REDIRECTS:
                answer = self._followed(answer, extra, body, begun + timeout_s)
        except GreenletExit:
            if self._report_unfinished is not None:
                self._report_unfinished(meta["name"], perf_counter() - begun)
            raise
        self.has_waited = answer.head is not None and self._always_waits
        answer.elapsed_s = took_s = perf_counter() - begun
        meta["response"] = answer
        meta["response_time"] = took_s * 1000
        meta["response_length"] = len(answer.content)
        meta["exception"] = answer.error
        if answer.status_code >= 400 and answer.error is None:
            meta["exception"] = BadStatus(answer.status_code, answer.reason)
        if catch_response:
            answer.report_with(self._report, meta)
        else:
            self._report(**meta)
        return answer

    def close(self) -> None:
        """End every connection."""
        self._sender.close()

    def _ask(
        self,
        kind: type[Response],
        method: str,
        url: str,
        extra: Mapping[str, str] | None,
        body: bytes,
        timeout_s: float,
    ) -> Any:
        try:
            head, content = self._sender.exchange(method, url, extra, body, perf_counter() + timeout_s)
        except WHAT_FAILS as problem:
            return kind(method, url, None, b"", failed(problem, timeout_s))
        return kind(method, url, head, content, None)

    def _followed(self, answer: Any, extra: Mapping[str, str] | None, body: bytes, deadline: float) -> Any:
        """The answer at the end of a chain of redirects; the way there is its history."""
        history: list[Response] = []
        while answer.status_code in _REDIRECTS and len(history) < _MOST_REDIRECTS:
            onward = answer.head.field("location")
            if onward is None:
                break
            history.append(answer)
            method, body, extra = redirected(answer.status_code, answer.method, body, extra)
            url = urljoin(answer.url if "://" in answer.url else self.base_url + answer.url, onward)
            answer = self._ask(type(answer), method, url, extra, body, max(0.0, deadline - perf_counter()))
        answer.history = tuple(history)
        return answer
