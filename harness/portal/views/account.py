"""A person's own account: name and title as others see them, passkeys, password, language."""

import secrets
from zoneinfo import available_timezones

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse

from harness.formats.ledger import entry_of
from harness.model.ledger import Enrolled, EntryKind, PasskeyRemoved
from harness.portal import audit, log, passkeys, passwords, signing_in
from harness.portal.asking import Request, is_number
from harness.portal.clock import now_ms
from harness.portal.models import Invitation, Person
from harness.portal.notices import tell
from harness.portal.pages import language_of, show
from harness.portal.people import invited
from harness.portal.telling import keys_of
from harness.portal.views.errors import sorry
from harness.portal.views.sessions import read_json
from harness.portal.words import say


def account(request: Request, **more: object) -> HttpResponse:
    """The page."""
    person = _me(request)
    mine = person.passkeys.filter(revoked_ms__isnull=True).order_by("enrolled_ms")
    grants = person.grants.filter(until_ms__isnull=True).order_by("asked_ms")
    status = 400 if more.get("trouble") else 200
    return show(
        request,
        "account.html",
        status,
        passkeys=mine,
        grants=grants,
        unproved=_unproved(request),
        zones=_zones(),
        **more,
    )


def zone(request: Request) -> HttpResponse:
    """Choose the zone in which times are shown."""
    wanted = request.POST.get("zone", "")
    if wanted in available_timezones():
        Person.objects.filter(pk=_me(request).pk).update(zone=wanted)
    return HttpResponseRedirect("/account")


def confirm(request: Request) -> HttpResponse:
    """Prove again by password that it is you: a new cookie for the same person."""
    person = _me(request)
    if signing_in.by_password(request, person.email, request.POST.get("password", "")[:1000]) != person:
        audit.note(request, "confirm", outcome="refused", why="password")
        return account(request, trouble="sign-in.wrong")
    signing_in.begin(request, person, "password")
    return HttpResponseRedirect("/account")


def change_password(request: Request) -> HttpResponse:
    """A new password ends every session, this one goes on anew."""
    person = _me(request)
    if signing_in.by_password(request, person.email, request.POST.get("old", "")[:1000]) != person:
        audit.note(request, "password", outcome="refused", why="old one")
        return account(request, trouble="sign-in.wrong")
    new = request.POST.get("new", "")
    if trouble := passwords.trouble(new, person.email, person.name):
        return account(request, trouble=trouble)
    _set_password(person, new)
    signing_in.begin(request, person, "password")
    audit.note(request, "password")
    tell(person, "password")
    return HttpResponseRedirect("/account")


def passkey_options(request: Request) -> HttpResponse:
    """What the browser needs to make a passkey; only lately proved sessions are given it."""
    if unproved := _unproved(request):
        return sorry(request, 403, unproved)
    return JsonResponse(passkeys.registration_options(request, _me(request)))


def passkey_add(request: Request) -> HttpResponse:
    """Keep the new passkey."""
    person = _me(request)
    try:
        _must_be_proved(request)
        sent = read_json(request)
        made = passkeys.register(request, person, sent.get("credential", {}), str(sent.get("label", "")))
    except passkeys.Refused as error:
        audit.note(request, "passkey", "add", outcome="refused", why=str(error))
        return JsonResponse({"error": say(language_of(request), str(error))}, status=403)
    log.append_built(
        lambda number, at_ms: entry_of(
            Enrolled(
                number=number,
                person=person.id,
                credential=made.credential,
                public_key=made.public_key,
                by=made.enrolled_by,
                at_ms=at_ms,
            )
        )
    )
    audit.note(request, "passkey", "add")
    tell(person, "passkey")
    return JsonResponse({"next": "/account"})


def passkey_remove(request: Request) -> HttpResponse:
    """Take one's own passkey off. What it signed stays good."""
    person = _me(request)
    named = request.POST.get("passkey", "")
    mine = person.passkeys.filter(pk=int(named) if is_number(named) else 0, revoked_ms__isnull=True).first()
    if mine is None or (unproved := _unproved(request)):
        return account(request, trouble="passkey.confirm-first" if mine is None else unproved)
    type(mine).objects.filter(pk=mine.pk).update(revoked_ms=now_ms())
    credential = mine.credential
    log.append_built(
        lambda number, at_ms: entry_of(
            PasskeyRemoved(number=number, person=person.id, credential=credential, at_ms=at_ms)
        )
    )
    audit.note(request, "passkey", "remove")
    tell(person, "passkey")
    return HttpResponseRedirect("/account")


def invitation(request: Request, token: str) -> HttpResponse:
    """The one-time link: choose a password, and be signed in."""
    found = invited(token)
    if found is None:
        audit.note(request, "invitation", outcome="refused")
        return sorry(request, 404, "invitation.over")
    person = found.person
    if request.method != "POST":
        return show(request, "invitation.html", invited=person, token=token)
    new = request.POST.get("password", "")
    if trouble := passwords.trouble(new, person.email, person.name):
        return show(request, "invitation.html", 400, invited=person, token=token, trouble=trouble)
    if not Invitation.objects.filter(pk=found.pk, used_ms__isnull=True).update(used_ms=now_ms()):
        return sorry(request, 404, "invitation.over")
    _set_password(person, new)
    signing_in.begin(request, person, "password")
    log.append(EntryKind.ACCOUNT, {"act": "joined", "person": person.id, "invited-by": found.made_by})
    audit.note(request, "invitation", "used")
    return HttpResponseRedirect("/account")


def _must_be_proved(request: Request) -> None:
    if unproved := _unproved(request):
        raise passkeys.Refused(unproved)


def _unproved(request: Request) -> str:
    """What is missing before passkeys may change, as a key of the words.

    Whoever has a passkey proves themselves with it: a password can be set by whoever administers the database. What
    they have is read from the log, since a row of theirs could be hidden for a moment.
    """
    if keys_of(_me(request).id):
        by_passkey = signing_in.is_fresh(request) and request.session.get("how") == "passkey"
        return "" if by_passkey else "passkey.confirm-with"
    return "" if signing_in.is_fresh(request) else "passkey.confirm-first"


def _set_password(person: Person, password: str) -> None:
    person.password, person.stamp = passwords.hashed(password), secrets.token_hex(16)
    person.save(update_fields=("password", "stamp"))
    signing_in.end_all(person)


def _me(request: Request) -> Person:
    assert request.person is not None  # the route is for those who are signed in
    return request.person


def _zones() -> list[str]:
    return sorted(one for one in available_timezones() if "/" in one and not one.startswith(("Etc/", "posix", "right")))
