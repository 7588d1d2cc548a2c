"""What a mock remembers, apart for every test session: scenario states, resources, draws.

A session is named by the header `harness-session`, or by `harness-session=…` in W3C baggage; without a name
all share one. The number of sessions kept is bounded: the one that was quiet longest is forgotten first.
"""

from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import unquote

from harness.mocks.draws import Draws
from harness.mocks.messages import Request
from harness.mocks.resources import Resources

HEADER = "harness-session"
_MOST = 1000


class Session:
    """The memory of one session."""

    __slots__ = ("draws", "resources", "states")

    def __init__(self, seed: int, name: str, resources: Resources | None) -> None:
        self.draws = Draws(seed, "session", name)
        self.states: dict[str, str] = {}
        self.resources = resources


class Sessions:
    """All sessions of a mock. `resources` makes the resources of a new one; None where none are kept."""

    def __init__(self, seed: int, resources: Callable[[], Resources] | None) -> None:
        self._seed = seed
        self._resources = resources
        self._kept: OrderedDict[str, Session] = OrderedDict()
        self._shared = self._new("")

    def named(self, name: str) -> Session:
        """The session of a name; a new one starts from the seeds."""
        if not name:
            return self._shared
        session = self._kept.get(name)
        if session is None:
            session = self._kept[name] = self._new(name)
            if len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(name)
        return session

    def reset(self) -> None:
        """Forget everything: states as at the start, resources from the seeds."""
        self._kept.clear()
        self._shared = self._new("")

    def _new(self, name: str) -> Session:
        return Session(self._seed, name, self._resources() if self._resources is not None else None)


def session_of(request: Request) -> str:
    """The session that a request belongs to; empty for the shared one."""
    if request.session is None:
        request.session = _named_by(request)
    return request.session


def _named_by(request: Request) -> str:
    name = request.header(HEADER)
    if name:
        return name[:200]
    baggage = request.header("baggage")
    if baggage and HEADER in baggage:
        for member in baggage.split(","):
            key, _, value = member.partition(";")[0].partition("=")
            if key.strip() == HEADER:
                return unquote(value.strip())[:200]
    return ""
