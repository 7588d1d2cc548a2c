"""`/__admin/requests` and `/__admin/near-misses`: what was asked, counted, found, and what was nearly answered."""

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from harness.errors import HarnessError
from harness.formats.stub_mappings import read_stub_mappings
from harness.mocks.admin.asking import Asking, NotDone
from harness.mocks.admin.shown import shown_interaction, shown_miss, shown_request
from harness.mocks.asked import Asked, Interaction
from harness.mocks.base_paths import below
from harness.mocks.engine import Mock
from harness.mocks.matching import CompiledStub, compiled_stub
from harness.mocks.messages import Request
from harness.mocks.near_misses import distance, near_misses
from harness.mocks.sessions import session_of

_NEAR = 3


class Interactions:
    """The journal of one mock, as the admin API shows it."""

    def __init__(self, mock: Mock, asked: Asked) -> None:
        self._mock = mock
        self._asked = asked

    def listed(self, asking: Asking) -> dict[str, Any]:
        """The newest first; `limit`, `since`, `unmatched` and `matchingStub` choose."""
        found = list(self._asked)
        since, stub, limit = asking.query("since"), asking.query("matchingStub"), asking.whole("limit")
        if since is not None:
            since_ms = _since_ms(since)
            found = [one for one in found if one.at_ms >= since_ms]
        if asking.query("unmatched") == "true":
            found = [one for one in found if not one.matched]
        if stub is not None:
            found = [one for one in found if one.reply.stub_id == stub]
        shown = found if limit is None else found[:limit]
        told = [shown_interaction(one, self._mock.stub(one.reply.stub_id)) for one in shown]
        return {"requests": told, "meta": {"total": len(found)}, "requestJournalDisabled": False}

    def one(self, identity: str) -> dict[str, Any]:
        """One interaction by its id."""
        for one in self._asked:
            if one.id == identity:
                return shown_interaction(one, self._mock.stub(one.reply.stub_id))
        raise NotDone(404, f"there is no request {identity}")

    def count(self, asking: Asking) -> dict[str, Any]:
        """How many requests fit a pattern."""
        return {"count": len(self._fitting(asking)), "requestJournalDisabled": False}

    def find(self, asking: Asking) -> dict[str, Any]:
        """The requests that fit a pattern."""
        return self._found(self._fitting(asking))

    def unmatched(self) -> dict[str, Any]:
        """The requests that nothing answered."""
        return self._found([one for one in self._asked if not one.matched])

    def remove(self, asking: Asking) -> dict[str, Any]:
        """Forget the requests that fit a pattern; gives them."""
        found = self._fitting(asking)
        self._asked.forget(frozenset(one.id for one in found))
        return self._found(found)

    def forget(self, identity: str | None = None) -> None:
        """Forget one, or all."""
        self._asked.forget(None if identity is None else frozenset((identity,)))

    def nearly(self) -> dict[str, Any]:
        """For every request that nothing answered, the stubs that were nearest."""
        missed = [one for one in self._asked if not one.matched]
        return {"nearMisses": [told for one in missed for told in self._near(one.request, _logged(one))]}

    def near_request(self, asking: Asking) -> dict[str, Any]:
        """The stubs nearest to a request as the journal shows it."""
        given = asking.json()
        return {"nearMisses": self._near(_request_of(given), given)}

    def near_pattern(self, asking: Asking) -> dict[str, Any]:
        """The requests nearest to a pattern."""
        pattern = self._pattern(asking)
        ranked = sorted(((distance(pattern, one.request), one) for one in self._asked), key=lambda pair: pair[0])
        return {
            "nearMisses": [
                {"request": _logged(one), "requestPattern": asking.json(), "matchResult": {"distance": far}}
                for far, one in ranked[:_NEAR]
                if far
            ]
        }

    def unused(self) -> list[CompiledStub]:
        """Stubs that answered nothing yet."""
        return [one for one in self._mock.stubs.all if one.mapping.id not in self._asked.used]

    def _near(self, request: Request, shown: dict[str, Any]) -> list[dict[str, Any]]:
        base = self._mock.base_path
        path = request.path[len(base) :] if base and request.path.startswith(f"{base}/") else request.path
        below_base = Request(request.method, path, request.query, request.headers, request.body)
        states = self._mock.sessions.named(session_of(request)).states
        return [shown_miss(miss, shown) for miss in near_misses(self._mock.stubs.all, below_base, states, most=_NEAR)]

    def _fitting(self, asking: Asking) -> list[Interaction]:
        pattern = self._pattern(asking)
        return [one for one in self._asked if pattern.fits(one.request)]

    def _pattern(self, asking: Asking) -> CompiledStub:
        body = json.dumps([{"request": asking.json(), "response": {}}]).encode()
        try:
            (mapping,) = read_stub_mappings(body, "__admin/requests", lambda _name: b"")
            return compiled_stub(below(mapping, self._mock.base_path), 0)
        except HarnessError as error:
            first = error.problems[0]
            raise NotDone(422, first.message, first.hint) from None
        except ValueError as error:
            raise NotDone(422, str(error).splitlines()[0]) from None

    def _found(self, found: list[Interaction]) -> dict[str, Any]:
        return {"requests": [_logged(one) for one in found], "requestJournalDisabled": False}


def _logged(one: Interaction) -> dict[str, Any]:
    return {"id": one.id, **shown_request(one.request, one.path, one.at_ms)}


def _since_ms(text: str) -> float:
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00").replace(" ", "+"))
    except ValueError:
        raise NotDone(400, f"`since` is a date and time such as 2026-01-31T12:00:00Z, not {text[:40]!r}") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000


def _request_of(given: dict[str, Any]) -> Request:
    """A request from its logged form."""
    parts = urlsplit(str(given.get("url") or given.get("absoluteUrl") or "/"))
    written = given.get("headers")
    headers = tuple(
        (str(name).lower(), str(one))
        for name, value in (written.items() if isinstance(written, dict) else ())
        for one in (value if isinstance(value, list) else [value])
    )
    try:
        body = base64.b64decode(str(given["bodyAsBase64"]), validate=True) if given.get("bodyAsBase64") else None
    except (binascii.Error, ValueError):
        raise NotDone(422, "`bodyAsBase64` is not Base64") from None
    sent = str(given.get("body") or "").encode() if body is None else body
    return Request(str(given.get("method") or "GET").upper(), parts.path or "/", parts.query, headers, sent)
