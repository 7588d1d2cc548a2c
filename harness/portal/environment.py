"""What the portal's administrator sets, read from the environment once and checked.

Secrets come from here or from 0600 files in the data directory; none has a default that works.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class WronglySet(ValueError):
    """A setting that cannot be used; says which, and what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The settings. `witnesses` are directories outside the portal's own that get every checkpoint."""

    data: Path
    url: str
    evidence_url: str
    database: str = ""
    witnesses: tuple[Path, ...] = ()
    witness_command: str = ""
    smtp: str = ""
    mail_from: str = "harness portal <portal@localhost>"
    proxies: int = 0
    most_upload_bytes: int = 64 * 1024**2

    @property
    def origin(self) -> SplitResult:
        """The portal's own address, taken apart."""
        return urlsplit(self.url)

    @property
    def evidence_origin(self) -> SplitResult:
        """Where evidence is served from, taken apart."""
        return urlsplit(self.evidence_url)

    @property
    def cookie_prefix(self) -> str:
        """`__Host-` binds a cookie to this very host; browsers know it under https alone, not on localhost."""
        return "__Host-" if self.origin.scheme == "https" else ""

    @property
    def rp_id(self) -> str:
        """The name that passkeys are bound to."""
        return self.origin.hostname or ""


def read(environ: Mapping[str, str]) -> Environment:
    """The settings as they are in the environment; WronglySet for what cannot be used."""
    port = environ.get("HARNESS_PORTAL_PORT", "8085")
    found = Environment(
        data=Path(environ.get("HARNESS_PORTAL_DATA", ".harness/portal")).absolute(),
        url=environ.get("HARNESS_PORTAL_URL", f"http://localhost:{port}").rstrip("/"),
        evidence_url=environ.get("HARNESS_PORTAL_EVIDENCE_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        database=environ.get("HARNESS_PORTAL_DATABASE", ""),
        witnesses=tuple(
            Path(one).absolute() for one in environ.get("HARNESS_PORTAL_WITNESSES", "").split(os.pathsep) if one
        ),
        witness_command=environ.get("HARNESS_PORTAL_WITNESS_COMMAND", ""),
        smtp=environ.get("HARNESS_PORTAL_SMTP", ""),
        mail_from=environ.get("HARNESS_PORTAL_MAIL_FROM", "harness portal <portal@localhost>"),
        proxies=int(_number(environ, "HARNESS_PORTAL_PROXIES", 0)),
    )
    _origins(found)
    return found


def database(env: Environment) -> dict[str, object]:
    """Django's settings of the database: SQLite that waits its turn and syncs each commit, or PostgreSQL by URL."""
    if not env.database:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": env.data / "portal.sqlite3",
            "CONN_MAX_AGE": 600,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                "PRAGMA recursive_triggers=ON; PRAGMA trusted_schema=OFF; PRAGMA secure_delete=ON;",
            },
        }
    parts = urlsplit(env.database)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise WronglySet("HARNESS_PORTAL_DATABASE must read postgresql://user:password@host:port/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "OPTIONS": {"options": "-c synchronous_commit=on"},
    }


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    try:
        found = float(environ.get(name, default))
    except ValueError as error:
        raise WronglySet(f"{name} must be a number, not {environ[name]!r}") from error
    if found < 0:
        raise WronglySet(f"{name} must not be negative")
    return found


def _origins(env: Environment) -> None:
    for name, parts in (("HARNESS_PORTAL_URL", env.origin), ("HARNESS_PORTAL_EVIDENCE_URL", env.evidence_origin)):
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
            raise WronglySet(f"{name} must read https://host or https://host:port, not {parts.geturl()!r}")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise WronglySet(f"{name} is http: passkeys and session cookies need https anywhere but on localhost")
    if env.origin.hostname == env.evidence_origin.hostname:
        raise WronglySet("HARNESS_PORTAL_EVIDENCE_URL must be on another host than the portal: cookies know no ports")
