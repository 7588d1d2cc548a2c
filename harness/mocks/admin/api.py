"""WireMock's admin API: which request leads where, and what comes back.

Anything that it does not know, or cannot carry out, is a clean refusal that says what to do instead. Requests of a web
page from elsewhere are refused, since a browser would send them without asking anybody.
"""

import re
from collections.abc import Callable
from typing import Any

from harness import __version__
from harness.formats.stub_mappings import read_delay
from harness.mocks.admin.asking import Asking, NotDone
from harness.mocks.admin.journal import Interactions
from harness.mocks.admin.shown import shown_stub
from harness.mocks.admin.stubs import Stubs
from harness.mocks.answering import PROBLEM, dumped, problem, reply_from
from harness.mocks.asked import Asked
from harness.mocks.engine import Mock
from harness.mocks.matching import STARTED
from harness.mocks.messages import Reply, Request, Source
from harness.mocks.pages import from_elsewhere
from harness.mocks.sessions import session_of

ROOT = "/__admin"
_RECORD = "recording is done by `harness mock record --upstream URL`"
Do = Callable[[Asking, str], Any]


class Admin:
    """The admin API of one mock. `changed` is told, in words, whatever changes what the mock answers.

    `loopback`: only this machine is meant to reach it, so a request that names another host is a page's trick.
    """

    def __init__(
        self,
        mock: Mock,
        asked: Asked,
        *,
        read_body: Callable[[str], bytes],
        changed: Callable[[str], None] = lambda _what: None,
        loopback: bool = True,
    ) -> None:
        self._mock = mock
        self._stubs = Stubs(mock, read_body)
        self._interactions = Interactions(mock, asked)
        self._changed = changed
        self._loopback = loopback
        self._settings: dict[str, Any] = {}
        self._routes = tuple((method, re.compile(pattern), do) for method, pattern, do in self._table())

    def answer(self, request: Request) -> Reply:
        """The answer to a request below `/__admin`."""
        path = request.path.removeprefix(ROOT).rstrip("/") or "/"
        try:
            self._refuse_pages(request)
            return _told(*self._done(Asking(request), path))
        except NotDone as error:
            told = problem(error.status, str(error), errors=[{"code": 10, "title": str(error), "detail": error.hint}])
            return _told(error.status, told if error.hint is None else {**told, "detail": error.hint})

    def _done(self, asking: Asking, path: str) -> tuple[int, Any]:
        known = []
        for method, pattern, do in self._routes:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            if method == asking.request.method:
                found = do(asking, match[1] if pattern.groups else "")
                return found if isinstance(found, tuple) else (200, {} if found is None else found)
            known.append(method)
        if known:
            raise NotDone(405, f"{asking.request.method} is not known here; {', '.join(known)} is")
        raise NotDone(404, f"the admin API has no {ROOT}{path[:200]}", "`harness help mocks` lists what there is")

    def _table(self) -> tuple[tuple[str, str, Do], ...]:
        stubs, asked = self._stubs, self._interactions
        one = "/mappings/([0-9A-Fa-f-]{36})"
        return (
            ("GET", "/version", lambda _asking, _id: {"version": f"harness {__version__}"}),
            ("POST", "/reset", lambda _asking, _id: self._reset()),
            ("GET", "/mappings", lambda _asking, _id: stubs.listed()),
            ("POST", "/mappings", lambda asking, _id: (201, self._entered(asking))),
            ("DELETE", "/mappings", lambda _asking, _id: self._removed(list(self._mock.stubs.all))),
            ("POST", "/mappings/reset", lambda _asking, _id: self._reset_stubs()),
            ("POST", "/mappings/save", lambda _asking, _id: stubs.save()),
            ("POST", "/mappings/import", lambda asking, _id: self._imported(asking)),
            ("POST", "/mappings/find-by-metadata", lambda asking, _id: stubs.listed(stubs.by_metadata(asking))),
            ("POST", "/mappings/remove-by-metadata", lambda asking, _id: self._removed(stubs.by_metadata(asking))),
            ("GET", "/mappings/unmatched", lambda _asking, _id: stubs.listed(asked.unused())),
            ("DELETE", "/mappings/unmatched", lambda _asking, _id: self._removed(asked.unused())),
            ("GET", one, lambda _asking, id_: shown_stub(stubs.named(id_))),
            ("PUT", one, self._replaced),
            ("DELETE", one, lambda _asking, id_: self._removed([stubs.named(id_)])),
            ("GET", "/requests", lambda asking, _id: asked.listed(asking)),
            ("DELETE", "/requests", lambda _asking, _id: asked.forget()),
            ("POST", "/requests/reset", lambda _asking, _id: asked.forget()),
            ("POST", "/requests/count", lambda asking, _id: asked.count(asking)),
            ("POST", "/requests/find", lambda asking, _id: asked.find(asking)),
            ("POST", "/requests/remove", lambda asking, _id: asked.remove(asking)),
            ("GET", "/requests/unmatched", lambda _asking, _id: asked.unmatched()),
            ("GET", "/requests/unmatched/near-misses", lambda _asking, _id: asked.nearly()),
            ("GET", "/requests/([0-9A-Fa-f-]{36})", lambda _asking, id_: asked.one(id_)),
            ("DELETE", "/requests/([0-9A-Fa-f-]{36})", lambda _asking, id_: asked.forget(id_)),
            ("POST", "/near-misses/request", lambda asking, _id: asked.near_request(asking)),
            ("POST", "/near-misses/request-pattern", lambda asking, _id: asked.near_pattern(asking)),
            ("GET", "/scenarios", lambda asking, _id: self._scenarios(asking)),
            ("POST", "/scenarios/reset", lambda asking, _id: self._states(asking).clear()),
            ("PUT", "/scenarios/([^/]+)/state", self._set_state),
            ("GET", "/settings", lambda _asking, _id: {"settings": self._settings}),
            ("POST", "/settings", lambda asking, _id: self._set(asking)),
            ("PUT", "/settings", lambda asking, _id: self._set(asking)),
            ("GET", "/recordings/status", lambda _asking, _id: {"status": "NeverStarted"}),
            ("POST", "/recordings/(?:start|stop|snapshot)", lambda _asking, _id: _not_here(_RECORD)),
            ("POST", "/shutdown", lambda _asking, _id: _not_here("a mock is ended where it was started (Ctrl-C)")),
        )

    def _refuse_pages(self, request: Request) -> None:
        if from_elsewhere(request.header, loopback=self._loopback):
            raise NotDone(403, "a web page from elsewhere may not ask the admin API")

    # --- stubs ---

    def _entered(self, asking: Asking) -> dict[str, Any]:
        stub = self._stubs.entered(asking.json())
        self._changed(f"stub {stub.mapping.id} entered")
        return shown_stub(stub)

    def _replaced(self, asking: Asking, identity: str) -> dict[str, Any]:
        self._stubs.named(identity)
        stub = self._stubs.entered(asking.json(), identity)
        self._changed(f"stub {identity} replaced")
        return shown_stub(stub)

    def _imported(self, asking: Asking) -> None:
        self._stubs.imported(asking)
        self._changed("stubs imported")

    def _removed(self, stubs: list[Any]) -> dict[str, Any]:
        self._stubs.removed(stubs)
        self._changed(f"{len(stubs)} stubs removed")
        return {"mappings": [shown_stub(one) for one in stubs]}

    def _reset_stubs(self) -> None:
        self._mock.reset_stubs()
        self._changed("stubs as in the files")

    def _reset(self) -> None:
        self._reset_stubs()
        self._mock.sessions.reset()
        self._interactions.forget()
        self._settings = {}
        self._mock.delay = None

    # --- scenarios, each test session its own ---

    def _states(self, asking: Asking) -> dict[str, str]:
        return self._mock.sessions.named(session_of(asking.request)).states

    def _scenarios(self, asking: Asking) -> dict[str, Any]:
        states = self._states(asking)
        found: dict[str, list[Any]] = {}
        for stub in self._mock.stubs.all:
            if stub.mapping.scenario is not None:
                found.setdefault(stub.mapping.scenario, []).append(stub)
        return {
            "scenarios": [
                {"id": name, "name": name, "state": states.get(name, STARTED), "possibleStates": _possible(stubs),
                 "mappings": [shown_stub(one) for one in stubs]}
                for name, stubs in found.items()
            ]
        }  # fmt: skip

    def _set_state(self, asking: Asking, name: str) -> None:
        stubs = [one for one in self._mock.stubs.all if one.mapping.scenario == name]
        if not stubs:
            raise NotDone(404, f"there is no scenario {name}")
        state = asking.json().get("state", STARTED)
        if state not in _possible(stubs):
            raise NotDone(422, f"the scenario {name} has no state {state!r}", f"it has {', '.join(_possible(stubs))}")
        self._states(asking)[name] = state
        self._changed(f"scenario {name} set to {state}")

    # --- settings ---

    def _set(self, asking: Asking) -> None:
        given = asking.json()
        settings = given.get("settings", given)
        unknown = sorted(set(settings) - {"fixedDelay", "delayDistribution"})
        if unknown:
            raise NotDone(422, f"the setting `{unknown[0]}` is not known", "known: fixedDelay, delayDistribution")
        wanted = {key: value for key, value in settings.items() if value is not None}
        named = {"fixedDelay": "fixedDelayMilliseconds"}
        try:
            self._mock.delay = read_delay({named.get(key, key): value for key, value in wanted.items()})
        except ValueError as error:
            raise NotDone(422, str(error)) from None
        self._settings = wanted
        self._changed("settings changed")


def _possible(stubs: list[Any]) -> list[str]:
    states = [STARTED]
    for stub in stubs:
        states += [one for one in (stub.mapping.required_state, stub.mapping.new_state) if one is not None]
    return list(dict.fromkeys(states))


def _not_here(why: str) -> None:
    raise NotDone(501, why)


def _told(status: int, value: Any) -> Reply:
    kind = "application/json" if status < 400 else PROBLEM
    return reply_from(status, (("content-type", kind),), dumped(value), source=Source.UNMATCHED)
