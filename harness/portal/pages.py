"""Pages: a template, the reader's language, and what is around every page."""

import hashlib
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from harness.portal.asking import Request, roles_of
from harness.portal.settings import PORTAL
from harness.portal.words import LANGUAGES

_STATIC = Path(__file__).parent / "static"
LANGUAGE_COOKIE = f"{PORTAL.cookie_prefix}language"


def show(request: Request, template: str, status: int = 200, **values: object) -> HttpResponse:
    """A page."""
    return render(request, template, values, status=status)


def language_of(request: HttpRequest) -> str:
    """The person's own language, else the one chosen here, else what the browser asks for."""
    person = getattr(request, "person", None)
    if person is not None:
        return person.language if person.language in LANGUAGES else "en"
    chosen = request.COOKIES.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    wanted = str(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))[:200].split(",")[0].strip().lower()
    return "zh" if wanted.startswith("zh") else "en"


def around(request: HttpRequest) -> dict[str, object]:
    """What every template may use."""
    language = language_of(request)
    person = getattr(request, "person", None)
    return {
        "language": language,
        "html_language": {"en": "en", "zh": "zh-Hans"}[language],
        "person": person,
        "roles": roles_of(person),
        "style": _versioned("portal.css"),
        "script": _versioned("portal.js"),
        "here": request.path,
    }


@cache
def _versioned(name: str) -> str:
    """A static file's address: it changes with its content."""
    return f"/static/{name}?v={hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]}"
