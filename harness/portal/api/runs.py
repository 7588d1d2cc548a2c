"""`POST /api/v1/projects/<slug>/runs`: bring a run. The answer names the evidence files that are still missing.

    {"kind": "harness/publication", "version": 1, "plan": "<plan.json>", "record": "<record.json>",
     "declared": "<the release's declaration>", "policy_sha256": "…",
     "acts": [{"kind": "commit-author", "person": "li@example.org", "about": "3 commits"}]}

Documents are texts, byte for byte, so that their digests stay what they are. `Content-Digest` (RFC 9530) over the body
is checked where it is given. Bringing the same record again changes nothing, but people who are named as having had a
hand in it are added.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import IntegrityError, transaction
from django.http import HttpResponse, JsonResponse

from harness.errors import HarnessError
from harness.formats.documents import digest, read_document
from harness.model.acceptance import Act, ActKind
from harness.model.evidence import Record
from harness.model.plan import Plan
from harness.model.release import Declared
from harness.portal import audit, hands
from harness.portal.api.tokens import refused, with_token
from harness.portal.asking import Request
from harness.portal.evidence_store import wanted_of
from harness.portal.models import Evidence, Person, Published

_MOST_BYTES = 64 * 1024**2
_KEYS = {"kind", "version", "plan", "record", "declared", "policy_sha256", "acts"}
_SHA256 = re.compile(r"[0-9a-f]{64}|")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Brought:
    plan: Plan
    record: Record
    texts: dict[str, str]
    acts: tuple[Act, ...]


@with_token("publish")
def bring(request: Request, slug: str) -> HttpResponse:
    """Keep a run; 200 where it was here, 201 where it is new, with what is missing."""
    assert request.token is not None  # by the decorator
    project = request.token.project
    if project.slug != slug:
        audit.note(request, "publish", slug, outcome="refused", why="another project")
        return refused(403, f"this token is for {project.slug}")
    if int(request.META.get("CONTENT_LENGTH") or 0) > _MOST_BYTES:
        return refused(413, f"a publication has at most {_MOST_BYTES} bytes")
    try:
        body = request.read(_MOST_BYTES + 1)
        found = _read(body, request.headers.get("Content-Digest", ""))
    except (HarnessError, ValueError, RecursionError, RequestDataTooBig) as error:
        audit.note(request, "publish", slug, outcome="refused", why=str(error))
        return refused(400, str(error)[:500])
    status = _keep(request, found)
    missing = list(
        Evidence.objects.filter(project=project, sha256__in=wanted_of(found.record), brought_ms=None)
        .order_by("sha256")
        .values_list("sha256", flat=True)
    )
    return JsonResponse({"run": found.record.run, "missing": missing}, status=status)


def _read(body: bytes, told: str) -> _Brought:
    if len(body) > _MOST_BYTES:
        raise ValueError("it is too large")
    if told and told != f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:":
        raise ValueError("Content-Digest differs from the body")
    data = json.loads(body)
    if not isinstance(data, dict) or data.get("kind") != "harness/publication" or data.get("version") != 1:
        raise ValueError("it is not a harness/publication of version 1")
    if unknown := sorted(set(data) - _KEYS):
        raise ValueError(f"unknown key {unknown[0]!r}")
    texts = {key: data.get(key, "") for key in ("plan", "record", "declared", "policy_sha256")}
    if not all(isinstance(one, str) for one in texts.values()) or not _SHA256.fullmatch(texts["policy_sha256"]):
        raise ValueError("plan, record, declared and policy_sha256 are texts")
    plan = read_document(Plan, texts["plan"].encode(), "plan.json")
    record = read_document(Record, texts["record"].encode(), "record.json")
    if digest(texts["plan"].encode()) != record.plan_sha256 or plan.run != record.run or plan.tier != record.tier:
        raise ValueError("plan and record do not belong together")
    if plan.release is None or not plan.release.nonce:
        raise ValueError("the run names no declared release; `harness release add`, then run with --release")
    _same_release(plan, texts["declared"])
    return _Brought(plan=plan, record=record, texts=texts, acts=_acts(data.get("acts", [])))


def _same_release(plan: Plan, text: str) -> None:
    """What people sign names the artifacts of the declaration, so there is one, and it is the run's own."""
    if not text or plan.release is None:
        raise ValueError("the declaration that the run was made for is missing")
    declared = read_document(Declared, text.encode(), "release.json")
    if (declared.name, declared.nonce) != (plan.release.name, plan.release.nonce):
        raise ValueError("the declaration is of another release")
    if digest(text.encode()) != plan.release.sha256:
        raise ValueError("the declaration differs from the one that the run was made for")


def _acts(found: Any) -> tuple[Act, ...]:
    if not isinstance(found, list) or len(found) > 1000:
        raise ValueError("acts is a list")
    kept = []
    for one in found:
        if not isinstance(one, dict) or not all(isinstance(value, str) for value in one.values()):
            raise ValueError("an act names kind, person and what it is about")
        kind = ActKind(one.get("kind", ""))
        person, about = one.get("person", ""), one.get("about", "")
        kept.append(Act(kind=kind, person=person.strip().lower()[:200], about=about[:200]))
    return tuple(kept)


def _keep(request: Request, found: _Brought) -> int:
    assert request.token is not None
    assert found.plan.release is not None
    project, texts = request.token.project, found.texts
    record_sha256 = digest(texts["record"].encode())
    if (known := Published.objects.filter(project=project, record_sha256=record_sha256).first()) is not None:
        return _again(request, known, found)
    try:
        with transaction.atomic():
            made = Published.objects.create(
                project=project,
                run=found.record.run,
                tier=found.record.tier,
                release=found.plan.release.name,
                nonce=found.plan.release.nonce,
                record_sha256=record_sha256,
                plan_sha256=found.record.plan_sha256,
                plan=texts["plan"].encode(),
                record=texts["record"].encode(),
                declared=texts["declared"].encode() or None,
                acts=json.dumps(
                    [{"kind": one.kind.value, "person": one.person, "about": one.about} for one in found.acts]
                ),
                policy_sha256=texts["policy_sha256"],
                ended_ms=found.record.ended_ms,
                brought_by=request.token.made_by,
            )
            files = [Evidence(project=project, sha256=sha, size=size) for sha, size in wanted_of(found.record).items()]
            Evidence.objects.bulk_create(files, ignore_conflicts=True)
            audit.note(request, "publish", found.record.run)
            hands.tell_packages(made, found.acts, by=request.token.made_by)
    except IntegrityError:
        return _again(request, Published.objects.get(project=project, record_sha256=record_sha256), found)
    return 201


def _again(request: Request, known: Published, found: _Brought) -> int:
    """The run was here. Whoever brings it again may know of more people who had a hand in it, and is one of them."""
    assert request.token is not None
    by = request.token.made_by
    mails = dict(Person.objects.filter(pk=by).values_list("id", "email"))
    brought = Act(kind=ActKind.IMPORTER, person=mails.get(by, by), about=known.run)
    more = (*found.acts, *(() if by == known.brought_by else (brought,)))
    had = {(one["kind"], one["person"]) for one in json.loads(known.acts)}
    had |= set(known.hands.values_list("kind", "person"))
    new = tuple(one for one in more if (one.kind.value, one.person) not in had)
    if new:
        told = hands.add_hands(known, new, by=by)
        audit.note(request, "hands", found.record.run, why=f"hands.told people={len(new)} packages={told}")
    return 200
