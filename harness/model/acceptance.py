"""What the business is asked, what it answers, and who may answer: frozen values.

A package is what is signed: everything a signature rests on, by digest, with the exact words shown. A statement is
what one person signs of it. Reports and pages are views of these two.
"""

from dataclasses import dataclass
from enum import StrEnum

from harness.model.criteria import Priority, Text
from harness.model.evidence import Attachment, Fingerprint, Outcome
from harness.model.release import Artifact
from harness.model.signoff import Grade


class Decision(StrEnum):
    """What a signer decides of a whole package."""

    ACCEPT = "accept"
    CONDITIONS = "accept-with-conditions"
    REJECT = "reject"


class Said(StrEnum):
    """A person's answer to one criterion: does it work for your job?"""

    YES = "yes"
    NO = "no"
    CANT_TELL = "cannot-tell"


class Change(StrEnum):
    """What is different of a criterion since the package that was accepted before."""

    NEW = "new"
    WORDS = "words"
    RESULT = "result"
    SAME = "same"


class Side(StrEnum):
    """Which side of the house a person is on. Only the business signs."""

    BUSINESS = "business"
    IT = "it"
    VENDOR = "vendor"
    QA = "qa"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A criterion as it is asked in a package: its version, how it came out in the runs, what shows it.

    `outcome` None = no run demonstrates it: a person tries it. `change` is against the package that it follows.
    """

    id: str
    sha256: str
    title: Text
    statement: Text
    priority: Priority
    phase: int = 1
    owner: str = ""
    outcome: Outcome | None = None
    evidence: tuple[Attachment, ...] = ()
    change: Change = Change.NEW


@dataclass(frozen=True, slots=True, kw_only=True)
class RunUsed:
    """A run that the package rests on. The record's digest binds every result and every evidence file in it."""

    run: str
    tier: str
    plan_sha256: str
    record_sha256: str
    ended_ms: int
    passed: int
    failed: int
    broken: int
    skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFinding:
    """A known problem that the signer is told of."""

    id: str
    title: str
    severity: str
    criterion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """How many people in a role must sign."""

    role: str
    least: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The exact text of a decision; `{name}`, `{title}`, `{conditions}` and `{reason}` are the signer's."""

    language: str
    decision: Decision
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """Everything that a signature rests on. Frozen once; its digest is what people sign.

    `code` is for people to say aloud, `follows` the digest of the package that this one replaces; `apart` are pairs of
    roles that one person may not sign both of. `try_at` is where people may try it by themselves.
    """

    code: str
    project: str
    release: str
    nonce: str
    tier: str
    phase: int
    frozen_ms: int
    expires_ms: int
    grade: Grade
    goal: Text
    artifacts: tuple[Artifact, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()
    criteria: tuple[Asked, ...] = ()
    runs: tuple[RunUsed, ...] = ()
    findings: tuple[OpenFinding, ...] = ()
    slots: tuple[Slot, ...] = ()
    wordings: tuple[Wording, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    policy_sha256: str = ""
    follows: str = ""
    try_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One answer; `words` are what the person expected instead."""

    criterion: str
    criterion_sha256: str
    said: Said
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What must still be done, by whom, by when, and before which tier at the latest (empty: by the date alone)."""

    criterion: str
    text: str
    owner: str
    due_ms: int
    before_tier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one person signs, whole: the challenge of the signature is this document's digest.

    `nonce` is the server's, once; after `expires_ms` nothing signed over it counts.
    """

    package_sha256: str
    code: str
    person: str
    name: str
    title: str
    role: str
    side: Side
    decision: Decision
    language: str
    text: str
    nonce: str
    issued_ms: int
    expires_ms: int
    answers: tuple[Given, ...] = ()
    conditions: tuple[Condition, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """Taking a signature back: by the one who gave it, for a reason."""

    statement_sha256: str
    package_sha256: str
    person: str
    name: str
    reason: str
    nonce: str
    issued_ms: int
    expires_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A business role that a person holds, and who gave it."""

    role: str
    by: str
    since_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who somebody is at this moment. `reset_ms`: when somebody else last changed how they sign in (0: never)."""

    id: str
    name: str
    title: str
    side: Side
    roles: tuple[Granted, ...] = ()
    active: bool = True
    reset_ms: int = 0


class ActKind(StrEnum):
    """What somebody did for a release that keeps them from accepting it."""

    COMMIT_AUTHOR = "commit-author"
    DEPLOYER = "deployer"
    SCRIPT_AUTHOR = "script-author"
    IMPORTER = "importer"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """That a person did such a thing; `about` says where it is known from."""

    kind: ActKind
    person: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """How somebody proved at signing that it is them, and how their request came.

    `at_ms`: when they last proved it. `credential_by`: who enrolled the credential. `by_token` and `impersonated`
    are never right.
    """

    grade: Grade
    at_ms: int
    credential_by: str
    credential_ms: int
    user_verified: bool = False
    by_token: bool = False
    impersonated: bool = False


class Rule(StrEnum):
    """What must hold for a person to sign a package."""

    BUSINESS_SIDE = "business-side"
    ACTIVE = "active"
    ROLE_HELD = "role-held"
    ROLE_FROM_ANOTHER = "role-from-another"
    NOT_COMMIT_AUTHOR = "not-commit-author"
    NOT_DEPLOYER = "not-deployer"
    NOT_SCRIPT_AUTHOR = "not-script-author"
    NOT_IMPORTER = "not-importer"
    NOT_ADMINISTRATOR = "not-administrator"
    IN_PERSON = "in-person"
    FRESH = "fresh"
    OWN_CREDENTIAL = "own-credential"
    NO_RECENT_RESET = "no-recent-reset"
    GRADE_ENOUGH = "grade-enough"
    APART = "apart"
    PACKAGE_OPEN = "package-open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """A rule, whether it held, and what was looked at. Kept with the signature."""

    rule: Rule
    held: bool
    because: str = ""


class Wrong(StrEnum):
    """Why a decision can't be signed as it is."""

    NOTHING_ASKED = "nothing-asked"
    ANSWER_MISSING = "answer-missing"
    ANSWER_TWICE = "answer-twice"
    ANSWER_NOT_ASKED = "answer-not-asked"
    ANSWER_OLD_VERSION = "answer-old-version"
    MUST_NOT_WORKING = "must-not-working"
    SHOULD_NEEDS_CONDITION = "should-needs-condition"
    CONDITIONS_MISSING = "conditions-missing"
    CONDITIONS_UNWANTED = "conditions-unwanted"
    CONDITION_TWICE = "condition-twice"
    CONDITION_NOT_ASKED = "condition-not-asked"
    CONDITION_INCOMPLETE = "condition-incomplete"
    CONDITION_PAST = "condition-past"
    REASON_MISSING = "reason-missing"
    OTHER_PACKAGE = "other-package"
    OTHER_TEXT = "other-text"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """One thing that keeps a decision from being signed; `criterion` where it is about one."""

    wrong: Wrong
    criterion: str = ""


class State(StrEnum):
    """How a package stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    CONDITIONAL = "conditional"
    REJECTED = "rejected"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotStanding:
    """How many have signed in a role, of how many."""

    role: str
    least: int
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a package stands and why."""

    state: State
    slots: tuple[SlotStanding, ...]
