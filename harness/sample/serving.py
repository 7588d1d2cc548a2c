"""Serving a contract over ASGI: the file says what is asked, a table of handlers says what is answered.

The order of refusals is fixed: no such path (404), no such method (405), nobody or not
allowed (401, 403), parameters (400), size and kind of the body (413, 415), the body itself (400).
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from harness.sample.answers import Answer, Refused, problem
from harness.sample.contracts import Contract, Operation
from harness.sample.reading import Headers, Request, read_body, read_headers, read_path, read_query
from harness.sample.tokens import Identity

LARGEST_BODY = 64 * 1024

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Handler = Callable[[Request], Awaitable[Answer]]
Authorise = Callable[[Operation, Headers], Identity | None]
Rephrase = Callable[[Operation, Answer], Answer]

_log = logging.getLogger("harness.sample")


class Served:
    """An ASGI application that answers exactly the operations of a contract.

    `authorise` returns who calls, or raises `Refused`; it is asked for every operation.
    `rephrase` may put a refused request into the words of another standard.
    """

    def __init__(
        self, contract: Contract, handlers: Mapping[str, Handler], authorise: Authorise, *, rephrase: Rephrase
    ) -> None:
        self._contract = contract
        self._handlers = dict(handlers)
        self._authorise = authorise
        self._rephrase = rephrase

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await send_answer(send, await guarded(scope, self._answer(scope, receive)))

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
        by_method, raw = self._route(path)
        operation = by_method.get(scope["method"])
        if operation is None:
            allow = ", ".join(sorted(by_method)).encode()
            raise Refused(problem(405, f"{path} does not support {scope['method']}.", headers=((b"allow", allow),)))
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        who = self._authorise(operation, headers)
        try:
            in_path = read_path(operation, raw) if raw else {}
            query = read_query(operation, scope["query_string"])
            in_header = read_headers(operation, headers)
            body = await _body(operation, headers, receive) if operation.bodies else None
        except Refused as refused:
            raise Refused(self._rephrase(operation, refused.answer)) from None
        request = Request(operation=operation, path=in_path, query=query, headers=in_header, body=body, who=who)
        return await self._handlers[operation.id](request)

    def _route(self, path: str) -> tuple[Mapping[str, Operation], Mapping[str, str]]:
        fixed = self._contract.fixed.get(path)
        if fixed is not None:
            return fixed, {}
        for pattern, by_method in self._contract.patterned:
            match = pattern.fullmatch(path)
            if match is not None:
                return by_method, match.groupdict()
        raise Refused(problem(404, "There is nothing at this path."))


async def _body(operation: Operation, headers: Headers, receive: Receive) -> Any:
    content_type = next((value for name, value in headers if name == b"content-type"), b"").decode("latin-1")
    return read_body(operation, content_type, await read_all(receive))


async def read_all(receive: Receive) -> bytes:
    """The whole body of a request; one that is too large is refused."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > LARGEST_BODY:
            raise Refused(problem(413, f"The body is larger than {LARGEST_BODY} bytes."))
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


async def guarded(scope: Scope, work: Awaitable[Answer]) -> Answer:
    """What the work answers, or refuses with; what it did not expect is logged and answered 500."""
    try:
        return await work
    except Refused as refused:
        return refused.answer
    except Exception:  # noqa: BLE001 - the last line of defence: a client is owed an answer, the log the cause
        _log.exception("%s %s", scope["method"], scope["path"])
        return problem(500, "The hub failed.")


async def send_answer(send: Send, answer: Answer) -> None:
    """Write an answer; the length is added, except where the status forbids a body."""
    headers = list(answer.headers)
    if answer.status != 204:
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
