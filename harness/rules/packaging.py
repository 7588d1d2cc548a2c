"""From runs and criteria to the package that people are asked about.

The worst attempt of a criterion counts, in the version that is asked; what was shown of an older version counts as not
shown. A check that was promised and never reported counts as broken.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from harness.model.acceptance import Asked, Change, OpenFinding, Package, RunUsed, Slot
from harness.model.criteria import Criterion, Priority
from harness.model.evidence import Attachment, Outcome, Record, Seen
from harness.model.plan import Plan, Promise

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_WORST_FIRST = (Outcome.FAILED, Outcome.BROKEN, Outcome.SKIPPED, Outcome.PASSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A published run, with the digests of its two documents as they were brought."""

    plan: Plan
    record: Record
    plan_sha256: str
    record_sha256: str


def package_from(
    head: Package, criteria: tuple[Criterion, ...], runs: tuple[Ran, ...], earlier: Package | None
) -> Package:
    """`head` (who, which release, when, which words) filled with criteria up to its phase, results, findings, slots.

    Slots that `head` brings stay; without any, each role that owns a criterion signs once.
    """
    asked = tuple(replace(one, change=_change(one, earlier)) for one in _asked(head, criteria, runs))
    roles = dict.fromkeys(one.owner for one in asked if one.owner and one.priority is not Priority.WONT)
    return replace(
        head,
        fingerprints=tuple(dict.fromkeys(one for ran in runs for one in ran.record.fingerprints)),
        criteria=asked,
        runs=tuple(_used(ran) for ran in runs),
        findings=tuple(_findings(runs)),
        slots=head.slots or tuple(Slot(role=role) for role in roles),
    )


def code_from(randomness: bytes) -> str:
    """Eight letters and digits that nobody mistakes when read aloud: `7F3A-92KD`; of at least eight random bytes."""
    letters = "".join(_ALPHABET[one % len(_ALPHABET)] for one in randomness[:8])
    return f"{letters[:4]}-{letters[4:]}"


def criterion_of(plan: Plan, check: str) -> str:
    """Which criterion a planned check stands for, empty where for none."""
    found = any(one.id == check and one.promise is Promise.CRITERION for one in plan.checks)
    return check.rpartition("/")[2] if found else ""


def _asked(head: Package, criteria: tuple[Criterion, ...], runs: tuple[Ran, ...]) -> Iterator[Asked]:
    for one in criteria:
        if one.phase > head.phase or (one.tiers and head.tier not in one.tiers):
            continue
        attempts = tuple(_attempts(one, runs))
        shown = {file.sha256: file for seen in attempts for file in seen.attachments if file.withheld is None}
        yield Asked(
            id=one.id,
            sha256=one.sha256,
            title=one.title,
            statement=one.statement,
            priority=one.priority,
            phase=one.phase,
            owner=one.owner,
            outcome=next((worst for worst in _WORST_FIRST if worst in {seen.outcome for seen in attempts}), None),
            evidence=tuple(_told(file) for file in shown.values()),
        )


def _attempts(criterion: Criterion, runs: tuple[Ran, ...]) -> Iterator[Seen]:
    for ran in runs:
        checks = {one.id for one in ran.plan.checks if one.promise is Promise.CRITERION}
        for seen in ran.record.seen:
            mine = seen.check in checks and seen.check.rpartition("/")[2] == criterion.id
            version = dict(seen.labels).get("criterion-version", criterion.sha256[:12])
            if mine and version == criterion.sha256[:12]:
                yield seen


def _told(file: Attachment) -> Attachment:
    return Attachment(name=file.name, media_type=file.media_type, sha256=file.sha256, size=file.size)


def _change(asked: Asked, earlier: Package | None) -> Change:
    before = next((one for one in earlier.criteria if one.id == asked.id), None) if earlier else None
    if before is None:
        return Change.NEW
    if before.sha256 != asked.sha256:
        return Change.WORDS
    return Change.SAME if before.outcome is asked.outcome else Change.RESULT


def _used(ran: Ran) -> RunUsed:
    outcomes: dict[str, Outcome] = {one.id: Outcome.BROKEN for one in ran.plan.checks}
    seen: dict[str, set[Outcome]] = {}
    for one in ran.record.seen:
        seen.setdefault(one.check, set()).add(one.outcome)
    outcomes |= {check: next(worst for worst in _WORST_FIRST if worst in found) for check, found in seen.items()}
    counts = Counter(outcomes.values())
    return RunUsed(
        run=ran.plan.run,
        tier=ran.plan.tier,
        plan_sha256=ran.plan_sha256,
        record_sha256=ran.record_sha256,
        ended_ms=ran.record.ended_ms,
        passed=counts[Outcome.PASSED],
        failed=counts[Outcome.FAILED],
        broken=counts[Outcome.BROKEN],
        skipped=counts[Outcome.SKIPPED],
    )


def _findings(runs: tuple[Ran, ...]) -> Iterator[OpenFinding]:
    known = set()
    for ran in runs:
        criteria = {one.id for one in ran.plan.checks if one.promise is Promise.CRITERION}
        for seen in ran.record.seen:
            for one in seen.findings:
                if one.id not in known:
                    known.add(one.id)
                    about = seen.check.rpartition("/")[2] if seen.check in criteria else ""
                    yield OpenFinding(id=one.id, title=one.title, severity=one.severity.value, criterion=about)
