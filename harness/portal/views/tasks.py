"""My tasks: what waits for me, what waits for others, what is done."""

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse

from harness.model.acceptance import Asked as Criterion
from harness.model.acceptance import Package
from harness.portal.asking import Request, roles_of
from harness.portal.clock import now_ms
from harness.portal.models import Answered, Frozen, Head, Person, Signed, Slot
from harness.portal.packages import package_of, standing_signature, state_of
from harness.portal.pages import show
from harness.rules.accepting import asked_of


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
    """The page."""
    assert request.person is not None  # the route is for those who are signed in
    cards = _cards(request.person, sorted(roles_of(request.person)))
    groups = {
        "mine": [one for one in cards if one.signed is None and one.state in {"open", "rejected"} and _open_for(one)],
        "others": [one for one in cards if one.signed is not None and one.state == "open"],
    }
    rest = [one for one in cards if one not in groups["mine"] and one not in groups["others"]]
    return show(request, "tasks.html", groups=groups | {"done": rest[:50]})


def _open_for(card: Card) -> bool:
    held = {name for role, name, _ in card.others if role == card.role and name}
    places = sum(1 for role, *_ in card.others if role == card.role)
    return len(held) < places


def _cards(person: Person, roles: list[str]) -> list[Card]:
    slots = Slot.objects.filter(role__in=roles).select_related("package__project").order_by("-package__frozen_ms")[:200]
    seen: dict[tuple[int, str], Card] = {}
    for slot in slots:
        key = (slot.package_id, slot.role)
        if key not in seen and person.side == "business":
            seen[key] = _card(slot.package, slot.role, person)
    return list(seen.values())


def _card(row: Frozen, role: str, person: Person) -> Card:
    package = package_of(row)
    asked = asked_of(package, role)
    answered = Answered.objects.filter(package=row, person=person, criterion__in=[one.id for one in asked]).count()
    return Card(
        row=row,
        package=package,
        role=role,
        asked=asked,
        answered=answered,
        minutes=max(1, round((len(asked) - answered) * 1.7)),
        late=now_ms() > row.due_ms,
        state=state_of(row),
        signed=standing_signature(row, person, role),
        others=who_signs(row),
    )


def who_signs(row: Frozen) -> tuple[tuple[str, str, str], ...]:
    """Each place that is asked, who signed it and what they decided; both empty where nobody did yet."""
    places = []
    for slot in Slot.objects.filter(package=row).order_by("role", "place"):
        signed = Signed.objects.select_related("person").filter(slot=slot, round=slot.round).first()
        places.append((slot.role, signed.person.name, signed.decision) if signed is not None else (slot.role, "", ""))
    return tuple(places)
