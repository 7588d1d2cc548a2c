"""What the sample answers: plain values that are written to the connection as they are."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

JSON = b"application/json"
PROBLEM = b"application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status, headers (names in lower case, without content-length) and the bytes of the body."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""


class Refused(Exception):
    """Raised anywhere below a handler to answer at once."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def as_json(
    value: object, *, status: int = 200, headers: Iterable[tuple[bytes, bytes]] = (), kind: bytes = JSON
) -> Answer:
    """The value as compact JSON."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status=status, headers=((b"content-type", kind), *headers), body=body)


def problem(
    status: int,
    detail: str,
    *,
    errors: Iterable[tuple[str, str]] = (),
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> Answer:
    """A problem document (RFC 9457). `errors` are pairs of where and what."""
    document: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    found = [{"where": where, "what": what} for where, what in errors]
    if found:
        document["errors"] = found
    return as_json(document, status=status, headers=headers, kind=PROBLEM)


def unavailable(detail: str) -> Answer:
    """503 with the time to wait."""
    return problem(503, detail, headers=((b"retry-after", b"2"),))
