"""How much a system can take: the search for it, and what was found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """From which arrival rate to which, and how long each is held (seconds, beside the profile's warm-up)."""

    from_per_s: float
    to_per_s: float
    step_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rate that was tried. `held` None = nobody could tell, and `why` says why; times in ms, `errors` a share."""

    rate_per_s: float
    achieved_per_s: float = 0.0
    mean_ms: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    errors: float = 0.0
    held: bool | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bend:
    """The Universal Scalability Law fitted to what was seen: `contention` σ, `coherency` κ, one user's rate λ.

    `peak_per_s` is the highest throughput it foresees, with `at` requests under way; None where it never bends.
    """

    one_per_s: float
    contention: float
    coherency: float
    peak_per_s: float | None = None
    at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The answer: the highest rate at which every limit held, and the lowest at which one did not (None: not seen)."""

    steps: tuple[Step, ...]
    held_per_s: float | None = None
    broke_per_s: float | None = None
    bend: Bend | None = None
