"""A plan: what a run promises, written down before anything starts."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from harness.model.capacity import Search
from harness.model.contract import Operation
from harness.model.criteria import Criterion
from harness.model.load import Abort, Bounds, Limit, Profile, Watch
from harness.model.matrix import Trial
from harness.model.tier import Policy, Suite
from harness.model.uses import Use


class Promise(StrEnum):
    """What kind of promise a check stands for."""

    OPERATION = "operation"
    STATUS = "status"
    LIMIT = "limit"
    CRITERION = "criterion"
    SCRIPT = "script"
    MOCK = "mock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One promise. `id` reads `suite:system-or-script/promise[@detail]` and is the identity everywhere."""

    id: str
    suite: Suite
    promise: Promise
    title: str
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A finding that is known: by its id, with who answers for it, why, and the last day (`2026-12-31`) of that.

    `tiers` empty = on every tier.
    """

    finding: str
    owner: str
    reason: str
    expires: str
    tiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractWork:
    """Ask a system whether it keeps its contract. `required` pairs operation ids with statuses that must be seen.

    `accepted` are findings that are known and decide nothing until they expire; `floors` the shares of each kind of
    promise that must be proved. `probes` set = exactly these requests and nothing else, each written as JSON.
    """

    system: str
    contract: str
    operations: tuple[Operation, ...]
    required: tuple[tuple[str, str], ...]
    max_examples: int
    hooks: str | None = None
    accepted: tuple[Accepted, ...] = ()
    floors: tuple[tuple[str, float], ...] = ()
    probes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadWork:
    """Put a profile on a system and hold the figures against limits.

    `contract` is the path of the document that `checked_share` (0..1) of the answers is held against. With a
    `search` the question is another: how much the system can take within the limits.
    """

    spec: str
    system: str
    users_file: str
    users_class: str
    profile: Profile
    limits: tuple[Limit, ...]
    watches: tuple[Watch, ...] = ()
    bounds: Bounds = Bounds()  # noqa: RUF009 - frozen
    aborts: tuple[Abort, ...] = ()
    contract: str = ""
    checked_share: float = 0.0
    served: Watch | None = None
    search: Search | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UatWork:
    """Demonstrate criteria by scripts. `scripts` are further pytest node ids that no criterion names."""

    folder: str
    criteria: tuple[Criterion, ...]
    scripts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MockWork:
    """Stand in for a dependency during the run and tell what was relied on."""

    dependency: str
    folder: str
    contract: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmWork:
    """Ask the real dependency what a `run` asked its mock. Each check is about the `uses` of one label.

    `unasked` pairs a label with why some, or all, of what was relied on there cannot be asked: its check stays open.
    """

    dependency: str
    contract: str | None
    run: str
    uses: tuple[Use, ...]
    unasked: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixWork:
    """Ask a system while its dependency fails: each check is one trial, in their order. `contract` is the system's.

    After them comes a check for each of `unasked`: what was promised and cannot be tried, with the reason.
    """

    dependency: str
    folder: str
    system: str
    contract: str
    answer_within_s: float
    trials: tuple[Trial, ...]
    unasked: tuple[tuple[str, str], ...] = ()


Work = ContractWork | LoadWork | UatWork | MockWork | ConfirmWork | MatrixWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work for one engine: `id` reads `contract:orders`; `deadline_s` is wall time for all of it."""

    id: str
    suite: Suite
    work: Work
    checks: tuple[Check, ...]
    seed: int
    deadline_s: float
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What is being released; `nonce` and `sha256` are its declaration's, empty where it never was declared."""

    name: str
    nonce: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """A share of a plan: number `index` (from 1) of `of`. `whole` is the digest of all check ids of the whole plan."""

    index: int
    of: int
    whole: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one run promises. `left_out` names what the tier's policy or `--only` kept away, with the sentence why.

    `shard` set = only a share of it; `merged` names the shards' runs that this one was joined from.
    """

    run: str
    tier: str
    release: Release | None
    seed: int
    jobs: tuple[Job, ...]
    policy: Policy
    digests: tuple[tuple[str, str], ...]
    left_out: tuple[tuple[str, str], ...] = ()
    only: tuple[str, ...] = ()
    shard: Shard | None = None
    merged: tuple[str, ...] = ()

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every promised check, job by job."""
        return tuple(chain.from_iterable(job.checks for job in self.jobs))
