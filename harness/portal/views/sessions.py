"""Coming in and going out."""

import json
import secrets
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme

from harness.portal import audit, passkeys, signing_in
from harness.portal.asking import Request
from harness.portal.pages import LANGUAGE_COOKIE, language_of, show
from harness.portal.settings import PORTAL
from harness.portal.words import LANGUAGES, say


def sign_in(request: Request) -> HttpResponse:
    """The page, and coming in by password."""
    on = _next(request)
    if request.method != "POST":
        return HttpResponseRedirect(on) if request.person is not None else show(request, "sign_in.html", next=on)
    email = request.POST.get("email", "")
    person = signing_in.by_password(request, email, request.POST.get("password", "")[:1000])
    if person is None:
        audit.note(request, "sign-in", email.strip().lower(), outcome="refused", why="password")
        return show(request, "sign_in.html", 403, next=on, email=email[:200], trouble="sign-in.wrong")
    signing_in.begin(request, person, "password")
    audit.note(request, "sign-in", "password")
    return HttpResponseRedirect(on)


def passkey_options(request: Request) -> HttpResponse:
    """A challenge to come in by passkey."""
    challenge = passkeys.open_ceremony(request, "sign-in", secrets.token_bytes(32))
    return JsonResponse(passkeys.request_options(challenge))


def passkey_sign_in(request: Request) -> HttpResponse:
    """Coming in by passkey: no name is typed, the passkey says who it is."""
    try:
        answer = read_json(request)
        challenge = passkeys.use_ceremony(request, "sign-in", passkeys.challenge_of(answer)).challenge
        person = passkeys.proved(answer, challenge).person
    except passkeys.Refused as error:
        audit.note(request, "sign-in", outcome="refused", why=str(error))
        return JsonResponse({"error": say(language_of(request), str(error))}, status=403)
    signing_in.begin(request, person, "passkey")
    audit.note(request, "sign-in", "passkey")
    return JsonResponse({"next": _next(request)})


def sign_out(request: Request) -> HttpResponse:
    """The session ends on the server."""
    audit.note(request, "sign-out")
    request.session.flush()
    return HttpResponseRedirect("/sign-in")


def language(request: Request) -> HttpResponse:
    """Choose the language of the pages."""
    wanted = request.POST.get("language", "")
    response = HttpResponseRedirect(_next(request))
    if wanted in LANGUAGES:
        if request.person is not None:
            type(request.person).objects.filter(pk=request.person.pk).update(language=wanted)
        response.set_cookie(LANGUAGE_COOKIE, wanted, max_age=31_536_000, secure=True, httponly=True, samesite="Lax")
    return response


def read_json(request: Request) -> dict[str, Any]:
    """A JSON object as it was sent; Refused where it is none."""
    if request.content_type != "application/json":
        raise passkeys.Refused("passkey.unusable")
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise passkeys.Refused("passkey.unusable") from error
    if not isinstance(data, dict) or not _is_text(data):
        raise passkeys.Refused("passkey.unusable")
    return data


def _is_text(data: object) -> bool:
    """Whether all of it can be written: half a surrogate is no character."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except (UnicodeError, RecursionError):
        return False
    return True


def _next(request: Request) -> str:
    on = request.POST.get("next") or request.GET.get("next") or "/"
    host = {PORTAL.origin.netloc}
    return on if on.startswith("/") and url_has_allowed_host_and_scheme(on, host) else "/"
