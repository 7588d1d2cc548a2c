"""A request that ends the server ends its own operation and not the run: it is found, told, and left out of the rest.

A request whose connection broke off is sent once more, alone: what breaks off again is a finding. Where nobody answers
any more the engine stops; when the server is back, by itself or because somebody started it again, its last requests
are sent one by one: the one that ends it again is the finding. Only a server of ours is ended a second time: where
somebody else runs it, the request after which it was gone is named and not sent again.
"""

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from harness.kit.contract.noticing import noticed
from harness.kit.contract.replaying import Sender
from harness.kit.contract.telling import Teller, about
from harness.runners.contract_events import shown_of

_MOST_SUSPECTS = 12
_MOST_OUTAGES = 3
_MOST_BROKEN_OFF = 2
_BACK_S = 3.0
_TICK_S = 0.3


class Ending(StrEnum):
    """How one request ended."""

    ANSWERED = "answered"
    LATE = "late"
    BROKEN_OFF = "broken off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One of the last requests before nobody answered."""

    label: str
    request: dict[str, Any]
    about: dict[str, Any]
    answered: bool
    place: str = ""

    @property
    def named(self) -> str:
        return f"{self.label} ({self.place})" if self.place else self.label


@dataclass(slots=True, kw_only=True)
class Outages:
    """Remembers the last requests, looks for the one that ended the server. `is_there`: does it take connections?

    `ours`: the run started the server, so that it may be ended on purpose. `found`: the names of those that were told.
    """

    sender: Sender
    is_there: Callable[[], bool]
    ours: bool = True
    found: set[str] = field(default_factory=set)
    _last: deque[Suspect] = field(default_factory=lambda: deque(maxlen=_MOST_SUSPECTS))
    _count: int = 0
    _sent_again: Counter[str] = field(default_factory=Counter)

    def notice(self, recorder: Any, teller: Teller) -> None:
        """A finished scenario: its requests, in their order; those that were broken off are sent again."""
        for case_id, interaction in list(recorder.interactions.items()):
            if (node := recorder.cases.get(case_id)) is None:
                continue
            suspect = Suspect(
                label=node.value.operation.label,
                request=teller.request(interaction.request),
                about=about(node.value),
                answered=interaction.response is not None,
            )
            self._last.append(suspect)
            if not suspect.answered and self._sent_again[suspect.named] < _MOST_BROKEN_OFF:
                self._look_at(suspect, teller)

    def unanswered(self, suspect: Suspect, teller: Teller) -> bool:
        """A request that we sent ourselves came to no answer; whether the server may be asked further."""
        self._last.append(suspect)
        if self.is_there():
            if self._sent_again[suspect.named] < _MOST_BROKEN_OFF:
                self._look_at(suspect, teller)
            return self._is_back()
        return self._explained((suspect.label,), teller) is not None

    def _look_at(self, suspect: Suspect, teller: Teller) -> None:
        """Whether a request that got no answer breaks the connection off, or ends the server, by itself."""
        if suspect.request["body_cut"] or not self.is_there():
            return
        self._sent_again[suspect.named] += 1
        teller.requests += 1
        match self._ending(suspect):
            case Ending.ANSWERED:
                return
            case Ending.LATE:
                self._sent_again[suspect.named] = _MOST_BROKEN_OFF
            case Ending.BROKEN_OFF:
                time.sleep(_TICK_S)  # a process that ends still takes connections for a moment
                self._tell(suspect, "ConnectionDropped" if self.is_there() else "ServerStopped", teller)
                self._sent_again[suspect.named] = _MOST_BROKEN_OFF
                self._is_back()

    def _ending(self, suspect: Suspect) -> "Ending":
        import requests

        asked = shown_of({"before": [], "request": suspect.request}, {}).request
        try:
            self.sender.ask(asked)
        except requests.Timeout:
            return Ending.LATE
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            return Ending.BROKEN_OFF
        except (requests.RequestException, ValueError, OSError):
            return Ending.ANSWERED  # it could not be sent as it was: that says nothing
        return Ending.ANSWERED

    def _tell(self, suspect: Suspect, kind: str, teller: Teller) -> None:
        self.found.add(suspect.named)
        (told,) = teller.found([_failure(suspect, kind)])
        teller.tell("replayed", source=told["source"], again=True, needs=None, request=None)

    def survived(self, labels: tuple[str, ...], teller: Teller) -> tuple[str, ...]:
        """What may be tried further: nothing where the server stays away, else everything but the culprit."""
        further = self._explained(labels, teller)
        if further is None:
            return ()
        teller.tell("recovered")
        return further

    def _explained(self, labels: tuple[str, ...], teller: Teller) -> tuple[str, ...] | None:
        """The server is gone: who did that is told, and if nobody is found, that; None where it stays away."""
        self._count += 1
        suspect = next((one for one in reversed(self._last) if not one.answered), None)
        if self._count > _MOST_OUTAGES or not self._is_back():
            self._unexplained(suspect, teller)
            return None
        culprit = self._culprit(teller) if self.ours else None
        self._last.clear()
        if culprit is None:
            self._unexplained(suspect, teller)
        else:
            teller.tell("outage", culprit=culprit.label, after=culprit.named)
            self._tell(culprit, "ServerStopped", teller)
        left_out = culprit or (suspect if not self.ours else None)
        return tuple(one for one in labels if left_out is None or one != left_out.label) if self._is_back() else None

    @staticmethod
    def _unexplained(suspect: Suspect | None, teller: Teller) -> None:
        teller.tell("outage", culprit=None, after=suspect.named if suspect is not None else None)

    def end(self, teller: Teller) -> None:
        """Nothing more is asked: a server that is gone now was ended by something that was sent."""
        if not self.is_there() and not self._is_back():
            suspect = next((one for one in reversed(self._last) if not one.answered), None)
            self._unexplained(suspect, teller)

    def _culprit(self, teller: Teller) -> Suspect | None:
        """The suspect after which the server is gone again; those without an answer first, the latest first."""
        newest = list(reversed(self._last))
        for suspect in (*(one for one in newest if not one.answered), *(one for one in newest if one.answered)):
            if suspect.request["body_cut"]:
                continue
            teller.requests += 1
            if self._ending(suspect) is Ending.BROKEN_OFF:
                return suspect
            if not self.is_there():
                return suspect
        return None

    def _is_back(self) -> bool:
        until = time.monotonic() + _BACK_S
        while not self.is_there():
            if time.monotonic() > until:
                return False
            time.sleep(_TICK_S)
        return True


def _failure(culprit: Suspect, kind: str) -> dict[str, Any]:
    stopped = kind == "ServerStopped"
    return noticed(
        "server_stopped" if stopped else "connection_dropped",
        kind,
        culprit.label,
        title="The server stopped answering" if stopped else "The connection was broken off",
        message="it came to no answer, and again when it was sent alone",
        phase="outage",
        request=culprit.request,
        about=culprit.about,
    )
