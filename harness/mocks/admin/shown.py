"""Stubs and interactions as WireMock's admin API shows them."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from harness.mocks.asked import Interaction
from harness.mocks.matching import CompiledStub
from harness.mocks.messages import Request
from harness.mocks.near_misses import NearMiss
from harness.mocks.schemas import is_private

_HIDDEN = "***"


def shown_stub(stub: CompiledStub) -> dict[str, Any]:
    """A stub mapping as it was written, with its id and name."""
    mapping = stub.mapping
    written = dict(mapping.written) if isinstance(mapping.written, Mapping) else {}
    return {**written, "id": mapping.id, "uuid": mapping.id, "name": mapping.name}


def shown_request(request: Request, path: str, at_ms: int) -> dict[str, Any]:
    """A logged request; of a credential in its headers, that there was one."""
    url = f"{path}?{request.query}" if request.query else path
    queries: dict[str, list[str]] = {}
    for name, value in request.pairs:
        queries.setdefault(name, []).append(_clean(value))
    headers: dict[str, Any] = {}
    for name, value in request.headers:
        known, shown = headers.get(name), _HIDDEN if _is_credential(name) else value
        headers[name] = shown if known is None else [*(known if isinstance(known, list) else [known]), shown]
    logged = datetime.fromtimestamp(at_ms / 1000, UTC)
    return {
        "url": url,
        "absoluteUrl": f"http://{request.header('host') or 'localhost'}{url}",
        "method": request.method,
        "clientIp": "127.0.0.1",
        "headers": headers,
        "cookies": dict.fromkeys(request.cookies(), _HIDDEN),
        "queryParams": {name: {"key": name, "values": values} for name, values in queries.items()},
        "browserProxyRequest": False,
        "loggedDate": at_ms,
        "loggedDateString": logged.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "bodyAsBase64": base64.b64encode(request.body).decode(),
        "body": request.body.decode("utf-8", "replace"),
    }


def shown_interaction(one: Interaction, stub: CompiledStub | None) -> dict[str, Any]:
    """A serve event: request, answer, and what answered."""
    reply = one.reply
    return {
        "id": one.id,
        "request": shown_request(one.request, one.path, one.at_ms),
        "responseDefinition": {"status": reply.status, "fromConfiguredStub": reply.stub is not None},
        "response": {
            "status": reply.status,
            "headers": dict(reply.headers),
            "bodyAsBase64": base64.b64encode(reply.body).decode(),
            "body": reply.body.decode("utf-8", "replace"),
            **({} if reply.fault is None else {"fault": reply.fault.value}),
        },
        "wasMatched": one.matched,
        "source": reply.source.value,
        "operation": reply.operation,
        "violations": [str(found) for found in reply.violations],
        "drift": [str(found) for found in reply.drift],
        **({} if stub is None else {"stubMapping": shown_stub(stub)}),
    }


def shown_miss(miss: NearMiss, request: Mapping[str, Any]) -> dict[str, Any]:
    """A near miss: the request, the stub, how far, and which of its statements did not hold."""
    return {
        "request": request,
        "stubMapping": shown_stub(miss.stub),
        "matchResult": {"distance": miss.distance, "differs": list(miss.differs)},
    }


def _is_credential(name: str) -> bool:
    return "cookie" in name.lower() or is_private(name)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
