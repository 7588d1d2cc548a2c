"""What was seen: observations, findings and the record. No verdict lives here."""

from dataclasses import dataclass
from enum import StrEnum

from harness.model.service import Stood
from harness.model.tier import Suite


class Outcome(StrEnum):
    """What a check came to. `BROKEN`: we could not tell."""

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    SKIPPED = "skipped"


class Code(StrEnum):
    """Why. One code, one sentence (harness/formats/sentences.py); a code is added, never reused."""

    # judging
    NOTHING_PLANNED = "nothing-planned"
    NOT_REPORTED = "not-reported"
    REPORTED_TWICE = "reported-twice"
    NOT_PLANNED = "not-planned"
    NOT_CLOSED = "not-closed"
    INTERRUPTED = "interrupted"
    PLAN_DIFFERS = "plan-differs"
    DEPLOYMENT_CHANGED = "deployment-changed"
    VERSION_UNKNOWN = "version-unknown"
    FILES_CHANGED = "files-changed"
    WAS_SKIPPED = "was-skipped"
    FAILED_ATTEMPT = "failed-attempt"
    # any engine
    ENGINE_MISSING = "engine-missing"
    ENGINE_CRASHED = "engine-crashed"
    ENGINE_TIMED_OUT = "engine-timed-out"
    ENGINE_SAID_NOTHING = "engine-said-nothing"
    OUTPUT_UNREADABLE = "output-unreadable"
    SYSTEM_UNREACHABLE = "system-unreachable"
    SYSTEM_DIED = "system-died"
    NOT_STARTED = "not-started"
    DISK_FULL = "disk-full"
    PRODUCT_ERROR = "product-error"
    GUARD_REFUSED = "guard-refused"
    GUARD_STOPPED = "guard-stopped"
    # contract
    FINDING = "finding"
    NEVER_ACCEPTED = "never-accepted"
    NEVER_REACHED = "never-reached"
    STATUS_NEVER_SEEN = "status-never-seen"
    DOCUMENT_UNUSABLE = "document-unusable"
    # load
    LIMIT_BROKEN = "limit-broken"
    USERS_UNUSABLE = "users-unusable"
    NO_SAMPLES = "no-samples"
    GENERATOR_SATURATED = "generator-saturated"
    WORKER_LOST = "worker-lost"
    COUNTS_DIFFER = "counts-differ"
    LOAD_ABORTED = "load-aborted"
    NO_CAPACITY = "no-capacity"
    PART_NOT_TRIED = "part-not-tried"
    # uat
    ASSERTION_FAILED = "assertion-failed"
    SCRIPT_BROKE = "script-broke"
    NO_BROWSER = "no-browser"
    NO_DEMONSTRATION = "no-demonstration"
    NOTHING_SHOWN = "nothing-shown"
    EVIDENCE_MISSING = "evidence-missing"
    NEEDS_A_PERSON = "needs-a-person"
    PERSON_SAID_NO = "person-said-no"
    PERSON_CANNOT_TELL = "person-cannot-tell"
    DEMONSTRATION_STOPPED = "demonstration-stopped"
    NOBODY_ANSWERED = "nobody-answered"
    # mocks
    NEVER_CALLED = "never-called"
    REQUEST_BROKE_CONTRACT = "request-broke-contract"
    ANSWER_BROKE_CONTRACT = "answer-broke-contract"
    ANSWERS_OTHERWISE = "answers-otherwise"
    NOT_CONFIRMED = "not-confirmed"
    NOT_SURVIVED = "not-survived"
    FAULT_NOT_MET = "fault-not-met"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A code and the plain values that its sentence names."""

    code: Code
    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: Code, **values: object) -> "Reason":
        """Build one from keyword values; everything is kept as text."""
        return cls(code=code, values=tuple((key, str(value)) for key, value in values.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Bytes that show what was seen, not yet redacted or stored."""

    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """Stored evidence: `evidence/<sha256>` in the run directory. `withheld` says why there are no bytes."""

    name: str
    media_type: str
    sha256: str
    size: int
    withheld: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure with its unit: `ms`, `/s`, `count`, `share`, `bytes`."""

    name: str
    value: float
    unit: str
    limit: str | None = None


class Severity(StrEnum):
    """How bad a finding is. An opinion is told and never decides."""

    CRASH = "crash"
    BREACH = "breach"
    SECURITY = "security"
    OPINION = "opinion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One cause, however many examples hit it. `id` = operation + rule + location + scenario + status class.

    `cause` is shared by findings of several operations that have one and the same reason. `owner` says who has
    probably to act. `accepted` = until when, by whom and why it is known and decides nothing. `again`: the shown
    request was sent once more and had the same end; None where that was not tried.
    """

    id: str
    operation: str
    rule: str
    severity: Severity
    title: str
    title_zh: str = ""
    message: str
    expected: str = ""
    actual: str = ""
    location: str = ""
    scenario: str = ""
    status: int | None = None
    curl: str = ""
    place: str | None = None
    count: int = 1
    cause: str = ""
    owner: str = ""
    accepted: str = ""
    again: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step inside a check, in the author's words. `attachments` are indexes into the check's evidence."""

    title: str
    outcome: Outcome
    started_ms: int = 0
    ended_ms: int = 0
    attachments: tuple[int, ...] = ()
    steps: tuple["Step", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What a runner saw for one check. Several for one check = several attempts; none is dropped."""

    check: str
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    measures: tuple[Measure, ...] = ()
    findings: tuple[Finding, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    steps: tuple[Step, ...] = ()
    started_ms: int = 0
    ended_ms: int = 0
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How often an operation answered with a status."""

    operation: str
    status: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Relied:
    """What a run relied on a mock for: operation, status, where the answer came from, how often."""

    dependency: str
    operation: str
    status: int
    source: str
    count: int


class Certified(StrEnum):
    """What is known of a mock that stood in: by its certificate, if it has one that is still about it."""

    HOLDS = "holds"
    BREAKS = "breaks"
    UNDECIDED = "undecided"
    STALE = "stale"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoodIn:
    """A mock that stood in during a run, and the certificate that results obtained through it stand on.

    The digests are of what was served; `differs` names what a stale certificate was issued for in another version.
    `called` are spans (from, to) in which the mock was asked something.
    """

    dependency: str
    folder: str = ""
    certified: Certified = Certified.NONE
    contract_sha256: str = ""
    stubs_sha256: str = ""
    certificate_sha256: str = ""
    findings: int = 0
    differs: tuple[str, ...] = ()
    called: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """All that one job came to. `notes` are sentences for the reader that decide nothing.

    `results` are allure-pytest's own files (by name), for the report to build on.
    """

    observations: tuple[Observation, ...]
    cells: tuple[Cell, ...] = ()
    relied: tuple[Relied, ...] = ()
    stood_in: tuple[StoodIn, ...] = ()
    notes: tuple[str, ...] = ()
    series: tuple[Evidence, ...] = ()
    results: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An observation as the record keeps it: evidence redacted and stored, times as seen."""

    check: str
    job: str
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    measures: tuple[Measure, ...] = ()
    findings: tuple[Finding, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    steps: tuple[Step, ...] = ()
    started_ms: int = 0
    ended_ms: int = 0
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnd:
    """How a job's engine ended."""

    job: str
    suite: Suite
    exit_status: int | None
    killed_by: str | None
    timed_out: bool
    started_ms: int
    ended_ms: int
    engine: str = ""
    left_behind: int = 0
    notes: tuple[str, ...] = ()
    files: tuple[Attachment, ...] = ()


class Closed(StrEnum):
    """How a record was closed."""

    COMPLETE = "complete"
    INTERRUPTED = "interrupted"


UNKNOWN_VERSION = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What was found deployed before and after; `UNKNOWN_VERSION` where a system did not say."""

    system: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything one run saw. Written once; `plan_sha256` binds it to the sealed plan."""

    run: str
    tier: str
    plan_sha256: str
    started_ms: int
    ended_ms: int
    closed: Closed
    jobs: tuple[JobEnd, ...] = ()
    seen: tuple[Seen, ...] = ()
    cells: tuple[Cell, ...] = ()
    relied: tuple[Relied, ...] = ()
    stood_in: tuple[StoodIn, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()
    tools: tuple[tuple[str, str], ...] = ()
    redacted: tuple[tuple[str, int], ...] = ()
    problems: tuple[Reason, ...] = ()
    services: tuple[Stood, ...] = ()
