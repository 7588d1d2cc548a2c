"""Tokens: made once, kept as a hash, for one project and one purpose, never for a page."""

import hashlib
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse, JsonResponse

from harness.portal import audit, signing_in
from harness.portal.asking import Request
from harness.portal.clock import now_ms
from harness.portal.models import ApiToken, Attempt, Project

SCOPES = ("publish", "read", "walk")
View = Callable[..., HttpResponse]


def make_token(project: Project, name: str, scope: str, *, by: str) -> str:
    """A new token as it is shown once."""
    if scope not in SCOPES:
        raise ValueError(f"a token is for one of {', '.join(SCOPES)}")
    token = f"hpt_{secrets.token_urlsafe(32)}"
    ApiToken.objects.create(project=project, name=name[:80], scope=scope, token_sha256=_sha256(token), made_by=by)
    return token


def with_token(scope: str) -> Callable[[View], View]:
    """A view for holders of a token of that purpose; 401 for anybody else, 403 for another purpose."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: Request, **named: Any) -> HttpResponse:
            address = f"token:{request.address}"[:80]
            if signing_in.locked(address, 30):
                return refused(429, "too many tries from here; wait a quarter of an hour")
            token = _token(request)
            if token is None:
                Attempt.objects.create(key=address)
                answer = refused(401, "a token is needed: Authorization: Bearer hpt_…")
                answer.headers["WWW-Authenticate"] = "Bearer"
                return answer
            request.token = token
            if token.scope != scope:
                audit.note(request, "api", request.path, outcome="refused", why=f"a {token.scope} token")
                return refused(403, f"this token is to {token.scope}, not to {scope}")
            return view(request, **named)

        return guarded

    return wrap


def refused(status: int, why: str) -> JsonResponse:
    """What a machine is told."""
    return JsonResponse({"error": why}, status=status)


def _token(request: Request) -> ApiToken | None:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text.startswith("hpt_"):
        return None
    found = (
        ApiToken.objects.select_related("project").filter(token_sha256=_sha256(text.strip()), revoked_ms=None).first()
    )
    if found is not None and now_ms() - (found.used_ms or 0) > 60_000:
        ApiToken.objects.filter(pk=found.pk).update(used_ms=now_ms())
    return found


def _sha256(token: str) -> str:
    return hashlib.sha256(b"harness-token:" + token.encode()).hexdigest()
