"""My tasks: what waits for me, what waits for others, what is done, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse

from harness.model.acceptance import Asked as Criterion
from harness.model.acceptance import Package
from harness.portal.asking import Request, is_number, roles_of
from harness.portal.clock import now_ms
from harness.portal.models import Answered, Frozen, Head, Person, Signed, Slot
from harness.portal.pages import show
from harness.portal.standings import Stand, stands_of
from harness.rules.accepting import asked_of

_MOST, _PAGE = 50, 6
Key = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A package in one role, as its person sees it in the list."""

    row: Frozen
    package: Package
    role: str
    asked: tuple[Criterion, ...]
    answered: int
    minutes: int
    late: bool
    state: str
    signed: Signed | None
    others: tuple[tuple[str, str, str], ...]


def home(request: Request) -> HttpResponse:
    """To where the day begins."""
    return HttpResponseRedirect("/tasks" if request.person is not None else "/sign-in")


def health(request: Request) -> HttpResponse:
    """Whether the portal can do its work: it can read its log."""
    head = Head.objects.filter(id=1).first()
    return JsonResponse({"log": head.size if head is not None else 0})


def tasks(request: Request) -> HttpResponse:
    """The page; `?before=` goes on in what is done."""
    assert request.person is not None  # the route is for those who are signed in
    me, before = request.person, request.GET.get("before", "")
    asked = Slot.objects.filter(role__in=roles_of(me) if me.side == "business" else ())
    mine = _keys(_waiting(asked, me)[:_MOST])
    others = [one for one in _keys(_for_others(asked, me)[:_PAGE]) if one not in mine]
    rest = asked.order_by("-package_id", "role")
    if is_number(before):
        rest = rest.filter(package_id__lt=int(before))
    listed = _keys(rest.exclude(package__in={package for package, _ in (*mine, *others)})[: _PAGE * 3])[:_PAGE]
    cards = _cards((*mine, *others, *listed), me)
    groups = {
        "mine": [cards[one] for one in mine if one in cards],
        "others": [cards[one] for one in others if one in cards],
        "done": [cards[one] for one in listed if one in cards],
    }
    older = listed[-1][0] if len(listed) == _PAGE else None
    return show(request, "tasks.html", groups=groups, older=older)


def _waiting(asked: QuerySet[Slot], me: Person) -> QuerySet[Slot]:
    """Places that are open, in packages that can be signed, where I did not sign yet."""
    held = Signed.objects.filter(slot=OuterRef("pk"), round=OuterRef("round"))
    own = Signed.objects.filter(package=OuterRef("package"), role=OuterRef("role"), person=me, taken_back=None)
    return _open(asked).filter(~Exists(held), ~Exists(own)).order_by("-package_id", "role")


def _for_others(asked: QuerySet[Slot], me: Person) -> QuerySet[Slot]:
    """Where I signed, nobody refused, and somebody has not signed yet."""
    own = Signed.objects.filter(package=OuterRef("package"), role=OuterRef("role"), person=me, taken_back=None)
    refused = Signed.objects.filter(package=OuterRef("package"), decision="reject", taken_back=None)
    held = Signed.objects.filter(slot=OuterRef("pk"), round=OuterRef("round"))
    waiting = Slot.objects.filter(~Exists(held), package=OuterRef("package"))
    found = _open(asked).filter(Exists(waiting), Exists(own), ~Exists(refused))
    return found.order_by("-package_id", "role")


def _open(asked: QuerySet[Slot]) -> QuerySet[Slot]:
    """Asked by a key list of its own: the columns lie behind the manifests, and an index tells them without."""
    return asked.filter(package__in=Frozen.objects.filter(void_ms=None, expires_ms__gt=now_ms()).values("pk"))


def _keys(slots: Iterable[Slot]) -> list[Key]:
    return list(dict.fromkeys((slot.package_id, slot.role) for slot in slots))


def _cards(keys: tuple[Key, ...], person: Person) -> dict[Key, Card]:
    """A card for each package and role; an altered package has none."""
    wanted = {package for package, _ in keys}
    rows = {row.pk: row for row in Frozen.objects.filter(pk__in=wanted)}
    stands = stands_of(list(rows.values()))
    said = set(Answered.objects.filter(package__in=wanted, person=person).values_list("package_id", "criterion"))
    found = {}
    for package, role in keys:
        if stands[package].package is not None:
            found[package, role] = _card(rows[package], role, stands[package], person, said)
    return found


def _card(row: Frozen, role: str, stand: Stand, person: Person, said: set[tuple[int, str]]) -> Card:
    assert stand.package is not None
    asked = asked_of(stand.package, role)
    answered = sum((row.pk, one.id) in said for one in asked)
    own = [one for one in stand.signed if (one.person_id, one.role, one.taken_back) == (person.pk, role, None)]
    return Card(
        row=row,
        package=stand.package,
        role=role,
        asked=asked,
        answered=answered,
        minutes=max(1, round((len(asked) - answered) * 1.7)),
        late=now_ms() > row.due_ms,
        state=stand.state,
        signed=own[0] if own else None,
        others=stand.places,
    )
