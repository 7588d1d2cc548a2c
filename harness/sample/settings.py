"""What the sample is told when it starts, read from the environment once.

Secrets come from the environment. The demo's default secret works on loopback only.
"""

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.errors import AskedWrongly
from harness.sample.faults import Fault, parse
from harness.sample.tokens import CLIENTS

DEMO_SECRET = "demo-secret"  # noqa: S105 - printed in the manual; refused beyond loopback
DEFAULT_VERSION = "1.0.0"
POSTGRES = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`database` is a file, a PostgreSQL URL, or None for memory.

    `erp_url` and `payment_url` are None while there is none, `amqp_url` is None where messages stay in memory.
    """

    faults: frozenset[Fault] = frozenset()
    database: str | None = field(default=None, repr=False)
    erp_url: str | None = None
    payment_url: str | None = None
    amqp_url: str | None = field(default=None, repr=False)
    version: str = DEFAULT_VERSION
    secrets_by_client: Mapping[str, str] = field(repr=False)
    signing_key: str = field(repr=False)


def read_settings(host: str, environ: Mapping[str, str] = os.environ) -> Settings:
    """From the environment; refuses what would be unsafe on this `host`."""
    faults = parse(environ.get("SAMPLE_FAULTS", ""))
    loopback = is_loopback(host)
    if faults and not loopback:
        raise AskedWrongly(
            f"the sample does not listen on {host} while a fault is on ({', '.join(sorted(faults))})",
            hint="use --host 127.0.0.1, or empty SAMPLE_FAULTS",
        )
    secret = environ.get("SAMPLE_CLIENT_SECRET", "")
    if not secret and not loopback:
        raise AskedWrongly(
            f"the demo's secret is for loopback only, and the sample is to listen on {host}",
            hint="set SAMPLE_CLIENT_SECRET, or use --host 127.0.0.1",
        )
    by_client = {client.id: secret or DEMO_SECRET for client in CLIENTS.values() if not client.public}
    return Settings(
        faults=faults,
        database=_database(environ.get("DATABASE_URL", "")),
        erp_url=environ.get("ERP_URL") or None,
        payment_url=environ.get("PAYMENT_URL") or None,
        amqp_url=read_amqp_url(environ),
        version=environ.get("SAMPLE_VERSION") or DEFAULT_VERSION,
        secrets_by_client={**by_client, **_own_secrets(environ.get("SAMPLE_CLIENTS", ""))},
        signing_key=environ.get("SAMPLE_SIGNING_KEY") or secrets.token_urlsafe(48),
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _database(url: str) -> str | None:
    if url in ("", ":memory:", "sqlite://", "sqlite:///:memory:"):
        return None
    if url.startswith("sqlite:///"):
        return url.removeprefix("sqlite:///")
    if "://" in url and not url.startswith(POSTGRES):
        raise AskedWrongly(
            f"DATABASE_URL names a database that the sample does not speak: `{url.partition('://')[0]}`",
            hint="use sqlite:///relative.db, sqlite:////absolute.db, a path, or postgresql://…",
        )
    return url


def read_amqp_url(environ: Mapping[str, str] = os.environ) -> str | None:
    """The broker that `AMQP_URL` names, None where messages stay in memory."""
    url = environ.get("AMQP_URL", "")
    if url in ("", "memory://"):
        return None
    if not url.startswith(("amqp://", "amqps://")):
        raise AskedWrongly(
            f"AMQP_URL names a broker that the sample does not speak: `{url.partition('://')[0]}`",
            hint="use amqp://…, or leave it empty to keep messages in memory",
        )
    return url


def _own_secrets(text: str) -> dict[str, str]:
    """`crm=one,acme=two`: a secret of its own for each client named."""
    own: dict[str, str] = {}
    for pair in (part.strip() for part in text.split(",") if part.strip()):
        name, equals, value = pair.partition("=")
        if not equals or not value or name not in CLIENTS or CLIENTS[name].public:
            known = ", ".join(client.id for client in CLIENTS.values() if not client.public)
            raise AskedWrongly(f"SAMPLE_CLIENTS names `{name}`", hint=f"write client=secret; the clients are {known}")
        own[name] = value
    return own
