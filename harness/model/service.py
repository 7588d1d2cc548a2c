"""A service underneath a tier: a database or a broker that systems under test stand on, and how it came to stand.

`kinds` is an order of preference: the first that works is used, and what did not work before it is kept, so
that a record can say so. Nothing falls to the next kind in silence.
"""

from dataclasses import dataclass
from enum import StrEnum

from harness.model.secret import SecretRef


class Kind(StrEnum):
    """How a service comes to stand: an image, a program of this machine, somebody else's, or inside the system."""

    CONTAINER = "container"
    PROCESS = "process"
    EXTERNAL = "external"
    EMBEDDED = "embedded"


class Preset(StrEnum):
    """What is spoken: decides the port, the variables, the wait by protocol and the shape of the URL."""

    POSTGRESQL = "postgresql"
    RABBITMQ = "rabbitmq"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One `[services.<name>]` of a tier.

    `url` is for `external`, `embedded` what the place `{services.<name>.url}` reads where the system keeps it inside
    itself. `port` and `image` are the container's. `env` goes to the container or process. `init` are workspace paths
    of files played once it stands (SQL). `binaries` is a folder of this machine that is looked into first.

    Of containers: `dockerfile` is what the image is built from, `volumes` are (workspace path, place inside), read
    there and never written; `reuse` keeps the container for later runs, each with a database of its own.
    `own_database` asks the same of somebody else's server.
    """

    name: str
    preset: Preset
    kinds: tuple[Kind, ...]
    image: str
    port: int
    url: str | SecretRef | None = None
    embedded: str | None = None
    env: tuple[tuple[str, str | SecretRef], ...] = ()
    init: tuple[str, ...] = ()
    binaries: str | None = None
    ready_s: float = 120.0
    dockerfile: str | None = None
    volumes: tuple[tuple[str, str], ...] = ()
    reuse: bool = False
    own_database: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fell:
    """A kind that was tried before the one in use, and why it did not do."""

    kind: Kind
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """How a service stood in one run, for the record: never with a password.

    `version` is the server's own word; `image` and `digest` are the container's; `where` is host and port. `kept`: the
    container is from an earlier run or stays for later ones; `apart`: somebody else's, with a database of our own.
    """

    name: str
    preset: Preset
    kind: Kind
    version: str = ""
    where: str = ""
    image: str = ""
    digest: str = ""
    fell: tuple[Fell, ...] = ()
    kept: bool = False
    apart: bool = False


IMAGES = {Preset.POSTGRESQL: "postgres:16", Preset.RABBITMQ: "rabbitmq:3"}
PORTS = {Preset.POSTGRESQL: 5432, Preset.RABBITMQ: 5672}
