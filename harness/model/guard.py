"""What the guard lets through: values that the harness makes once and the guard's own process reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field

HARNESS = "harness"  # the job's name under which the harness itself asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One server that may be reached, and what may be asked there.

    `methods` empty = all. `granted` are (method, path template) pairs below `base_path` that the owner allows beside
    the methods, `withheld` such pairs with whole paths: what a contract itself calls unsafe. `only` set = exactly these
    and nothing else. `counted`: its requests count for the tier's rate and concurrency. `ca` is a file to trust.
    """

    name: str
    scheme: str
    host: str
    port: int
    base_path: str = ""
    methods: tuple[str, ...] = ()
    granted: tuple[tuple[str, str], ...] = ()
    withheld: tuple[tuple[str, str], ...] = ()
    only: tuple[tuple[str, str], ...] | None = None
    counted: bool = True
    ca: str | None = None

    @property
    def authority(self) -> str:
        """Host and port as the Host field says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Scheme and authority."""
        return f"{self.scheme}://{self.authority}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One listener: who comes in by it, and to which origin it leads. `origin` None = a browser's proxy, to all."""

    job: str
    origin: str | None = None

    @property
    def key(self) -> str:
        """The door's name."""
        return f"{self.job}>{self.origin or '*'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as the guard judges it: `headers` in lower case with all values, `body_bytes` as announced."""

    method: str
    scheme: str
    host: str
    port: int
    path: str
    query: str = ""
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body_bytes: int = 0

    @property
    def shown(self) -> str:
        """As people name it, without its query: that may hold what must not be shown."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == {"http": 80, "https": 443}.get(self.scheme) else f":{self.port}"
        return f"{self.method} {self.scheme}://{host}{port}{self.path}"
