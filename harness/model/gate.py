"""What must hold to enter a tier, what is laid before the gate, and what it answers."""

from dataclasses import dataclass
from enum import StrEnum

from harness.model.acceptance import State
from harness.model.attestation import Signature
from harness.model.criteria import Criterion
from harness.model.evidence import Reason, Record
from harness.model.plan import Plan
from harness.model.release import Artifact, Declared, Entry
from harness.model.signoff import Bundle, Grade
from harness.model.tier import Suite
from harness.model.verdict import Decision


class Wanted(StrEnum):
    """How criteria of a priority must have been answered."""

    NONE = "none"
    CONDITIONED = "signed or conditioned"
    ALL = "all"


class MocksUsed(StrEnum):
    """Whether evidence may rest on mocks."""

    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What must have been seen on one tier. Shares are of one; `flaky` is how many checks may have needed a retry."""

    tier: str
    suites: tuple[Suite, ...]
    max_age_s: float
    operations: float | None = None
    statuses: float | None = None
    mocks: MocksUsed = MocksUsed.ANY
    flaky: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Which criteria must be signed, by whom, how surely and how lately.

    `export_max_age_s`: how old the bundle may be, since an older one may lack the newest refusal.
    """

    must: Wanted
    should: Wanted
    roles: tuple[str, ...]
    grade: Grade
    max_age_s: float
    export_max_age_s: float = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """All that it takes to enter the tier `to`."""

    to: str
    needs: tuple[Need, ...]
    same_artifacts: bool = False
    acceptance: Acceptance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePolicy:
    """`environments/gate.toml`; the keys are pinned public ones, `ed25519:<base64>`.

    Where `runner_keys` are named, a run counts only if one of them signed it; where `passkeys` are, a bundle only if
    everything in it that people signed is by one of them.
    """

    entrances: tuple[Entrance, ...]
    portal_keys: tuple[str, ...] = ()
    runner_keys: tuple[str, ...] = ()
    passkeys: tuple[str, ...] = ()
    sha256: str = ""


class GateCode(StrEnum):
    """Why the gate doesn't open. One code, one sentence (harness/formats/gate_sentences.py)."""

    # the release
    NOT_DECLARED = "not-declared"
    SOURCE_CHANGED = "source-changed"
    NO_ARTIFACTS = "no-artifacts"
    DEPLOYED_DIFFERS = "deployed-differs"
    # the evidence
    EVIDENCE_UNREADABLE = "evidence-unreadable"
    RECORD_CHANGED = "record-changed"
    RUN_MISSING = "run-missing"
    RUN_TWICE = "run-twice"
    VERDICT_DIFFERS = "verdict-differs"
    NO_RUN = "no-run"
    OTHER_RELEASE = "other-release"
    OTHER_NONCE = "other-nonce"
    OTHER_PROMISES = "other-promises"
    RUN_STALE = "run-stale"
    FROM_THE_FUTURE = "from-the-future"
    BEFORE_DECLARATION = "before-declaration"
    CLOCK_WENT_BACK = "clock-went-back"
    SHARD_ALONE = "shard-alone"
    RUN_UNSIGNED = "run-unsigned"
    RUN_MISSIGNED = "run-missigned"
    # what was seen
    SUITE_MISSING = "suite-missing"
    SUITE_IN_PART = "suite-in-part"
    COVERAGE_LOW = "coverage-low"
    MOCKS_USED = "mocks-used"
    TOO_FLAKY = "too-flaky"
    WAIVER_VOID = "waiver-void"
    # the people
    NO_CRITERIA = "no-criteria"
    NO_BUNDLE = "no-bundle"
    BUNDLE_UNTRUSTED = "bundle-untrusted"
    BUNDLE_STALE = "bundle-stale"
    BUNDLE_ELSEWHERE = "bundle-elsewhere"
    NOT_SIGNED = "not-signed"
    REJECTED = "rejected"
    PACKAGE_REJECTED = "package-rejected"
    PACKAGE_OPEN = "package-open"
    SIGNED_OTHER_EVIDENCE = "signed-other-evidence"
    SIGNED_ANOTHER_RELEASE = "signed-another-release"
    SIGNED_ANOTHER_TIER = "signed-another-tier"
    SIGNED_ANOTHER_TEXT = "signed-another-text"
    SIGNED_TWICE = "signed-twice"
    SIGNATURE_STALE = "signature-stale"
    GRADE_LOW = "grade-low"
    WRONG_ROLE = "wrong-role"
    CONDITIONED = "conditioned"
    CONDITION_OVERDUE = "condition-overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReason:
    """A code and the plain values that its sentence names."""

    code: GateCode
    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: GateCode, **values: object) -> "GateReason":
        """Build one from keyword values; everything is kept as text."""
        return cls(code=code, values=tuple((key, str(value)) for key, value in values.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One reason, what it is about (a check, criterion, run or suite) and the tier where it arose."""

    about: str
    tier: str
    reason: GateReason | Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A run as laid before the gate. `told` is the decision that its own verdict.json claims, if any.

    `changed` names what no longer agrees with itself: then it proves nothing and is a doubt of its own.
    `signature` is what a pinned key says of it, `missigned` why a signature on it doesn't hold.
    """

    source: str
    plan: Plan
    plan_sha256: str
    record: Record | None
    record_sha256: str = ""
    told: str = ""
    changed: str = ""
    signature: Signature = Signature.NONE
    missigned: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Evidence that can't be read, and why."""

    source: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSeen:
    """A package of a bundle that was checked whole, not void: how it stands, and what the business looked at.

    `runs` are names of runs with the digests of their records.
    """

    code: str
    sha256: str
    release: str
    nonce: str
    tier: str
    state: State
    runs: tuple[tuple[str, str], ...] = ()
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that the gate decides from. Times are milliseconds since the epoch.

    `sources` are the workspace files that the gate itself reads now (policy, criteria) with their SHA-256; `packages`
    what the sign-offs are about, where a whole bundle was checked.
    """

    release: str
    to: str
    now_ms: int
    policy: GatePolicy
    declared: Declared | None
    declared_sha256: str = ""
    sources: tuple[tuple[str, str], ...] = ()
    noted: tuple[Entry, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    bundle: Bundle | None = None
    bundle_trouble: str = ""
    packages: tuple[PackageSeen, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A run that the ruling rests on."""

    run: str
    tier: str
    record_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """May this release enter that tier, and every reason why not. `first`: no earlier release to compare with.

    `unsigned` are runs that it rests on, that came from elsewhere, and that no pinned key vouches for. `needs` are the
    tiers that evidence must come from, `people` whether signatures are asked for.
    """

    release: str
    nonce: str
    to: str
    at_ms: int
    policy_sha256: str
    decision: Decision
    failures: tuple[Cause, ...] = ()
    doubts: tuple[Cause, ...] = ()
    counted: tuple[Counted, ...] = ()
    waived: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    first: bool = False
    unsigned: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    people: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One release at one tier under two policies. `before` or `after` is None where the tier is not guarded."""

    release: str
    to: str
    before: Ruling | None
    after: Ruling | None

    @property
    def stopped(self) -> bool:
        """Whether it went through and would not have."""
        return self._let_in and self.after is not None and self.after.decision is not Decision.PASS

    @property
    def let_through(self) -> bool:
        """Whether it did not go through and would have; also where nothing guards its tier any more."""
        if self.after is None:
            return self.before is not None
        return not self._let_in and self.after.decision is Decision.PASS

    @property
    def _let_in(self) -> bool:
        return self.before is None or self.before.decision is Decision.PASS
