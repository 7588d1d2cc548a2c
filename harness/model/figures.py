"""Figures: what a load engine measured, before anybody judges it.

Times are sparse histograms in whole microseconds (buckets as in harness/rules/histogram.py). *Response time*
counts from the intended start of an arrival, *service time* from the moment its request was really sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFigures:
    """One operation. `answered` excludes `failed`; timeouts are in the histograms with their full wait.

    `errors` counts failures by kind ("timeout", "refused", "status 500", …), `statuses` answers by status.
    """

    name: str
    answered: int = 0
    failed: int = 0
    errors: Mapping[str, int] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)
    received_bytes: int = 0
    response_us: Mapping[int, int] = field(default_factory=dict)
    service_us: Mapping[int, int] = field(default_factory=dict)
    max_us: int = 0
    sum_us: int = 0

    @property
    def requests(self) -> int:
        """All requests, whatever became of them."""
        return self.answered + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A stretch of the run, from `at_s` on (counted from the first arrival, warm-up included)."""

    at_s: float
    answered: int = 0
    failed: int = 0
    unreached: int = 0
    dropped: int = 0
    users: int = 0
    response_us: Mapping[int, int] = field(default_factory=dict)
    checked: int = 0
    unlawful: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """How the generator itself did. `late_us` is how long after its intended start an arrival was begun.

    `cpu_share` is of one core; `workers_lost` of `workers`; `counted` is Locust's own count of requests.
    """

    cpu_share: float = 0.0
    late_us: Mapping[int, int] = field(default_factory=dict)
    late_max_us: int = 0
    workers: int = 1
    workers_lost: int = 0
    counted: int = 0
    recorded: int = 0
    peak_users: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GaugeFigures:
    """What a system told about itself in the measured window: pairs of seconds from the first arrival and value."""

    name: str
    readings: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersChecked:
    """The share of answers that was held against the contract. `unknown` had no operation there; `kinds` counts what
    was broken, as "createOrder 201: body /totalCents: …".
    """

    checked: int = 0
    unlawful: int = 0
    unknown: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """How many requests the system itself counted (None: it told nothing usable), and how many there should be."""

    count: int | None
    fewest: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptError:
    """An exception of the users' own code; `place` is file:line."""

    message: str
    place: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that one load run measured. `closed` False = it was cut off: what is here is what was seen until then.

    `problem` (message, place) is set where the users' file could not be used at all. `arrivals` were due in
    the measured window, `begun` really started, `dropped` found nobody free in time; None in a closed model.
    `aborted` is the condition that ended the load, and when (seconds from the first arrival).
    """

    closed: bool
    window_s: float = 0.0
    slice_s: float = 1.0
    warm_up_s: float = 0.0
    arrivals: int | None = None
    begun: int | None = None
    dropped: int | None = None
    operations: tuple[OperationFigures, ...] = ()
    slices: tuple[Slice, ...] = ()
    gauges: tuple[GaugeFigures, ...] = ()
    generator: Generator = field(default_factory=Generator)
    script_errors: tuple[ScriptError, ...] = ()
    setup_failed: int = 0
    problem: tuple[str, str] | None = None
    aborted: tuple[str, float] | None = None
    answers: AnswersChecked | None = None
    served: Served | None = None
