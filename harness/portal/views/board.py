"""The release board: how each release stands on each tier, and for QA: freeze a package, remind, make tokens."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef
from django.http import HttpResponse, HttpResponseRedirect

from harness.model.criteria import Text
from harness.model.ledger import EntryKind
from harness.portal import audit, log
from harness.portal.api.tokens import SCOPES, make_token
from harness.portal.asking import Request, is_number, roles_of
from harness.portal.asking_people import ask_signers, remind_signers
from harness.portal.clock import now_ms
from harness.portal.freezing import CannotFreeze, Wish, criteria_of, freeze, missing_of
from harness.portal.models import ApiToken, Frozen, Project, Published, Signed, Slot
from harness.portal.packages import package_of
from harness.portal.pages import show
from harness.portal.standings import Place, Stand, stands_of
from harness.portal.views.deciding import end_of_day
from harness.portal.views.errors import sorry

_MOST, _PAGE, _PACKAGES = 200, 6, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A release on a tier: its packages, newest first, and what was brought."""

    project: Project
    release: str
    tier: str
    runs: int
    packages: tuple[tuple[Frozen, str, tuple[Place, ...], bool], ...]


def board(request: Request) -> HttpResponse:
    """The page: what is overdue first, then what was brought last; `?page=` goes on."""
    number = _whole(request.GET.get("page", ""))
    brought = Published.objects.values_list("project", "release", "tier").annotate(last=Max("brought_ms"))
    listed = [key for *key, _ in brought.order_by("-last", "release", "tier")[number * _PAGE : (number + 1) * _PAGE]]
    late = [one for one in _late_lines() if one not in listed] if not number else []
    shown = _lines([*late, *listed])
    shown.sort(key=lambda line: not any(late for *_, late in line.packages))
    older = number + 1 if len(listed) == _PAGE else None
    return show(request, "board.html", lines=shown, may_freeze="qa" in roles_of(request.person), older=older)


def _late_lines() -> list[list[Any]]:
    """Releases on tiers whose package waits for somebody although its day is over."""
    held = Signed.objects.filter(slot=OuterRef("pk"), round=OuterRef("round"))
    waiting = Slot.objects.filter(~Exists(held), package=OuterRef("pk"))
    rows = Frozen.objects.filter(Exists(waiting), void_ms=None, due_ms__lt=now_ms(), expires_ms__gt=now_ms())
    found = rows.order_by("-due_ms").values_list("project", "release", "tier")[:_PAGE]
    return [list(one) for one in dict.fromkeys(found)]


def _lines(keys: list[list[Any]]) -> list[Line]:
    """A line for each release on a tier, its newest packages with it, read all at once."""
    projects = {one.pk: one for one in Project.objects.filter(pk__in={project for project, *_ in keys})}
    releases = {release for _, release, _ in keys}
    rows: dict[tuple[Any, ...], list[Frozen]] = {}
    for row in Frozen.objects.filter(project__in=projects, release__in=releases).order_by("-frozen_ms"):
        mine = rows.setdefault((row.project_id, row.release, row.tier), [])
        if len(mine) < _PACKAGES:
            mine.append(row)
    counted = Published.objects.filter(project__in=projects, release__in=releases)
    runs = {
        (project, release, tier): count
        for project, release, tier, count in counted.values_list("project", "release", "tier").annotate(Count("pk"))
    }
    stands = stands_of([row for key in keys for row in rows.get(tuple(key), ())])
    return [
        Line(
            project=projects[project],
            release=release,
            tier=tier,
            runs=runs.get((project, release, tier), 0),
            packages=tuple(_told(row, stands[row.pk]) for row in rows.get((project, release, tier), ())),
        )
        for project, release, tier in keys
    ]


def _told(row: Frozen, stand: Stand) -> tuple[Frozen, str, tuple[Place, ...], bool]:
    return row, stand.state, stand.places, stand.state == "open" and now_ms() > row.due_ms


def prepare(request: Request, slug: str, release: str, tier: str) -> HttpResponse:
    """Choose runs, phase, words and dates, and freeze."""
    project = Project.objects.filter(slug=slug).first()
    runs = Published.objects.filter(project=project, release=release, tier=tier).order_by("-ended_ms", "-pk")[:20]
    if project is None or not runs:
        return sorry(request, 404)
    if request.method == "POST":
        return _freeze(request, project, release, tier)
    return _prepare(request, project, release, tier)


def remind(request: Request, code: str) -> HttpResponse:
    """Write again to those who were asked and did not sign."""
    row = Frozen.objects.filter(code=code, void_ms=None).first()
    if row is None:
        return sorry(request, 404)
    audit.note(request, "remind", code)
    remind_signers(row)
    return HttpResponseRedirect("/board")


def tokens(request: Request) -> HttpResponse:
    """The tokens of projects; a new one is shown once."""
    person = request.person
    assert person is not None  # the route is for QA
    made = ""
    if request.method == "POST" and (revoked := request.POST.get("revoke")):
        ApiToken.objects.filter(pk=revoked if is_number(revoked) else 0, revoked_ms=None).update(revoked_ms=now_ms())
        audit.note(request, "token", f"revoked {revoked}")
    elif request.method == "POST":
        project, _ = Project.objects.get_or_create(
            slug=_slug(request.POST.get("project", "")),
            defaults={"name": request.POST.get("project", "").strip()[:120]},
        )
        scope = request.POST.get("scope", "")
        if not project.slug or scope not in SCOPES:
            return sorry(request, 400)
        made = make_token(project, request.POST.get("name", "").strip() or scope, scope, by=person.id)
        log.append(EntryKind.ACCOUNT, {"act": "token", "scope": scope, "project": project.slug, "by": person.id})
        audit.note(request, "token", f"{project.slug} {scope}")
    kept = ApiToken.objects.select_related("project").order_by("-made_ms")[:_MOST]
    return show(request, "tokens.html", tokens=kept, made=made, projects=Project.objects.order_by("slug"))


def _prepare(request: Request, project: Project, release: str, tier: str, **more: object) -> HttpResponse:
    runs = Published.objects.filter(project=project, release=release, tier=tier).order_by("-ended_ms", "-pk")[:20]
    criteria = [one for run in runs for one in criteria_of(run)]  # of any that may be chosen
    phases = sorted({one.phase for one in criteria})
    roles = sorted({one.owner for one in criteria if one.owner})
    before = Frozen.objects.filter(project=project, release=release, tier=tier, void_ms=None).order_by("phase")
    listed = [(run, missing_of(run)) for run in runs]
    status = 400 if more else 200
    return show(
        request,
        "prepare.html",
        status,
        project=project,
        release=release,
        tier=tier,
        runs=listed,
        phases=phases,
        owners=roles,
        before=[(row, package_of(row)) for row in before],
        sent=request.POST,
        **more,
    )


def _freeze(request: Request, project: Project, release: str, tier: str) -> HttpResponse:
    person, sent = request.person, request.POST
    assert person is not None
    picked = [int(one) for one in sent.getlist("run") if is_number(one)]
    roles = [(name.removeprefix("least:"), value) for name, value in sent.items() if name.startswith("least:")]
    wish = Wish(
        project=project,
        release=release,
        tier=tier,
        runs=tuple(Published.objects.filter(pk__in=picked, project=project)),
        phase=_whole(sent.get("phase", "")),
        goal=Text(en=sent.get("goal_en", "").strip()[:200], zh=sent.get("goal_zh", "").strip()[:200]),
        due_ms=end_of_day(sent.get("due", "")),
        expires_ms=end_of_day(sent.get("expires", "")),
        least=tuple((role, _whole(str(value))) for role, value in roles),
        apart=tuple(str(one) for one in sent.getlist("apart")),
        try_at=sent.get("try_at", "").strip(),
    )
    try:
        row = freeze(wish, person)
    except CannotFreeze as error:
        return _prepare(request, project, release, tier, trouble=str(error))
    audit.note(request, "freeze", row.code)
    ask_signers(row)
    return HttpResponseRedirect(f"/packages/{row.code}")


def _slug(text: str) -> str:
    return "-".join("".join(one if one.isalnum() and one.isascii() else " " for one in text.lower()).split())[:60]


def _whole(text: str) -> int:
    return int(text) if is_number(text) and len(text) < 4 else 0
