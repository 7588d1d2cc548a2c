"""A contract: what a system promises, read from an OpenAPI document."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Dialect(StrEnum):
    """The description languages we read."""

    OPENAPI_2 = "OpenAPI 2.0"
    OPENAPI_30 = "OpenAPI 3.0"
    OPENAPI_31 = "OpenAPI 3.1"
    OPENAPI_32 = "OpenAPI 3.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation. `id` is the operationId, else `METHOD /path`; `statuses` as documented ("200", "4XX", …).

    `safe` is what the document itself says by `x-safe`, None where it says nothing. `lines` name where its parts
    are written: `201`, `body`, `query page`.
    """

    id: str
    method: str
    path: str
    summary: str = ""
    tags: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    secured: bool = False
    deprecated: bool = False
    safe: bool | None = None
    line: int | None = None
    lines: tuple[tuple[str, int], ...] = ()

    @property
    def label(self) -> str:
        """As engines name it: `GET /orders/{id}`."""
        return f"{self.method} {self.path}"

    @property
    def successes(self) -> tuple[str, ...]:
        """Documented statuses that accept a request (2xx, 3xx)."""
        return tuple(status for status in self.statuses if status[:1] in {"2", "3"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A part of a document that could not be used, with the sentence why; the rest goes on."""

    where: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A parsed document. `document` is one flat mapping: every `$ref` in it starts with `#/`.

    `sha256` is over the bytes of all files read, in the order they were read.
    """

    path: str
    dialect: Dialect
    title: str
    version: str
    sha256: str
    document: Mapping[str, Any]
    operations: tuple[Operation, ...]
    servers: tuple[str, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
