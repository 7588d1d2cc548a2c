"""A mock for code that uses `requests`, by way of the `responses` library.

Faults arrive as the exceptions that `requests` raises for them; a delay beyond the caller's timeout is a
timeout at once, so tests stay fast.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.kit.mocks.in_process import InProcessMock
from harness.mocks.delays import silence_ms, takes_ms
from harness.mocks.messages import Reply
from harness.model.mock import Fault

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_LONGEST_S = 600.0


@contextmanager
def mocked(
    target: str | Path | InProcessMock, base_url: str, *, verify: bool = True, passthrough: tuple[str, ...] = ()
) -> Iterator[InProcessMock]:
    """Answer every request below `base_url` from a mock while inside; others fail, but for `passthrough` prefixes.

    With `verify`, leaving raises `MockBroken` for what broke the contract, unless the test fails by itself already.
    """
    import responses

    mock = target if isinstance(target, InProcessMock) else InProcessMock(target)
    pattern = re.compile(re.escape(base_url.rstrip("/")) + r"(?=[/?]|$)")

    def answer(request: Any) -> tuple[int, list[tuple[str, str]], bytes] | Exception:
        body = request.body or b""
        raw = (
            body.encode()
            if isinstance(body, str)
            else bytes(body)
            if isinstance(body, bytes | bytearray)
            else b"".join(body)
        )
        reply = mock.ask_below(base_url, str(request.method), str(request.url), tuple(request.headers.items()), raw)
        assert reply is not None
        failure = _failure(reply, request)
        return failure or (reply.status, list(reply.headers), b"" if request.method == "HEAD" else reply.body)

    with responses.RequestsMock(assert_all_requests_are_fired=False, passthru_prefixes=passthrough) as stand_in:
        for method in _METHODS:
            stand_in.add_callback(method, pattern, callback=answer, content_type=None)  # type: ignore[arg-type]
        yield mock
    if verify:
        mock.verify()


def _failure(reply: Reply, request: Any) -> Exception | None:
    """What `requests` raises for a fault or for waiting too long; the waiting itself where it is short enough."""
    import requests

    silence_s, takes_s = silence_ms(reply) / 1000, takes_ms(reply) / 1000
    timeout = (getattr(request, "req_kwargs", None) or {}).get("timeout")
    limit = timeout[1] if isinstance(timeout, tuple) else timeout
    if limit is not None and silence_s > float(limit):
        return requests.exceptions.ReadTimeout(f"the mock is silent for {silence_s:g} s")
    if takes_s > 0:
        time.sleep(min(takes_s, _LONGEST_S))
    match reply.fault:
        case None:
            return None
        case Fault.MALFORMED_RESPONSE_CHUNK:
            return requests.exceptions.ChunkedEncodingError("the mock sent a malformed chunk")
        case Fault.EMPTY_RESPONSE:
            return requests.exceptions.ConnectionError("the mock closed without an answer")
        case Fault.CONNECTION_RESET_BY_PEER:
            return requests.exceptions.ConnectionError(ConnectionResetError(104, "Connection reset by peer"))
    return requests.exceptions.ConnectionError("the mock sent what is no HTTP")
