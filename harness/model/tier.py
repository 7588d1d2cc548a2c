"""A tier: where the systems are, who stands in for what, and what may be done there."""

from dataclasses import dataclass, field
from enum import StrEnum

from harness.model.auth import Login, MintedToken
from harness.model.secret import SecretRef as SecretRef  # whoever reads a tier reads its references
from harness.model.service import Service


class Suite(StrEnum):
    """What a job belongs to. `MOCK` checks come with the mocks that a run stands on."""

    CONTRACT = "contract"
    LOAD = "load"
    UAT = "uat"
    MOCK = "mock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A fixed bearer token."""

    token: SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Basic:
    """HTTP Basic."""

    user: str
    password: SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key in a header."""

    header: str
    value: SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """OAuth 2 client credentials; `token_url` absolute or a path under the system's base URL."""

    token_url: str
    client_id: str
    client_secret: SecretRef
    scope: str | None = None


Auth = Bearer | Basic | ApiKey | ClientCredentials | MintedToken | Login


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A request that reads: `GET /health`, and for versions the field to look at."""

    method: str
    path: str
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How the harness starts a process itself. `env` values may hold `{…}` places and secret references.

    `restarts`: how often it is started again in a run where it ends by itself.
    """

    command: tuple[str, ...]
    env: tuple[tuple[str, str | SecretRef], ...] = ()
    ready_s: float = 30.0
    restarts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A system under test. `base_url` may hold `{port}`: a free one, chosen per run. `ca`: a file to trust beside."""

    name: str
    base_url: str
    contract: str | None = None
    health: Probe | None = None
    version: Probe | None = None
    auth: Auth | None = None
    start: Start | None = None
    ca: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """What a system under test relies on. Exactly one of `mock` (folder), `real` (URL), `start` says who answers.

    `auth` is how we sign in ourselves, where a real one is asked what its mock was asked. A mock with `faults` plays
    failures on demand.
    """

    name: str
    contract: str | None = None
    mock: str | None = None
    real: str | None = None
    start: Start | None = None
    base_url: str | None = None
    health: Probe | None = None
    auth: Auth | None = None
    faults: bool = False


class DataClass(StrEnum):
    """What lies on a tier: invented, made unrecognisable, or people's own."""

    SYNTHETIC = "synthetic"
    ANONYMISED = "anonymised"
    REAL = "real"


class Mocks(StrEnum):
    """Whether mocks may stand in on a tier."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When a tier may be run: days (0 is Monday), minutes of the day in `zone`; past midnight where `until` is less."""

    days: tuple[int, ...]
    since: int
    until: int
    zone: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadCap:
    """The most load that a tier bears. None = that measure is not capped."""

    rate_per_s: float | None = None
    users: int | None = None
    for_s: float | None = None


MOST_BODY = 16 * 1024**2  # bytes, where a policy says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may be done on a tier. `methods` empty = all. `rate_per_s` and `concurrency` None = no cap.

    `operations` are allowed by id beside the methods; no body that leaves may be larger than `body_bytes`.
    `floors` are the shares of a contract's promises, by kind, that must be proved. `windows` and `who` empty =
    at any time, by anybody; `load` None = a profile is bound by nothing but itself. `alarm` is asked all the while.
    """

    suites: tuple[Suite, ...] = ()
    mocks: Mocks = Mocks.FORBIDDEN
    hosts: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    body_bytes: int = MOST_BODY
    rate_per_s: float | None = None
    concurrency: int | None = None
    confirm: bool = False
    statuses: tuple[str, ...] = ()
    floors: tuple[tuple[str, float], ...] = ()
    max_examples: int = 30
    contract_deadline_s: float = 240.0
    windows: tuple[Window, ...] = ()
    who: tuple[str, ...] = ()
    load: LoadCap | None = None
    alarm: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One value of a tier and where it came from, for `harness config`."""

    key: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One tier, settled: every layer of precedence already applied. `sha256` is over what it was settled from.

    `scripts` is what the tier grants to scripts as environment; values may hold `{…}` places and secret references.
    """

    name: str
    order: int = 1
    purpose: str = ""
    systems: tuple[System, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    services: tuple[Service, ...] = ()
    scripts: tuple[tuple[str, str | SecretRef], ...] = ()
    data: DataClass | None = None
    policy: Policy = field(default_factory=Policy)
    settings: tuple[Setting, ...] = ()
    sha256: str = ""

    def system(self, name: str) -> System:
        """The system of that name; KeyError where there is none."""
        for system in self.systems:
            if system.name == name:
                return system
        raise KeyError(name)
