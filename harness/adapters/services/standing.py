"""The services of one run: each by the first of its kinds that works; what did not work is remembered and told."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from harness.adapters.host import Host
from harness.adapters.processes import Processes
from harness.adapters.secrets import Secrets
from harness.adapters.services.access import Access, NoEntryError, access_from
from harness.adapters.services.apart import apart
from harness.adapters.services.containers import start_container
from harness.adapters.services.databases import space_of
from harness.adapters.services.entering import play
from harness.adapters.services.lent import clear, lent_of
from harness.adapters.services.local import start_local
from harness.adapters.services.under import INTERRUPTED, KindFailedError, Under, Wanted, wait_until_in
from harness.errors import HarnessError
from harness.formats.service_text import stood_text
from harness.model.evidence import Code, Reason
from harness.model.secret import SecretRef
from harness.model.service import Fell, Kind, Service, Stood

Tell = Callable[[str], None]


@dataclass(slots=True)
class Services:
    """`standing` by name; `failed` says why a service stands by none of its kinds."""

    host: Host
    processes: Processes
    root: Path
    secrets: Secrets
    tell: Tell
    standing: dict[str, Under] = field(default_factory=dict)
    failed: dict[str, Reason] = field(default_factory=dict)

    def up(self, service: Service) -> None:
        """Bring one up by the first kind that works."""
        fell: list[Fell] = []
        for kind in service.kinds:
            if self.processes.stop_all.is_set():
                self.failed[service.name] = Reason.of(Code.INTERRUPTED)
                return
            try:
                under = self._by(kind, service)
                self._play(service, under)
            except KindFailedError as error:
                fell.append(Fell(kind=kind, why=str(error)))
                continue
            stood = replace(under.stood, fell=tuple(fell))
            self.standing[service.name] = replace(under, stood=stood)
            self.tell(f"services.{stood_text(stood)}")
            return
        why = "; ".join(f"{one.kind}: {one.why}" for one in fell)
        self.failed[service.name] = Reason.of(
            Code.NOT_STARTED,
            what=f"the service `{service.name}` ({service.preset})",
            why=why,
            how=f"make one of {', '.join(service.kinds)} work, or change `kinds` in [services.{service.name}]",
        )

    def down(self) -> dict[str, bytes]:
        """End them all, the last first; gives what each printed."""
        logs = {f"services.{name}": self.standing[name].end() for name in reversed(tuple(self.standing))}
        clear(lent_of(self.processes.run, self.processes.scratch.parent))
        return logs

    def fallen(self) -> dict[str, Reason]:
        """Who stood and no longer does."""
        found = {name: under.ended() for name, under in self.standing.items()}
        return {
            f"services.{name}": Reason.of(Code.SYSTEM_DIED, system=f"services.{name}", why=why)
            for name, why in found.items()
            if why is not None
        }

    def stood(self) -> tuple[Stood, ...]:
        """How each stands, for the record."""
        return tuple(under.stood for under in self.standing.values())

    def place(self, name: str, what: str) -> str:
        """What `{services.<name>.<what>}` reads; KeyError where there is no such thing."""
        under = self.standing[name]
        if what == "url":
            return under.url
        if under.access is None:
            raise KeyError(what)
        access = under.access
        known = {"host": access.host, "port": str(access.port), "user": access.user, "password": access.password}
        return {**known, "name": access.space}[what]

    def _by(self, kind: Kind, service: Service) -> Under:
        match kind:
            case Kind.CONTAINER | Kind.PROCESS:
                return self._own(kind, service)
            case Kind.EXTERNAL:
                return self._external(service)
            case Kind.EMBEDDED:
                stood = Stood(name=service.name, preset=service.preset, kind=kind, where="inside the system")
                return Under(stood=stood, url=service.embedded or "")

    def _own(self, kind: Kind, service: Service) -> Under:
        """One that is nobody else's: a password, a database or virtual host, and a port made for this run."""
        password = secrets.token_hex(16)
        self.secrets.learn(f"services.{service.name}.password", password)
        start = start_container if kind is Kind.CONTAINER else start_local
        under = start(self._wanted(service, password), self.host, self.processes)
        if under.access is not None and under.access.password != password:
            self.secrets.learn(f"services.{service.name}.password", under.access.password)
        return under

    def _wanted(self, service: Service, password: str) -> Wanted:
        env = {key: self._value(value, service) for key, value in service.env}
        space = space_of(self.processes.run)
        return Wanted(service=service, root=self.root, env=env, password=password, space=space)

    def _external(self, service: Service) -> Under:
        try:
            url = self._value(service.url or "", service)
            access = access_from(url, service.preset)
        except (HarnessError, ValueError) as error:
            raise KindFailedError(f"its URL can't be used: {error}") from error
        if access.password:
            self.secrets.learn(f"services.{service.name}.password", access.password)
        if service.own_database:
            return self._own_database(service, access, url)
        version = wait_until_in(service.preset, access, service.ready_s, self.host, self._given_up)
        stood = Stood(name=service.name, preset=service.preset, kind=Kind.EXTERNAL, version=version, where=access.where)
        return Under(stood=stood, url=url, access=access)

    def _own_database(self, service: Service, server: Access, url: str) -> Under:
        wanted = self._wanted(service, server.password)
        kind = Kind.EXTERNAL
        stood = Stood(name=service.name, preset=service.preset, kind=kind, where=server.where, apart=True)
        under = apart(wanted, server, stood, lambda: None, self.host, self.processes)
        return replace(under, url=urlsplit(url)._replace(path=f"/{wanted.space}").geturl())

    def _given_up(self) -> str | None:
        return INTERRUPTED if self.processes.stop_all.is_set() else None

    def _value(self, value: str | SecretRef, service: Service) -> str:
        if isinstance(value, SecretRef):
            return self.secrets.value(value, where=f"the service `{service.name}`")
        return value

    def _play(self, service: Service, under: Under) -> None:
        for name in service.init if under.access is not None else ():
            try:
                play(under.access, (self.root / name).read_text("utf-8"))  # type: ignore[arg-type]
            except (NoEntryError, OSError, UnicodeDecodeError) as error:
                under.end()
                raise KindFailedError(f"the init file {name} could not be played: {error}") from error
