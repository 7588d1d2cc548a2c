"""Ways to sign in that take more than a fixed value: a token minted for the tier, and a log-in that is gone through."""

from dataclasses import dataclass
from enum import StrEnum

from harness.model.secret import SecretRef

Claim = str | int | float | bool | tuple[str, ...]


class Algorithm(StrEnum):
    """How a JSON web token is signed (RFC 7518, RFC 8037)."""

    HS256 = "HS256"
    RS256 = "RS256"
    ES256 = "ES256"
    EDDSA = "EdDSA"


@dataclass(frozen=True, slots=True, kw_only=True)
class MintedToken:
    """A JSON web token that we sign ourselves for this run. `key`: the shared secret, or a private key as PEM."""

    key: SecretRef
    algorithm: Algorithm = Algorithm.HS256
    claims: tuple[tuple[str, Claim], ...] = ()
    key_id: str | None = None
    lives_s: float = 3600.0


class FieldsAs(StrEnum):
    """How the fields of a log-in are sent."""

    JSON = "json"
    FORM = "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One request that signs in; `url` absolute or a path under the base URL.

    What it gives is a `token` (a JSON pointer into its answer), sent in `header`, or a `cookie`: exactly one of them.
    """

    method: str
    url: str
    fields: tuple[tuple[str, str | SecretRef], ...]
    fields_as: FieldsAs = FieldsAs.JSON
    token: str | None = None
    header: str = "Authorization"
    cookie: str | None = None
