"""The stage of one run: mocks, dependencies and systems brought up, watched, and taken down again.

Whatever could not be brought up is a reason, not a crash: the run goes on with what stands
and says what could not be told. Started processes belong to the thread that calls `up`:
on Linux the kernel ends them when that thread does.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from harness.adapters.host import Host
from harness.adapters.http import NoAnswerError, fetch
from harness.adapters.processes import Processes, Running
from harness.adapters.secrets import Secrets
from harness.adapters.services.standing import Services
from harness.model.evidence import UNKNOWN_VERSION, Code, Reason
from harness.model.service import Stood
from harness.model.tier import Dependency, Probe, SecretRef, Start, System, Tier

_PLACE = re.compile(r"\{([a-z][A-Za-z0-9_.-]*)\}")
_MOCK_READY_S = 30.0
_PAUSE_S = 0.1
_REFUSED = 400

Tell = Callable[[str], None]


class _CannotStandError(Exception):
    """Somebody could not be brought up."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code.value)
        self.reason = reason


@dataclass(slots=True)
class Stage:
    """Who stands where. `urls` by the name of system or dependency; `failed` says why somebody does not stand."""

    host: Host
    processes: Processes
    root: Path
    tier: Tier
    secrets: Secrets
    tell: Tell
    urls: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, Running] = field(default_factory=dict)
    failed: dict[str, Reason] = field(default_factory=dict)
    services: Services | None = None
    own_urls: dict[str, str] = field(default_factory=dict)
    earlier: dict[str, bytes] = field(default_factory=dict)
    restarted: dict[str, int] = field(default_factory=dict)
    reviving: dict[str, Thread] = field(default_factory=dict)

    def up(self, addressed: Callable[[], None] = lambda: None) -> None:
        """Bring everybody up: services, then dependencies, then systems.

        `addressed` is called when all addresses are known and nobody was asked anything: it may name in `own_urls`
        where we ask ourselves.
        """
        self._give_ports()
        addressed()
        if self.tier.services:
            self.services = Services(self.host, self.processes, self.root, self.secrets, self.tell)
            for service in self.tier.services:
                self.services.up(service)
            self.failed.update({f"services.{name}": reason for name, reason in self.services.failed.items()})
        for dependency in self.tier.dependencies:
            self._try(dependency.name, lambda one=dependency: self._dependency_up(one))  # type: ignore[misc]
        for system in self.tier.systems:
            self._try(system.name, lambda one=system: self._system_up(one))  # type: ignore[misc]

    def down(self) -> dict[str, bytes]:
        """Ask everybody to end, systems first, services last, and wait for it; gives what services printed."""
        for name in reversed(tuple(self.running)):
            self.processes.stop(self.running[name])
        return self.earlier | (self.services.down() if self.services is not None else {})

    def revive(self, name: str) -> bool:
        """Start a system again that ended by itself, as often as its tier allows; what it printed is kept.

        True where it is on its way: `revivals` says when it is back, so that nobody waits here.
        """
        system = next((one for one in self.tier.systems if one.name == name), None)
        start = system.start if system is not None else None
        if system is None or start is None or not self._may_restart(name):
            return False
        times = self.restarted.get(name, 0)
        log = self.running[name].log
        self.processes.stop(self.running[name])
        self.restarted[name] = times + 1
        self.earlier[f"{name}-ended-{times + 1}"] = log.read_bytes() if log.exists() else b""
        self._try(name, lambda: self._start(name, start))
        if name in self.failed:
            return False
        # only the waiting is another thread's: what is started ends with the thread that starts it
        again = Thread(
            target=self._try, args=(name, lambda: self._wait(name, system.health, start.ready_s)), daemon=True
        )
        self.reviving[name] = again
        again.start()
        return True

    def _may_restart(self, name: str) -> bool:
        starts = (one.start for one in self.tier.systems if one.name == name and one.start is not None)
        return any(self.restarted.get(name, 0) < start.restarts for start in starts)

    def revivals(self) -> tuple[tuple[str, Reason | None], ...]:
        """Who is back since this was asked last (None), and who did not come back, with why.

        One that a request ended before it was seen to be back is nothing of the kind: it has fallen once more.
        """
        ended = tuple(name for name, waiting in self.reviving.items() if not waiting.is_alive())
        for name in ended:
            del self.reviving[name]
            if name in self.failed and not self.running[name].alive and self._may_restart(name):
                del self.failed[name]
        ended = tuple(name for name in ended if name in self.failed or self.running[name].alive)
        return tuple((name, self._died(name) if name in self.failed else None) for name in ended)

    def stood(self) -> tuple[Stood, ...]:
        """How each service stood, for the record."""
        return self.services.stood() if self.services is not None else ()

    def fallen(self) -> dict[str, Reason]:
        """Who stood and no longer does: a service before the systems that stood on it."""
        services = self.services.fallen() if self.services is not None else {}
        return services | {
            name: self._died(name)
            for name, running in self.running.items()
            if not running.alive and name not in self.failed and name not in self.reviving
        }

    def _died(self, name: str) -> Reason:
        running = self.running[name]
        ended = "did not come back in time" if running.alive else f"ended with {_status(running)}"
        return Reason.of(Code.SYSTEM_DIED, system=name, why=f"its process {ended}{_said(running)}")

    def journal(self, dependency: str) -> bytes:
        """What the mock of a dependency wrote down."""
        path = self._journal_path(dependency)
        return path.read_bytes() if path.exists() else b""

    def uses(self, dependency: str) -> bytes:
        """What the mock of a dependency was relied on for, whole interactions."""
        path = self._uses_path(dependency)
        return path.read_bytes() if path.exists() else b""

    def version_of(self, system: System, headers: Mapping[str, str]) -> str | None:
        """What the system says it is: its version field; `unknown` where it did not say; None where nobody asks.

        It is asked without credentials first: most systems tell it to anybody.
        """
        if system.version is None or system.name in self.failed:
            return None
        told = self._version_told(system, system.version, {})
        return told or self._version_told(system, system.version, headers) or UNKNOWN_VERSION

    def _version_told(self, system: System, probe: Probe, headers: Mapping[str, str]) -> str | None:
        try:
            url = self._own_url(system.name) + probe.path
            answer = fetch(url, method=probe.method, headers=headers, deadline_s=5.0, most_bytes=65536)
            data = json.loads(answer.body) if answer.status < _REFUSED else None
        except (NoAnswerError, ValueError, RecursionError):
            return None
        for part in (probe.field or "version").split("."):
            data = data.get(part) if isinstance(data, dict) else None
        return str(data) if isinstance(data, str | int | float) and str(data).strip() else None

    def filled(self, text: str, name: str, *, services: bool = True) -> str:
        """`text` with every `{…}` place filled for the process `name`; KeyError text names an unknown place.

        Places of services hold passwords: `services` False refuses them, for what everybody on the machine reads.
        """

        def value(match: re.Match[str]) -> str:
            place = match[1]
            if place == "port":
                return str(self.ports[name])
            if place == "run":
                return self.processes.run
            kind, _, rest = place.partition(".")
            owner, _, what = rest.rpartition(".")
            if kind in {"dependencies", "systems"} and what == "url" and owner in self.urls:
                return self.urls[owner]
            if kind == "services" and services:
                return self._of_service(owner, what, place)
            raise KeyError(place)

        return _PLACE.sub(value, text)

    def _of_service(self, name: str, what: str, place: str) -> str:
        if self.services is not None and name in self.services.failed:
            raise _CannotStandError(self.services.failed[name])
        try:
            return self.services.place(name, what) if self.services is not None else ""
        except KeyError as error:
            raise KeyError(place) from error

    def _try(self, name: str, act: Callable[[], None]) -> None:
        try:
            act()
        except _CannotStandError as error:
            self.failed[name] = error.reason

    def _give_ports(self) -> None:
        owners: tuple[Dependency | System, ...] = (*self.tier.dependencies, *self.tier.systems)
        for owner in owners:
            if owner.start is not None:
                self.ports[owner.name] = self.host.free_port()
        for system in self.tier.systems:
            self.urls[system.name] = self.filled(system.base_url, system.name)
        for dependency in self.tier.dependencies:
            if dependency.mock is not None:
                continue
            url = dependency.real or dependency.base_url or "http://127.0.0.1:{port}"
            self.urls[dependency.name] = self.filled(url, dependency.name)

    def _dependency_up(self, dependency: Dependency) -> None:
        if dependency.mock is not None:
            self._mock_up(dependency, dependency.mock)
        elif dependency.start is not None:
            self._start(dependency.name, dependency.start)
            self._wait(dependency.name, dependency.health, dependency.start.ready_s)
        else:
            self._must_answer(dependency.name, dependency.health)

    def _mock_up(self, dependency: Dependency, folder: str) -> None:
        journal = self._journal_path(dependency.name)
        argv: tuple[str, ...] = (
            *(self.host.python, "-m", "harness", "mock", "serve", folder, "--port", "0"),
            *("--journal", str(journal), "--uses", str(self._uses_path(dependency.name)), "--json"),
        )
        if dependency.faults:
            argv = (*argv, "--faults")
        if dependency.contract is not None:
            argv = (*argv, "--contract", dependency.contract)
        self.running[dependency.name] = self._launched(dependency.name, argv, {})
        self.urls[dependency.name] = self._said_url(dependency.name)
        self.tell(f"{dependency.name}: the mock in {folder} stands in at {self.urls[dependency.name]}")

    def _said_url(self, name: str) -> str:
        """Where a mock says that it listens: its own word, so that nobody else's server is taken for it."""
        running = self.running[name]
        end = self.host.monotonic_s() + _MOCK_READY_S
        while self.host.monotonic_s() < end:
            for line in running.log.read_bytes().splitlines(keepends=True):
                if line.startswith(b'{"ready"') and line.endswith(b"\n"):
                    return str(json.loads(line)["url"])
            if not running.alive:
                break
            self.host.sleep(_PAUSE_S)
        why = f"it ended with {_status(running)}" if not running.alive else f"not ready after {_MOCK_READY_S:g} s"
        how = "harness mock serve with the same folder shows what is wrong"
        why += _problem_of(running) or _said(running)
        raise _CannotStandError(Reason.of(Code.NOT_STARTED, what=f"the mock of `{name}`", why=why, how=how))

    def _system_up(self, system: System) -> None:
        if system.start is None:
            self._must_answer(system.name, system.health)
            return
        self._start(system.name, system.start)
        self._wait(system.name, system.health, system.start.ready_s)
        self.tell(f"{system.name}: started at {self.urls[system.name]}")

    def _start(self, name: str, start: Start) -> None:
        parts = urlsplit(self.urls[name])
        if parts.port and self.host.port_in_use(parts.hostname or "127.0.0.1", parts.port):
            raise _CannotStandError(
                Reason.of(
                    Code.NOT_STARTED,
                    what=f"`{name}`",
                    why=f"port {parts.port} is already in use",
                    how=f"end whoever listens there, or write {{port}} in `base-url` of `{name}` for a free one",
                )
            )
        try:
            argv = tuple(self.filled(part, name, services=False) for part in start.command)
            env = {key: self._value(value, name) for key, value in start.env}
        except KeyError as error:
            known = [f"{{dependencies.{one}.url}}" for one in self.urls]
            known += [f"{{services.{one.name}.url}} in `env`" for one in self.tier.services]
            how = f"known: {', '.join(('{port}', '{run}', *known))}"
            reason = Reason.of(Code.NOT_STARTED, what=f"`{name}`", why=f"unknown place {{{error.args[0]}}}", how=how)
            raise _CannotStandError(reason) from error
        if argv[0] in {"python", "python3"}:
            argv = (self.host.python, *argv[1:])
        self.running[name] = self._launched(name, argv, env)

    def _launched(self, name: str, argv: tuple[str, ...], env: Mapping[str, str]) -> Running:
        try:
            return self.processes.start(name, argv, env, self.root)
        except (OSError, ValueError) as error:
            reason = Reason.of(
                Code.NOT_STARTED, what=f"`{name}`", why=str(error), how="check `command` in its [start] table"
            )
            raise _CannotStandError(reason) from error

    def _value(self, value: str | SecretRef, name: str) -> str:
        if isinstance(value, SecretRef):
            return self.secrets.value(value, where=f"the environment of `{name}`")
        return self.filled(value, name)

    def _wait(self, name: str, health: Probe | None, ready_s: float) -> None:
        """Until it answers, it ends, or its time is over."""
        running = self.running[name]
        end = self.host.monotonic_s() + ready_s
        why = "it did not answer"
        while self.host.monotonic_s() < end:
            if not running.alive:
                why = f"it ended with {_status(running)}{_said(running)}"
                break
            answered, why = self._answers(name, health)
            if answered:
                return
            self.host.sleep(_PAUSE_S)
        else:
            why = f"not ready after {ready_s:g} s: {why}{_said(running)}"
        how = "start it by hand with the same command and environment, and see what it says"
        raise _CannotStandError(Reason.of(Code.NOT_STARTED, what=f"`{name}`", why=why, how=how))

    def _must_answer(self, name: str, health: Probe | None) -> None:
        answered, why = self._answers(name, health)
        if not answered:
            values = {"system": name, "url": self.urls[name], "why": why, "tier": self.tier.name}
            raise _CannotStandError(Reason.of(Code.SYSTEM_UNREACHABLE, **values))

    def _answers(self, name: str, health: Probe | None) -> tuple[bool, str]:
        path = health.path if health is not None else "/"
        try:
            answer = fetch(self._own_url(name) + path, deadline_s=5.0, most_bytes=65536)
        except NoAnswerError as error:
            return False, str(error)
        if health is not None and answer.status >= 400:
            return False, f"{health.method} {health.path} answered {answer.status}"
        return True, ""

    def _own_url(self, name: str) -> str:
        return self.own_urls.get(name, self.urls[name])

    def _journal_path(self, dependency: str) -> Path:
        return self.processes.scratch / f"journal-{dependency}.ndjson"

    def _uses_path(self, dependency: str) -> Path:
        return self.processes.scratch / f"uses-{dependency}.ndjson"


def _status(running: Running) -> str:
    status = running.process.returncode
    return f"signal {-status}" if status is not None and status < 0 else f"status {status}"


def _problem_of(running: Running) -> str:
    """What one of our own processes said is wrong, in its error document."""
    try:
        problems = json.loads(running.log.read_bytes())["problems"]
        return ": " + "; ".join(str(problem["message"]) for problem in problems)
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def _said(running: Running) -> str:
    tail = running.tail(3)
    return f', having said: "{tail}"' if tail else ""
