"""What was announced as created is there: every operation that answered 201 is asked for what it made.

A generator follows a link when chance takes it there. Here each creating operation is followed at least once,
by the address that its answer named, else by the id that it gave, as long as the contract can read it.
"""

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urljoin

from harness.formats.curl import Request
from harness.kit.contract.noticing import noticed
from harness.kit.contract.replaying import Sender
from harness.kit.contract.telling import Teller

_MOST_FOLLOWED = 2
_GONE = frozenset((404, 410))
_CREATED = 201
_ODD = re.compile(r"[?#\\\s]|%2[ef]|%5c", re.IGNORECASE)
_PARAMETER = re.compile(r"\{([^{}]+)\}")


@dataclass(slots=True, kw_only=True)
class Announced:
    """Asks for what was just made. `labels` are the operations of the contract, `GET /orders/{orderId}`."""

    labels: tuple[str, ...]
    base_url: str
    sender: Sender
    _followed: Counter[str] = field(default_factory=Counter)

    def lost(self, event: Any, teller: Teller) -> list[dict[str, Any]]:
        """The failures of a finished scenario that made things: each created, named, and then not found."""
        if event.phase.value == "stateful":
            return []  # there, something made may have been removed on purpose
        found = (self._follow(case.value, made, teller) for case, made in _made(event.recorder))
        return [failure for failure in found if failure is not None]

    def _follow(self, case: Any, made: Any, teller: Teller) -> dict[str, Any] | None:
        label = case.operation.label
        target = self._target(made, case.operation.path) if self._followed[label] < _MOST_FOLLOWED else None
        if target is None:
            return None
        self._followed[label] += 1
        read, uri = target
        posted = teller.request(made.request)
        asked = Request(method="GET", url=uri, credentials=tuple((name, "") for name in posted["credentials"]))
        answer = self.sender.send(asked)
        teller.requests += 1
        if answer is None or answer.status_code not in _GONE:
            return None
        body = (made.response.content or b"").decode("utf-8", "replace")
        chain = teller.completed([{**posted, "answer": body}], uri, read.partition(" ")[2])
        return _failure(label, read, teller.plain(asked), chain, answer)

    def _target(self, made: Any, path: str) -> tuple[str, str] | None:
        """The operation that reads what was made, and its address."""
        for uri in _addresses(made, path, self.labels):
            below = self._below(uri)
            fits = [label for label in self.labels if _reads(label, below)]
            if fits:
                return min(fits, key=lambda label: label.count("{")), uri
        return None

    def _below(self, uri: str) -> str:
        """The plain path below our own server; nothing where the address leads anywhere else, or tries to."""
        if not uri.startswith(self.base_url.rstrip("/") + "/") or _ODD.search(uri):
            return ""
        below = "/" + uri.removeprefix(self.base_url.rstrip("/") + "/")
        return "" if {".", ".."} & {unquote(step) for step in below.split("/")} else below


def _made(recorder: Any) -> Iterable[tuple[Any, Any]]:
    for case_id, interaction in recorder.interactions.items():
        node = recorder.cases.get(case_id)
        sent = interaction.request.method.upper()
        if node is None or interaction.response is None or sent != node.value.operation.method.upper():
            continue
        if interaction.response.status_code == _CREATED and sent in {"POST", "PUT"}:
            yield node, interaction


def _addresses(made: Any, path: str, labels: Iterable[str]) -> Iterable[str]:
    """Where what was made should be: as the answer's `Location` says, else below the collection by its id."""
    for value in made.response.headers.get("location", ())[:1]:
        with contextlib.suppress(ValueError):
            yield urljoin(made.request.uri, value)
    try:
        body = json.loads(made.response.content or b"")
    except (ValueError, RecursionError):
        return
    collection = made.request.uri.partition("?")[0].rstrip("/")
    for label in labels if isinstance(body, Mapping) else ():
        method, _, template = label.partition(" ")
        name = _PARAMETER.fullmatch(template.removeprefix(path.rstrip("/") + "/"))
        value = body.get(name[1], body.get("id")) if method == "GET" and name else None
        if isinstance(value, str | int) and not isinstance(value, bool):
            with contextlib.suppress(UnicodeError):
                yield f"{collection}/{quote(str(value), safe='')}"


def _reads(label: str, below: str) -> bool:
    method, _, template = label.partition(" ")
    pattern = "[^/]+".join(map(re.escape, _PARAMETER.split(template)[::2]))
    return method == "GET" and "{" in template and re.fullmatch(pattern, below) is not None


def _failure(made: str, read: str, request: dict[str, Any], chain: list[dict[str, Any]], answer: Any) -> dict[str, Any]:
    """Under the name of the engine's own check for the same thing."""
    return noticed(
        "ensure_resource_availability",
        "EnsureResourceAvailability",
        read,
        title="Created resource not found",
        message=f"{made} answered {_CREATED}, and what it made can't be read: {answer.status_code}",
        phase="stateful",
        request=request,
        about={"mode": "positive"},
        answer=answer,
        before=chain,
        detail={"created_with": made, "not_available_with": read},
    )
