"""A secret by reference: where it is kept, never what it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef:
    """`{ env = "CRM_TOKEN" }`, `{ file = "…" }`, `{ command = [...] }`; with a `default` it is no secret."""

    kind: str
    at: str
    argv: tuple[str, ...] = ()
    default: str | None = None
