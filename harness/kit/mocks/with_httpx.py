"""A mock for code that uses httpx, sync or async: a transport to give to a client."""

import asyncio
import time
from typing import TYPE_CHECKING

from harness.kit.mocks.in_process import InProcessMock
from harness.mocks.delays import silence_ms, takes_ms
from harness.mocks.messages import Reply
from harness.model.mock import Fault

if TYPE_CHECKING:
    import httpx


def transport(mock: InProcessMock, base_url: str) -> "httpx.BaseTransport":
    """A transport that answers from `mock`: for `httpx.Client(transport=…)` and `httpx.AsyncClient(transport=…)` alike.

    What is not below `base_url` fails as a host does that cannot be reached. Faults arrive as httpx' own errors;
    a delay beyond the read timeout is a timeout at once.
    """
    import httpx

    class MockTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            reply = self._asked(request, request.read())
            time.sleep(_wait_s(reply, request))
            return self._answered(reply, request)

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            reply = self._asked(request, await request.aread())
            await asyncio.sleep(_wait_s(reply, request))
            return self._answered(reply, request)

        def _asked(self, request: httpx.Request, body: bytes) -> Reply:
            headers = tuple(request.headers.multi_items())
            reply = mock.ask_below(base_url, request.method, str(request.url), headers, body)
            if reply is None:
                raise httpx.ConnectError(f"{request.url} is not below {base_url}", request=request)
            return reply

        def _answered(self, reply: Reply, request: httpx.Request) -> httpx.Response:
            match reply.fault:
                case None:
                    body = b"" if request.method == "HEAD" else reply.body
                    return httpx.Response(reply.status, headers=list(reply.headers), content=body, request=request)
                case Fault.CONNECTION_RESET_BY_PEER:
                    raise httpx.ReadError("connection reset by peer", request=request)
            raise httpx.RemoteProtocolError(f"the mock broke the connection: {reply.fault.value}", request=request)

    def _wait_s(reply: Reply, request: httpx.Request) -> float:
        silence_s = silence_ms(reply) / 1000
        limit = (request.extensions.get("timeout") or {}).get("read")
        if limit is not None and silence_s > limit:
            raise httpx.ReadTimeout(f"the mock is silent for {silence_s:g} s", request=request)
        return takes_ms(reply) / 1000

    return MockTransport()
