"""A finding as it is stored for another day: what has to be sent, in which order, and what came of it then."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.formats.curl import Request

_BASE = "{base}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One finding and its requests. `operation` is a label, `GET /orders`."""

    id: str
    operation: str
    rule: str
    kind: str
    status: int | None
    request: Request
    before: tuple[tuple[Request, str], ...] = ()
    detail: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


def write_stored(stored: Stored, base_url: str) -> dict[str, Any]:
    """As plain JSON values; bodies as text where they are text, so that the redactor can read them.

    Addresses below `base_url` are kept without it: another day the system may stand elsewhere.
    """
    return {
        "id": stored.id,
        "operation": stored.operation,
        "rule": stored.rule,
        "kind": stored.kind,
        "status": stored.status,
        "detail": {name: list(value) if isinstance(value, tuple) else value for name, value in stored.detail.items()},
        "request": _written(stored.request, base_url),
        "before": [{"request": _written(request, base_url), "answer": answer} for request, answer in stored.before],
    }


def read_stored(data: Mapping[str, Any], base_url: str) -> Stored:
    """What `write_stored` wrote, for a system at `base_url`; KeyError or TypeError for anything else."""
    return Stored(
        id=data["id"],
        operation=data["operation"],
        rule=data["rule"],
        kind=data["kind"],
        status=data["status"],
        detail={name: tuple(value) if isinstance(value, list) else value for name, value in data["detail"].items()},
        request=_read(data["request"], base_url),
        before=tuple((_read(one["request"], base_url), one["answer"]) for one in data["before"]),
    )


def _written(request: Request, base_url: str) -> dict[str, Any]:
    body: dict[str, str | None] = {"text": None}
    if request.body is not None:
        try:
            body = {"text": request.body.decode("utf-8")}
        except UnicodeDecodeError:
            body = {"base64": base64.b64encode(request.body).decode()}
    return {
        "method": request.method,
        "url": _BASE + request.url.removeprefix(base_url) if request.url.startswith(base_url) else request.url,
        "headers": dict(request.headers),
        "signs-in-by": [name for name, _ in request.credentials],
        "body": body,
        **({"cut": True} if request.is_cut else {}),
    }


def _read(data: Mapping[str, Any], base_url: str) -> Request:
    body = data["body"]
    text = body.get("text")
    return Request(
        method=data["method"],
        url=base_url + data["url"].removeprefix(_BASE) if data["url"].startswith(_BASE) else data["url"],
        headers=data["headers"],
        credentials=tuple((name, "") for name in data["signs-in-by"]),
        body=base64.b64decode(body["base64"]) if "base64" in body else text.encode() if text is not None else None,
        is_cut=data.get("cut") is True,
    )
