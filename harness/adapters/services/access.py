"""How a service is reached: host, port, who signs in, and the database or virtual host that is ours."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from harness.model.service import PORTS, Preset

_SCHEME = {Preset.POSTGRESQL: "postgresql", Preset.RABBITMQ: "amqp"}


class NoEntryError(Exception):
    """The service did not let us in; the message says why. `refused` = it answered, and said no."""

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """`space` is the database or the virtual host; `tls` whether the connection must be encrypted and verified."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    space: str
    tls: bool = False

    def url(self, preset: Preset) -> str:
        """As a URL that clients understand; it holds the password."""
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{_SCHEME[preset]}://{who}@{host}:{self.port}/{quote(self.space, safe='')}"

    @property
    def where(self) -> str:
        """Host and port, for people."""
        return f"{self.host}:{self.port}"


def access_from(url: str, preset: Preset) -> Access:
    """What a URL says; ValueError where it names no host or no port that could be one."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("it names no host")
    space = unquote(parts.path.removeprefix("/"))
    if preset is Preset.RABBITMQ:
        fallback, tls = "/", parts.scheme == "amqps"
    else:
        modes = {"require", "verify-ca", "verify-full"}
        fallback, tls = unquote(parts.username or "postgres"), dict(parse_qsl(parts.query)).get("sslmode") in modes
    usual = 5671 if preset is Preset.RABBITMQ and tls else PORTS[preset]
    return Access(
        host=parts.hostname,
        port=parts.port or usual,
        user=unquote(parts.username or ("guest" if preset is Preset.RABBITMQ else "postgres")),
        password=unquote(parts.password or ("guest" if preset is Preset.RABBITMQ else "")),
        space=space or fallback,
        tls=tls,
    )
