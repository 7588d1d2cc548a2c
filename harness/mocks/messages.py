"""What goes into a mock and what comes out: a request, a reply, and why the reply is what it is.

Both are plain values without a connection, so that the network server and the in-process transports
share one engine.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qsl

from harness.model.mock import Dribble, Fault

MISSING: Final = object()
_NOT_READ: Final = object()
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


class Unreadable(ValueError):
    """A body that is not what its media type says; the message is for the one who sent it."""


def _no_constant(name: str) -> Any:
    raise Unreadable(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant)


def read_json(body: bytes) -> Any:
    """The JSON value of a body; `Unreadable` for anything that strict JSON (RFC 8259) does not allow."""
    try:
        return _decoded(body)
    except UnicodeEncodeError:
        raise Unreadable("half of a character (a lone surrogate)") from None
    except UnicodeDecodeError as error:
        raise Unreadable(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise Unreadable("nested too deeply") from None
    except ValueError as error:
        raise Unreadable(str(error) if isinstance(error, Unreadable) else "a number has too many digits") from None


def _decoded(body: bytes) -> Any:
    value = _DECODER.decode(body.decode("utf-8"))
    if _SURROGATE.search(body):
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


class Request:
    """A request as it arrived. What is derived from it (query pairs, JSON) is worked out once, when first asked for.

    `path` and `query` are raw, still percent-encoded; header names are in lower case. `session` is the test session
    that it belongs to, None until somebody asks.
    """

    __slots__ = ("_headers", "_json", "_pairs", "body", "headers", "method", "path", "query", "session")

    def __init__(
        self, method: str, path: str, query: str = "", headers: tuple[tuple[str, str], ...] = (), body: bytes = b""
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.session: str | None = None
        self._headers: dict[str, str] | None = None
        self._pairs: list[tuple[str, str]] | None = None
        self._json: Any = _NOT_READ

    def header(self, name: str) -> str | None:
        """The value of a header (lower-case name), several joined as HTTP does, None where there is none."""
        if self._headers is None:
            self._headers = self._joined()
        return self._headers.get(name)

    def header_values(self, name: str) -> tuple[str, ...]:
        """Every value of a header, in order."""
        return tuple(value for key, value in self.headers if key == name)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query as decoded pairs, in order; bytes that are no UTF-8 become lone surrogates."""
        if self._pairs is None:
            self._pairs = parse_qsl(self.query, keep_blank_values=True, errors="surrogateescape") if self.query else []
        return self._pairs

    @property
    def media_type(self) -> str:
        """The media type of the body without parameters, in lower case; empty where none is named."""
        value = self.header("content-type")
        return value.partition(";")[0].strip().lower() if value else ""

    def json(self) -> Any:
        """The body as JSON; raises `Unreadable` every time where it is none."""
        if self._json is _NOT_READ:
            try:
                self._json = read_json(self.body)
            except Unreadable as error:
                self._json = error
        if isinstance(self._json, Unreadable):
            raise self._json
        return self._json

    def cookies(self) -> dict[str, str]:
        """Cookies by name."""
        found: dict[str, str] = {}
        for part in (self.header("cookie") or "").split(";"):
            name, equals, value = part.strip().partition("=")
            if equals:
                found.setdefault(name, value)
        return found

    def _joined(self) -> dict[str, str]:
        joined: dict[str, str] = {}
        for key, value in self.headers:
            joined[key] = f"{joined[key]}{'; ' if key == 'cookie' else ', '}{value}" if key in joined else value
        return joined


class Source(StrEnum):
    """Where an answer came from."""

    STUB = "stub"
    EXAMPLE = "example"
    GENERATED = "generated"
    STATE = "state"
    REFUSAL = "refusal"
    DRIFT = "drift"
    UNMATCHED = "unmatched"
    PLAYED = "played"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing that breaks the contract: where (`body`, `query limit`, `status`, …), at which pointer, and what."""

    where: str
    message: str
    pointer: str = ""
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.where}{' ' + self.pointer if self.pointer else ''}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer and its provenance. `wire` is the finished HTTP/1.1 message for a connection that stays open.

    `violations` are what the request broke, `drift` what this answer breaks. With a `fault` no message is sent.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    wire: bytes = b""
    source: Source = Source.UNMATCHED
    operation: str | None = None
    stub: str | None = None
    stub_id: str = ""
    example: str | None = None
    violations: tuple[Violation, ...] = ()
    drift: tuple[Violation, ...] = ()
    delay_ms: float = 0.0
    dribble: Dribble | None = None
    fault: Fault | None = None
