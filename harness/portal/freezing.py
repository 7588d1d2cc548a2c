"""Freezing: from runs that were brought to one question for the business, with everything it rests on by digest.

Once frozen nothing of it changes. A later package for the same release, tier and phase replaces it, visibly.
"""

import json
import secrets
from dataclasses import dataclass, replace
from itertools import combinations

from django.db import transaction

from harness.formats.acceptance_words import wordings_for
from harness.formats.documents import read_document
from harness.formats.ledger import entry_of
from harness.formats.manifest import package_digest, write_package
from harness.model.acceptance import Act, ActKind, Package, State
from harness.model.criteria import Criterion, Priority, Text
from harness.model.evidence import Record
from harness.model.ledger import FrozenPackage, VoidPackage
from harness.model.plan import Plan, UatWork
from harness.model.release import Declared
from harness.model.signoff import Grade
from harness.portal import log
from harness.portal.addresses import is_address
from harness.portal.clock import now_ms
from harness.portal.evidence_store import wanted_of
from harness.portal.models import Evidence, Frozen, Hand, Person, Picked, Project, Published, Slot
from harness.portal.packages import package_of
from harness.portal.standings import standing_of
from harness.rules.packaging import Ran, code_from, package_from

_MOST_FINDINGS = 500


class CannotFreeze(ValueError):
    """Why not; the text is a key of the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What QA asks for: runs, phase, words, dates, and how many must sign per role (1 where not told).

    Nobody signs for two of the roles that are `apart`; `try_at` is where people may try it by themselves.
    """

    project: Project
    release: str
    tier: str
    runs: tuple[Published, ...]
    phase: int
    goal: Text
    due_ms: int
    expires_ms: int
    least: tuple[tuple[str, int], ...] = ()
    apart: tuple[str, ...] = ()
    try_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    row: Published
    plan: Plan
    record: Record


def freeze(wish: Wish, by: Person) -> Frozen:
    """Make the package, ask the roles, and tell the log; CannotFreeze where something is missing."""
    runs = [_opened(row) for row in sorted(wish.runs, key=lambda row: row.ended_ms)]
    _check(wish, runs)
    package = _package(wish, runs)
    body = write_package(package)
    with transaction.atomic():
        for earlier in Frozen.objects.filter(
            project=wish.project,
            release=wish.release,
            nonce=package.nonce,
            tier=wish.tier,
            phase=wish.phase,
            void_ms=None,
        ):
            Frozen.objects.filter(pk=earlier.pk).update(void_ms=package.frozen_ms)
            _tell_void(earlier.sha256, package.code, by)
        acts = _acts(wish.runs)
        number = _tell_frozen(package, acts, by)
        row = Frozen.objects.create(
            code=package.code,
            project=wish.project,
            release=wish.release,
            nonce=package.nonce,
            tier=wish.tier,
            phase=wish.phase,
            manifest=body,
            sha256=package_digest(package),
            frozen_by=by,
            frozen_ms=package.frozen_ms,
            expires_ms=wish.expires_ms,
            due_ms=wish.due_ms,
            acts=json.dumps(acts),
            number=number,
        )
        Picked.objects.bulk_create([Picked(package=row, run=one.row) for one in runs])
        places = [
            Slot(package=row, role=slot.role, place=place + 1) for slot in package.slots for place in range(slot.least)
        ]
        Slot.objects.bulk_create(places)
    return row


def _tell_frozen(package: Package, acts: list[dict[str, str]], by: Person) -> int:
    sha256, code = package_digest(package), package.code
    hands = tuple(Act(kind=ActKind(one["kind"]), person=one["person"], about=one["about"]) for one in acts)
    return log.append_built(
        lambda number, at_ms: entry_of(
            FrozenPackage(number=number, package_sha256=sha256, code=code, by=by.id, at_ms=at_ms, acts=hands)
        )
    )


def _tell_void(sha256: str, newer: str, by: Person) -> int:
    reason = f"replaced by {newer}"
    return log.append_built(
        lambda number, at_ms: entry_of(
            VoidPackage(number=number, package_sha256=sha256, reason=reason, by=by.id, at_ms=at_ms)
        )
    )


def missing_of(row: Published) -> int:
    """How many evidence files of a run are not here yet."""
    wanted = wanted_of(read_document(Record, bytes(row.record), "record.json"))
    here = Evidence.objects.filter(project=row.project, sha256__in=wanted, brought_ms__isnull=False)
    return len(wanted) - here.count()


def criteria_of(row: Published) -> tuple[Criterion, ...]:
    """The criteria that a run planned to show."""
    return _criteria(read_document(Plan, bytes(row.plan), "plan.json"))


def _opened(row: Published) -> _Run:
    plan = read_document(Plan, bytes(row.plan), "plan.json")
    return _Run(row=row, plan=plan, record=read_document(Record, bytes(row.record), "record.json"))


def _check(wish: Wish, runs: list[_Run]) -> None:
    if not runs or any((one.row.release, one.row.tier) != (wish.release, wish.tier) for one in runs):
        raise CannotFreeze("freeze.no-run")
    if len({one.row.nonce for one in runs}) > 1:
        raise CannotFreeze("freeze.nonces")
    if any(missing_of(one.row) for one in runs):
        raise CannotFreeze("freeze.evidence-missing")
    if not now_ms() < wish.due_ms <= wish.expires_ms:
        raise CannotFreeze("freeze.dates")
    if not wish.goal.en.strip() or not wish.goal.zh.strip():
        raise CannotFreeze("freeze.goal")
    if wish.try_at and not is_address(wish.try_at):
        raise CannotFreeze("freeze.address")


def _package(wish: Wish, runs: list[_Run]) -> Package:
    last = _last_accepted(wish)
    code, newest = _code(), runs[-1]
    declared = next((bytes(one.row.declared) for one in reversed(runs) if one.row.declared), None)
    head = Package(
        code=code,
        project=wish.project.name,
        release=wish.release,
        nonce=newest.row.nonce,
        tier=wish.tier,
        phase=wish.phase,
        frozen_ms=now_ms(),
        expires_ms=wish.expires_ms,
        grade=Grade.PASSKEY,
        goal=wish.goal,
        artifacts=read_document(Declared, declared, "release.json").artifacts if declared else (),
        wordings=wordings_for(wish.project.name, wish.release, wish.tier, wish.phase),
        policy_sha256=newest.row.policy_sha256,
        follows=last.sha256 if last is not None else "",
        try_at=wish.try_at,
    )
    ran = tuple(
        Ran(plan=one.plan, record=one.record, plan_sha256=one.row.plan_sha256, record_sha256=one.row.record_sha256)
        for one in runs
    )
    criteria = {one.id: one for run in runs for one in _criteria(run.plan)}
    made = package_from(head, tuple(criteria.values()), ran, package_of(last) if last is not None else None)
    if not any(one.priority is not Priority.WONT for one in made.criteria):
        raise CannotFreeze("freeze.no-criteria")
    if not made.slots:
        raise CannotFreeze("freeze.no-roles")
    least = dict(wish.least)
    slots = tuple(replace(one, least=max(1, min(9, least.get(one.role, 1)))) for one in made.slots)
    return replace(made, slots=slots, findings=made.findings[:_MOST_FINDINGS], apart=_apart(wish, made))


def _apart(wish: Wish, made: Package) -> tuple[tuple[str, str], ...]:
    """Every two of the roles that are to be kept apart."""
    named = sorted({one.role for one in made.slots} & set(wish.apart))
    if len(named) == 1:
        raise CannotFreeze("freeze.apart")
    return tuple(combinations(named, 2))


def _last_accepted(wish: Wish) -> Frozen | None:
    """The newest package of this project and tier that was accepted."""
    rows = Frozen.objects.filter(project=wish.project, tier=wish.tier).order_by("-frozen_ms")[:20]
    return next((row for row in rows if standing_of(row).state in {State.ACCEPTED, State.CONDITIONAL}), None)


def _criteria(plan: Plan) -> tuple[Criterion, ...]:
    return tuple(one for job in plan.jobs if isinstance(job.work, UatWork) for one in job.work.criteria)


def _acts(runs: tuple[Published, ...]) -> list[dict[str, str]]:
    """What was told with the runs, and whoever brought them."""
    told = [act for row in runs for act in json.loads(row.acts)]
    told += Hand.objects.filter(run__in=runs).order_by("pk").values("kind", "person", "about")
    bringers = {row.brought_by for row in runs}
    emails = dict(Person.objects.filter(pk__in=bringers).values_list("id", "email"))
    told += [{"kind": "importer", "person": emails.get(one, one), "about": "brought a run"} for one in sorted(bringers)]
    return told


def _code() -> str:
    while True:
        code = code_from(secrets.token_bytes(8))
        if not Frozen.objects.filter(code=code).exists():
            return code
