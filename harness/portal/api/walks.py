"""`PUT /api/v1/packages/<code>/walks`: who runs a walkthrough lays its links ready; DELETE takes them away again.

A token for this can do nothing else, and shows a signer nothing but a button that names where it leads.
"""

import json

from django.http import HttpResponse, JsonResponse

from harness.portal import audit, walks
from harness.portal.api.tokens import refused, with_token
from harness.portal.asking import Request
from harness.portal.clock import now_ms
from harness.portal.models import Frozen
from harness.portal.packages import package_of

_MOST_BYTES = 64 * 1024


@with_token("walk")
def offer(request: Request, code: str) -> HttpResponse:
    """Lay links ready, or take them away."""
    token = request.token
    assert token is not None  # by the decorator
    row = Frozen.objects.filter(code=code, project=token.project).first()
    if row is None:
        return refused(404, "this project has no such package")
    by = f"token {token.pk}"
    if request.method == "DELETE":
        walks.withdraw(row.code, by)
        return JsonResponse({"offered": 0})
    if row.void_ms is not None or row.expires_ms <= now_ms():
        return refused(404, "nothing can be signed there any more")
    try:
        criteria, links = _read(request.read(_MOST_BYTES + 1))
    except ValueError as error:
        return refused(400, str(error))
    if unknown := set(criteria) - {one.id for one in package_of(row).criteria}:
        return refused(400, f"the package asks nothing of {min(unknown)}")
    walks.offer(row.code, criteria, links, by)
    audit.note(request, "walk", f"{row.code} {' '.join(criteria)}"[:200])
    return JsonResponse({"offered": len(links)}, status=201)


def _read(body: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if len(body) > _MOST_BYTES:
        raise ValueError("that is too long")
    try:
        found = json.loads(body)
        criteria, links = tuple(found["criteria"]), tuple(found["links"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("criteria and links are lists of texts") from error
    if not all(isinstance(one, str) for one in (*criteria, *links)):
        raise ValueError("criteria and links are lists of texts")
    if not 0 < len(criteria) <= walks.MOST_CRITERIA or not 0 < len(links) <= walks.MOST_LINKS:
        raise ValueError(f"1 to {walks.MOST_CRITERIA} criteria, and 1 to {walks.MOST_LINKS} links")
    if not all(walks.is_link(one) for one in links):
        raise ValueError("a link is https, or leads to this very machine")
    return criteria, links
