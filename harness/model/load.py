"""Load: profiles and limits as data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stretch of arrivals: `rate_per_s` for `for_s` seconds; with `from_per_s`, a straight ramp from there."""

    rate_per_s: float
    for_s: float
    from_per_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenModel:
    """Arrivals come whether or not the system answers; latency counts from the intended start."""

    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedModel:
    """A fixed number of users, started at `ramp_per_s`, for `for_s` seconds."""

    users: int
    ramp_per_s: float
    for_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One way to load. `warm_up_s` is left out of the figures."""

    name: str
    model: OpenModel | ClosedModel
    warm_up_s: float = 0.0

    @property
    def duration_s(self) -> float:
        """How long arrivals go on, warm-up included, in seconds."""
        match self.model:
            case OpenModel(stages=stages):
                return self.warm_up_s + sum(stage.for_s for stage in stages)
            case ClosedModel(for_s=for_s):
                return self.warm_up_s + for_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """`p95 < 300 ms` for `subject` ("all", an operation's or a watched gauge's name). `value` is in `unit`: `ms`,
    `share` (0..1), `/s`, `count` or `bytes`.
    """

    subject: str
    measure: str
    relation: str
    value: float
    text: str
    unit: str = "ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Abort:
    """What ends a load before its time: `limit` says what must not be, measured over the last `for_s` seconds."""

    limit: Limit
    for_s: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A figure that the system tells about itself, read once a second: `GET path`, and the field of its JSON answer."""

    name: str
    path: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a tier's policy lets a load do. `methods` empty = all, None = no cap, `target_only` = nowhere else."""

    methods: tuple[str, ...] = ()
    rate_per_s: float | None = None
    users: int | None = None
    target_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSpec:
    """One `load/*.toml`: which users, which profile on which tier, and the limits that must hold.

    `checked_share` (0..1) of the answers is held against the system's contract; `served` is where the system tells how
    many requests it has seen, to be compared with ours.
    """

    name: str
    path: str
    users_file: str
    users_class: str
    system: str
    profiles: tuple[Profile, ...]
    limits: tuple[Limit, ...]
    profile_by_tier: tuple[tuple[str, str], ...]
    watches: tuple[Watch, ...] = ()
    aborts: tuple[Abort, ...] = ()
    checked_share: float = 0.0
    served: Watch | None = None

    def profile_for(self, tier: str) -> Profile | None:
        """The profile that the file grants to a tier, if any."""
        wanted = dict(self.profile_by_tier).get(tier)
        return next((profile for profile in self.profiles if profile.name == wanted), None)
