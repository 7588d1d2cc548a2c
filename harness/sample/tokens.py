"""Who calls: client credentials in, a signed token out, and back to an identity.

A token says who (client), for whom (tenant, and for a customer's own login which customer)
and what for (scopes). It is signed with a key of this process unless one is given.
"""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass

import jwt

LIFETIME_S = 3600
_ALGORITHM = "HS256"
_CACHED = 512

READ_ALL = frozenset({"products:read", "customers:read", "orders:read", "invoices:read"})
CUSTOMER = frozenset({"products:read", "orders:read", "orders:write", "invoices:read", "invoices:write"})
EVERYTHING = READ_ALL | {"customers:write", "orders:write", "invoices:write", "stock:write"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Somebody who may get a token. With a `customer_id` it reaches that customer's records only."""

    id: str
    tenant: str
    scopes: frozenset[str]
    customer_id: str | None = None
    public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who is calling, as the token says."""

    client_id: str
    tenant: str
    scopes: frozenset[str]
    customer_id: str | None


# Tests have a tenant of their own: what they create is never seen by the people who try the page.
CLIENTS: Mapping[str, Client] = {
    client.id: client
    for client in (
        Client(id="harness", tenant="sandbox", scopes=EVERYTHING),
        Client(id="catalogue-reader", tenant="main", scopes=frozenset({"products:read"}), public=True),
        Client(id="crm", tenant="main", scopes=EVERYTHING - {"stock:write"}),
        Client(id="erp", tenant="main", scopes=frozenset({"stock:write"})),
        Client(id="acme", tenant="main", scopes=CUSTOMER, customer_id="cus-00000000acme"),
        Client(id="globex", tenant="main", scopes=CUSTOMER, customer_id="cus-000000globex"),
    )
}


class Tokens:
    """Issues and verifies. `secrets_by_client` has one secret for each client that is not public."""

    def __init__(self, *, key: str, secrets_by_client: Mapping[str, str]) -> None:
        self._key = key
        self._secrets = secrets_by_client
        self._verified: dict[str, tuple[float, Identity]] = {}

    def client(self, client_id: str, secret: str) -> Client | None:
        """The client with these credentials; None when there is none (told in constant time)."""
        client = CLIENTS.get(client_id)
        expected = "public" if client is not None and client.public else self._secrets.get(client_id, "")
        same = hmac.compare_digest(secret.encode(), expected.encode())
        return client if client is not None and expected and same else None

    def issue(self, client: Client) -> str:
        """A token for an hour."""
        now = int(time.time())
        claims = {
            "sub": client.id,
            "tenant": client.tenant,
            "scope": " ".join(sorted(client.scopes)),
            "iat": now,
            "exp": now + LIFETIME_S,
        }
        if client.customer_id is not None:
            claims["customer"] = client.customer_id
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def identity(self, token: str) -> Identity | None:
        """Who this token speaks for; None when it is forged, foreign or over. What was verified once is remembered."""
        known = self._verified.get(token)
        if known is not None and known[0] > time.time():
            return known[1]
        try:
            claims = jwt.decode(
                token, self._key, algorithms=[_ALGORITHM], options={"require": ["exp", "sub", "tenant", "scope"]}
            )
        except jwt.InvalidTokenError:
            return None
        found = Identity(
            client_id=claims["sub"],
            tenant=claims["tenant"],
            scopes=frozenset(claims["scope"].split()),
            customer_id=claims.get("customer"),
        )
        if len(self._verified) >= _CACHED:
            self._verified.clear()
        self._verified[token] = (float(claims["exp"]), found)
        return found
