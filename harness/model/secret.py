"""A secret by reference: where it is kept, never what it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef:
    """`{ env = "X" }`, `{ file = "…" }`, `{ command = [...] }` or `{ keyring = "service/account" }`.

    With a `default` it is a setting and no secret.
    """

    kind: str
    at: str
    argv: tuple[str, ...] = ()
    default: str | None = None
