"""A failure that we noticed ourselves beside the engine, in the one shape in which the engine's own are told."""

from collections.abc import Mapping, Sequence
from typing import Any

_MOST_BODY = 4000
_A_STEP_MORE = 10_000
_NOTHING_MEANT = dict.fromkeys(("scenario", "location", "parameter", "in", "mode", "description"), "")


def noticed(
    check: str,
    kind: str,
    label: str,
    *,
    title: str,
    message: str,
    phase: str,
    request: dict[str, Any],
    about: Mapping[str, str],
    answer: Any = None,
    before: Sequence[dict[str, Any]] = (),
    detail: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """`answer` as the sender gave it, None where there was none; `before` is what had to be sent first."""
    return {
        "check": check,
        "type": kind,
        "operation": label,
        "title": title,
        "message": message,
        "status": None if answer is None else answer.status_code,
        "phase": phase,
        "about": {**_NOTHING_MEANT, **about},
        "detail": dict(detail or {}),
        "request": request,
        "before": list(before),
        "answer": {} if answer is None else _shown(answer),
        "size": len(request["uri"]) + len(request["body"] or "") + _A_STEP_MORE * len(before),
        "count": 1,
    }


def _shown(answer: Any) -> dict[str, Any]:
    content = answer.content or b""
    return {
        "status": answer.status_code,
        "type": answer.headers.get("content-type", ""),
        "body": content[:_MOST_BODY].decode("utf-8", "replace"),
        "size": len(content),
    }
